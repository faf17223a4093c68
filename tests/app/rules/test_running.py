"""Conditions on the figures of the running shift."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from analytics.errors import InvalidInput
from analytics.vocabulary import State
from app.bootstrap import Access
from app.ingest.intake import ingest_counts, ingest_states
from app.production.plant import plant
from app.rules.backtest import look_back
from app.rules.drafts import Draft, checked
from app.rules.running import STEP_US, running_figures
from app.rules.runtime import RuleRuntime
from data.contracts.messages import CountMessage, StateMessage
from data.models import Alert, Machine, to_us

HOUR = 3_600_000_000
MINUTE = 60_000_000


@pytest.fixture
def shift_us(access: Access) -> int:
    """The start of the running early shift: 06:00 in Berlin, seven hours before the clock's noon UTC."""
    return to_us(access.now) - 7 * HOUR


@pytest.fixture
def worked(access: Access, shift_us: int) -> None:
    """m1 makes 10,800 parts of one second in six hours (performance 0.5) and is down after that."""
    states = [
        StateMessage("m1", shift_us, int(State.RUNNING)),
        StateMessage("m1", shift_us + 6 * HOUR, int(State.DOWN)),
    ]
    assert not ingest_states(access.gemba, access.factory, states).refused
    counts = [CountMessage("m1", shift_us, shift_us + 6 * HOUR, 10_800, 0)]
    assert not ingest_counts(access.gemba, access.factory, counts).refused


def low(threshold: float = 45.0, figure: str = "kpi:oee") -> dict[str, Any]:
    return {
        "conditions": {"parameter": figure, "operator": "lt", "threshold": threshold},
        "severity": "high",
        "cooldown_minutes": 0,
    }


def machine(access: Access, key: str = "m1") -> Machine:
    return plant(access).machine_by_key[key]


def test_the_figures_run_from_the_start_of_the_shift(access: Access, worked: None, shift_us: int) -> None:
    found = running_figures(access, [machine(access)], shift_us, to_us(access.now))
    oee = found[machine(access).id, "kpi:oee"]
    share = dict(zip(((oee.times - shift_us) // MINUTE).tolist(), oee.value.tolist(), strict=True))
    assert share[360] == pytest.approx(50.0)
    assert share[400] == pytest.approx(45.0)
    assert share[420] == pytest.approx(100 * 3 / 7)
    availability = found[machine(access).id, "kpi:availability"]
    assert availability.value[-1] == pytest.approx(100 * 6 / 7)


def test_nothing_is_said_of_parts_while_they_are_not_counted(
    access: Access, worked: None, shift_us: int, clock: Any
) -> None:
    ingest_states(access.gemba, access.factory, [StateMessage("m1", to_us(access.now), int(State.RUNNING))])
    clock.forward(minutes=30)
    found = running_figures(access, [machine(access)], shift_us, to_us(access.now))
    here = machine(access).id
    assert found[here, "kpi:oee"].times[-1] == shift_us + 7 * HOUR
    assert found[here, "kpi:availability"].times[-1] == shift_us + 7 * HOUR + 30 * MINUTE


def test_a_look_back_raises_when_the_running_oee_falls_below(
    access: Access, worked: None, shift_us: int
) -> None:
    draft = Draft("Bad shift", low(), "", "device", (machine(access).id,))
    [alert] = look_back(access, draft, shift_us, to_us(access.now)).alerts
    assert alert.raised_us == shift_us + 405 * MINUTE


def test_live_rounds_raise_what_the_look_back_raises(
    access: Access, shift_us: int, clock: Any, rule: Callable[..., int], worked: None
) -> None:
    clock.forward(minutes=-60)
    rule(low(), name="Bad shift", scope="device", target=(machine(access).id,))
    runtime = RuleRuntime(access)
    for _ in range(60):
        clock.forward(minutes=1)
        runtime.round(access)
    with access.read() as session:
        [alert] = session.scalars(select(Alert))
        assert alert.raised_us == shift_us + 405 * MINUTE
        assert alert.message.startswith("OEE of the running shift (44.4444 %) is below 45 %")
    draft = Draft("Bad shift", low(), "", "device", (machine(access).id,))
    assert [one.raised_us for one in look_back(access, draft, shift_us, to_us(access.now)).alerts] == [
        shift_us + 405 * MINUTE
    ]


def test_each_moment_lies_on_the_clock_or_ends_a_shift(access: Access, worked: None, shift_us: int) -> None:
    found = running_figures(access, [machine(access)], shift_us, to_us(access.now))
    assert (found[machine(access).id, "kpi:availability"].times % STEP_US == 0).all()


def test_a_figure_that_there_is_not_is_refused_with_its_place(access: Access) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(plant(access), Draft("x", low(figure="kpi:beauty"), "", "device", (machine(access).id,)))
    assert [problem.field for problem in refused.value.problems] == ["conditions.parameter"]
