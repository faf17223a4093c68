"""The elements that cells give are those of the OEE & losses page."""

import pytest
from hypothesis import given, settings

from analytics.kpis import BY_ID, evaluate
from analytics.oee import SUMMED_COLUMNS, figures, rollup, six_big_losses
from app.kpis.elements import of_cells
from tests.analytics.oee.cells import HOUR, frame, tables

LOSSES = {
    "breakdown": "loss_breakdowns", "setup": "loss_setup", "minor_stop": "loss_minor_stops",
    "reduced_speed": "loss_speed", "defect": "loss_defects", "startup": "loss_startup",
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_losses_are_those_of_the_waterfall_and_add_up_to_one_with_the_oee(table) -> None:
    cells = rollup(table, [])
    values = of_cells(cells)
    found = {kpi: evaluate(BY_ID[kpi], values).value for kpi in (*LOSSES.values(), "oee")}
    if None in found.values():
        assert not values["PBT"] or float(cells["total_without_ideal"].iloc[0])
        return
    microsecond = 1 / (values["PBT"] * HOUR)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-9 + 2 * microsecond)
    for row in six_big_losses(cells).itertuples():
        assert found[LOSSES[str(row.loss)]] == pytest.approx(row.share, abs=1e-12)
    assert found["oee"] == pytest.approx(float(figures(cells)["oee"].iloc[0]), abs=1e-12)


def test_a_machine_that_is_faster_than_its_ideal_cycle_makes_up_for_minor_stops() -> None:
    row = dict.fromkeys(SUMMED_COLUMNS, 0) | {
        "calendar_us": 8 * HOUR, "producing_us": 7 * HOUR, "minor_stop_us": HOUR,
        "ideal_us": int(7.8 * HOUR), "total": 100, "good": 100,
    }  # fmt: skip
    values = of_cells(rollup(frame([row]), []))
    assert values["MST"] == pytest.approx(0.2)
    assert (values["SLT"], values["APT"], values["PRT"]) == (0.0, 8.0, 7.0)
