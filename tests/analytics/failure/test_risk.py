from functools import cache

import numpy as np
import pandas as pd
import pytest

from analytics import failure
from analytics.errors import InvalidInput
from analytics.failure.features import learned, recognised
from analytics.failure.folds import folds
from analytics.failure.risk import best_threshold

CHANCE = np.random.default_rng(11)
ROWS = 600
TABLE = pd.DataFrame(
    {
        "Torque [Nm]": CHANCE.normal(40, 10, ROWS),
        "Rotational speed [rpm]": CHANCE.normal(1500, 150, ROWS).round().astype(int),
        "Tool wear [min]": CHANCE.integers(0, 250, ROWS),
        "Type": CHANCE.choice(["L", "M", "H"], ROWS),
        "guard_open": CHANCE.random(ROWS) < 0.5,
        "serial": [f"S{number}" for number in range(ROWS)],
    }
)
FAILED = pd.Series(TABLE["Torque [Nm]"] * TABLE["Tool wear [min]"] > 8500)


@cache
def fitted():
    """The model that most tests ask, learned when the first does."""
    return failure.fit(TABLE, FAILED, method="boosting")


def test_the_probability_is_one_number_a_row_and_calibrated():
    chances = fitted().predict_proba(TABLE)
    assert chances.shape == (ROWS,)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert abs(chances.mean() - FAILED.mean()) < 0.03
    assert fitted().quality.brier < fitted().quality.naive_brier / 2
    assert fitted().quality.average_precision > 0.9 > fitted().quality.naive_average_precision


def test_a_failure_is_called_from_the_threshold_on():
    assert (fitted().predict(TABLE) == (fitted().predict_proba(TABLE) >= fitted().threshold)).all()
    assert 0 < fitted().threshold < 1


def test_the_threshold_has_the_best_f1_of_all_cuts():
    chances, failed = CHANCE.random(200).round(2), CHANCE.random(200) < 0.3

    def f1(cut):
        called = chances >= cut
        return 2 * (called & failed).sum() / (called.sum() + failed.sum())

    assert f1(best_threshold(chances, failed)) == max(f1(cut) for cut in np.unique(chances))


@pytest.mark.parametrize("method", ["both", "forest", "boosting"])
def test_the_same_data_give_the_same_bits_and_come_back_from_bytes(method):
    table, failed = TABLE.iloc[:200], FAILED.iloc[:200]
    first, second = (failure.fit(table, failed, method=method) for _ in range(2))
    assert (first.predict_proba(TABLE) == second.predict_proba(TABLE)).all()
    again = failure.from_bytes(*failure.to_bytes(first))
    assert (again.predict_proba(TABLE) == first.predict_proba(TABLE)).all()


def test_physics_features_are_made_of_recognised_columns():
    assert fitted().features.roles == {
        "torque_nm": "Torque [Nm]",
        "speed_rpm": "Rotational speed [rpm]",
        "tool_wear_min": "Tool wear [min]",
    }
    assert fitted().features.names[-2:] == ("power_w", "wear_torque_min_nm")
    one = pd.DataFrame(
        {"t": [2.0, 3.0], "n": [60.0, 30.0], "p": [310.0, 311.0], "a": [300.0, 300.5], "w": [5.0, 7.0]}
    )
    names = ("torque_nm", "speed_rpm", "process_temperature_k", "air_temperature_k", "tool_wear_min")
    roles = dict(zip(names, "tnpaw", strict=True))
    known = learned(one, np.array([True, False]), roles)
    np.testing.assert_allclose(known.matrix(one)[:, -3:], [[4 * np.pi, 10, 10], [3 * np.pi, 10.5, 21]])


def test_a_role_needs_its_unit_and_only_one_column():
    assert recognised(["torque", "speed [rpm]", "fan speed [rpm]"]) == {}
    assert recognised(["air_temperature_k", "Process temperature [K]"]) == {
        "process_temperature_k": "Process temperature [K]",
        "air_temperature_k": "air_temperature_k",
    }


