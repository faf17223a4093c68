"""Questions are taken apart by fixed phrases; nothing is guessed."""

from zoneinfo import ZoneInfo

import pytest

from analytics.errors import InvalidInput
from analytics.kpis import KPIS
from app.insights.questions import LONGEST, LOSSES, STOPS, Names, Query, taken_apart
from app.insights.spans import Clock

NAMES = Names(
    {"cnc lathe 2": "lathe-2", "lathe-2": "lathe-2", "hydraulic press": "press-1"},
    {"line b rolling": "B"},
    {"night shift": "night"},
    {"bar": "p1"},
)
CLOCK = Clock(1_772_625_600_000_000, ZoneInfo("UTC"))


def asked(text: str) -> Query:
    return taken_apart(text, NAMES, CLOCK)


@pytest.mark.parametrize(
    ("text", "measure", "by", "most", "order"),
    [
        ("What was the OEE yesterday?", "oee", "", 0, ""),
        ("OEE by machine", "oee", "machine", 0, ""),
        ("availability per day last week", "availability", "day", 0, ""),
        ("worst 3 machines by availability", "availability", "machine", 3, "worst"),
        ("which line has the highest scrap rate?", "scrap_ratio", "line", 0, "highest"),
        ("top 5 reasons for downtime", STOPS, "reason", 5, "highest"),
        ("why did we lose time yesterday?", LOSSES, "", 0, ""),
        ("how many good parts were made by shift", "#GQ", "shift", 0, ""),
        ("energy per part by line", "energy_per_part", "line", 0, ""),
        ("energy today", "#E", "", 0, ""),
        ("mean time to repair", "mttr", "", 0, ""),
        ("stops by machine", STOPS, "machine", 0, ""),
    ],
)
def test_a_question_says_what_is_asked(text, measure, by, most, order):
    found = asked(text)
    assert (found.measure, found.by, found.most, found.order) == (measure, by, most, order)
    assert not found.unknown


@pytest.mark.parametrize("kpi", [one.name for one in KPIS] + [one.id for one in KPIS])
def test_every_kpi_is_known_by_its_name_and_its_id(kpi):
    found = asked(f"{kpi} yesterday")
    assert found.measure in {one.id for one in KPIS if kpi in {one.name, one.id}}


def test_parts_of_the_plant_are_known_by_name_and_key_before_numbers_are_counted():
    found = asked("OEE of CNC lathe 2 and the hydraulic press in the night shift for product bar")
    assert found.question.machines == ("lathe-2", "press-1")
    assert found.question.shifts == ("night",)
    assert found.question.products == ("p1",)
    assert found.most == 0
    assert asked("scrap of Line B Rolling").question.lines == ("B",)


def test_a_word_that_means_nothing_is_told():
    assert asked("oee of the flux capacitor").unknown == ("flux", "capacitor")


@pytest.mark.parametrize("text", ["", "   ", "hello", "the weather tomorrow", "x" * (LONGEST + 1)])
def test_a_question_without_a_measure_is_refused_with_what_can_be_asked(text):
    with pytest.raises(InvalidInput) as refused:
        asked(text)
    assert refused.value.problems[0].field == "question"


def test_the_query_is_written_out():
    assert asked("worst 2 machines by OEE on line b rolling").written == (
        "measure=oee lines=B range=last 7 days by=machine most=2 order=worst first"
    )
