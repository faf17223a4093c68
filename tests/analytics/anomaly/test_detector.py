import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import anomaly
from analytics.errors import InvalidInput
from tests.analytics.anomaly.plants import machine

METHODS = ("pca", "robust_z", "ewma", "isolation_forest")
NORMAL = machine(600)
PCA = anomaly.fit(NORMAL)


def holed(rows, seed=2):
    frame = machine(rows, seed)
    chance = np.random.default_rng(seed)
    frame = frame.mask(chance.random(frame.shape) < 0.1)
    frame.iloc[20:45, 1] = np.nan
    frame.iloc[30:50] += 30
    later = frame.index[60:] + pd.Timedelta(hours=9)
    return frame.set_axis(frame.index[:60].append(later))


LIVE = holed(90)


def test_the_forest_finds_a_machine_of_which_all_is_strange():
    live = machine(200, seed=5)
    live.iloc[100:] += [60, -60, 60, -60]
    found = anomaly.fit(NORMAL, "isolation_forest").score(live)["is_anomaly"]
    assert found.iloc[100:].all()
    assert found.iloc[:100].mean() < 0.05


@pytest.mark.parametrize("method", METHODS[:3])
def test_a_broken_machine_is_found_and_the_parameter_named(method):
    detector = anomaly.fit(NORMAL, method)
    live = machine(300, seed=5)
    live.iloc[150:250, 2] += 60
    scored = detector.score(live)
    assert scored["is_anomaly"].iloc[160:250].mean() > 0.9
    assert scored["is_anomaly"].iloc[:150].mean() < 0.02
    told = scored.iloc[160:250].filter(like="contribution_").sum()
    assert told.idxmax() == "contribution_p2"


@pytest.mark.parametrize("method", METHODS)
def test_scores_are_numbers_for_every_row_and_the_limit_is_one(method):
    scored = anomaly.fit(NORMAL, method).score(LIVE)
    assert not scored.isna().any().any()
    assert scored.index.equals(LIVE.index)
    assert (scored["is_anomaly"] == (scored["score"] > 1)).all()
    assert scored["is_anomaly"].dtype == bool
    assert (scored.filter(like="contribution_") >= 0).all().all()


@pytest.mark.parametrize("method", ["pca", "isolation_forest"])
def test_contributions_add_up_to_the_score(method):
    scored = anomaly.fit(NORMAL, method).score(LIVE)
    np.testing.assert_allclose(scored.filter(like="contribution_").sum(axis=1), scored["score"])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 90), max_size=6), st.sampled_from(METHODS[:3]))
def test_a_stream_gives_the_same_bits_however_it_is_cut(cuts, method):
    detector = PCA if method == "pca" else anomaly.fit(NORMAL, method)
    state, parts = detector.fresh(), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 90], strict=True):
        scored, state = detector.step(state, LIVE.iloc[begin:end])
        parts.append(scored)
    pd.testing.assert_frame_equal(pd.concat(parts), detector.score(LIVE), check_exact=True, check_freq=False)


def test_row_by_row_the_forest_too_gives_the_bits_of_the_whole():
    detector = anomaly.fit(NORMAL, "isolation_forest")
    state, parts = detector.fresh(), []
    for at in range(15):
        scored, state = detector.step(state, LIVE.iloc[at : at + 1])
        parts.append(scored)
    assert pd.concat(parts).equals(detector.score(LIVE.iloc[:15]))


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 89), st.floats(-1e9, 1e9))
def test_the_future_never_changes_the_past(row, value):
    changed = LIVE.copy()
    changed.iloc[row:] = value
    assert PCA.score(changed).iloc[:row].equals(PCA.score(LIVE).iloc[:row])


def test_rows_in_any_order_and_repeats_keep_their_places():
    shuffled = LIVE.sample(frac=1, random_state=3)
    scored = PCA.score(shuffled)
    assert scored.index.equals(shuffled.index)
    assert scored.sort_index().equals(PCA.score(LIVE))
    twice = pd.concat([LIVE, LIVE.iloc[[5]]])
    assert len(PCA.score(twice)) == 91
    both = anomaly.fit(pd.concat([NORMAL, NORMAL.iloc[::-1]]))
    assert both.score(LIVE).equals(PCA.score(LIVE))