@pytest.mark.parametrize(
    "leak",
    [
        {"TWF": 0},
        {"Machine failure": FAILED},
        {"copy": FAILED.astype(int)},
        {"inverse": (~FAILED).astype(int)},
        {"cause": FAILED.map({True: "wear", False: "none"})},
        {"hours_down": np.where(FAILED, CHANCE.random(ROWS) + 1, CHANCE.random(ROWS) / 2)},
        {"half": FAILED & (np.arange(ROWS) % 2 == 0)},
    ],
)
def test_columns_that_tell_the_failure_are_refused(leak):
    with pytest.raises(InvalidInput, match=next(iter(leak))):
        failure.fit(TABLE.assign(**leak), FAILED)


def test_columns_that_name_the_rows_and_constants_are_left_out():
    known = learned(TABLE.assign(still=1, number=range(ROWS)), FAILED.to_numpy(), None)
    assert known.left_out == ("serial", "still", "number")


def test_missing_values_and_new_categories_have_an_answer():
    odd = TABLE.head(5).astype({"Tool wear [min]": float})
    odd.iloc[0, 0] = np.nan
    odd.iloc[1, 2] = np.inf
    odd["Type"] = "new"
    assert np.isfinite(fitted().predict_proba(odd)).all()
    assert fitted().predict_proba(TABLE.head(0)).shape == (0,)


def test_other_columns_than_those_learned_are_refused_by_name():
    with pytest.raises(InvalidInput, match="Type is missing"):
        fitted().predict_proba(TABLE.drop(columns="Type"))
    with pytest.raises(InvalidInput, match="extra was not there"):
        fitted().predict_proba(TABLE.assign(extra=1))
    assert (fitted().predict_proba(TABLE[TABLE.columns[::-1]]) == fitted().predict_proba(TABLE)).all()


@pytest.mark.parametrize(
    ("table", "failed", "said"),
    [
        (TABLE.head(49), FAILED.head(49), "At least 50 rows"),
        (TABLE, FAILED.head(10), "one value for each row"),
        (TABLE, pd.Series(["yes"] * ROWS), "true or false"),
        (TABLE, FAILED & (np.arange(ROWS) < 3), "At least 5 rows that failed"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(table, failed, said):
    with pytest.raises(InvalidInput, match=said):
        failure.fit(table, failed)
    with pytest.raises(InvalidInput, match="no role"):
        failure.fit(TABLE, FAILED, roles={"colour": "Type"})


def test_reasons_are_the_exact_change_of_risk_with_one_column_typical():
    worst = TABLE[fitted().predict(TABLE)].head(3)
    told = fitted().reasons(worst)
    typical = float(TABLE["Tool wear [min]"][~FAILED].median())
    changed = worst.assign(**{"Tool wear [min]": typical})
    expected = fitted().predict_proba(worst) - fitted().predict_proba(changed)
    assert (told["Tool wear [min]"].to_numpy() == expected).all()
    assert told["Tool wear [min]"].mean() > 0.5
    assert (fitted().what_if(worst, {"Tool wear [min]": typical}) == fitted().predict_proba(changed)).all()
    with pytest.raises(InvalidInput, match="no column colour"):
        fitted().what_if(worst, {"colour": 1})


def test_a_group_is_never_on_both_sides_of_a_fold():
    outcome, groups = FAILED.to_numpy(), pd.Series(np.arange(ROWS) // 30)
    for seen, unseen in folds(outcome, groups, None):
        assert not set(groups[seen]) & set(groups[unseen])


def test_in_time_only_the_past_teaches():
    outcome, times = FAILED.to_numpy(), pd.Series(np.arange(ROWS)[::-1] // 7)
    parts = folds(outcome, None, times)
    assert len(parts) == 4
    for seen, unseen in parts:
        assert times[seen].max() < times[unseen].min()
    with pytest.raises(InvalidInput, match="not both"):
        folds(outcome, times, times)
