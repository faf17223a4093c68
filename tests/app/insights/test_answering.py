"""Answers and findings over a real plant: the registry's figures, the change that was put there."""

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
import pytest

from analytics.errors import Forbidden, InvalidInput
from analytics.vocabulary import State
from app.bootstrap import Access
from app.ingest.intake import ingest_counts, ingest_states, ingest_telemetry
from app.insights.answering import answer
from app.insights.asking import ask
from app.insights.findings import findings
from app.kpis.values import kpi_values
from app.production.figures import Question
from app.production.terms.rates import Rates, save_rates
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import Machine, Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from tests.app.notify.receiver import web_server

HOUR = 3_600_000_000
DAYS = 28
WORSE = 7
"""In the last week the machine jams three hours a day instead of one."""


@pytest.fixture
def access(acting: Callable[..., Access]) -> Access:
    return acting("admin")


def begin(access: Access, back: int) -> int:
    day = access.now.astimezone(access.factory.zone).date() - timedelta(days=back)
    return to_us(datetime(day.year, day.month, day.day, 6, tzinfo=access.factory.zone))


@pytest.fixture
def weeks(access: Access) -> Question:
    """Four weeks up to this morning; m1 jams more in the last one, and its pressure falls then."""
    states, counts, pressure = [], [], []
    for back in range(DAYS, 0, -1):
        start = begin(access, back)
        jam = 3 if back <= WORSE else 1
        states += [
            StateMessage("m1", start, int(State.RUNNING)),
            StateMessage("m1", start + 2 * HOUR, int(State.DOWN), "jam"),
            StateMessage("m1", start + (2 + jam) * HOUR, int(State.RUNNING)),
            StateMessage("m2", start, int(State.RUNNING)),
        ]
        counts += [CountMessage("m1", start, start + 24 * HOUR, 3_600 * (24 - jam))]
        pressure += [
            TelemetryMessage("m1", "pressure", start + n * HOUR, 90.0 - 10 * jam + back / 10)
            for n in range(24)
        ]
    assert not ingest_states(access.gemba, access.factory, states).refused
    assert not ingest_counts(access.gemba, access.factory, counts).refused
    with access.write() as session:
        machine = session.query(Machine).filter_by(device_key="m1").one()
        session.add(Parameter(machine_id=machine.id, key="pressure", display_name="Oil pressure", unit="bar"))
        bump(session, {CONFIGURATION_DAY})
    assert not ingest_telemetry(access.gemba, access.factory, pressure).refused
    return Question(begin(access, WORSE), begin(access, 0))


def test_what_changed_is_found_dated_and_held_beside_the_signals(access: Access, weeks: Question) -> None:
    save_rates(access, Rates(hour_rate=100.0))
    found = findings(access, weeks)
    assert [(one.kind, one.machine, one.cause) for one in found] == [("loss", "m1", "Jam")]
    [jam] = found
    assert jam.numbers["lost_h"] == pytest.approx(21)
    assert jam.numbers["expected_h"] == pytest.approx(7)
    assert (jam.changed_us, jam.money) == (14 * HOUR, pytest.approx(1_400))
    assert jam.since_us == begin(access, WORSE)
    assert jam.numbers["rank_correlation"] < -0.6
    assert "M1 lost 21.0 h by jam: 14.0 h more than at the rate of the 7 days before" in jam.text
    assert "Oil pressure falls as it rises" in jam.text


def test_a_week_like_the_one_before_has_no_finding(access: Access, weeks: Question) -> None:
    quiet = Question(begin(access, 3 * WORSE), begin(access, 2 * WORSE))
    assert findings(access, quiet) == ()


def test_of_an_empty_plant_only_the_silence_is_told(access: Access) -> None:
    found = findings(access, Question(begin(access, 2), begin(access, 1)))
    assert [(one.kind, one.machine) for one in found] == [("silent", "m1"), ("silent", "m2")]


def test_an_answer_is_the_registrys_figure(access: Access, weeks: Question) -> None:
    [oee] = kpi_values(access, Question(weeks.start_us, weeks.end_us, machines=("m1",)), ["oee"])
    asked = f"OEE of M1 from {day(access, WORSE)} to {day(access, 1)}"
    found = answer(access, asked)
    assert oee.value is not None
    assert found.rows[0]["value"] == oee.value
    assert f"{100 * oee.value:.1f} %" in found.sentence
    assert found.query == f"measure=oee machines=m1 range={day(access, WORSE)} to {day(access, 1)}"


def day(access: Access, back: int) -> str:
    return (access.now.astimezone(access.factory.zone).date() - timedelta(days=back)).isoformat()


