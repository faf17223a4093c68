"""A session sees its own factory's rows and no other's, whatever the statement forgets."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import delete, event, insert, select, text, update

from analytics.errors import Conflict, InvalidInput
from app.audit.journal import record
from data.models import AuditEntry, Factory, Line, Machine, Product
from data.relational.scope import ScopeError, begin_factory
from tests.conftest import make_factory


@pytest.fixture
def two(gemba):
    return make_factory(gemba, "north"), make_factory(gemba, "south")


def test_a_select_without_a_filter_finds_the_own_rows_only(gemba, two):
    with gemba.database.read(two[1]) as session:
        assert {row.factory_id for row in session.scalars(select(Machine))} == {two[1]}
        assert {row[0] for row in session.execute(select(Machine.factory_id))} == {two[1]}


def test_a_key_of_the_other_factory_is_not_found(gemba, two):
    with gemba.database.read(two[0]) as session:
        other = session.scalars(select(Machine.id)).first()
    with gemba.database.read(two[1]) as session:
        assert session.get(Machine, other) is None


def test_a_join_and_a_subquery_are_kept_to_the_factory_too(gemba, two):
    with gemba.database.read(two[0]) as session:
        rows = session.execute(
            select(Line.factory_id, Machine.factory_id).join(Machine, Machine.line_id == Line.id)
        ).all()
        assert set(rows) == {(two[0], two[0])}
        inner = select(Machine.line_id).scalar_subquery()
        assert {line.factory_id for line in session.scalars(select(Line).where(Line.id.in_(inner)))} <= {
            two[0]
        }


def test_updates_and_deletes_without_a_filter_leave_the_other_factory_alone(gemba, two):
    with gemba.database.write(two[0]) as session:
        session.execute(update(Machine).values(name="changed"))
        session.execute(delete(Product))
    with gemba.database.read(two[1]) as session:
        assert "changed" not in set(session.scalars(select(Machine.name)))
        assert len(session.scalars(select(Product)).all()) == 1


def test_a_session_without_a_factory_refuses_scoped_tables(gemba, two):
    with gemba.database.read(None) as session, pytest.raises(ScopeError):
        session.scalars(select(Machine)).all()


def test_a_new_row_gets_the_factory_and_a_foreign_one_is_refused(gemba, two):
    with gemba.database.write(two[0]) as session:
        session.add(Line(key="b", name="B"))
        session.execute(insert(Product), [{"key": "p2", "name": "", "unit": ""}])
    with gemba.database.read(two[0]) as session:
        assert session.scalars(select(Line).where(Line.key == "b")).one().factory_id == two[0]
        assert session.scalars(select(Product).where(Product.key == "p2")).one().factory_id == two[0]
    with pytest.raises(ScopeError), gemba.database.write(two[0]) as session:
        session.add(Line(key="c", name="C", factory_id=two[1]))
    with pytest.raises(ScopeError), gemba.database.write(two[0]) as session:
        session.execute(insert(Product), [{"key": "x", "name": "", "unit": "", "factory_id": two[1]}])


def test_text_and_bare_connections_are_closed(gemba, two):
    with gemba.database.read(two[0]) as session:
        with pytest.raises(ScopeError):
            session.execute(text("SELECT * FROM machine"))
        with pytest.raises(ScopeError):
            session.connection()


def test_a_taken_key_is_a_conflict_and_stores_nothing(gemba, two):
    with pytest.raises(Conflict), gemba.database.write(two[0]) as session:
        session.add(Line(key="z", name="Z"))
        session.add(Line(key="a", name="again"))
        session.flush()
    with gemba.database.read(two[0]) as session:
        assert "z" not in set(session.scalars(select(Line.key)))


def test_a_row_cannot_name_a_row_of_another_factory(gemba, two):
    with gemba.database.read(two[1]) as session:
        foreign = session.scalars(select(Line.id)).one()
    with pytest.raises(InvalidInput, match="no such line"), gemba.database.write(two[0]) as session:
        session.add(
            Machine(
                device_key="m9",
                name="M9",
                line_id=foreign,
                created_at=gemba.clock(),
                updated_at=gemba.clock(),
            )
        )
    with pytest.raises(InvalidInput, match="no such line"), gemba.database.write(two[0]) as session:
        session.scalars(select(Machine)).first().line_id = foreign
    with gemba.database.read(two[0]) as session:
        assert {machine.line_id for machine in session.scalars(select(Machine))} != {foreign}


def test_a_thousand_rows_ask_for_what_they_name_a_few_times_only(gemba, two):
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    with gemba.database.write(two[0]) as session:
        line, now = session.scalars(select(Line.id)).one(), gemba.clock()
        for number in range(1_000):
            key = f"many-{number}"
            session.add(Machine(device_key=key, name=key, line_id=line, created_at=now, updated_at=now))
        event.listen(gemba.database.engine, "before_cursor_execute", note)
        try:
            session.flush()
        finally:
            event.remove(gemba.database.engine, "before_cursor_execute", note)
    assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 1


def test_of_two_writers_of_one_factory_the_second_sees_what_the_first_wrote(gemba, two):
    """Each reads, gives the other half a second to interfere, and writes back one more."""
    met = Barrier(2)

    def add_one(_):
        with gemba.database.write(two[0]) as session:
            line = session.scalars(select(Line)).one()
            with suppress(BrokenBarrierError):
                met.wait(0.5)
            line.oee_target = (line.oee_target or 0) + 1

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add_one, range(2)))
    with gemba.database.read(two[0]) as session:
        assert session.scalars(select(Line.oee_target)).one() == 2


def test_keys_differ_by_the_case_of_a_letter_and_by_its_accent(gemba, two):
    with gemba.database.write(two[0]) as session:
        session.add_all(
            [Line(key="saw", name="1"), Line(key="SAW", name="2"), Line(key="s\u00e4w", name="3")]
        )
    with gemba.database.read(two[0]) as session:
        assert session.scalars(select(Line.name).where(Line.key == "SAW")).all() == ["2"]


def test_a_text_longer_than_64_kb_is_kept(gemba, two):
    """MySQL's own TEXT ends there; a hand-over of thirty long promises makes such an entry in the log."""
    with gemba.database.write(two[0]) as session:
        record(
            session, at=gemba.clock(), actor="x", action="y", subject=("z", 1), after={"note": "é" * 80_000}
        )
    with gemba.database.read(two[0]) as session:
        assert "é" * 80_000 in session.scalars(select(AuditEntry.body)).one()


def test_a_session_takes_up_only_a_factory_that_it_makes(gemba, two):
    with gemba.database.read(None) as session, pytest.raises(ScopeError):
        begin_factory(session, session.get_one(Factory, two[0]))
    with gemba.database.write(two[0]) as session, pytest.raises(ScopeError):
        begin_factory(session, Factory(slug="x", name="X", timezone="UTC", created_at=gemba.clock()))
