"""Shift records as rows: what they tell is comparable and finite."""

import numpy as np
import pandas as pd

from analytics.anomaly import SHIFT_COLUMNS, shift_rows


def records(*rows):
    return pd.DataFrame(rows, columns=["planned_s", "operating_s", "downtime_s", "total", "good"])


def test_a_shift_of_half_the_length_that_went_the_same_is_the_same_row():
    found = shift_rows(records((28_800, 21_600, 3_600, 400, 380), (14_400, 10_800, 1_800, 200, 190)))
    assert list(found.columns) == list(SHIFT_COLUMNS)
    assert found.iloc[0].tolist() == found.iloc[1].tolist()
    assert np.allclose(found.iloc[0], [0.75, 7.5, 400 / 6, 0.95])


def test_what_would_be_divided_by_nothing_is_missing_and_nothing_is_infinite():
    found = shift_rows(records((28_800, 0, 28_800, 0, 0), (0, 0, 0, 5, 5), (1, 1e-300, 0, 1e300, 1)))
    assert found.isna().sum(axis=1).tolist() == [2, 3, 1]
    assert not np.isinf(found.to_numpy()).any()


def test_no_records_are_no_rows():
    assert shift_rows(records()).shape == (0, 4)
