"""Each KPI of the registry with numbers worked by hand."""

import math
import re

import pytest

from analytics.errors import InvalidInput
from analytics.kpis import BY_ID, GROUPS, KPIS, SYMBOLS, evaluate

SHIFT = {
    "CT": 10.0, "POT": 9.0, "PBT": 7.0, "APT": 6.0, "AUPT": 6.5, "ASUT": 0.5, "ADET": 0.5, "AUBT": 7.0,
    "MST": 0.25, "PRT": 5.75, "SLT": 0.5, "DLT": 0.2, "SUL": 0.1, "FPT": 4.5, "ITT": 5.0, "UT": 0.0,
    "NST": 1.0,
    "AOET": 8.0, "PQ": 1_000.0, "GQ": 900.0, "SQ": 80.0, "RQ": 20.0, "PSQ": 100.0, "FQ": 1_100.0, "GP": 850.0,
    "IP": 1_000.0, "CM": 1_200.0, "IGQ": 960.0, "PL": 120.0, "STL": 60.0, "OL": 60.0, "AVI": 250.0,
    "TH": 1_000.0, "EPC": 1_250.0, "FE": 2.0, "OM": 1.0, "E": 500.0, "RATE": 400.0, "TBF": 6.5, "TTF": 6.5,
    "TTR": 0.4,
    "CMT": 1.0, "PMT": 3.0, "APWT": 6.0, "APAT": 7.5, "SBT": 0.25, "SDT": 2.5, "UDT": 0.5, "ENT": 0.0,
    "IDT": 0.25, "SUT": 0.1, "HET": 0.25, "ABT": 0.15,
    "USL": 10.3, "LSL": 9.7, "MEAN": 10.1, "S": 0.05, "SIGMA": 0.04,
}  # fmt: skip
WORKED = {
    "oee": 6 / 7 * 5 / 6 * 0.9,
    "nee": 6.5 / 7 * 5 / 6 * 0.9,
    "ooe": 0.5,
    "teep": 0.45,
    "availability": 6 / 7,
    "effectiveness": 5 / 6,
    "allocation_ratio": 0.875,
    "allocation_efficiency": 1.0,
    "utilization_efficiency": 6 / 7,
    "setup_ratio": 1 / 13,
    "technical_efficiency": 12 / 13,
    "production_process_ratio": 0.75,
    "equipment_load_rate": 0.8,
    "loss_breakdowns": 1 / 14,
    "loss_setup": 1 / 14,
    "loss_minor_stops": 1 / 28,
    "loss_speed": 1 / 14,
    "loss_defects": 1 / 35,
    "loss_startup": 1 / 70,
    "quality_ratio": 0.9,
    "scrap_ratio": 0.08,
    "rework_ratio": 0.02,
    "scrap_to_plan": 0.8,
    "first_pass_yield": 0.85,
    "fall_off_ratio": 80 / 1100,
    "throughput_rate": 125.0,
    "production_rate": 1_000 / 6,
    "mtbf": 6.5 / 3,
    "mttf": 6.5 / 3,
    "mttr": 0.2,
    "corrective_ratio": 0.25,
    "energy_per_part": 0.5,
    "energy_per_good_part": 5 / 9,
    "loss_money": 1_000.0,
    "cm": 2.0,
    "cmk": 0.2 / 0.15,
    "cp": 2.5,
    "cpk": 0.2 / 0.12,
    "inventory_turns": 4.0,
    "finished_goods_ratio": 0.75,
    "integrated_goods_ratio": 0.8,
    "production_loss_ratio": 0.1,
    "storage_loss_ratio": 0.05,
    "other_loss_ratio": 0.05,
    "worker_efficiency": 0.8,
    "e10_operational_uptime": 6 / 9,
    "e10_total_uptime": 0.6,
    "e10_scheduled_down": 2.5 / 9,
    "e10_unscheduled_down": 0.5 / 9,
    "packml_execute": 5.75 / 9,
    "packml_idle": 0.25 / 9,
    "packml_suspended": 0.1 / 9,
    "packml_held": 0.25 / 9,
    "packml_aborted": 0.15 / 9,
    "packml_stopped": 2.5 / 9,
}


