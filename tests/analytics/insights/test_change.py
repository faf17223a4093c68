"""Changes of level and what moves together, by numbers worked by hand and by properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from analytics.insights import moves_together, split


def test_a_step_is_found_where_it_is():
    found = split([1, 2, 1, 2, 8, 9, 8, 9])
    assert found is not None
    assert (found.position, found.before, found.after) == (4, 1.5, 8.5)
    # Pooled variance: 8 values 0.5 from their means, 6 degrees of freedom; error = sqrt(2 / 6 * (1/4 + 1/4)).
    assert found.strength == pytest.approx(7 / np.sqrt(2 / 6 * 0.5))
    assert found.is_strong


def test_missing_days_are_left_out_and_counted_in_the_position():
    found = split([1, np.nan, 2, 1, np.nan, 8, 9, 8])
    assert found is not None
    assert (found.position, found.before) == (5, pytest.approx(4 / 3))


@pytest.mark.parametrize("values", [[], [1, 2, 3], [4] * 20, [np.nan] * 20])
def test_too_little_or_constant_has_no_change(values):
    assert split(values) is None


def test_two_constant_levels_are_as_strong_as_can_be():
    found = split([0, 0, 0, 5, 5, 5])
    assert found is not None
    assert found.strength == np.inf


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=40))
def test_no_other_cut_leaves_less_spread(values):
    found = split(values)
    series = np.asarray(values)
    if found is None:
        assert np.ptp(series) == 0
        return

    def spread(cut: int) -> float:
        return sum(float(((part - part.mean()) ** 2).sum()) for part in (series[:cut], series[cut:]))

    best = min(spread(cut) for cut in range(3, len(series) - 2))
    assert spread(found.position) == pytest.approx(best, rel=1e-6, abs=1e-6 * float(np.ptp(series)) ** 2)


def test_noise_alone_is_rarely_a_strong_change():
    rng = np.random.default_rng(5)
    found = [split(rng.normal(size=28)) for _ in range(400)]
    assert sum(one is not None and one.is_strong for one in found) < 20


def test_what_ranks_alike_comes_first_in_spearmans_measure():
    rng = np.random.default_rng(1)
    target = pd.Series(rng.normal(size=28))
    noise = pd.Series(rng.normal(size=28))
    others = pd.DataFrame(
        {"noise": noise, "against": -(target**3), "few": [1.0, 2.0] + [np.nan] * 26, "flat": 3.0}
    )
    found = moves_together(target, others)
    assert found["name"].tolist() == ["against", "noise"]
    assert found["rank_correlation"].tolist() == pytest.approx([-1.0, spearmanr(target, noise).statistic])
    assert found["moments"].tolist() == [28, 28]
