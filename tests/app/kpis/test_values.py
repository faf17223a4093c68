"""KPIs of a real plant: worked by hand from its stops and counts, equal to the pages, honest about gaps."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.errors import Forbidden, InvalidInput
from analytics.kpis import KPIS, evaluate
from analytics.oee.figures import NO_PARTS
from analytics.vocabulary import State
from app.bootstrap import Access
from app.ingest.intake import ingest_counts, ingest_states, ingest_telemetry
from app.insights.answering import answer
from app.kpis.elements import elements
from app.kpis.reference import reference
from app.kpis.values import kpi_trend, kpi_values
from app.production.figures import Question, totals
from app.production.measured.energy import energy
from app.production.terms.rates import Rates, rates, save_rates
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import Machine, Parameter, Reason, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

HOUR = 3_600_000_000
PACKML = ("execute", "idle", "suspended", "held", "aborted", "stopped")
DOCS = Path(__file__).resolve().parents[3] / "docs" / "kpis.md"


@pytest.fixture
def access(acting: Callable[..., Access]) -> Access:
    return acting("admin")


@pytest.fixture
def shift_us(access: Access) -> int:
    return to_us(access.now) - 7 * HOUR


@pytest.fixture
def asked(access: Access, shift_us: int) -> Question:
    return Question(shift_us, to_us(access.now), machines=("m1",))


@pytest.fixture
def worked(access: Access, shift_us: int) -> None:
    """Of 7 h: 4 run, 1 down (a failure), 0.5 idle, 0.5 set-up, 1 run; 14,400 parts, 12,960 good; 80 kW."""
    at = (0, State.RUNNING), (4, State.DOWN), (5, State.IDLE), (5.5, State.SETUP), (6, State.RUNNING)
    messages = [StateMessage("m1", shift_us + round(hour * HOUR), int(state)) for hour, state in at]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    counts = [CountMessage("m1", shift_us, shift_us + 7 * HOUR, 12_960, 1_080, 360)]
    assert not ingest_counts(access.gemba, access.factory, counts).refused
    with access.write() as session:
        machine = session.query(Machine).filter_by(device_key="m1").one()
        session.add(Parameter(machine_id=machine.id, key="power_kw", unit="kW", data_type="float"))
        bump(session, {CONFIGURATION_DAY})
    power = [TelemetryMessage("m1", "power_kw", shift_us + n * 60_000_000, 80.0) for n in range(421)]
    assert not ingest_telemetry(access.gemba, access.factory, power).refused


def worth(access: Access, question: Question) -> dict[str, float | None]:
    return {one.kpi.id: one.value for one in kpi_values(access, question)}


def test_the_values_are_those_worked_by_hand(access: Access, worked: None, asked: Question) -> None:
    save_rates(access, Rates(hour_rate=400.0))
    found = worth(access, asked)
    by_hand = {
        "availability": 5 / 7, "effectiveness": 4 / 5, "quality_ratio": 0.9, "oee": 4 / 7 * 0.9,
        "nee": 5.5 / 7 * 0.8 * 0.9, "setup_ratio": 1 / 11, "technical_efficiency": 5 / 6.5,
        "scrap_ratio": 0.075, "rework_ratio": 0.025, "loss_breakdowns": 1.5 / 7, "loss_setup": 0.5 / 7,
        "loss_speed": 1 / 7, "loss_defects": 0.4 / 7, "mtbf": 5.5 / 2, "mttr": 1.0,
        "energy_per_part": 560 / 14_400, "loss_money": (7 - 3.6) * 400,
        "e10_operational_uptime": 5.5 / 7, "e10_unscheduled_down": 1 / 7, "e10_scheduled_down": 0.5 / 7,
        "equipment_load_rate": 14_400 / 25_200,
        "packml_execute": 5 / 7, "packml_idle": 0.5 / 7, "packml_suspended": 0, "packml_held": 0,
        "packml_aborted": 1 / 7, "packml_stopped": 0.5 / 7,
    }  # fmt: skip
    for kpi, value in by_hand.items():
        assert found[kpi] == pytest.approx(value, rel=1e-9), kpi


def test_states_of_packml_tell_inside_from_outside_causes_and_add_up(
    access: Access, asked: Question, shift_us: int
) -> None:
    """Of 7 h: 3 run, 1 down and 0.5 idle for want of material, 0.5 idle, 1 min down, the last hour down."""
    with access.write() as session:
        session.add(Reason(code="wait", name="Waiting for material", category="external"))
        bump(session, {CONFIGURATION_DAY})
    minute = HOUR // 60
    at = [
        (0, State.RUNNING, None), (3 * HOUR, State.DOWN, "wait"), (4 * HOUR, State.IDLE, "wait"),
        (4 * HOUR + 30 * minute, State.IDLE, None), (5 * HOUR, State.RUNNING, None),
        (5 * HOUR + 30 * minute, State.DOWN, None), (5 * HOUR + 31 * minute, State.RUNNING, None),
        (6 * HOUR, State.DOWN, None),
    ]  # fmt: skip
    messages = [StateMessage("m1", shift_us + after, int(state), reason) for after, state, reason in at]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    found = worth(access, asked)
    hours = {name: 7 * (found[f"packml_{name}"] or 0.0) for name in PACKML}
    by_hand = {
        "execute": 4 - 1 / 60,
        "idle": 0.5,
        "suspended": 1.5,
        "held": 1 / 60,
        "aborted": 1,
        "stopped": 0,
    }
    assert hours == pytest.approx(by_hand, abs=1e-9)
    assert sum(hours.values()) == pytest.approx(7)


def test_what_stops_tell_is_not_evaluable_for_one_product(
    access: Access, worked: None, asked: Question
) -> None:
    found = {one.kpi.id: one for one in kpi_values(access, replace(asked, products=("p1",)))}
    for kpi in ("packml_idle", "packml_aborted", "e10_unscheduled_down", "mttr"):
        assert found[kpi].value is None
        assert "not by product" in found[kpi].reason


def test_what_the_plant_does_not_record_is_not_evaluable_and_says_why(
    access: Access, worked: None, asked: Question
) -> None:
    found = {one.kpi.id: one for one in kpi_values(access, asked)}
    for kpi, symbol in (
        ("inventory_turns", "TH"),
        ("throughput_rate", "AOET"),
        ("loss_money", "RATE"),
        ("cm", "USL"),
    ):
        assert found[kpi].value is None
        assert symbol in found[kpi].missing


def test_oee_is_the_pages_figure_bit_for_bit_and_the_formula_agrees(
    access: Access, worked: None, asked: Question
) -> None:
    row = totals(access, asked).iloc[0]
    found = {one.kpi.id: one for one in kpi_values(access, asked)}
    assert found["oee"].value == row["oee"]
    assert (found["oee"].lower, found["oee"].upper) == (row["oee_lower"], row["oee_upper"])
    values = elements(access, asked).values
    for kpi in KPIS:
        formula, shown = evaluate(kpi, values).value, found[kpi.id].value
        assert formula == shown or formula == pytest.approx(shown, rel=1e-12)


def test_a_dead_shift_has_an_oee_of_zero_with_its_reason_everywhere(
    access: Access, asked: Question, shift_us: int
) -> None:
    ingest_states(access.gemba, access.factory, [StateMessage("m1", shift_us, int(State.DOWN))])
    row = totals(access, asked).iloc[0]
    found = {one.kpi.id: one for one in kpi_values(access, asked)}
    for kpi in ("oee", "nee", "ooe", "teep"):
        assert (found[kpi].value, found[kpi].reason) == (0.0, NO_PARTS)
    assert (row["oee"], row["note"]) == (0.0, NO_PARTS)
    assert found["availability"].value == 0.0
    assert found["quality_ratio"].value is None
    day = kpi_trend(access, asked, "oee").iloc[0]
    assert (day["value"], day["reason"]) == (0.0, NO_PARTS)
    assert NO_PARTS in answer(access, "oee of m1 2026-03-04").sentence


def test_unknown_time_gives_bounds_around_the_value(access: Access, shift_us: int) -> None:
    messages = [
        StateMessage("m1", shift_us, int(State.RUNNING), None, shift_us + 5 * HOUR),
        StateMessage("m1", shift_us + 5 * HOUR, int(State.DOWN), None, shift_us + 6 * HOUR),
    ]
    ingest_states(access.gemba, access.factory, messages)
    question = Question(shift_us, shift_us + 7 * HOUR, machines=("m1",))
    [found] = kpi_values(access, question, ["availability"])
    assert found.value == pytest.approx(5 / 6)
    assert (found.lower, found.upper) == (pytest.approx(5 / 7), pytest.approx(6 / 7))
    assert found.coverage == pytest.approx(6 / 7)
    [down] = kpi_values(access, question, ["e10_unscheduled_down"])
    assert down.value == pytest.approx(1 / 6)
    assert (down.lower, down.upper) == (pytest.approx(1 / 7), pytest.approx(2 / 7))


def test_the_range_ends_the_last_interval_of_each_machine_once(access: Access, shift_us: int) -> None:
    messages = [StateMessage(key, shift_us, int(State.RUNNING)) for key in ("m1", "m2")]
    messages += [StateMessage("m1", shift_us + 2 * HOUR, int(State.DOWN))]
    messages += [StateMessage("m1", shift_us + 4 * HOUR, int(State.RUNNING))]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    span = (shift_us, shift_us + 7 * HOUR)
    both = worth(access, Question(*span))
    one, other = (worth(access, Question(*span, machines=(key,))) for key in ("m1", "m2"))
    assert (one["mtbf"], other["mtbf"]) == (pytest.approx(5 / 2), pytest.approx(7.0))
    assert both["mtbf"] == both["mttf"] == pytest.approx((5 + 7) / (1 + 2))
    assert worth(access, Question(shift_us - 7 * HOUR, shift_us))["mtbf"] is None


def test_a_course_by_machine_and_day_holds_each_part(access: Access, worked: None, asked: Question) -> None:
    both = Question(asked.start_us, asked.end_us)
    course = kpi_trend(access, both, "availability", "machine")
    assert course["machine"].tolist() == ["m1", "m2"]
    assert course["value"].iloc[0] == pytest.approx(5 / 7)
    assert kpi_trend(access, asked, "oee", "day")["value"].iloc[0] == pytest.approx(4 / 7 * 0.9)
    for kpi, by in (("nope", "day"), ("oee", "moon")):
        with pytest.raises(InvalidInput):
            kpi_trend(access, asked, kpi, by)


def test_energy_is_the_integral_of_the_power(access: Access, worked: None, asked: Question) -> None:
    [row] = energy(access, Question(asked.start_us, asked.end_us)).itertuples()
    assert (row.machine, row.kwh) == ("m1", pytest.approx(560.0))


def test_energy_per_part_needs_the_power_of_every_machine_that_made_parts(
    access: Access, worked: None, asked: Question
) -> None:
    both = Question(asked.start_us, asked.end_us)
    assert worth(access, both)["energy_per_part"] == pytest.approx(560 / 14_400)
    counts = [CountMessage("m2", asked.start_us, asked.end_us, 600)]
    assert not ingest_counts(access.gemba, access.factory, counts).refused
    [found] = kpi_values(access, both, ["energy_per_part"])
    assert (found.value, found.missing) == (None, ("E",))
    assert "m2" in found.reason
    assert answer(access, "energy of m1 2026-03-04").rows[0]["value"] == pytest.approx(560.0)


@pytest.mark.parametrize(("known_h", "is_known"), [(5, True), (3, False)])
def test_unknown_power_is_no_saving_and_stands_in_the_bounds(
    access: Access, shift_us: int, known_h: int, is_known: bool
) -> None:
    with access.write() as session:
        machine = session.query(Machine).filter_by(device_key="m1").one()
        session.add(Parameter(machine_id=machine.id, key="power_kw", unit="kW", data_type="float"))
        bump(session, {CONFIGURATION_DAY})
    power = [
        TelemetryMessage("m1", "power_kw", shift_us + n * 60_000_000, 20.0 if n < 60 else 10.0)
        for n in range(known_h * 60 + 1)
    ]
    ingest_telemetry(access.gemba, access.factory, power)
    ingest_counts(access.gemba, access.factory, [CountMessage("m1", shift_us, shift_us + 7 * HOUR, 100)])
    question = Question(shift_us, shift_us + 7 * HOUR, machines=("m1",))
    [found] = kpi_values(access, question, ["energy_per_part"])
    if not is_known:
        assert found.value is None
        assert "too little power" in found.reason
        return
    seen = energy(access, question)["kwh"].iloc[0]
    assert seen == pytest.approx(60, abs=0.2)
    assert found.value == pytest.approx(seen * 7 / 5 / 100)
    assert found.coverage == pytest.approx(5 / 7)
    assert (found.lower, found.upper) == (pytest.approx(seen / 100), pytest.approx((seen + 2 * 20) / 100))


def test_rates_are_checked_kept_and_logged(access: Access, acting: Callable[..., Access]) -> None:
    assert rates(access) == Rates()
    save_rates(access, Rates(120.0, 0.18))
    assert rates(access) == Rates(120.0, 0.18)
    with pytest.raises(InvalidInput) as refused:
        save_rates(access, Rates(-1.0, None))
    assert refused.value.problems[0].field == "hour_rate"
    with pytest.raises(Forbidden):
        save_rates(acting("operator"), Rates())


def test_the_reference_in_the_docs_is_the_registry() -> None:
    assert DOCS.read_text() == reference(), "write it again: python -m app kpis --reference > docs/kpis.md"
