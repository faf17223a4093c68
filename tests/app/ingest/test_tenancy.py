"""Messages of one factory change nothing of another, whatever their topics and bodies say."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.ingest.formats.topics import Kind
from app.ingest.stream import Arrived, Stream
from data.models import Base
from tests.conftest import make_factory

AT = "2026-03-04T11:00:00Z"
BODIES: dict[Kind, dict[str, Any]] = {
    Kind.TELEMETRY: {"timestamp": AT, "metrics": {"power_kw": 7.5}},
    Kind.STATE: {"timestamp": AT, "state": "down"},
    Kind.COUNT: {"timestamp": AT, "total": 5},
    Kind.ACTIVITY: {"timestamp": AT, "worker_id": "w1", "event_type": "working", "confidence": 0.9},
}
CLAIMS = {
    "factory": "south",
    "factory_id": 2,
    "slug": "south",
    "topic": "factories/south/devices/m1/telemetry",
}
PLACES = (
    "factories/north/devices/m1",
    "factories/north/devices/only-south",
    "factories/north/devices/../../south/devices/m1",
    "factories/north/south/devices/m1",
    "factories/South/devices/m1",
    "factories/south /devices/m1",
    "factories/north%2f..%2fsouth/devices/m1",
    "$share/x/factories/south/devices/m1",
    "/factories/south/devices/m1",
)


@pytest.fixture(params=["sqlite"])
def relational_url(request, tmp_path):
    from tests.conftest import relational

    with relational(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def south(gemba, factory_id) -> int:
    return make_factory(gemba, "south")


def everything_of(gemba, factory: int) -> dict[str, list[Any]]:
    """All rows and points of a factory."""
    found: dict[str, list[Any]] = {}
    with gemba.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if "factory_id" in table.c:
                rows = connection.execute(select(table).where(table.c.factory_id == factory))
                found[table.name] = sorted(map(repr, rows))
    found["points"] = gemba.telemetry.read("south", 0, 2**62, None, None).to_dict("records")
    return found


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("claims", [{}, CLAIMS], ids=["plain", "claiming"])
def test_no_topic_and_no_body_of_another_factory_reaches_a_factory(gemba, south, kind, claims):
    body = json.dumps({**BODIES[kind], **claims}).encode()
    before = everything_of(gemba, south)
    taken = Stream(gemba).take([Arrived(f"{place}/{kind}", body) for place in PLACES])
    assert taken.messages == len(PLACES)
    assert everything_of(gemba, south) == before


@pytest.mark.parametrize("kind", list(Kind))
def test_its_own_topic_does_reach_it(gemba, south, kind):
    before = everything_of(gemba, south)
    Stream(gemba).take([Arrived(f"factories/south/devices/m1/{kind}", json.dumps(BODIES[kind]).encode())])
    assert everything_of(gemba, south) != before
