"""Figures of workers, stations and the factory, thresholds, versions and drift: numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.productivity import (
    Verdict,
    activity_events,
    compare_models,
    drift,
    factory_figures,
    grid,
    hour_figures,
    kolmogorov_smirnov,
    psi,
    sensitivity,
    spells,
    station_figures,
    station_hours,
    worker_figures,
)

W, IDLE, A, C = range(4)
HOUR = 3_600_000_000
QUARTER = HOUR // 4


def morning(confidence=None, model=None):
    """Worker 1 works 3 quarters and idles one; worker 2 works half an hour at the place, then leaves."""
    times = [0, 3 * QUARTER, 2 * QUARTER, 0, 2 * QUARTER, QUARTER]
    kinds = [W, IDLE, C, W, A, C]
    workers = [1, 1, 1, 2, 2, 2]
    return activity_events(
        times, kinds, workers, [5] * 6, count=[0, 0, 6, 0, 0, 3], confidence=confidence, model=model
    )


def test_workers_and_the_factory_by_hand():
    cells = hour_figures(morning(), grid([0, HOUR]), cap_us=HOUR, until_us=HOUR)
    people = worker_figures(cells).set_index("worker")
    assert people.loc[1].to_dict() == {
        "active_h": 0.75, "idle_h": 0.25, "absent_h": 0.0, "utilisation": 0.75, "units": 6.0,
        "units_per_h": 8.0, "events": 3.0,
    }  # fmt: skip
    assert people.loc[2, ["active_h", "absent_h", "utilisation", "units_per_h"]].tolist() == [
        0.5,
        0.5,
        1.0,
        6.0,
    ]
    [whole] = factory_figures(cells).to_dict("records")
    assert whole["productive_h"] == 1.25
    assert whole["units"] == 9.0
    assert whole["units_per_h"] == 7.2
    assert whole["utilisation"] == pytest.approx(1.25 / 1.5)
    assert (whole["workers"], whole["stations"], whole["events"]) == (2, 1, 6)


def test_a_station_with_two_workers_is_occupied_once():
    slots = grid([0, HOUR, 2 * HOUR])
    cells = hour_figures(morning(), slots, cap_us=HOUR, until_us=HOUR)
    held = station_hours(spells(morning(), cap_us=HOUR, until_us=HOUR), slots)
    assert held[["station", "slot", "occupied_us", "busy_us"]].to_numpy().tolist() == [
        [5, 0, HOUR, 3 * QUARTER]
    ]
    [one] = station_figures(cells, held).to_dict("records")
    assert (one["occupied_h"], one["busy_h"], one["utilisation"], one["units_per_h"]) == (
        1.0,
        0.75,
        0.75,
        9.0,
    )


def test_a_stations_utilisation_is_over_the_available_working_time_where_that_is_known():
    import pandas as pd

    slots = grid([0, HOUR])
    cells = hour_figures(morning(), slots, cap_us=HOUR, until_us=HOUR)
    held = station_hours(spells(morning(), cap_us=HOUR, until_us=HOUR), slots)
    available = pd.DataFrame({"available_us": [2 * HOUR]})
    for outside_us, utilisation in ((0, 0.375), (QUARTER, 0.25)):
        told = held.assign(open_busy_us=held["busy_us"] - outside_us)
        [one] = station_figures(cells, told, available=available).to_dict("records")
        assert (one["busy_h"], one["utilisation"]) == (0.75, utilisation)


def test_a_ratio_over_no_time_is_not_evaluable():
    seen = activity_events([0], [C], [1], [5], count=[4])
    [one] = worker_figures(hour_figures(seen, grid([0, HOUR]), cap_us=HOUR, until_us=HOUR)).to_dict("records")
    assert (one["units"], one["active_h"]) == (4.0, 0.0)
    assert np.isnan(one["utilisation"])
    assert np.isnan(one["units_per_h"])


def test_by_slot_the_ratios_are_of_sums():
    cells = hour_figures(morning(), grid([0, 2 * QUARTER, HOUR]), cap_us=HOUR, until_us=HOUR)
    by_slot = factory_figures(cells, ["slot"])
    assert by_slot["productive_h"].tolist() == [1.0, 0.25]
    assert by_slot["units"].tolist() == [3.0, 6.0]
    assert by_slot["workers"].tolist() == [2, 2]


def test_a_threshold_shows_what_the_figures_hang_on():
    seen = morning(confidence=[0.9, 0.9, 0.5, 0.9, 0.9, 0.9])
    table = sensitivity(seen, grid([0, HOUR]), cap_us=HOUR, until_us=HOUR, thresholds=(0.0, 0.6, 0.95))
    assert table["kept"].tolist() == [1.0, 5 / 6, 0.0]
    assert table["units"].tolist() == [9.0, 3.0, 0.0]
    assert table["units_change"].tolist() == pytest.approx([0.0, -2 / 3, -1.0])
    assert np.isnan(table["utilisation"].iloc[2])


def test_versions_are_compared_on_their_own_events():
    seen = morning(confidence=[0.9, 0.5, 0.7, 0.8, 0.8, 0.8], model=[1, 1, 1, 2, 2, 2])
    table = compare_models(seen, grid([0, HOUR]), cap_us=HOUR, until_us=HOUR).set_index("model")
    assert table.loc[1, ["events", "utilisation", "units"]].tolist() == [3, 0.75, 6.0]
    assert table.loc[1, "confidence"] == pytest.approx(0.7)
    assert table.loc[1, "low_share"] == pytest.approx(1 / 3)
    assert table.loc[2, ["working", "absent", "product_count"]].tolist() == pytest.approx([1 / 3] * 3)


def sample(size, mean, seed, working=0.7):
    random = np.random.default_rng(seed)
    kinds = random.choice(2, size, p=(working, 1 - working))
    confidence = np.clip(random.normal(mean, 0.05, size), 0, 1)
    return activity_events(np.arange(size), kinds, [1] * size, [1] * size, confidence=confidence)


def test_the_same_camera_is_stable_and_a_worse_one_has_shifted():
    calm = drift(sample(4_000, 0.85, 1), sample(2_000, 0.85, 2))
    assert [one.verdict for one in calm] == [Verdict.STABLE, Verdict.STABLE]
    worse = drift(sample(4_000, 0.85, 1), sample(2_000, 0.75, 3, working=0.4))
    assert [one.verdict for one in worse] == [Verdict.SHIFTED, Verdict.SHIFTED]
    assert worse[0].p_value < 1e-6
    assert worse[0].current < worse[0].reference
    assert [one.verdict for one in drift(sample(4_000, 0.8, 1), sample(9, 0.1, 2))] == [Verdict.TOO_FEW] * 2


def test_the_index_and_the_distance_by_hand():
    assert psi(np.array([30.0, 70.0]), np.array([30.0, 70.0])) == 0.0
    expected = 0.2 * np.log(0.7 / 0.5) - 0.2 * np.log(0.3 / 0.5)
    assert psi(np.array([5.0, 5.0]), np.array([7.0, 3.0])) == pytest.approx(expected)
    distance, chance = kolmogorov_smirnov(np.arange(100.0), np.arange(100.0) + 30)
    assert distance == pytest.approx(0.3)
    assert chance == pytest.approx(1.3e-4, rel=0.35)
    assert all(np.isnan(kolmogorov_smirnov(np.empty(0), np.arange(3.0))))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_distance_is_symmetric_and_zero_for_itself(one, other):
    a, b = np.array(one), np.array(other)
    assert kolmogorov_smirnov(a, b) == kolmogorov_smirnov(b, a)
    assert kolmogorov_smirnov(a, a) == (0.0, 1.0)
    assert 0 <= kolmogorov_smirnov(a, b)[1] <= 1
