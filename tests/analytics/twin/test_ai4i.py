"""The AI4I scenario: the published rules, and statistics like those of the public data."""

import gzip
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.errors import InvalidInput
from analytics.twin.ai4i import failures_of, milling

ROOT = Path(__file__).resolve().parents[3]
FILE = Path(os.environ.get("GEMBA_PUBLIC_DATA", ROOT.parent / "shared" / "data")) / "ai4i" / "ai4i2020.csv.gz"
MANY = [milling(10_000, seed) for seed in range(40)]


def mean_of(name):
    return np.mean([failures_of(one)[name] for one in MANY])


def test_about_339_of_10_000_products_fail_as_published():
    assert mean_of("failure") == pytest.approx(339, abs=25)
    assert mean_of("TWF") == pytest.approx(46, abs=4)
    assert mean_of("HDF") == pytest.approx(115, abs=30)
    assert mean_of("PWF") == pytest.approx(95, abs=16)
    assert mean_of("OSF") == pytest.approx(98, abs=10)


def test_each_failure_follows_its_published_rule():
    made = MANY[0]
    power = made.torque_nm * made.speed_rpm * 2 * np.pi / 60
    assert np.array_equal(made.power_failure, (power < 3_500) | (power > 9_000))
    cool = np.round(made.process_k - made.air_k, 1) < 8.6
    assert np.array_equal(made.heat_failure, cool & (made.speed_rpm < 1_380))
    limit = np.array([11_000, 12_000, 13_000])[made.type]
    assert np.array_equal(made.overstrain_failure, made.wear_min * made.torque_nm > limit)
    assert (made.wear_min[made.tool_wear_failure] >= 190).all()
    modes = made.tool_wear_failure | made.heat_failure | made.power_failure | made.overstrain_failure
    assert made.failure[modes].all()
    assert (made.failure & ~modes).sum() < 25


def test_wear_grows_by_2_3_and_5_minutes_and_falls_to_nothing_with_a_new_tool():
    made = MANY[1]
    step = np.diff(made.wear_min)
    assert (made.wear_min[1:][step < 0] == 0).all()
    assert np.array_equal(step[step >= 0], np.array([2, 3, 5])[made.type[:-1][step >= 0]])
    assert (step < 0).sum() == pytest.approx(119, abs=5)


def test_a_seed_gives_the_same_products_again():
    again = milling(10_000, 3)
    assert np.array_equal(again.torque_nm, MANY[3].torque_nm)
    assert not np.array_equal(again.torque_nm, MANY[4].torque_nm)


@pytest.mark.parametrize("count", [-1, 0, 99, 10**9])
def test_a_count_outside_its_range_is_refused(count):
    with pytest.raises(InvalidInput, match="outside 100 to"):
        milling(count)


@pytest.mark.public_data
@pytest.mark.skipif(not FILE.is_file(), reason=f"no public data at {FILE} (set GEMBA_PUBLIC_DATA)")
def test_the_scenario_has_the_statistics_of_the_public_data():
    with gzip.open(FILE, "rt") as file:
        data = pd.read_csv(file, sep="\t")
    air, process, speed, torque, wear = (data.iloc[:, place].to_numpy(float) for place in range(3, 8))
    power = torque * speed * 2 * np.pi / 60

    def mean(value):
        return np.mean([value(one) for one in MANY])

    assert mean(lambda one: one.air_k.std()) == pytest.approx(air.std(), rel=0.02)
    assert mean(lambda one: (one.process_k - one.air_k).std()) == pytest.approx(
        (process - air).std(), rel=0.02
    )
    assert mean(lambda one: one.speed_rpm.mean()) == pytest.approx(speed.mean(), rel=0.01)
    assert mean(lambda one: one.speed_rpm.std()) == pytest.approx(speed.std(), rel=0.1)
    assert mean(lambda one: one.torque_nm.std()) == pytest.approx(torque.std(), rel=0.03)
    assert mean(lambda one: one.wear_min.mean()) == pytest.approx(wear.mean(), rel=0.03)
    found = mean(lambda one: (one.torque_nm * one.speed_rpm * 2 * np.pi / 60).std())
    assert found == pytest.approx(power.std(), rel=0.03)
    for name, place in (("failure", 8), ("TWF", 9), ("PWF", 11), ("OSF", 12)):
        counts = [failures_of(one)[name] for one in MANY]
        assert abs(np.mean(counts) - data.iloc[:, place].sum()) < 2.5 * np.std(counts), name
    share = [mean(lambda one, kind=kind: one.failure[one.type == kind].mean()) for kind in range(3)]
    assert share == pytest.approx([0.039, 0.028, 0.021], abs=0.008)
