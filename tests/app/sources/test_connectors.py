"""Each engine is read in order, in pages, from a position on, and is never written."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymongo
import pytest
import sqlalchemy as sa

from analytics.errors import InvalidInput, StoreUnavailable
from data.sources.marks import mark_of, moved_back, share, value_of
from data.sources.opening import divided, earlier, joined, open_connector
from data.sources.protocol import Connector, Extract, Page
from tests.app.sources.plants import fresh, run_sql, write_lines

SQL = ("mariadb", "postgresql", "sqlite")
Open = Callable[[str], Connector]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    found: list[Connector] = []

    def make(address: str) -> Connector:
        found.append(open_connector(address, timeout_s=10, files=tmp_path))
        return found[-1]

    yield make
    for one in found:
        one.close()


@pytest.fixture(params=SQL)
def table(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A table of ten rows, four of one moment and one without any, in each relational engine."""
    address = f"sqlite:///{tmp_path / 'plant.db'}"
    if request.param != "sqlite":
        server = request.getfixturevalue(f"{request.param}_server")
        address = server.url("src_table")
        if request.param == "mariadb":
            fresh(address)
        else:
            server.drop("src_table")
            server.url("src_table")
    moments = [f"'2026-02-12 10:00:{second:02}'" for second in (0, 1, 1, 1, 1, 2, 3, 4, 5)] + ["NULL"]
    run_sql(
        address,
        "CREATE TABLE reading (id INT PRIMARY KEY, at TIMESTAMP NULL, machine VARCHAR(20),"
        " value DOUBLE PRECISION)",
        "INSERT INTO reading VALUES "
        + ", ".join(f"({i}, {at}, 'm1', {i / 4})" for i, at in enumerate(moments)),
    )
    return address


def cells(pages: Iterator[Page], name: str) -> list[str]:
    return [cell for page in pages for cell in page.columns[page.header.index(name)]]


def test_rows_come_in_order_in_pages_with_the_mark_of_the_last(table: str, opened: Open) -> None:
    connector = opened(table)
    pages = list(connector.pages(Extract("reading", order="at"), 4))
    assert [len(page) for page in pages] == [4, 4, 2]
    assert sorted(cells(iter(pages), "id"), key=int) == [str(i) for i in range(10)]
    assert pages[0].numeric >= {"id", "value"}
    assert "machine" not in pages[0].numeric
    marks = {page.mark for page in pages}
    assert all("10:00:0" in mark for mark in marks if mark)


def test_reading_from_a_mark_gives_what_lies_at_it_and_after_it_and_rows_without_one(
    table: str, opened: Open
) -> None:
    connector = opened(table)
    last = connector.last_mark(Extract("reading", order="at"))
    found = cells(connector.pages(Extract("reading", order="at", after=last), 100), "id")
    assert sorted(found) == ["8", "9"]
    by_number = connector.pages(Extract("reading", order="id", after="i:7"), 100)
    assert cells(by_number, "id") == ["7", "8", "9"]


def test_a_query_is_read_like_a_table(table: str, opened: Open) -> None:
    connector = opened(table)
    query = "SELECT id, value * 2 AS twice FROM reading WHERE machine = 'm1' AND 'a:b' = 'a:b';"
    found = connector.pages(Extract(query=query, order="id", after="i:8"), 100)
    assert cells(found, "twice") == ["4.0", "4.5"]
    assert [one.name for one in connector.columns(Extract(query=query))] == ["id", "twice"]


def test_a_filter_compares_with_a_text(table: str, opened: Open) -> None:
    connector = opened(table)
    assert cells(connector.pages(Extract("reading", where=(("id", "3"),)), 10), "id") == ["3"]
    assert cells(connector.pages(Extract("reading", where=(("machine", "x' OR 1=1"),)), 10), "id") == []


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM reading",
        "SELECT 1) AS a; DELETE FROM reading; --",
        "WITH gone AS (DELETE FROM reading RETURNING id) SELECT * FROM gone",
        "SELECT * FROM reading; DROP TABLE reading",
    ],
)
def test_a_query_cannot_write(table: str, opened: Open, query: str) -> None:
    connector = opened(table)
    with pytest.raises((InvalidInput, StoreUnavailable)):
        list(connector.pages(Extract(query=query), 10))
    assert len(cells(connector.pages(Extract("reading"), 100), "id")) == 10


def test_the_session_itself_refuses_writes(table: str, opened: Open) -> None:
    connector: Any = opened(table)
    with pytest.raises(sa.exc.SQLAlchemyError, match=r"(?i)read.?only"), connector._engine.begin() as session:
        session.exec_driver_sql("DELETE FROM reading")


def test_tables_and_columns_are_listed(table: str, opened: Open) -> None:
    connector = opened(table)
    assert "reading" in [item.name for item in connector.items()]
    assert [one.name for one in connector.columns(Extract("reading"))] == ["id", "at", "machine", "value"]
    assert connector.about().version
    with pytest.raises((InvalidInput, StoreUnavailable)):
        connector.columns(Extract("nothing"))