def test_every_kpi_is_worked_by_hand() -> None:
    assert WORKED.keys() == BY_ID.keys()


@pytest.mark.parametrize("kpi", KPIS, ids=lambda one: one.id)
def test_the_value_is_the_one_worked_by_hand(kpi) -> None:
    found = evaluate(kpi, SHIFT)
    assert found.value == pytest.approx(WORKED[kpi.id], rel=1e-12)
    assert kpi.low is None or found.value >= kpi.low
    assert kpi.high is None or found.value <= kpi.high


def test_the_standards_thirty_four_are_all_there() -> None:
    assert sum(one.source.startswith("ISO 22400-2") for one in KPIS) == 34


@pytest.mark.parametrize("kpi", KPIS, ids=lambda one: one.id)
def test_the_formula_names_exactly_its_inputs(kpi) -> None:
    assert set(re.findall(r"[A-Z]+\d*", kpi.formula)) == set(kpi.inputs)
    assert set(kpi.inputs) <= SYMBOLS.keys()
    assert kpi.group in GROUPS
    assert kpi.better in {"up", "down", "neither"}


@pytest.mark.parametrize("kpi", KPIS, ids=lambda one: one.id)
def test_an_element_that_lacks_is_named_and_nothing_is_guessed(kpi) -> None:
    for name in kpi.inputs:
        for absent in ({k: v for k, v in SHIFT.items() if k != name}, SHIFT | {name: math.nan}):
            found = evaluate(kpi, absent)
            assert (found.value, found.missing) == (None, (name,))


def test_a_formula_that_divides_by_nothing_says_which_element_is_nothing() -> None:
    found = evaluate(BY_ID["mttr"], {"TTR": 0.0, "FE": 0.0})
    assert found.value is None
    assert "FE is 0" in found.reason


@pytest.mark.parametrize("kpi", ["oee", "nee"])
@pytest.mark.parametrize(
    "dead", [{"PQ": 0.0, "GQ": 0.0, "ITT": 0.0}, {"PQ": 0.0, "GQ": 0.0, "ITT": 0.0, "APT": 0.0}, {"APT": 0.0}]
)
def test_a_time_without_parts_or_without_a_run_is_worth_nothing(kpi: str, dead: dict[str, float]) -> None:
    assert evaluate(BY_ID[kpi], SHIFT | dead).value == 0.0
    assert evaluate(BY_ID[kpi], SHIFT | dead | {"PBT": 0.0}).value is None


def test_bounds_come_from_unknown_time_lost_or_productive() -> None:
    lost, productive = SHIFT | {"PBT": 8.0}, SHIFT | {"PBT": 8.0, "APT": 7.0}
    found = evaluate(BY_ID["availability"], SHIFT, (lost, productive), 0.875)
    assert (found.lower, found.upper, found.coverage) == (0.75, 0.875, 0.875)


@pytest.mark.parametrize("wrong", [-1.0, math.inf])
def test_an_impossible_element_is_refused_by_name(wrong: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        evaluate(BY_ID["scrap_ratio"], SHIFT | {"SQ": wrong})
    assert refused.value.problems[0].field == "SQ"


def test_the_published_example_of_the_time_model() -> None:
    """420 min planned, 47 down, 60 a minute, 19,271 parts, 423 rejects."""
    values = {"PBT": 7.0, "APT": 373 / 60, "ITT": 19_271 / 3_600, "PQ": 19_271.0, "GQ": 18_848.0}
    for kpi, worth in (
        ("availability", 0.8881),
        ("effectiveness", 0.8611),
        ("quality_ratio", 0.9780),
        ("oee", 0.7479),
    ):
        assert evaluate(BY_ID[kpi], values).value == pytest.approx(worth, abs=5e-5)
