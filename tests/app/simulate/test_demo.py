"""The demo plant in real stores: made once, whole after a crash, and never doubled by history and present."""

from collections import Counter

import numpy as np
import pytest
from sqlalchemy import delete, select

from analytics.errors import Conflict, StoreUnavailable
from analytics.twin.plant import plant_day, states, steel_works
from analytics.vocabulary import State
from app import demo_accounts
from app.auth import accounts, passwords
from app.auth.permissions import ROLES
from app.auth.principal import Principal
from app.auth.sessions import profile
from app.bootstrap import Access, wire
from app.production.figures import Question, totals
from app.simulate import demo, live
from app.simulate.demo import DemoPlant, catch_up, create, step
from app.simulate.plan import read_plan
from data.models import (
    Factory,
    Machine,
    Parameter,
    PerformanceRecord,
    ProductionCount,
    Reason,
    StateEvent,
    to_us,
)
from data.queries.plant import factory_row

DAYS = 3
MINUTE = 60_000_000


def made(gemba, **more):
    found = create(gemba, days=DAYS, seed=7, **more)
    if found:
        demo_accounts.write(gemba.settings.home, "http://localhost", demo.SLUG, found)
    return found


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "ROUNDS", 4)


@pytest.fixture
def plant(gemba):
    made(gemba)
    return gemba


def factory(gemba):
    with gemba.database.read(None) as session:
        return factory_row(session, demo.SLUG)


def everything(gemba):
    """All rows that happened, by their natural keys, and all telemetry."""
    with gemba.database.read(factory(gemba).id) as session:
        keys = {row.id: row.device_key for row in session.scalars(select(Machine))}
        told = [
            (keys[row.machine_id], row.start_us, row.end_us, row.state, row.reason_id)
            for row in session.scalars(select(StateEvent))
        ]
        counted = [
            (keys[row.machine_id], row.product_id, row.start_us, row.end_us, row.good, row.scrap)
            for row in session.scalars(select(ProductionCount))
        ]
        written = [(row.start_us, row.good) for row in session.scalars(select(PerformanceRecord))]
    return sorted(told), sorted(counted), sorted(written)


def points(gemba, start_us, end_us):
    return gemba.telemetry.read(demo.SLUG, start_us, end_us)


def access(gemba):
    return Access(gemba, Principal(0, "a@x", "A", "admin", ROLES["admin"], profile(factory(gemba))))


