from functools import cache

import numpy as np
import pandas as pd
import pytest

from analytics import failure
from analytics.errors import InvalidInput
from analytics.failure.life import _matrix, _ordered


def worn(units: int, seed: int = 1) -> pd.DataFrame:
    """Units whose three signals drift away, faster and faster, until they fail."""
    chance = np.random.default_rng(seed)
    parts = []
    for unit in range(units):
        rows = int(chance.integers(60, 120))
        wear = np.exp((np.arange(rows) - rows) / 20)
        signals = {f"s{at}": chance.normal(0, 0.3, rows) + (at + 1) * wear for at in range(3)}
        parts.append(pd.DataFrame({"unit": f"u{unit:02}", "cycle": np.arange(rows) + 1, **signals}))
    return pd.concat(parts, ignore_index=True)


RUNS = worn(14)


@cache
def fitted():
    """The model that most tests ask, learned when the first does."""
    return failure.fit_remaining_life(RUNS, "unit", "cycle")


def test_the_error_on_unseen_units_beats_the_naive_one_and_is_stated():
    assert 0 < fitted().error < 0.6 * fitted().naive_error


def test_each_unit_has_its_remaining_life_at_its_last_row():
    fresh = worn(8, seed=5)
    cut = fresh[fresh.groupby("unit")["cycle"].transform("max") - fresh["cycle"] >= 8]
    told = fitted().predict(cut)
    assert told.index.tolist() == sorted(cut["unit"].unique())
    assert told.between(0, fitted().cap).all()
    assert abs(told - 8).max() < 12
    later = fitted().predict(fresh)
    assert (later < told).all()


def test_the_interval_holds_eight_of_ten_lives_that_were_not_learned_from():
    fresh = worn(40, seed=9)
    left = fresh.groupby("unit")["cycle"].transform("max") - fresh["cycle"]
    inside = []
    for away in (3, 10, 25):
        told = fitted().interval(fresh[left >= away])
        assert (told["lower"] <= told["remaining_life"]).all()
        assert (told["remaining_life"] <= told["upper"]).all()
        assert told["upper"].max() <= fitted().cap
        inside += ((told["lower"] <= away) & (away <= told["upper"])).tolist()
    assert 0.65 < np.mean(inside) < 0.95


def test_the_naive_rule_tells_the_mean_of_the_capped_lives():
    left = RUNS.groupby("unit")["cycle"].transform("max") - RUNS["cycle"]
    assert fitted().naive == pytest.approx(left.clip(upper=fitted().cap).mean())


def test_what_comes_later_or_in_other_units_changes_nothing():
    fresh = worn(3, seed=6)
    alone = fitted().predict(fresh[fresh["unit"] == "u01"])
    assert alone["u01"] == fitted().predict(fresh)["u01"]
    assert fitted().predict(fresh.sample(frac=1, random_state=1)).equals(fitted().predict(fresh))


def test_a_row_knows_nothing_of_the_rows_after_it():
    table = _ordered(RUNS[RUNS["unit"] == "u00"], "unit", "cycle", fitted().signals)
    first = _ordered(RUNS[RUNS["unit"] == "u00"].head(30), "unit", "cycle", fitted().signals)
    whole = _matrix(table, fitted().window, fitted().fallback)
    np.testing.assert_allclose(
        _matrix(first, fitted().window, fitted().fallback)[4:], whole[4:30], rtol=1e-9, atol=1e-9
    )


def test_features_of_a_small_run_by_hand():
    run = pd.DataFrame({"unit": 1, "cycle": [1, 2, 3, 4], "s": [0.0, 2.0, 4.0, 6.0]})
    row = _matrix(_ordered(run, "unit", "cycle", ("s",)), 4, np.array([0.0]))[-1]
    age, short, level, slope, spread, change = row
    assert (age, short, level, slope) == (3.0, 5.0, 3.0, 1.0)
    assert spread == pytest.approx(np.std([0, 2, 4, 6], ddof=1))
    assert change == 0.0


def test_one_row_missing_values_and_constant_signals_have_an_answer():
    runs = RUNS.assign(still=1.0)
    model = failure.fit_remaining_life(runs, "unit", "cycle")
    assert "still" not in model.signals
    one = runs.groupby("unit").head(1).copy()
    one["s1"] = np.nan
    assert model.predict(one).notna().all()
    assert model.predict(RUNS).equals(fitted().predict(RUNS))


def test_times_count_in_hours_and_bytes_bring_the_model_back():
    stamps = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(RUNS["cycle"], unit="h")
    timed = failure.fit_remaining_life(RUNS.assign(cycle=stamps), "unit", "cycle")
    assert timed.cap == pytest.approx(fitted().cap)
    again = failure.from_bytes(*failure.to_bytes(fitted()))
    assert again.predict(RUNS).equals(fitted().predict(RUNS))


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (RUNS[RUNS["unit"] < "u03"], "At least 4 units"),
        (RUNS.drop(columns="cycle"), "cycle is missing"),
        (RUNS[["unit", "cycle"]], "no signal"),
        (RUNS.assign(s0="x"), "s0 is not numeric"),
        (RUNS[["unit", "cycle"]].assign(s=1.0), "No signal varies"),
        (RUNS.assign(cycle=np.nan), "no time"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(runs, said):
    with pytest.raises(InvalidInput, match=said):
        failure.fit_remaining_life(runs, "unit", "cycle")


def test_a_signal_that_is_missing_later_is_named():
    with pytest.raises(InvalidInput, match="s2 is missing"):
        fitted().predict(RUNS.drop(columns="s2"))
