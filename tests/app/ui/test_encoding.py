"""A figure goes to the browser small and unshifted."""

import base64
import json
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from app.ui.charts.bundle import PLOTLY_PATH, plotly_bundle, plotly_bundle_gzip, plotly_etag
from app.ui.charts.encoding import encode


def _decoded(found):
    return np.frombuffer(base64.b64decode(found["bdata"]), dtype=found["dtype"])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int32", "uint8"])
def test_number_arrays_keep_their_values(dtype):
    values = np.array([0, 1, 2, 100], dtype=dtype)
    assert _decoded(encode(values)).tolist() == values.tolist()
    assert _decoded(encode(pd.Series(values))).tolist() == values.tolist()


def test_missing_values_of_an_array_stay_gaps():
    assert np.isnan(_decoded(encode(np.array([1.0, np.nan])))[1])
    assert np.isnan(_decoded(encode(pd.Series([1, None], dtype="Int64")))[1])


def test_two_dimensions_keep_their_shape():
    found = encode(np.arange(6.0).reshape(2, 3))
    assert found["shape"] == "2, 3"
    assert _decoded(found).tolist() == [0, 1, 2, 3, 4, 5]


def test_naive_times_become_texts_of_the_same_wall_clock():
    at = np.array(["2026-10-25T02:30:00.5", "NaT"], dtype="datetime64[us]")
    assert encode(at) == ["2026-10-25 02:30:00.500", None]
    assert encode(datetime(2026, 10, 25, 2, 30)) == "2026-10-25 02:30:00"
    assert encode([date(2026, 10, 25), np.datetime64("2026-10-25T02:30"), pd.NaT]) == [
        "2026-10-25",
        "2026-10-25 02:30",
        None,
    ]


def test_an_aware_time_is_refused_since_the_browser_would_shift_it():
    with pytest.raises(ValueError, match="local_times"):
        encode({"x": [datetime(2026, 1, 1, tzinfo=UTC)]})


def test_what_comes_out_is_strict_json():
    figure = {
        "data": [{"y": [np.float64(1.5), float("nan"), np.int64(3)], "x": (True, None, np.bool_(False))}],
        "layout": {"range": [np.inf, 2], 3: "three"},
    }
    text = json.dumps(encode(figure), allow_nan=False)
    assert json.loads(text) == {
        "data": [{"y": [1.5, None, 3], "x": [True, None, False]}],
        "layout": {"range": [None, 2], "3": "three"},
    }


def test_two_thousand_points_stay_small():
    at = np.datetime64("2026-01-01") + np.arange(2000).astype("timedelta64[s]")
    assert len(json.dumps(encode({"x": at, "y": np.random.default_rng(1).normal(size=2000)}))) < 90_000


def test_the_drawing_library_is_whole_compressible_and_tagged():
    import gzip

    assert plotly_bundle().startswith(b"/**\n* plotly.js v")
    assert gzip.decompress(plotly_bundle_gzip()) == plotly_bundle()
    assert plotly_etag() == plotly_etag()
    assert plotly_etag()[0] == plotly_etag()[-1] == '"'
    assert PLOTLY_PATH.startswith("/assets/plotly-")