def test_fitting_twice_gives_the_same_bits():
    assert anomaly.fit(NORMAL).score(LIVE).equals(PCA.score(LIVE))


def test_a_constant_channel_is_left_out_and_named():
    normal = NORMAL.assign(still=7, empty=np.nan, on=True)
    detector = anomaly.fit(normal)
    assert detector.constant == ("still", "empty", "on")
    scored = detector.score(LIVE.assign(still=8, empty=1.0, on=False))
    assert (scored["contribution_still"] == 0).all()
    assert scored["score"].equals(PCA.score(LIVE)["score"])


def test_one_channel_fifty_channels_and_whole_numbers_work():
    one = anomaly.fit(NORMAL[["p0"]])
    assert one.score(LIVE[["p0"]])["score"].notna().all()
    wide = machine(400, channels=50)
    assert anomaly.fit(wide).score(wide)["is_anomaly"].mean() < 0.05
    counts = NORMAL.round().astype(int).assign(on=NORMAL["p0"] > 50)
    assert anomaly.fit(counts).score(counts)["is_anomaly"].mean() < 0.05


def test_one_blip_in_a_flag_does_not_blind_the_detector():
    blip = NORMAL.assign(flag=np.arange(600) == 300)
    live = machine(300, seed=5).assign(flag=False)
    live.iloc[150:250, 2] += 60
    assert anomaly.fit(blip).score(live)["is_anomaly"].iloc[180:250].all()


def test_a_gap_begins_a_new_window_but_no_alarm():
    live = machine(200, seed=8)
    live.index = live.index[:100].append(live.index[100:] + pd.Timedelta(days=3))
    assert not PCA.score(live)["is_anomaly"].any()


def test_a_channel_that_falls_silent_raises_no_alarm():
    live = machine(400, seed=9)
    live.iloc[100:, 1] = np.nan
    assert PCA.score(live)["is_anomaly"].mean() < 0.02


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (NORMAL.iloc[:59], "At least 60 rows"),
        (NORMAL.assign(text="x"), "text is not numeric"),
        (pd.DataFrame({"a": [1.0] * 100}, index=NORMAL.index[:100]), "No column varies"),
        (NORMAL.set_axis(["a"] * 600), "must hold times"),
        (NORMAL.set_axis(["a", "a", "b", "c"], axis=1), "same name"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(frame, said):
    with pytest.raises(InvalidInput, match=said):
        anomaly.fit(frame)


def test_other_columns_than_those_fitted_are_refused_by_name():
    with pytest.raises(InvalidInput, match="p1 is missing"):
        PCA.score(LIVE.drop(columns="p1"))
    with pytest.raises(InvalidInput, match="new was not there"):
        PCA.score(LIVE.assign(new=1.0))
    assert PCA.score(LIVE[["p3", "p1", "p0", "p2"]]).equals(PCA.score(LIVE))


def test_a_row_older_than_the_stream_is_refused():
    _, state = PCA.step(PCA.fresh(), LIVE.iloc[:10])
    with pytest.raises(InvalidInput, match="older"):
        PCA.step(state, LIVE.iloc[5:6])


def test_numbers_in_the_index_count_as_seconds():
    by_number = NORMAL.set_axis(np.arange(600) * 60)
    detector = anomaly.fit(by_number)
    live = machine(100, seed=4)
    told = detector.score(live.set_axis(np.arange(100) * 60))["score"].to_numpy()
    assert (told == PCA.score(live)["score"].to_numpy()).all()


def test_the_forest_tells_its_decision_and_others_have_none():
    forest = anomaly.fit(NORMAL, "isolation_forest")
    far = LIVE.copy()
    far.iloc[:] = 1e6
    assert forest.decision(far).iloc[0] < 0 < forest.decision(NORMAL).median()
    assert anomaly.severity(np.array([-0.26, -0.25, -0.01, 0.0])) == ["high", "medium", "medium", "low"]
    with pytest.raises(InvalidInput, match="isolation forest"):
        PCA.decision(LIVE)
