"""Every KPI once: its formula as text and as a function of the same symbols."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

ISO: Final = "ISO 22400-2:2014"
ENERGY: Final = "ISO 22400-2:2014/Amd 1:2017"
E10: Final = "SEMI E10"
PACKML: Final = "PackML (ISA-TR88.00.02)"
COMMON: Final = "common use"
LOSSES: Final = "six big losses (TPM)"
Values = Mapping[str, float]

GROUPS: Final = (
    "Effectiveness", "Losses", "Quality", "Flow", "Maintenance", "Energy and money", "Capability", "Material",
    "People", "SEMI E10", "PackML",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kpi:
    """What a KPI is.

    `formula` is written in the symbols of `inputs`; `compute` is the same formula. `low` and `high` bound the
    possible values (None: no bound); `better` is up, down or neither; `audience` says who acts on it.
    """

    id: str
    name: str
    group: str
    formula: str
    inputs: tuple[str, ...]
    compute: Callable[[Values], float]
    unit: str = "%"
    low: float | None = 0.0
    high: float | None = 1.0
    better: str = "up"
    audience: str = "management"
    source: str = ISO
    note: str = ""


def _ratio(above: str, below: str) -> Callable[[Values], float]:
    return lambda v: v[above] / v[below]


def _share(kpi: str, name: str, group: str, above: str, below: str, **more: object) -> Kpi:
    formula = f"{above} / {below}"
    return Kpi(kpi, name, group, formula, (above, below), _ratio(above, below), **more)  # type: ignore[arg-type]


def _effective(time: str) -> Callable[[Values], float]:
    """The part of `time` over PBT that was effective: none where nothing was made, or nothing ran."""

    def share(v: Values) -> float:
        made = min(v["ITT"] / v["APT"], 1.0) * v["GQ"] / v["PQ"] if v["PQ"] and v["APT"] else 0.0
        return v[time] / v["PBT"] * made

    return share


_DOWN: Final = {"better": "down"}
_MASTER: Final = {"audience": "shift leader"}

EFFECTIVENESS: Final = (
    Kpi("oee", "OEE", "Effectiveness", "APT/PBT x min(ITT/APT, 1) x GQ/PQ", ("APT", "PBT", "ITT", "GQ", "PQ"),
        _effective("APT"), audience="all",
        note="Availability x effectiveness x quality ratio, effectiveness capped at 1; 0 without parts."),
    Kpi("nee", "NEE", "Effectiveness", "AUPT/PBT x min(ITT/APT, 1) x GQ/PQ",
        ("AUPT", "PBT", "ITT", "APT", "GQ", "PQ"),
        _effective("AUPT"), note="As OEE, but set-up is no loss."),
    Kpi("ooe", "OOE", "Effectiveness", "FPT / POT", ("FPT", "POT"), _ratio("FPT", "POT"), source=COMMON,
        note="As OEE, but over scheduled time: planned stops count as losses."),
    Kpi("teep", "TEEP", "Effectiveness", "FPT / CT", ("FPT", "CT"), _ratio("FPT", "CT"), source=COMMON,
        note="As OEE, but over calendar time."),
    _share("availability", "Availability", "Effectiveness", "APT", "PBT", audience="all"),
    Kpi("effectiveness", "Effectiveness (performance)", "Effectiveness", "ITT / APT", ("ITT", "APT"),
        _ratio("ITT", "APT"), high=None, audience="all",
        note="Above 1 the machine was faster than its ideal cycle time: check that time."),
    _share("allocation_ratio", "Allocation ratio", "Effectiveness", "AUBT", "AOET", high=None, **_MASTER),
    _share("allocation_efficiency", "Allocation efficiency", "Effectiveness", "AUBT", "PBT"),
    _share("utilization_efficiency", "Utilization efficiency", "Effectiveness", "APT", "AUBT", **_MASTER),
    _share("setup_ratio", "Setup ratio", "Effectiveness", "ASUT", "AUPT", **_DOWN),
    Kpi("technical_efficiency", "Technical efficiency", "Effectiveness", "APT / (APT + ADET)",
        ("APT", "ADET"),
        lambda v: v["APT"] / (v["APT"] + v["ADET"])),
    _share("production_process_ratio", "Production process ratio", "Effectiveness", "APT", "AOET", high=None),
    _share("equipment_load_rate", "Equipment load rate", "Effectiveness", "PQ", "EPC", high=None),
)  # fmt: skip

LOSS: Final = tuple(
    Kpi(kpi, name, "Losses", f"{symbol} / PBT", (symbol, "PBT"), _ratio(symbol, "PBT"), better="down",
        audience="shift leader", source=LOSSES, note=note)
    for kpi, name, symbol, note in (
        ("loss_breakdowns", "Breakdowns", "ADET", "Availability loss 1: unplanned stops above the limit."),
        ("loss_setup", "Set-up and adjustments", "ASUT", "Availability loss 2."),
        ("loss_minor_stops", "Minor stops", "MST", "Performance loss 3: stops below the limit."),
        ("loss_speed", "Reduced speed", "SLT", "Performance loss 4: slower than the ideal cycle time."),
        ("loss_defects", "Process defects", "DLT", "Quality loss 5: scrap and rework in steady production."),
        ("loss_startup", "Start-up losses", "SUL", "Quality loss 6: scrap until production is steady."),
    )
)  # fmt: skip

QUALITY: Final = (
    _share("quality_ratio", "Quality ratio", "Quality", "GQ", "PQ", audience="all"),
    _share("scrap_ratio", "Scrap ratio", "Quality", "SQ", "PQ", **_DOWN),
    _share("rework_ratio", "Rework ratio", "Quality", "RQ", "PQ", **_DOWN),
    _share("scrap_to_plan", "Actual to planned scrap ratio", "Quality", "SQ", "PSQ", high=None, **_DOWN),
    _share("first_pass_yield", "First pass yield", "Quality", "GP", "IP"),
    _share("fall_off_ratio", "Fall-off ratio", "Quality", "SQ", "FQ", **_DOWN),
)

FLOW: Final = (
    _share("throughput_rate", "Throughput rate", "Flow", "PQ", "AOET", unit="parts/h", high=None),
    Kpi("production_rate", "Production rate", "Flow", "PQ / APT", ("PQ", "APT"), _ratio("PQ", "APT"),
        unit="parts/h", high=None, source=COMMON, audience="shift leader"),
)  # fmt: skip

MAINTENANCE: Final = (
    Kpi("mtbf", "MTBF", "Maintenance", "TBF / (FE + OM)", ("TBF", "FE", "OM"),
        lambda v: v["TBF"] / (v["FE"] + v["OM"]), unit="h", high=None, audience="maintenance",
        note="Operating time between failures; the range itself ends the last interval of each machine, "
             "hence FE + OM: FE + 1 for one."),
    Kpi("mttf", "MTTF", "Maintenance", "TTF / (FE + OM)", ("TTF", "FE", "OM"),
        lambda v: v["TTF"] / (v["FE"] + v["OM"]), unit="h", high=None, audience="maintenance"),
    Kpi("mttr", "MTTR", "Maintenance", "TTR / FE", ("TTR", "FE"), _ratio("TTR", "FE"), unit="h", high=None,
        better="down", audience="maintenance",
        note="Mean time to restoration, of the failures of the range."),
    Kpi("corrective_ratio", "Corrective maintenance ratio", "Maintenance", "CMT / (CMT + PMT)",
        ("CMT", "PMT"),
        lambda v: v["CMT"] / (v["CMT"] + v["PMT"]), better="down", audience="maintenance"),
)  # fmt: skip

ENERGY_AND_MONEY: Final = (
    Kpi("energy_per_part", "Comprehensive energy consumption", "Energy and money", "E / PQ", ("E", "PQ"),
        _ratio("E", "PQ"), unit="kWh/part", high=None, better="down", source=ENERGY,
        note="All energy of the range over all parts, where at least half of the power of who made them is "
             "known: the rest at the mean power."),
    Kpi("energy_per_good_part", "Energy per good part", "Energy and money", "E / GQ", ("E", "GQ"),
        _ratio("E", "GQ"), unit="kWh/part", high=None, better="down", source=COMMON),
    Kpi("loss_money", "Loss in money", "Energy and money", "(PBT - FPT) x RATE", ("PBT", "FPT", "RATE"),
        lambda v: (v["PBT"] - v["FPT"]) * v["RATE"], unit="money", high=None, better="down", source=COMMON,
        note="Planned production time that made nothing good, at what an hour is worth."),
)  # fmt: skip

CAPABILITY: Final = tuple(
    Kpi(kpi, name, "Capability", formula, inputs, compute, unit="", low=low, high=None, audience="quality",
        note=note)
    for kpi, name, formula, inputs, compute, low, note in (
        ("cm", "Machine capability Cm", "(USL - LSL) / (6 S)", ("USL", "LSL", "S"),
         lambda v: (v["USL"] - v["LSL"]) / (6 * v["S"]), 0.0, "Often required above 1.67."),
        ("cmk", "Critical machine capability Cmk", "min(USL - MEAN, MEAN - LSL) / (3 S)",
         ("USL", "LSL", "MEAN", "S"),
         lambda v: min(v["USL"] - v["MEAN"], v["MEAN"] - v["LSL"]) / (3 * v["S"]), None,
         "The worse side counts."),
        ("cp", "Process capability Cp", "(USL - LSL) / (6 SIGMA)", ("USL", "LSL", "SIGMA"),
         lambda v: (v["USL"] - v["LSL"]) / (6 * v["SIGMA"]), 0.0, ""),
        ("cpk", "Critical process capability Cpk", "min(USL - MEAN, MEAN - LSL) / (3 SIGMA)",
         ("USL", "LSL", "MEAN", "SIGMA"),
         lambda v: min(v["USL"] - v["MEAN"], v["MEAN"] - v["LSL"]) / (3 * v["SIGMA"]), None,
         "Capable above 1.33."),
    )
)  # fmt: skip

MATERIAL: Final = (
    _share("inventory_turns", "Inventory turns", "Material", "TH", "AVI", unit="turns", high=None),
    _share("finished_goods_ratio", "Finished goods ratio", "Material", "GQ", "CM"),
    _share("integrated_goods_ratio", "Integrated goods ratio", "Material", "IGQ", "CM"),
    _share("production_loss_ratio", "Production loss ratio", "Material", "PL", "CM", **_DOWN),
    _share("storage_loss_ratio", "Storage and transportation loss ratio", "Material", "STL", "CM", **_DOWN),
    _share("other_loss_ratio", "Other loss ratio", "Material", "OL", "CM", **_DOWN),
)

PEOPLE: Final = (_share("worker_efficiency", "Worker efficiency", "People", "APWT", "APAT", **_MASTER),)

SEMI: Final = (
    Kpi("e10_operational_uptime", "Operational uptime", "SEMI E10", "(PRT + SBT + ENT) / (CT - NST - UT)",
        ("PRT", "SBT", "ENT", "CT", "NST", "UT"),
        lambda v: (v["PRT"] + v["SBT"] + v["ENT"]) / (v["CT"] - v["NST"] - v["UT"]), source=E10,
        note="Availability by E10: productive, standby and engineering time over operations time."),
    Kpi("e10_total_uptime", "Total uptime", "SEMI E10", "(PRT + SBT + ENT) / (CT - UT)",
        ("PRT", "SBT", "ENT", "CT", "UT"),
        lambda v: (v["PRT"] + v["SBT"] + v["ENT"]) / (v["CT"] - v["UT"]), source=E10),
    Kpi("e10_scheduled_down", "Scheduled down", "SEMI E10", "SDT / (CT - NST - UT)",
        ("SDT", "CT", "NST", "UT"),
        lambda v: v["SDT"] / (v["CT"] - v["NST"] - v["UT"]), better="down", source=E10),
    Kpi("e10_unscheduled_down", "Unscheduled down", "SEMI E10", "UDT / (CT - NST - UT)",
        ("UDT", "CT", "NST", "UT"),
        lambda v: v["UDT"] / (v["CT"] - v["NST"] - v["UT"]), better="down", source=E10),
)  # fmt: skip


def _state(kpi: str, name: str, above: str, better: str, note: str) -> Kpi:
    return Kpi(
        kpi, name, "PackML", f"{above} / (CT - NST - UT)", (above, "CT", "NST", "UT"),
        lambda v: v[above] / (v["CT"] - v["NST"] - v["UT"]), better=better, audience="shift leader",
        source=PACKML, note=note,
    )  # fmt: skip


STATES: Final = (
    _state("packml_execute", "PackML Execute", "PRT", "up", "The six shares of PackML states add up to 1."),
    _state("packml_idle", "PackML Idle", "IDT", "down", "Ready, and nothing to do."),
    _state("packml_suspended", "PackML Suspended", "SUT", "down", "An outside cause: blocked or starved."),
    _state("packml_held", "PackML Held", "HET", "down", "A short stop for an inside cause."),
    _state("packml_aborted", "PackML Aborted", "ABT", "down", "A fault, or a stop that nobody explained."),
    _state("packml_stopped", "PackML Stopped", "SDT", "neither", "Planned stops and set-up."),
)

KPIS: Final[tuple[Kpi, ...]] = (
    *EFFECTIVENESS, *LOSS, *QUALITY, *FLOW, *MAINTENANCE, *ENERGY_AND_MONEY, *CAPABILITY, *MATERIAL, *PEOPLE,
    *SEMI, *STATES,
)  # fmt: skip
BY_ID: Final[dict[str, Kpi]] = {one.id: one for one in KPIS}