def test_the_plant_has_its_lines_machines_signals_and_working_log_ins(gemba, clock):
    shares = []
    found = made(gemba, progress=lambda share, _stage: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert [one["role"] for one in found] == ["admin", "manager", "engineer", "operator", "viewer"]
    person = accounts.check(
        gemba.database, gemba.vault, found[0]["email"], found[0]["password"], "::1", clock()
    )
    assert person.memberships == ((factory(gemba).id, "admin"),)
    with gemba.database.read(factory(gemba).id) as session:
        machines = session.scalars(select(Machine)).all()
        parameters = session.scalars(select(Parameter)).all()
        parents = [row.parent_id for row in session.scalars(select(Reason))]
    assert len(machines) == 14
    assert len({row.line_id for row in machines}) == 4
    assert min(Counter(row.machine_id for row in parameters).values()) >= 6
    assert None in parents
    assert any(parents)


def test_a_second_start_keeps_everything_and_makes_nothing(plant):
    before = everything(plant)
    assert made(plant) == []
    assert everything(plant) == before


def test_lost_log_ins_are_given_anew(plant, clock):
    (plant.settings.home / demo_accounts.NAME).unlink()
    found = made(plant)
    assert len(found) == 5
    assert (
        accounts.check(plant.database, plant.vault, found[4]["email"], found[4]["password"], "::1", clock())
        is not None
    )


def test_a_factory_that_somebody_else_made_is_left_alone(gemba, factory_id):
    with pytest.raises(Conflict, match="not a demo plant"):
        create(gemba, slug="north", days=1)
    with gemba.database.read(factory_id) as session:
        assert len(session.scalars(select(Machine)).all()) == 2


class _PulledPlugError(Exception):
    pass


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_plant_that_was_cut_off_while_it_was_made_is_finished_by_the_next_start(gemba, clock, share):
    def cut(done, _stage):
        if done >= share:
            raise _PulledPlugError

    with pytest.raises(_PulledPlugError):
        made(gemba, progress=cut)
    assert (step(gemba) == 0) is (share < 1.0)
    clock.forward(hours=5)
    assert len(made(gemba)) == 5
    model = steel_works(7, plant_anchor(gemba))
    told, counted, written = everything(gemba)
    assert len(set(told)) == len(told)
    assert len(counted) > 1_000
    assert len(written) >= 2 * DAYS
    first = plant_day(model, model.anchor - DAYS).start_us
    times = np.unique(points(gemba, first, first + 10 * MINUTE)["time_us"])
    assert times.tolist() == [first + at * MINUTE for at in range(10)]


def plant_anchor(gemba):
    plan, finished = read_plan(gemba, factory(gemba).id)
    assert finished
    return plan.anchor


def test_history_catch_up_and_live_steps_double_nothing_and_equal_one_long_history(plant, clock):
    anchor = plant_anchor(plant)
    start = to_us(clock())
    producer = DemoPlant(plant)
    for seconds in (5, 5, 60, 5):
        clock.forward(seconds=seconds)
        assert producer.step() > 0
    clock.forward(hours=26)  # the app was stopped
    assert catch_up(plant) > 0
    settled = everything(plant)
    assert catch_up(plant) == step(plant) == 0  # a restart finds nothing to do
    assert everything(plant) == settled
    model = steel_works(7, anchor)
    for machine in model.machines:
        mine = [(row[1], row[3]) for row in settled[0] if row[0] == machine.key]
        if not machine.is_manual:
            begin = plant_day(model, anchor - DAYS).start_us
            whole = states(model, machine, begin, to_us(clock()))
            assert mine == list(zip(whole.start_us.tolist(), whole.state.tolist(), strict=True))
    found = points(plant, start - 10 * MINUTE, to_us(clock()))
    assert not found.duplicated(["machine", "parameter", "time_us"]).any()
    one = found[(found["machine"] == "eaf-1") & (found["parameter"] == "power_kw")]["time_us"].to_numpy()
    assert np.diff(one).max() <= MINUTE


def test_a_restart_between_two_steps_loses_and_doubles_nothing(gemba, clock):
    made(gemba)
    clock.forward(seconds=30)
    step(gemba)
    gemba.close()
    again = wire(gemba.settings, clock)
    try:
        clock.forward(minutes=40)
        step(again)
        told, counted, _ = everything(again)
        assert len({row[:2] for row in told}) == len(told)
        assert len({row[:3] for row in counted}) == len(counted)
        newest = max(row[3] for row in counted)
        assert to_us(clock()) - newest < 15 * MINUTE
    finally:
        again.close()


def test_a_failing_store_makes_the_next_step_send_it_again(plant, clock, monkeypatch):
    producer = DemoPlant(plant)
    producer.step()

    def unreachable(*_args):
        raise StoreUnavailable("locked")

    clock.forward(minutes=12)
    with monkeypatch.context() as patched:
        patched.setattr(live, "ingest_production", unreachable)
        with pytest.raises(StoreUnavailable):
            producer.step()
    clock.forward(seconds=5)
    producer.step()
    newest = max(row[3] for row in everything(plant)[1])
    assert to_us(clock()) - newest < 12 * MINUTE


def test_every_machine_is_in_a_state_now_and_the_day_is_covered(plant, clock):
    clock.forward(hours=2)
    step(plant)
    now = to_us(clock())
    row = totals(access(plant), Question(now - 24 * 60 * MINUTE, now)).iloc[0]
    assert row["coverage"] > 0.9
    assert 0.4 < row["oee"] < 0.95
    latest = {}
    for key, start, _, state, _ in everything(plant)[0]:
        latest[key] = (start, state)
    assert len(latest) == 13
    assert sum(state == State.RUNNING for _, state in latest.values()) >= 5


def test_a_very_long_rest_is_filled_for_90_days_and_unknown_before(plant, clock, monkeypatch):
    monkeypatch.setattr(live, "MOST_REST_US", 2 * 24 * 60 * MINUTE)
    clock.forward(days=6)
    step(plant)
    now = to_us(clock())
    asked = access(plant)
    rest = totals(asked, Question(now - 5 * 86_400_000_000, now - 4 * 86_400_000_000)).iloc[0]
    filled = totals(asked, Question(now - 86_400_000_000, now)).iloc[0]
    assert rest["coverage"] == pytest.approx(1.5 / 24)  # breaks are planned whatever happens in them
    assert filled["coverage"] > 0.85


def test_a_record_that_a_person_entered_for_a_shift_is_kept(plant, clock):
    with plant.database.write(factory(plant).id) as session:
        cell = session.scalars(select(Machine).where(Machine.device_key == "inspect-1")).one()
        begin = to_us(clock()) // (60 * MINUTE) * 60 * MINUTE
        session.add(
            PerformanceRecord(
                machine_id=cell.id, start_us=begin, end_us=begin + 30 * MINUTE, planned_s=1_800.0,
                operating_s=1_800.0, downtime_s=0.0, output=1.0, good=1.0,
                created_at=clock(), updated_at=clock(),
            )
        )  # fmt: skip
    clock.forward(days=1)
    step(plant)
    records = everything(plant)[2]
    assert [row for row in records if row[0] == begin] == [(begin, 1.0)]
    assert len({row[0] for row in records}) == len(records)
    overlapping = [row for row in records if begin - 8 * 60 * MINUTE < row[0] < begin + 30 * MINUTE]
    assert overlapping == [(begin, 1.0)]


def test_a_reason_that_people_took_out_does_not_tear_the_chain_of_states(plant, clock):
    with plant.database.write(factory(plant).id) as session:
        row = session.scalars(select(Reason).where(Reason.code == "break")).one()
        for event in session.scalars(select(StateEvent).where(StateEvent.reason_id == row.id)):
            event.reason_id = None
        session.flush()
        session.execute(delete(Reason).where(Reason.id == row.id))
    clock.forward(days=1)
    step(plant)
    model = steel_works(7, plant_anchor(plant))
    press = [row[1] for row in everything(plant)[0] if row[0] == "press-1"]
    begin = plant_day(model, model.anchor - DAYS).start_us
    whole = states(model, model.machine_by_key["press-1"], begin, to_us(clock()))
    assert press == whole.start_us.tolist()


def test_without_a_plant_a_step_does_nothing(gemba):
    assert step(gemba) == 0
    with gemba.database.read(None) as session:
        assert session.scalars(select(Factory)).all() == []
