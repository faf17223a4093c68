"""Live, replay and backtest agree: however a stream is cut, and with the plain evaluator too."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.rules import Inputs, Rule, Series, StateSpans, fresh_state, parse_rule, step
from analytics.rules.stepping import RuleState
from tests.analytics.rules import plain_rules
from tests.analytics.rules.plain_rules import S

UTC_ZONE = ZoneInfo("UTC")
END = 240
OPERATORS = st.sampled_from(["gt", "gte", "lt", "lte"])
NUMBER = st.integers(-2, 4).map(float)
PARAMETER = st.sampled_from(["a", "b"])
HOLD = st.sampled_from([0, 0, 0, 3, 10])


@st.composite
def leaf_body(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(
        ["threshold", "hysteresis", "rate", "frequent", "no_data", "aggregate", "delta", "frozen"]
    ))  # fmt: skip
    body: dict[str, Any] = {"kind": kind, "parameter": draw(PARAMETER), "for_s": draw(HOLD)}
    if kind in {"no_data", "frozen"}:
        return body | {"longer_s": draw(st.integers(2, 40))}
    body |= {"operator": draw(OPERATORS), "threshold": draw(NUMBER)}
    if kind == "hysteresis":
        step_back = draw(st.integers(0, 3))
        away = -step_back if body["operator"] in {"gt", "gte"} else step_back
        return body | {"kind": "threshold", "exit": body["threshold"] + away}
    if kind == "frequent":
        m = draw(st.integers(1, 5))
        return body | {"n": draw(st.integers(1, m)), "m": m}
    if kind == "aggregate":
        measure = draw(st.sampled_from(["mean", "min", "max", "count"]))
        return body | {"measure": measure, "window_s": draw(st.integers(2, 40))}
    if kind == "delta":
        return body | {"window_s": draw(st.integers(2, 40))}
    return body


def group(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda operator, conditions, for_s: {"operator": operator, "conditions": conditions, "for_s": for_s},
        st.sampled_from(["AND", "OR", "NOT"]),
        st.lists(parts, min_size=1, max_size=3),
        HOLD,
    )


TREES = st.recursive(leaf_body(), group, max_leaves=4)


@st.composite
def rule_body(draw: st.DrawFn) -> dict[str, Any]:
    severities = draw(
        st.lists(st.sampled_from(["low", "high", "critical"]), min_size=1, max_size=3, unique=True)
    )
    return {
        "levels": [{"severity": one, "conditions": draw(TREES)} for one in severities],
        "on_delay_s": draw(st.sampled_from([0, 0, 5])),
        "off_delay_s": draw(st.sampled_from([0, 0, 7])),
        "cooldown_minutes": draw(st.sampled_from([0, 0, 0.5])),
        "max_gap_s": draw(st.sampled_from([15, 60])),
        "unknown": draw(st.sampled_from(["hold", "break", "true", "false"])),
    }


STREAM = st.dictionaries(st.integers(0, END - 1), st.integers(-3, 5).map(float), max_size=40)
STREAMS = st.fixed_dictionaries({"a": STREAM, "b": STREAM})


def inputs_of(streams: Mapping[str, Mapping[int, float]]) -> Inputs:
    return Inputs(
        {
            name: Series(
                np.array(sorted(stream), np.int64) * S,
                np.array([stream[second] for second in sorted(stream)], np.float64),
            )
            for name, stream in streams.items()
        }
    )


def told(
    rule: Rule, inputs: Inputs, cuts: list[int], zone: ZoneInfo = UTC_ZONE
) -> list[tuple[int, str, int, str]]:
    """The events of the rule when it is stepped to each cut in turn, its state stored in between."""
    state, found = fresh_state(0), []
    for until in cuts:
        events, state = step(rule, state, {"m": inputs}, until, zone)
        state = RuleState.from_json(orjson.loads(orjson.dumps(state.as_json())))
        found += [(event.at_us, event.kind, event.rank, event.cause) for event in events]
    return found


@settings(max_examples=400)
@given(rule_body(), STREAMS, st.lists(st.integers(1, END * S - 1), max_size=6))
def test_however_a_stream_is_cut_the_alerts_are_the_same(
    body: dict[str, Any], streams: dict[str, dict[int, float]], cuts: list[int]
) -> None:
    rule, inputs = parse_rule(body), inputs_of(streams)
    assert told(rule, inputs, [*sorted(set(cuts)), END * S]) == told(rule, inputs, [END * S])


@settings(max_examples=200)
@given(rule_body(), TREES, STREAMS, st.lists(st.integers(1, END * S - 1), max_size=6))
def test_suppression_by_design_changes_no_alert_and_is_the_same_however_a_stream_is_cut(
    body: dict[str, Any], tree: Any, streams: dict[str, dict[int, float]], cuts: list[int]
) -> None:
    inputs = inputs_of(streams)
    whole = told(parse_rule({**body, "suppress": tree}), inputs, [END * S])
    assert told(parse_rule({**body, "suppress": tree}), inputs, [*sorted(set(cuts)), END * S]) == whole
    bare = [one for one in whole if one[1] not in {"suppressed", "unsuppressed"}]
    assert bare == told(parse_rule(body), inputs, [END * S])


@settings(max_examples=400)
@given(rule_body(), STREAMS)
def test_the_alerts_are_those_of_the_plain_evaluator(
    body: dict[str, Any], streams: dict[str, dict[int, float]]
) -> None:
    rule = parse_rule(body)
    bodies = [(one["severity"], one["conditions"]) for one in body["levels"]]
    samples = {name: sorted(stream.items()) for name, stream in streams.items()}
    plain = plain_rules.events(rule, bodies, samples, END, set())
    mine = [
        (at // S, kind, rank, cause) for at, kind, rank, cause in told(rule, inputs_of(streams), [END * S])
    ]
    assert mine == plain


@settings(max_examples=150)
@given(rule_body(), STREAMS, st.randoms(use_true_random=False), st.integers(5, 40))
def test_samples_that_come_late_but_within_the_lateness_change_nothing(
    body: dict[str, Any], streams: dict[str, dict[int, float]], chance: random.Random, lateness: int
) -> None:
    """Arrivals are shuffled within the lateness and cut into batches; the state survives only as stored."""
    rule = parse_rule(body | {"lateness_s": lateness})
    arrivals = [(second, name, value) for name, stream in streams.items() for second, value in stream.items()]
    arrivals.sort(key=lambda one: one[0] + chance.random() * (lateness - 1))
    seen: dict[str, dict[int, float]] = {"a": {}, "b": {}}
    kept, found, newest = fresh_state(0).as_json(), [], 0
    while arrivals:
        many = chance.randint(1, 12)
        for second, name, value in arrivals[:many]:
            seen[name][second] = value
            newest = max(newest, second)
        arrivals = arrivals[many:]
        watermark = (newest - lateness) * S
        state = RuleState.from_json(orjson.loads(orjson.dumps(kept)))
        step(rule, state, {"m": inputs_of(seen)}, END * S, UTC_ZONE)
        events, state = step(rule, state, {"m": inputs_of(seen)}, watermark, UTC_ZONE)
        found += events
        kept = state.as_json()
    events, _ = step(rule, RuleState.from_json(kept), {"m": inputs_of(seen)}, END * S, UTC_ZONE)
    mine = [(one.at_us, one.kind, one.rank, one.cause) for one in [*found, *events]]
    assert mine == told(rule, inputs_of(streams), [END * S])


def rule(conditions: Any, **more: Any) -> Rule:
    return parse_rule({"conditions": conditions, "severity": "high", "cooldown_minutes": 0, **more})


def over(threshold: float = 80.0, **more: Any) -> dict[str, Any]:
    return {"parameter": "a", "operator": "gt", "threshold": threshold, **more}


def at(*pairs: tuple[float, float]) -> Inputs:
    """Samples (second, value) of parameter a."""
    return Inputs(
        {
            "a": Series(
                np.array([round(t * S) for t, _ in pairs], np.int64),
                np.array([v for _, v in pairs], np.float64),
            )
        }
    )


def seconds(events: list[tuple[int, str, int, str]]) -> list[tuple[float, str]]:
    return [(moment / S, kind) for moment, kind, _, _ in events]


def both(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> Inputs:
    return Inputs({"a": at(*a).series["a"], "b": at(*b).series["a"]})


STOPPED = {"parameter": "b", "operator": "gt", "threshold": 0}


def test_an_alert_is_suppressed_while_the_other_condition_holds_and_shown_afterwards() -> None:
    stopped = rule(over(), suppress=STOPPED)
    found = told(stopped, both([(10, 90), (60, 90), (90, 70)], [(0, 1), (40, 0), (70, 1)]), [100 * S])
    assert seconds(found) == [
        (10, "raised"), (10, "suppressed"), (40, "unsuppressed"), (70, "suppressed"), (90, "cleared"),
    ]  # fmt: skip


def test_what_is_not_known_suppresses_nothing() -> None:
    stopped = rule(over(), suppress=STOPPED)
    assert seconds(told(stopped, at((10, 90)), [100 * S])) == [(10, "raised")]
    quiet = rule(over(), suppress=STOPPED, max_gap_s=30)
    found = told(quiet, both([(10, 90), (39, 90), (68, 90)], [(5, 1)]), [90 * S])
    assert seconds(found) == [(10, "raised"), (10, "suppressed"), (35, "unsuppressed")]


def test_a_mistake_in_what_suppresses_is_named_by_its_place() -> None:
    with pytest.raises(InvalidInput) as raised:
        rule(over(), suppress={"operator": "AND", "conditions": [{"kind": "threshold", "operator": "gt"}]})
    assert [one.field for one in raised.value.problems] == ["suppress[0].parameter", "suppress[0].threshold"]


def test_two_samples_within_one_second_both_count() -> None:
    found = told(rule(over()), at((10.2, 90), (10.7, 70)), [100 * S])
    assert seconds(found) == [(10.2, "raised"), (10.7, "cleared")]


def test_an_excursion_shorter_than_any_polling_interval_is_caught() -> None:
    found = told(rule(over()), at((10, 70), (10.000001, 90), (10.000002, 70)), [100 * S])
    assert seconds(found) == [(10.000001, "raised"), (10.000002, "cleared")]


def test_a_restart_in_the_middle_of_a_hold_continues_it() -> None:
    held = rule(over(for_s=60), max_gap_s=600)
    assert seconds(told(held, at((10, 90)), [40 * S, 41 * S, 100 * S])) == [(70, "raised")]


def test_the_severity_may_fall_before_the_alert_clears() -> None:
    found = told(
        parse_rule(
            {
                "levels": [
                    {"severity": "medium", "conditions": over(80)},
                    {"severity": "critical", "conditions": over(95)},
                ],
                "cooldown_minutes": 0,
            }
        ),
        at((10, 85), (20, 97), (30, 85), (40, 60)),
        [100 * S],
    )
    assert [(moment // S, kind, rank) for moment, kind, rank, _ in found] == [
        (10, "raised", 2), (20, "changed", 4), (30, "changed", 2), (40, "cleared", 0),
    ]  # fmt: skip


def test_within_the_cooldown_nothing_is_raised_and_what_lasts_is_raised_at_its_end() -> None:
    cool = rule(over(), cooldown_minutes=1)
    assert seconds(told(cool, at((10, 90), (20, 70), (30, 90), (40, 70)), [200 * S])) == [
        (10, "raised"), (20, "cleared"),
    ]  # fmt: skip
    assert seconds(told(cool, at((10, 90), (20, 70), (30, 90), (200, 70)), [250 * S])) == [
        (10, "raised"), (20, "cleared"), (70, "raised"), (200, "cleared"),
    ]  # fmt: skip


def test_a_gap_does_what_the_rule_says() -> None:
    stream = at((10, 90), (400, 70))
    ends = {
        "hold": [(10, "raised"), (400, "cleared")],
        "true": [(0, "raised"), (400, "cleared"), (460, "raised")],
        "false": [(10, "raised"), (70, "cleared")],
        "break": [(10, "raised"), (70, "cleared")],
    }
    for unknown, expected in ends.items():
        found = told(rule(over(), unknown=unknown, max_gap_s=60), stream, [500 * S])
        assert seconds(found) == expected, unknown
    broken = told(rule(over(), unknown="break", max_gap_s=60), stream, [500 * S])
    assert broken[-1][3] == "no data"


def test_a_condition_counts_only_in_the_states_that_it_names() -> None:
    both = rule({"operator": "AND", "conditions": [over(), {"kind": "state", "states": ["running"]}]})
    spans = StateSpans(np.array([0, 20 * S, 50 * S], np.int64), np.array([3, 1, 5], np.int64))
    inputs = Inputs(at((10, 90)).series, spans)
    numbers = {name: int(number) for name, number in plain_states().items()}
    inputs = Inputs(
        inputs.series,
        StateSpans(spans.times, np.array([numbers["idle"], numbers["running"], numbers["down"]], np.int64)),
    )
    assert seconds(told(both, inputs, [100 * S])) == [(20, "raised"), (50, "cleared")]


def plain_states() -> dict[str, int]:
    from analytics.rules.conditions import STATES

    return dict(STATES)


def test_k_of_n_machines_fire_together() -> None:
    group_rule = rule(over(), k=2)
    machines = {"m1": at((10, 90), (40, 70)), "m2": at((20, 90), (60, 70)), "m3": at((5, 70))}
    events, _ = step(group_rule, fresh_state(0), machines, 100 * S, UTC_ZONE)
    assert [(one.at_us // S, one.kind) for one in events] == [(20, "raised"), (40, "cleared")]


def test_text_is_compared_as_text() -> None:
    series = Series(np.array([10, 20, 30], np.int64) * S, np.full(3, np.nan), ("auto", "manual", "auto"))
    found = told(
        rule({"parameter": "a", "operator": "eq", "threshold": "manual"}), Inputs({"a": series}), [90 * S]
    )
    assert seconds(found) == [(20, "raised"), (30, "cleared")]


def test_a_value_that_leaves_its_own_baseline_raises() -> None:
    chance = np.random.default_rng(3)
    values = [(float(n), float(v)) for n, v in enumerate(chance.normal(50, 1, 120))]
    found = told(
        rule({"kind": "baseline", "parameter": "a", "sigmas": 6, "window_s": 60}),
        at(*values, (120, 80), (121, 50)),
        [200 * S],
    )
    assert seconds(found) == [(120, "raised"), (121, "cleared")]


BERLIN = ZoneInfo("Europe/Berlin")


def us(text: str, zone: ZoneInfo = BERLIN) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * S


def always_on(schedule: dict[str, Any], start: str, end: str, zone: ZoneInfo = BERLIN) -> list[str]:
    """When a rule whose condition always holds is raised and cleared, in local time."""
    body = {"conditions": over(0.0), "severity": "low", "cooldown_minutes": 0, "schedule_type": "time_window",
            "schedule_config": schedule, "max_gap_s": 604_800}  # fmt: skip
    state = fresh_state(us(start, zone))
    inputs = Inputs({"a": Series(np.array([us(start, zone)], np.int64), np.array([1.0]))})
    events, _ = step(parse_rule(body), state, {"m": inputs}, us(end, zone), zone)
    return [
        f"{one.kind} {datetime.fromtimestamp(one.at_us / S, UTC).astimezone(zone):%a %H:%M}" for one in events
    ]


def test_a_night_window_is_open_at_its_start_and_at_midnight() -> None:
    nights = {"start_time": "22:00", "end_time": "06:00", "days": [1]}
    found = always_on(nights, "2026-03-02 12:00", "2026-03-04 12:00")
    assert found == ["raised Mon 22:00", "cleared Tue 06:00"]


def test_a_monday_night_holds_tuesday_at_two_and_not_monday_at_two() -> None:
    nights = {"start_time": "22:00", "end_time": "06:00", "days": [1]}
    assert always_on(nights, "2026-03-02 01:00", "2026-03-02 05:00") == []
    assert always_on(nights, "2026-03-03 02:00", "2026-03-03 03:00") == ["raised Tue 02:00"]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_day_window_keeps_the_wall_clock_when_the_clock_changes(day: str) -> None:
    found = always_on({"start_time": "08:00", "end_time": "16:00"}, f"{day} 00:30", f"{day} 23:00")
    assert found == ["raised Sun 08:00", "cleared Sun 16:00"]


def test_a_window_that_starts_in_the_hour_that_is_skipped_opens_after_it() -> None:
    found = always_on({"start_time": "02:30", "end_time": "04:00"}, "2026-03-29 00:30", "2026-03-29 12:00")
    assert found == ["raised Sun 03:00", "cleared Sun 04:00"]


def test_what_became_true_while_the_schedule_was_closed_fires_when_it_opens() -> None:
    body = {"conditions": over(for_s=600), "severity": "low", "cooldown_minutes": 0, "max_gap_s": 86_400,
            "schedule_type": "time_window",
            "schedule_config": {"start_time": "08:00", "end_time": "16:00"}}  # fmt: skip
    state = fresh_state(us("2026-03-04 05:00"))
    inputs = Inputs({"a": Series(np.array([us("2026-03-04 06:00")], np.int64), np.array([90.0]))})
    events, _ = step(parse_rule(body), state, {"m": inputs}, us("2026-03-04 09:00"), BERLIN)
    assert [(one.at_us, one.kind) for one in events] == [(us("2026-03-04 08:00"), "raised")]


def test_a_date_range_holds_its_last_day_to_the_end() -> None:
    body = {"conditions": over(0.0), "severity": "low", "cooldown_minutes": 0, "max_gap_s": 604_800,
            "schedule_type": "date_range",
            "schedule_config": {"start_date": "2026-03-28", "end_date": "2026-03-29"}}  # fmt: skip
    inputs = Inputs({"a": Series(np.array([us("2026-03-27 12:00")], np.int64), np.array([1.0]))})
    events, _ = step(
        parse_rule(body), fresh_state(us("2026-03-27 12:00")), {"m": inputs}, us("2026-03-31 12:00"), BERLIN
    )
    assert [one.at_us for one in events] == [us("2026-03-28 00:00"), us("2026-03-30 00:00")]