def test_stops_losses_parts_and_breakdowns_are_answered(access: Access, weeks: Question) -> None:
    jams = answer(access, "top 3 reasons for downtime of m1 yesterday")
    assert [(row["reason"], row["hours"], row["stops"]) for row in jams.rows] == [("Jam", 3.0, 1)]
    assert "Jam 3.0 h in 1 stop." in jams.sentence
    parts = answer(access, "parts made by m1 per day on 2026-03-02")
    assert [row["value"] for row in parts.rows] == [3_600 * 21]
    worst = answer(access, "worst machine by availability yesterday")
    assert [row["machine"] for row in worst.rows] == ["M1", "M2"]
    assert worst.rows[0]["value"] == pytest.approx(21 / 24)
    assert "breakdown" in answer(access, "why did M1 lose time yesterday?").sentence


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("which machine had the most downtime yesterday", "M1"),
        ("machine with the least downtime yesterday", "M2"),
        ("which machine has the highest scrap rate yesterday", "M1"),
        ("top 1 machine by scrap rate yesterday", "M1"),
        ("machine with the lowest scrap rate yesterday", "M2"),
        ("worst machine by scrap rate yesterday", "M1"),
        ("best machine by scrap rate yesterday", "M2"),
        ("machine with the highest availability yesterday", "M2"),
        ("bottom machine by availability yesterday", "M1"),
    ],
)
def test_most_goes_by_size_and_worst_by_what_is_good(access: Access, asked: str, first: str) -> None:
    start, states, counts = begin(access, 1), [], []
    for machine, down, scrap in (("m1", 10, 50), ("m2", 1, 1)):
        states += [
            StateMessage(machine, start, int(State.RUNNING)),
            StateMessage(machine, start + 2 * HOUR, int(State.DOWN), "jam"),
            StateMessage(machine, start + (2 + down) * HOUR, int(State.RUNNING)),
        ]
        counts += [CountMessage(machine, start, start + 24 * HOUR, 100 - scrap, scrap)]
    assert not ingest_states(access.gemba, access.factory, states).refused
    assert not ingest_counts(access.gemba, access.factory, counts).refused
    assert answer(access, asked).rows[0]["machine"] == first


def test_what_is_not_known_is_said_and_not_invented(access: Access) -> None:
    assert "not evaluable" in answer(access, "mttr of m1 yesterday").sentence
    with pytest.raises(InvalidInput):
        ask(access, "what is the meaning of life")


def test_a_model_may_phrase_an_answer_but_brings_no_figure(access: Access, weeks: Question) -> None:
    with web_server() as model:
        settings = access.gemba.settings.model_copy(
            update={"copilot_url": model.url("/v1"), "copilot_model": "small", "copilot_key": "K3Y"}
        )
        with_model = Access(type(access.gemba)(**{**vars_of(access), "settings": settings}), access.principal)
        sentence = answer(access, "availability of m1 yesterday").sentence
        model.body = said("M1 was available 87.5 % of the time yesterday.")
        reply = ask(with_model, "availability of m1 yesterday")
        assert reply.answer.sentence == sentence
        assert reply.wording == "M1 was available 87.5 % of the time yesterday."
        [request] = model.requests
        assert (request.path, request.headers["Authorization"]) == ("/v1/chat/completions", "Bearer K3Y")
        model.body = said("M1 was available 88 % of the time, 5 points less than before.")
        assert ask(with_model, "availability of m1 yesterday").wording == ""
        model.body = said("availability of m1 yesterday")
        reply = ask(with_model, "how often could we count on m1")
        assert (reply.asked, reply.answer.sentence) == ("availability of m1 yesterday", sentence)
        for body, status in ((b"{}", 200), (b"not json", 200), (b"{}", 500)):
            model.body, model.answer = body, status
            assert ask(with_model, "availability of m1 yesterday").wording == ""


def vars_of(access: Access) -> dict[str, object]:
    gemba = access.gemba
    return {name: getattr(gemba, name) for name in gemba.__dataclass_fields__}


def said(text: str) -> bytes:
    return orjson.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]})


def test_who_may_not_see_the_plant_gets_no_answer(acting: Callable[..., Access]) -> None:
    nobody = acting("viewer")
    from dataclasses import replace

    stripped = Access(nobody.gemba, replace(nobody.principal, permissions=frozenset()))
    for call in (lambda: answer(stripped, "oee"), lambda: findings(stripped, Question(0, HOUR))):
        with pytest.raises(Forbidden):
            call()
