"""Control charts over what a plant recorded."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from analytics.errors import InvalidInput, NotFound
from analytics.vocabulary import State
from app.bootstrap import Access
from app.ingest.intake import ingest_counts, ingest_states, ingest_telemetry
from app.production.measured.control import ControlQuestion, control
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage
from data.models import Machine, Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

HOUR = 3_600_000_000
MINUTE = 60_000_000


@pytest.fixture
def access(acting: Callable[..., Access]) -> Access:
    return acting("admin")


@pytest.fixture
def start_us(access: Access) -> int:
    return to_us(access.now) - 6 * HOUR


@pytest.fixture
def recorded(access: Access, start_us: int) -> None:
    """A value every 20 s: 10 or 11 in turn; 30 in the last hour, in which the machine is down."""
    with access.write() as session:
        machine = session.query(Machine).filter_by(device_key="m1").one()
        session.add(Parameter(machine_id=machine.id, key="force", unit="kN", low_limit=7.0, high_limit=14.0))
        session.add(Parameter(machine_id=machine.id, key="mode", data_type="string"))
        bump(session, {CONFIGURATION_DAY})
    states = [
        StateMessage("m1", start_us, int(State.RUNNING)),
        StateMessage("m1", start_us + 5 * HOUR, int(State.DOWN)),
    ]
    ingest_states(access.gemba, access.factory, states)
    values = [
        TelemetryMessage("m1", "force", start_us + n * 20_000_000, 30.0 if n >= 900 else 10.0 + (n // 9) % 2)
        for n in range(1_080)
    ]
    assert not ingest_telemetry(access.gemba, access.factory, values).refused
    counts = [
        CountMessage(
            "m1", start_us + n * 10 * MINUTE, start_us + (n + 1) * 10 * MINUTE, 60, 3 if n % 2 else 0
        )
        for n in range(30)
    ]
    assert not ingest_counts(access.gemba, access.factory, counts).refused


def question(access: Access, start_us: int, **more: object) -> ControlQuestion:
    return ControlQuestion(
        "m1", **{"signal": "force", "start_us": start_us, "end_us": to_us(access.now), **more}
    )  # type: ignore[arg-type]


def test_time_in_which_the_machine_stood_is_left_out(access: Access, recorded: None, start_us: int) -> None:
    found = control(access, question(access, start_us))
    assert found.chart.value.max() < 12
    assert found.time_us.max() <= start_us + 5 * HOUR
    everything = control(access, question(access, start_us, only_running=False))
    assert everything.chart.value.max() == 30


def test_limits_of_an_earlier_time_find_the_change(access: Access, recorded: None, start_us: int) -> None:
    later = question(access, start_us + 5 * HOUR, only_running=False, reference_us=start_us)
    found = control(access, later)
    assert found.broken["rule_1"].all()
    assert found.time_us.min() > start_us + 5 * HOUR


def test_the_capability_comes_from_the_parameters_limits(
    access: Access, recorded: None, start_us: int
) -> None:
    found = control(access, question(access, start_us))
    assert (found.lower, found.upper) == (7.0, 14.0)
    assert found.capability is not None
    assert found.capability.cm == pytest.approx(7 / (6 * np.std(found.chart.value, ddof=1)))


def test_counts_are_charted_as_seconds_per_part_and_scrap(
    access: Access, recorded: None, start_us: int
) -> None:
    cycle = control(access, question(access, start_us, signal="count:cycle"))
    assert sorted(set(cycle.chart.value.round(3).tolist())) == [9.524, 10.0]
    scrap = control(access, question(access, start_us, signal="count:scrap"))
    assert scrap.chart.value.max() == pytest.approx(100 * 3 / 63)


def test_given_limits_tell_the_capability_of_counts_and_go_before_those_of_a_parameter(
    access: Access, recorded: None, start_us: int
) -> None:
    counts = question(access, start_us, signal="count:cycle")
    assert control(access, counts).capability is None
    found = control(access, replace(counts, lower=9.0, upper=10.5))
    values = found.chart.value
    assert found.capability is not None
    assert found.capability.cm == pytest.approx(1.5 / (6 * np.std(values, ddof=1)))
    assert found.capability.cmk == pytest.approx(
        min(10.5 - values.mean(), values.mean() - 9.0) / (3 * np.std(values, ddof=1))
    )
    one = control(access, replace(counts, upper=9.8)).capability
    assert one is not None
    assert one.cm is None
    assert one.outside == pytest.approx(np.mean(values > 9.8))
    force = control(access, question(access, start_us, upper=12.0))
    assert (force.lower, force.upper) == (7.0, 12.0)


def test_means_of_subgroups_have_their_ranges(access: Access, recorded: None, start_us: int) -> None:
    found = control(access, question(access, start_us, kind="means", size=4))
    assert len(found.chart.value) == len(found.chart.spread) == len(found.time_us)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"signal": "nope"}, NotFound), ({"signal": "mode"}, InvalidInput), ({"kind": "pie"}, InvalidInput),
        ({"kind": "means", "size": 11}, InvalidInput), ({"end_us": 0}, InvalidInput),
        ({"upper": 6.0}, InvalidInput), ({"lower": float("nan")}, InvalidInput),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused(
    access: Access, recorded: None, start_us: int, more: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        control(access, question(access, start_us, **more))


@pytest.mark.parametrize("kind", ["individuals", "means", "ewma"])
def test_every_kind_of_chart_takes_its_limits_from_the_reference_and_shows_what_came_after(
    access: Access, recorded: None, start_us: int, kind: str
) -> None:
    later = start_us + 5 * HOUR
    found = control(
        access, question(access, later, only_running=False, reference_us=start_us, kind=kind, size=4)
    )
    assert found.time_us.min() > later
    assert found.chart.centre == pytest.approx(10.5, abs=0.05)
    assert found.broken["rule_1"].iloc[5:].all()


def test_the_capability_is_that_of_the_shown_range(access: Access, recorded: None, start_us: int) -> None:
    later = start_us + 4 * HOUR
    found = control(access, question(access, later, reference_us=start_us, only_running=False))
    assert found.capability is not None
    assert found.capability.cm == pytest.approx(7 / (6 * np.std(found.chart.value, ddof=1)))


def test_a_moving_average_is_not_held_to_rules_for_runs(
    access: Access, recorded: None, start_us: int
) -> None:
    found = control(access, question(access, start_us, kind="ewma"))
    assert list(found.broken.columns) == ["rule_1"]


def test_a_machine_that_never_ran_has_nothing_to_chart(access: Access, recorded: None, start_us: int) -> None:
    with pytest.raises(InvalidInput, match="at least"):
        control(access, question(access, start_us + 5 * HOUR + MINUTE))
