"""The simulated plant: reproducible in any cut, physically and statistically what it claims to be."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.twin.lathe.loads import loads
from analytics.twin.plant import (
    counts,
    day_of,
    flank_wear_mm,
    plant_day,
    shift_records,
    states,
    steel_works,
    telemetry,
)
from analytics.twin.plant.lines.machining import FLANGES, SHAFTS
from analytics.twin.plant.phases import phase
from analytics.twin.plant.schedule import worked
from analytics.twin.plant.timelines import timeline
from analytics.vocabulary import State

ANCHOR = date(2026, 3, 20).toordinal()
PLANT = steel_works(7, ANCHOR)
AUTOMATIC = [machine for machine in PLANT.machines if not machine.is_manual]
MINUTE = 60_000_000
HOUR = 60 * MINUTE
COLUMNS = ("product", "start_us", "end_us", "good", "scrap", "rework", "startup_scrap")


def machine(key):
    return PLANT.machine_by_key[key]


def span(first, days):
    return plant_day(PLANT, first).start_us, plant_day(PLANT, first + days - 1).end_us


def minutes(start_us, end_us, step=MINUTE):
    return np.arange(-(-start_us // step) * step, end_us, step, dtype=np.int64)


def signal(key, name, times):
    names = [one.key for one in machine(key).signals]
    return telemetry(PLANT, machine(key), times)[names.index(name)]


def running(key, times):
    found = np.zeros(len(times), bool)
    for ordinal in range(day_of(PLANT, int(times[0])), day_of(PLANT, int(times[-1])) + 1):
        day = timeline(PLANT, machine(key), ordinal)
        mine = (times >= day.start_us[0]) & (times < day.end_us)
        found[mine] = day.state[day.places(times[mine])] == State.RUNNING
    return found


def everything(model, key, start, end):
    one = model.machine_by_key[key]
    made, did = counts(model, one, start, end), states(model, one, start, end)
    return [
        *(getattr(made, name) for name in COLUMNS), did.start_us, did.state, did.reason,
        telemetry(model, one, minutes(start, end)),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["eaf-1", "lathe-2"])
def test_the_same_seed_gives_the_same_data_and_another_seed_another(key):
    start, end = span(ANCHOR - 2, 2)
    steel_works.cache_clear()
    again = steel_works(7, ANCHOR)
    assert again is not PLANT
    for a, b in zip(everything(PLANT, key, start, end), everything(again, key, start, end), strict=True):
        assert np.array_equal(a, b)
    other = everything(steel_works(8, ANCHOR), key, start, end)
    assert not np.array_equal(other[7], states(PLANT, machine(key), start, end).start_us)
    assert not np.array_equal(other[-1], telemetry(PLANT, machine(key), minutes(start, end)))


@settings(max_examples=25, deadline=None)
@given(
    key=st.sampled_from([one.key for one in AUTOMATIC]),
    cuts=st.lists(st.integers(0, 4 * 24 * 3_600), min_size=2, max_size=4, unique=True),
)
def test_a_range_computed_alone_equals_its_part_of_the_whole(key, cuts):
    start, _ = span(ANCHOR - 5, 4)
    edges = sorted(start + second * 1_000_000 for second in cuts)
    whole = everything(PLANT, key, edges[0], edges[-1])
    parts = [everything(PLANT, key, a, b) for a, b in pairwise(edges)]
    for at, column in enumerate(whole):
        assert np.array_equal(column, np.concatenate([part[at] for part in parts], axis=-1))


def test_a_value_is_the_same_whatever_the_step_of_the_samples():
    start, _ = span(ANCHOR - 1, 1)
    coarse, fine = minutes(start, start + 3 * HOUR), minutes(start, start + 3 * HOUR, 5_000_000)
    for one in AUTOMATIC:
        assert np.array_equal(
            telemetry(PLANT, one, coarse), telemetry(PLANT, one, fine)[:, np.isin(fine, coarse)]
        )


@pytest.mark.parametrize("ordinal", [ANCHOR, date(2026, 3, 28).toordinal(), date(2026, 10, 24).toordinal()])
def test_states_tile_each_day_of_23_24_or_25_hours_and_are_off_just_outside_the_schedule(ordinal):
    day = plant_day(PLANT, ordinal)
    for one in AUTOMATIC:
        found = timeline(PLANT, one, ordinal)
        assert found.start_us[0] == day.start_us
        assert found.end_us == day.end_us
        assert (np.diff(np.append(found.start_us, found.end_us)) > 0).all()
        off = np.diff(np.append(found.start_us, found.end_us))[found.state == State.OFF].sum()
        scheduled = sum(end - start for start, end in worked(one, day))
        assert off == day.end_us - day.start_us - scheduled


def test_production_days_have_their_true_length():
    lengths = [plant_day(PLANT, date(2026, *day).toordinal()) for day in ((3, 28), (3, 27), (10, 24))]
    assert [(day.end_us - day.start_us) // HOUR for day in lengths] == [23, 24, 25]


def test_counts_fit_the_ideal_cycles_and_lie_where_the_machine_ran():
    start, end = span(ANCHOR - 14, 14)
    for one in AUTOMATIC:
        made = counts(PLANT, one, start, end)
        total = made.good + made.scrap + made.rework
        cycle = np.array([seconds for _, seconds in one.cycles])[made.product]
        run_s = sum(
            timeline(PLANT, one, day).run_us(np.array([plant_day(PLANT, day).end_us]))[0] / 1e6
            for day in range(ANCHOR - 14, ANCHOR)
        )
        assert 0.7 < (total * cycle).sum() / run_s <= 1.05, one.key
        assert (made.good >= 0).all()
        assert (made.startup_scrap <= made.scrap + 1e-9).all()
        assert (made.end_us > made.start_us).all()
        assert (made.start_us[1:] >= made.end_us[:-1]).all()
        for day in range(ANCHOR - 3, ANCHOR):
            states_of_day = timeline(PLANT, one, day)
            mine = (made.start_us >= states_of_day.start_us[0]) & (made.end_us <= states_of_day.end_us)
            ran = states_of_day.run_us(made.end_us[mine]) - states_of_day.run_us(made.start_us[mine])
            assert (ran > 0).all(), one.key


def test_every_machine_has_an_oee_between_45_and_85_percent():
    start, end = span(ANCHOR - 28, 28)
    for one in AUTOMATIC:
        made = counts(PLANT, one, start, end)
        cycle = np.array([seconds for _, seconds in one.cycles])[made.product]
        planned_us = 0
        for day in range(ANCHOR - 28, ANCHOR):
            found = timeline(PLANT, one, day)
            length = np.diff(np.append(found.start_us, found.end_us))
            planned_us += length[~np.isin(found.state, [State.OFF, State.PLANNED_STOP])].sum()
        assert 0.45 < (made.good * cycle).sum() * 1e6 / planned_us < 0.85, one.key


def test_the_bearing_of_the_finishing_mill_runs_hotter_and_rougher_until_it_fails_and_is_new_after():
    times = minutes(*span(ANCHOR - 30, 40), 5 * MINUTE)
    on = running("finish-1", times)
    day = np.array([(time - times[0]) / (24 * HOUR) for time in times]) - 30
    for name, rise in (("bearing_temp_c", 12.0), ("vibration_mm_s", 2.5)):
        value = signal("finish-1", name, times)
        healthy = value[on & (day < -18)].mean()
        assert abs(value[on & (day > -15) & (day < -13)].mean() - healthy) < rise / 4
        assert value[on & (day > 1.5) & (day < 3)].mean() > healthy + rise
        assert abs(value[on & (day > 6)].mean() - healthy) < rise / 6
        sound, turns = signal("rough-1", name, times), running("rough-1", times)
        before = sound[turns & (day < -18)].mean()
        assert abs(sound[turns & (day > 1.5) & (day < 3)].mean() - before) < rise / 6


def test_the_drifting_machine_trips_more_and_more_often_and_then_stands_with_the_reason():
    trip, failure = (PLANT.reason_place[code] for code in ("vibration_trip", "bearing_failure"))

    def found(first, days):
        return states(PLANT, machine("finish-1"), *span(first, days))

    trips = [int((found(ANCHOR + at, 5).reason == trip).sum()) for at in (-30, -8, -2)]
    assert trips[0] == 0
    assert trips[0] < trips[1] < trips[2]
    assert trips[2] >= 20
    broken = found(ANCHOR + 3, 3)
    assert broken.state[broken.reason == failure].tolist() == [State.DOWN]
    ran_on = found(ANCHOR - 55, 48)
    assert (ran_on.reason == failure).sum() == 0


def minor_stops_per_hour(first, days, hours):
    """Stops of idle or down states per running hour, over the given hours of the production days."""
    stops = length = 0
    for one in AUTOMATIC:
        for ordinal in range(first, first + days):
            found, day = timeline(PLANT, one, ordinal), plant_day(PLANT, ordinal)
            if (ordinal - 1) % 7 not in hours:
                continue
            low, high = (day.start_us + hour * HOUR for hour in hours[(ordinal - 1) % 7])
            inside = (found.start_us >= low) & (found.start_us < high)
            stops += int((inside & np.isin(found.state, [State.IDLE, State.DOWN])).sum())
            run = found.run_us(np.array([low, high]))
            length += (run[1] - run[0]) / HOUR
    return stops / length


def scrap_share(first, days, chosen):
    scrap = total = 0.0
    for one in AUTOMATIC:
        made = counts(PLANT, one, *span(first, days))
        mine = np.array([chosen(int(time)) for time in made.start_us])
        scrap += made.scrap[mine].sum()
        total += (made.good + made.scrap + made.rework)[mine].sum()
    return scrap / total


def local_hour(time):
    day = plant_day(PLANT, day_of(PLANT, time))
    return (time - day.start_us) // HOUR


def test_mondays_start_badly():
    ordinary = dict.fromkeys((1, 2, 3, 4), (0, 5))
    monday, others = (minor_stops_per_hour(ANCHOR - 70, 56, hours) for hours in ({0: (0, 5)}, ordinary))
    assert monday > 1.3 * others
    early = [
        scrap_share(
            ANCHOR - 42, 28,
            lambda time, is_monday=is_monday: local_hour(time) < 4
            and ((day_of(PLANT, time) - 1) % 7 == 0) is is_monday,
        )
        for is_monday in (True, False)
    ]  # fmt: skip
    assert early[0] > 1.5 * early[1]
    for key in ("rough-1", "lathe-1"):
        first = next(day for day in range(ANCHOR - 7, ANCHOR) if (day - 1) % 7 == 0)
        morning = timeline(PLANT, machine(key), first)
        assert morning.state[0] == State.SETUP
        assert morning.reason[0] == PLANT.reason_place["warm_up"]


def test_the_night_shift_stops_more_often_and_makes_more_scrap():
    week = dict.fromkeys(range(1, 5), (16, 24))
    late = dict.fromkeys(range(1, 5), (8, 16))
    assert minor_stops_per_hour(ANCHOR - 70, 56, week) > 1.2 * minor_stops_per_hour(ANCHOR - 70, 56, late)
    night, day = (
        scrap_share(ANCHOR - 28, 21, lambda time, low=low: low <= local_hour(time) < low + 8)
        for low in (16, 8)
    )
    assert night > 1.2 * day


@pytest.mark.parametrize(
    ("key", "force", "least"), [("lathe-1", "feed_force_n", 1.4), ("saw-1", "feed_force_n", 1.35)]
)
def test_a_tool_change_shows_in_the_forces_and_hardly_in_the_power(key, force, least):
    ratios = {force: [], "power_kw": [], "cutting_force_n": []}
    for ordinal in range(ANCHOR - 21, ANCHOR):
        found = timeline(PLANT, machine(key), ordinal)
        for change in found.tools_us:
            at = int(np.searchsorted(found.start_us, change))
            assert found.state[at] == State.SETUP
            assert found.reason[at] == PLANT.reason_place["tool_change"]
            times = np.arange(change - 30 * MINUTE, change + 60 * MINUTE, 10_000_000, dtype=np.int64)
            on = running(key, times)
            before, after = on & (times < change), on & (times > change)
            if min(before.sum(), after.sum()) < 60 or any(
                abs(change - campaign) < 90 * MINUTE for campaign in found.campaigns_us
            ):
                continue
            for name, ratio in ratios.items():
                value = signal(key, name, times)
                ratio.append(value[before].mean() / value[after].mean())
    medians = {name: np.median(ratio) for name, ratio in ratios.items()}
    assert len(ratios[force]) >= 10
    assert medians[force] > least
    assert 1.05 < medians["cutting_force_n"] < 1.3
    assert 1.02 < medians["power_kw"] < 1.18


@pytest.mark.parametrize(("key", "process"), [("lathe-1", SHAFTS), ("lathe-2", FLANGES)])
def test_the_lathes_read_what_their_twin_says(key, process):
    times = minutes(*span(ANCHOR - 20, 5))
    on = running(key, times)
    new, worn = loads(process, 0.02), loads(process, 0.3)
    for name, field in (
        ("cutting_force_n", "cutting_force_n"), ("feed_force_n", "feed_force_n"),
        ("power_kw", "machine_power_kw"), ("vibration_mm_s", "vibration_mm_s"),
    ):  # fmt: skip
        value = np.median(signal(key, name, times)[on])
        assert 0.94 * getattr(new, field) < value < 1.08 * getattr(worn, field), name


def test_wear_follows_a_run_in_a_long_middle_and_a_fast_end():
    wear = flank_wear_mm(np.array([0.0, 0.15, 0.5, 0.85, 0.999]))
    assert (np.diff(wear) > 0).all()
    middle, end = (wear[3] - wear[1]) / 0.7, (wear[4] - wear[3]) / 0.149
    assert (wear[1] - wear[0]) / 0.15 > middle
    assert end > 2 * middle


def test_tools_are_changed_as_often_as_the_model_says():
    for one in AUTOMATIC:
        if one.tools is None:
            continue
        expected = phase(PLANT, one, one.tools, ANCHOR) - phase(PLANT, one, one.tools, ANCHOR - 28)
        done = sum(len(timeline(PLANT, one, day).tools_us) for day in range(ANCHOR - 28, ANCHOR))
        assert done == pytest.approx(expected, abs=3), one.key


def test_power_follows_the_state():
    sunday = next(day for day in range(ANCHOR - 7, ANCHOR) if (day - 1) % 7 == 6)
    for key, length in (("rough-1", 7.5), ("lathe-1", 24)):
        power = next(one for one in machine(key).signals if one.key == "power_kw")
        monday = span(sunday, 1)[1]
        off = signal(key, "power_kw", minutes(monday - int(length * HOUR), monday))
        assert abs(off - power.off).max() < 0.6 * power.idle
        times = minutes(*span(ANCHOR - 3, 2))
        on, value = running(key, times), signal(key, "power_kw", times)
        assert value[on].mean() == pytest.approx(power.run, rel=0.25)
        assert value[~on].max() < 0.5 * value[on].min()


def test_signals_keep_within_their_limits_while_nothing_is_wrong():
    times = minutes(*span(ANCHOR - 40, 3), 5 * MINUTE)
    for one in AUTOMATIC:
        on = running(one.key, times)
        values = telemetry(PLANT, one, times)
        assert np.isfinite(values).all()
        for model, row in zip(one.signals, values, strict=True):
            if model.high_limit is not None:
                assert (row > model.high_limit).mean() < 0.01, (one.key, model.key)
            if model.low_limit is not None and model.lag_min == 0:
                assert (row[on] < model.low_limit).mean() < 0.01, (one.key, model.key)


def test_shift_records_add_up_and_each_shift_has_at_most_one():
    cell = machine("inspect-1")
    found = shift_records(PLANT, cell, *span(ANCHOR - 28, 28))
    assert 28 * 3 * 0.85 < len(found) <= 28 * 3
    assert len({one.start_us for one in found}) == len(found)
    for one in found:
        assert one.operating_s + one.downtime_s == one.planned_s <= (one.end_us - one.start_us) / 1e6
        assert 0 <= one.good <= one.output
        assert sum(seconds for _, seconds in one.stops) <= one.downtime_s
        cycle = dict(cell.cycles)[one.product]
        assert one.output * cycle <= 1.05 * one.operating_s


def test_products_alternate_with_a_set_up_before_each():
    place = PLANT.reason_place["product_change"]
    for one in AUTOMATIC:
        made = counts(PLANT, one, *span(ANCHOR - 21, 21))
        assert set(made.product.tolist()) == set(range(len(one.cycles))), one.key
        if len(one.cycles) == 1:
            continue
        begun = made.start_us[1:][np.diff(made.product) != 0]
        found = states(PLANT, one, *span(ANCHOR - 21, 21))
        setups = found.start_us[(found.reason == place) & (found.state == State.SETUP)]
        near = [np.abs(setups - time).min() <= 2 * HOUR for time in begun.tolist()]
        assert np.mean(near) > 0.8, one.key
