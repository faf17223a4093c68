"""Every document store answers alike: JSON columns on SQLite and MariaDB, and MongoDB."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import ConfigurationError, InvalidInput, NotFound, StoreUnavailable
from data.documents import Document, DocumentStore, Search, open_documents
from data.documents.relational import RelationalDocuments
from tests.conftest import make_factory, relational

LOG = "anomaly_log"


@pytest.fixture(params=["sqlite", "mariadb", "mongodb"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def relational_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The factories are in the relational store, whichever store keeps the documents."""
    with relational("mariadb" if engine == "mariadb" else "sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def store(engine: str, request: pytest.FixtureRequest, gemba) -> Iterator[DocumentStore]:
    make_factory(gemba, "north")
    make_factory(gemba, "south")
    if engine != "mongodb":
        yield RelationalDocuments(gemba.database)
        return
    server = request.getfixturevalue("mongodb_server")
    name = f"docs_{uuid4().hex[:8]}"
    opened = open_documents(server.url(name), gemba.database)
    yield opened
    opened.close()
    server.drop(name)


def some(number: int) -> list[Document]:
    return [
        Document(
            f"k{i}", 1_000 * i, {"severity": ("low", "high")[i % 2], "score": i / 4, "n": i}, f"m{i % 3}"
        )
        for i in range(number)
    ]  # fmt: skip


def test_what_is_put_comes_back_as_it_was(store):
    body = {"a": [1, 2.5, None, True, "ü"], "b": {"deep": {"$x.y": -(2**63)}}, "": ""}
    store.put("north", LOG, [Document("one", -5, body, "m1")])
    assert store.get("north", LOG, "one") == Document("one", -5, body, "m1")
    assert store.get("north", LOG, "two") is None


def test_the_same_key_is_replaced_and_the_same_documents_again_change_nothing(store):
    store.put("north", LOG, some(6))
    store.put("north", LOG, some(6))
    store.put("north", LOG, [Document("k1", 9, {"severity": "gone"}), Document("k1", 10, {"last": True})])
    assert store.count("north", LOG, Search()) == 6
    assert store.get("north", LOG, "k1") == Document("k1", 10, {"last": True})


def test_a_page_has_the_newest_first_and_the_range_is_half_open(store):
    store.put("north", LOG, some(10))
    page = store.find("north", LOG, Search(start_us=2_000, end_us=8_000, limit=3, offset=1))
    assert [one.key for one in page] == ["k6", "k5", "k4"]
    assert store.count("north", LOG, Search(start_us=2_000, end_us=8_000, limit=3)) == 6


@pytest.mark.parametrize(
    ("where", "machine", "keys"),
    [
        ({"severity": "high"}, None, ["k5", "k3", "k1"]),
        ({"severity": "high"}, "m0", ["k3"]),
        ({"n": 4}, None, ["k4"]),
        ({"score": 0.75}, None, ["k3"]),
        ({"severity": "high", "n": 2}, None, []),
        ({"severity": "' OR 1=1 --"}, None, []),
    ],
)
def test_documents_are_found_by_their_values(store, where, machine, keys):
    store.put("north", LOG, some(6))
    assert [one.key for one in store.find("north", LOG, Search(where=where, machine=machine))] == keys


def test_true_and_false_are_found(store):
    store.put("north", LOG, [Document("yes", 1, {"is_open": True}), Document("no", 2, {"is_open": False})])
    assert [one.key for one in store.find("north", LOG, Search(where={"is_open": True}))] == ["yes"]


def test_a_factory_and_a_collection_see_only_their_own(store):
    store.put("north", LOG, some(3))
    store.put("south", LOG, [Document("k1", 1, {"of": "south"})])
    store.put("north", "scan_session", [Document("k1", 1, {})])
    assert store.count("south", LOG, Search()) == 1
    assert store.delete("south", LOG, ["k0", "k1", "k2"]) == 1
    assert store.count("north", LOG, Search()) == 3
    assert store.expire("north", LOG, 1_000) == 1
    assert [one.key for one in store.find("north", LOG, Search())] == ["k2", "k1"]
    assert store.count("north", "scan_session", Search()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        Document("", 1),
        Document("x" * 121, 1),
        Document("x", 2**63),
        Document("x", 1, {"a": float("nan")}),
        Document("x", 1, {"a": float("inf")}),
        Document("x", 1, {"a": 2**64}),
        Document("x", 1, {"a": object()}),
        Document("x", 1, {"a\x00b": 1}),
        Document("x", 1, {"a": "x" * 1_000_001}),
    ],
)
def test_what_an_engine_could_not_keep_is_refused_and_nothing_is_stored(store, wrong):
    with pytest.raises(InvalidInput):
        store.put("north", LOG, [Document("good", 1), wrong])
    assert store.count("north", LOG, Search()) == 0


def test_a_walk_gives_every_document_of_one_factory_once(store):
    many = [Document(f"k{i:04}", 7, {"n": i}) for i in range(1_001)]
    store.put("north", LOG, many)
    store.put("north", "notes", [Document("a", 1)])
    store.put("south", LOG, [Document("k0001", 1, {"not": "ours"})])
    assert store.collections("north") == [LOG, "notes"]
    assert list(store.walk("north", LOG)) == many
    assert list(store.walk("north", "nothing")) == []


def test_a_name_cannot_smuggle_in_a_query(store):
    store.put("north", LOG, some(3))
    for name in ("a.b", "$where", "a') OR 1=1 --", ""):
        with pytest.raises(InvalidInput):
            store.find("north", LOG, Search(where={name: 1}))
    with pytest.raises(InvalidInput):
        store.put("north", "Log; drop", some(1))


def test_health_counts_and_names_the_newest(store):
    store.put("north", LOG, some(3))
    store.put("south", LOG, some(5))
    health = store.health()
    assert (health.reachable, health.documents, health.newest_us) == (True, 8, 4_000)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(["a", "$b", "c.d", ""]), JSON, max_size=3))
def test_any_json_body_survives(store, body):
    store.put("north", LOG, [Document("any", 1, body)])
    found = store.get("north", LOG, "any")
    assert found is not None
    assert found.body == body


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_unknown_factory_is_not_found_in_the_relational_store(gemba):
    with pytest.raises(NotFound):
        RelationalDocuments(gemba.database).count("nowhere", LOG, Search())


@pytest.mark.parametrize("engine", ["mongodb"], indirect=True)
def test_a_server_that_goes_away_is_named_and_found_again_when_it_is_back(gemba, mongodb_server):
    store = open_documents(mongodb_server.url("away"), gemba.database)
    store.put("north", LOG, some(2))
    mongodb_server.stop()
    try:
        assert not store.health().reachable
        with pytest.raises(StoreUnavailable):
            store.put("north", LOG, some(1))
    finally:
        mongodb_server.start()
    assert store.count("north", LOG, Search()) == 2
    store.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_address_of_an_unknown_kind_is_refused(gemba):
    for url in ("couch://x/y", "mongodb://host"):
        with pytest.raises(ConfigurationError, match="GEMBA_DOCUMENTS_URL"):
            open_documents(url, gemba.database)
