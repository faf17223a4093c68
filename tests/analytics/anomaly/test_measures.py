import numpy as np

from analytics.anomaly.limits import WEEK_US, limit
from analytics.anomaly.measures import fit_subspace
from analytics.anomaly.rows import followed, held, product, smoothed, windows


def test_t2_and_q_are_those_of_the_plain_formulas():
    rows = np.random.default_rng(3).normal(size=(200, 6)) @ np.random.default_rng(4).normal(size=(6, 6))
    subspace = fit_subspace(rows, lags=2)
    parts = subspace.parts(rows)
    apart = rows - rows.mean(axis=0)
    variances, vectors = np.linalg.eigh(np.cov(apart.T))
    kept = subspace.components.shape[1]
    directions = vectors[:, ::-1][:, :kept]
    scores = apart @ directions
    t2 = (scores**2 / variances[::-1][:kept]).sum(axis=1)
    q = ((apart - scores @ directions.T) ** 2).sum(axis=1)
    np.testing.assert_allclose(parts[:, :3].sum(axis=1), t2)
    np.testing.assert_allclose(parts[:, 3:].sum(axis=1), q)


def test_enough_components_are_kept_for_ninety_percent():
    rows = np.random.default_rng(3).normal(size=(4000, 3)) * [10, 3, 0.1]
    assert fit_subspace(rows, lags=1).components.shape[1] == 1
    assert fit_subspace(rows / [2, 1, 1], lags=1).components.shape[1] == 2


def test_a_product_is_a_product_and_each_row_stands_for_itself():
    rows, matrix = (
        np.random.default_rng(1).normal(size=(5000, 7)),
        np.random.default_rng(2).normal(size=(7, 3)),
    )
    whole = product(rows, matrix)
    np.testing.assert_allclose(whole, rows @ matrix)
    assert (product(rows[4321:4322], matrix) == whole[4321]).all()


def test_windows_put_the_newest_row_first():
    rows = np.array([[1.0], [2.0], [3.0]])
    assert windows(rows, 3, np.array([[-1.0], [0.0]])).tolist() == [[1, 0, -1], [2, 1, 0], [3, 2, 1]]


def test_a_value_is_held_for_so_many_rows_and_then_missing():
    values = np.array([[np.nan], [5.0], [np.nan], [np.nan], [np.nan]])
    filled, last, age = held(values, np.array([4.0]), np.array([0]), longest=2)
    np.testing.assert_array_equal(filled[:, 0], [4, 5, 5, 5, np.nan])
    assert last.tolist() == [5.0]
    assert age.tolist() == [3]


def test_smoothing_and_the_level_follow_by_hand():
    assert smoothed(np.array([[4.0], [0.0]]), 0.5, None).tolist() == [[4.0], [2.0]]
    rows, level = followed(np.array([[10.0], [1.0]]), np.array([0.5]), 2.0, np.zeros(1))
    assert rows.tolist() == [[10.0], [0.0]]
    assert level.tolist() == [1.0]


def test_with_long_data_the_limit_leaves_the_budget_out():
    ratio = np.ones(10_000)
    ratio[500::1000] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    edge = limit(ratio, weeks=3, per_week=1, apart=5)
    assert int((ratio > edge).sum()) <= 3


def test_a_smaller_budget_asks_for_a_higher_limit():
    ratio = np.abs(np.random.default_rng(5).normal(size=2000))
    tight, loose = (limit(ratio, 2000 * 60_000_000 / WEEK_US, budget, 5) for budget in (0.1, 10))
    assert tight > loose > np.quantile(ratio, 0.9)