def test_sqlite_files_outside_the_folder_are_not_there(tmp_path: Path) -> None:
    outside = tmp_path / "outside.db"
    sqlite3.connect(outside).close()
    folder = tmp_path / "allowed"
    folder.mkdir()
    for path in (str(outside), "../outside.db", "/etc/passwd"):
        with pytest.raises(InvalidInput, match="no such file"):
            open_connector(f"sqlite:///{path}", timeout_s=5, files=folder)
    (folder / "link.db").symlink_to(outside)
    with pytest.raises(InvalidInput, match="no such file"):
        open_connector("sqlite:///link.db", timeout_s=5, files=folder)


def test_documents_are_flattened_and_followed_by_their_id(mongodb_server: Any, opened: Open) -> None:
    address = mongodb_server.url("src_documents")
    mongodb_server.drop("src_documents")
    with pymongo.MongoClient(address) as client:
        client["src_documents"].things.insert_many(
            [
                {"n": i, "inner": {"a": i / 2, "tags": ["x", i]}, **({"extra": "y"} if i == 4 else {})}
                for i in range(5)
            ]
        )
    connector = opened(address)
    pages = list(connector.pages(Extract("things", order="_id"), 2))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert cells(iter(pages), "inner.a") == ["0.0", "0.5", "1.0", "1.5", "2.0"]
    assert cells(iter(pages), "inner.tags")[1] == '["x", 1]'
    assert "extra" in pages[2].header
    assert "extra" not in pages[0].header
    again = connector.pages(Extract("things", order="_id", after=pages[1].mark), 10)
    assert cells(again, "n") == ["3", "4"]
    assert connector.last_mark(Extract("things", order="_id")) == pages[2].mark
    assert cells(connector.pages(Extract("things", where=(("n", "3"),)), 10), "n") == ["3"]


def test_a_measurement_is_paged_through_many_rows_of_one_moment(influxdb_server: Any, opened: Open) -> None:
    influxdb_server.drop("src_ties")
    address = influxdb_server.url("src_ties")
    lines = [f"m,device=d{i:02} v={i} {1_770_000_000 + i // 7}000000000" for i in range(30)]
    write_lines(address, lines)
    connector = opened(address)
    pages = list(connector.pages(Extract("m", order="time"), 3))
    assert sorted(cells(iter(pages), "device")) == [f"d{i:02}" for i in range(30)]
    assert pages[-1].mark == "i:1770000004000000000"
    assert cells(connector.pages(Extract("m", order="time", after=pages[-1].mark), 10), "v") == ["28", "29"]
    assert [one.name for one in connector.columns(Extract("m"))] == ["time", "device", "v"]


def test_a_wrong_password_is_said_and_not_repeated(mariadb_server: Any, opened: Open) -> None:
    bare, _, _ = divided(mariadb_server.url("src_table"))
    connector = opened(joined(bare, "gemba", "a-wrong-one"))
    with pytest.raises(StoreUnavailable) as caught:
        connector.about()
    assert "a-wrong-one" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_within_seconds(opened: Open) -> None:
    for address in ("mysql://u@127.0.0.1:1/d", "mongodb://127.0.0.1:1/d", "influxdb://127.0.0.1:1/d"):
        with pytest.raises(StoreUnavailable):
            opened(address).about()


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("oracle://h/d", "address"),
        ("mysql://host", "address"),
        ("influxdb://host", "address"),
        ("", "address"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused(address: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_connector(address, timeout_s=5, files=tmp_path)
    assert caught.value.problems[0].field == field


@pytest.mark.parametrize(
    "value",
    [
        5,
        2.5,
        "b",
        datetime(2026, 2, 12, 10, tzinfo=UTC),
        datetime(2026, 2, 12, 10),
        datetime(2026, 1, 1).date(),
    ],
)
def test_a_mark_gives_its_value_back(value: Any) -> None:
    assert value_of(mark_of(value)) == value


def test_texts_that_are_moments_go_back_in_their_own_spelling() -> None:
    assert moved_back("s:2026-02-05T08:30:00Z", 60) == "s:2026-02-05T08:29:00Z"
    assert moved_back("s:2026-02-05 08:30:00", 60) == "s:2026-02-05 08:29:00"
    assert moved_back("s:2026-02-05", 60) == "s:2026-02-04"
    assert moved_back("s:batch-7", 60) == "s:batch-7"
    assert earlier("influxdb://h/d", "i:7000000000", 2) == "i:5000000000"


def test_progress_is_only_told_where_it_can_be_measured() -> None:
    assert share("t:2026-01-01T00:00:00", "t:2026-01-02T00:00:00", "t:2026-01-05T00:00:00") == 0.25
    assert share("s:a", "s:b", "s:c") is None


@pytest.mark.parametrize("mark", ["", "i:x", "q:1", "t:never", "o:zz"])
def test_a_damaged_mark_is_refused(mark: str) -> None:
    with pytest.raises(InvalidInput):
        value_of(mark)
