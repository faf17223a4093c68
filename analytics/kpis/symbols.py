"""The elements that KPIs are made of, in the symbols of ISO 22400-2 where it has one."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Symbol:
    """A quantity: its symbol, name and unit, and how Gemba knows it."""

    key: str
    name: str
    unit: str
    known_from: str


_TIMES: Final = (
    ("CT", "calendar time", "all time of the range"),
    ("POT", "planned operation time", "scheduled time: calendar time less the time that no shift holds"),
    ("PDOT", "planned downtime", "breaks and planned stops"),
    ("PBT", "planned busy time", "planned production time: POT less planned downtime"),
    ("APT", "actual production time", "run time: producing and minor stops"),
    ("ASUT", "actual unit setup time", "set-up"),
    ("AUPT", "actual unit processing time", "APT and ASUT"),
    ("ADET", "actual unit delay time", "unplanned stops"),
    ("AUBT", "actual unit busy time", "AUPT and ADET"),
    (
        "MST",
        "minor stop time",
        "stops below the factory's limit, less what a machine faster than its ideal cycle made up for",
    ),
    ("PRT", "producing time", "run time without minor stops"),
    ("SLT", "speed loss time", "producing time less the ideal time of all parts"),
    ("DLT", "defect loss time", "net run time of scrap and rework after the start-up"),
    ("SUL", "start-up loss time", "net run time of start-up scrap"),
    ("FPT", "fully productive time", "run time that made good parts at the ideal speed"),
    ("UT", "unknown time", "time without data"),
    ("NST", "not scheduled time", "time that no shift holds"),
    ("ITT", "ideal time of all parts", "PRU x PQ, product by product"),
    ("AOET", "actual order execution time", "from the start to the end of the jobs"),
    ("APWT", "actual personnel work time", "activity events: working"),
    ("APAT", "actual personnel attendance time", "activity events: working and idle"),
    ("TBF", "operating time between failures", "APT and ASUT"),
    ("TTF", "operating time to failure", "APT and ASUT"),
    ("TTR", "time to restoration", "unplanned stops that are failures"),
    ("CMT", "corrective maintenance time", "corrective work orders"),
    ("PMT", "planned maintenance time", "planned and preventive work orders"),
    ("SBT", "standby time", "E10: able to produce, but waiting (idle)"),
    ("SDT", "scheduled down time", "E10: planned stops and set-up"),
    ("UDT", "unscheduled down time", "E10: unplanned and minor stops while down"),
    (
        "IDT",
        "idle time",
        "PackML Idle: stops in which the machine was ready and waited, for no outside cause",
    ),
    (
        "SUT",
        "suspended time",
        "PackML Suspended: stops with an external reason, such as waiting for material",
    ),
    ("HET", "held time", "PackML Held: minor stops for an inside cause"),
    (
        "ABT",
        "aborted time",
        "PackML Aborted: all other unplanned stops, and unplanned downtime of shift records",
    ),
    ("ENT", "engineering time", "E10: experiments; no state of Gemba tells it, so it is 0"),
)
_QUANTITIES: Final = (
    ("PQ", "produced quantity", "parts", "counts and performance records"),
    ("GQ", "good quantity", "parts", "counts and performance records"),
    ("SQ", "scrap quantity", "parts", "counts"),
    ("RQ", "rework quantity", "parts", "counts"),
    ("PSQ", "planned scrap quantity", "parts", "jobs: the scrap that was planned"),
    ("FQ", "produced quantity of the first operation", "parts", "the first machine of the line"),
    ("GP", "good parts without rework", "parts", "serial numbers"),
    ("IP", "inspected parts", "parts", "serial numbers"),
    ("CM", "consumed material", "parts", "the plant's material accounting"),
    ("IGQ", "integrated good quantity", "parts", "the plant's material accounting"),
    ("PL", "production loss", "parts", "the plant's material accounting"),
    ("STL", "storage and transportation loss", "parts", "the plant's material accounting"),
    ("OL", "other loss", "parts", "the plant's material accounting"),
    ("AVI", "average inventory", "parts", "the plant's material accounting"),
    ("TH", "throughput", "parts", "the plant's material accounting"),
    ("EPC", "equipment production capacity", "parts", "planned busy time over the ideal cycle time"),
    ("FE", "failure events", "failures", "unplanned stops that are failures"),
    ("OM", "observed machines", "machines", "machines with any planned busy time"),
    ("E", "energy", "kWh", "the integral of the machines' power"),
    ("RATE", "value of an hour", "money/h", "the machine's or the factory's rate"),
    ("USL", "upper specification limit", "", "the parameter's limits"),
    ("LSL", "lower specification limit", "", "the parameter's limits"),
    ("MEAN", "mean of the sample", "", "the parameter's values"),
    ("S", "standard deviation of the sample", "", "the parameter's values"),
    ("SIGMA", "estimated process deviation", "", "the mean moving range of the parameter, over d2"),
)

SYMBOLS: Final[dict[str, Symbol]] = {key: Symbol(key, name, "h", known) for key, name, known in _TIMES} | {
    key: Symbol(key, name, unit, known) for key, name, unit, known in _QUANTITIES
}
"""Every element by its symbol; times are in hours."""
