"""Telemetry in both layouts: typed, complete, idempotent, and large files without loss."""

import numpy as np
import pandas as pd
import pytest

from app.imports.intake import telemetry
from app.production.plant import plant
from data.models import Parameter
from tests.app.imports.files import choices, counts, load, planned, reasons, rows, text, utc

WIDE = """Time,Power [kW],Speed
2026-03-01 06:00:00,1.5,
2026-03-01 06:00:01,x,3
2026-03-01 06:00:02,2.5,4
2026-03-01 06:00:03,3.5,
2026-03-01 06:00:04,,5
2026-03-01 06:00:05,4.5,
"""
LONG = """Machine,Parameter,Time,Value
m1,power,2026-03-01 06:00,1.5
m1,power,2026-03-01 06:00,2
m2,temp,2026-03-01 06:00,7
"""


def stored(access):
    frame = access.gemba.telemetry.read(access.factory.slug, 0, utc("2027-01-01T00:00+00:00"))
    return list(frame.itertuples(index=False, name=None))


def test_one_column_per_parameter_gives_a_point_per_filled_cell(acting):
    access = acting()
    done = load(access, text(WIDE), choices("machine=m1"))
    assert reasons(done) == [(3, "Power [kW]")]
    start = utc("2026-03-01T06:00+01:00")
    expected = [("power", 0, 1.5), ("power", 2, 2.5), ("power", 3, 3.5), ("power", 5, 4.5), ("speed", 2, 4.0),
                ("speed", 4, 5.0)]  # fmt: skip
    assert stored(access) == [
        ("m1", key, start + second * 1_000_000, value) for key, second, value in expected
    ]
    machine = plant(access).machine_by_key["m1"]
    assert [(p.key, p.unit) for p in plant(access).parameters(machine.id)] == [("power", "kW"), ("speed", "")]


def test_of_two_points_with_one_key_the_last_counts_and_twice_changes_nothing(acting):
    access = acting()
    said = choices(zone="UTC")
    assert counts(load(access, text(LONG), said)) == (2, 1, 0, 0)
    before = stored(access)
    assert [row[3] for row in before] == [2.0, 7.0]
    assert counts(load(access, text(LONG), said)) == (0, 3, 0, 0)
    assert stored(access) == before
    assert len(rows(access, Parameter)) == 2


def test_a_plan_compares_with_what_is_stored(acting):
    access = acting()
    load(access, text(LONG))
    moved = text(LONG.replace(",7\n", ",8\n") + "m2,temp,2026-03-01 06:01,9\n")
    assert counts(planned(access, moved)) == (1, 2, 1, 0)
    assert counts(planned(access, text(LONG))) == (0, 3, 0, 0)


@pytest.mark.parametrize("value", ["", "nan", "inf", "high", "1,2,3"])
def test_a_value_that_is_no_number_is_rejected(acting, value):
    done = load(acting(), text(f'Machine,Parameter,Time,Value\nm1,p,2026-03-01 06:00,"{value}"\n'))
    assert reasons(done) == [(2, "value")]


def test_two_hundred_thousand_rows_arrive_in_portions_without_loss(acting, monkeypatch):
    monkeypatch.setattr(telemetry, "LOAD_POINTS", 60_000)
    access = acting()
    number = 200_000
    moments = pd.date_range("2026-02-01", periods=number, freq="10s")
    values = np.random.default_rng(5).normal(50, 5, number).round(3)
    lines = pd.DataFrame({"Machine": "m1", "Parameter": "power", "Time": moments, "Value": values})
    source = text(lines.to_csv(index=False, date_format="%Y-%m-%d %H:%M:%S"))
    done = load(access, source, choices(zone="UTC"))
    assert counts(done) == (number, 0, 0, 0)
    frame = access.gemba.telemetry.read(access.factory.slug, 0, utc("2027-01-01T00:00+00:00"))
    assert np.array_equal(frame["value"].to_numpy(), values)
    assert np.array_equal(frame["time_us"].to_numpy(), moments.astype("datetime64[us]").astype(np.int64))
    assert counts(load(access, source, choices(zone="UTC"))) == (0, number, 0, 0)
