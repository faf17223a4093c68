"""The figures behind all others: each machine, day and shift, in the units that they are kept in."""

from typing import Final

from analytics.oee import SUMMED_COLUMNS
from analytics.oee.columns import COUNT_COLUMNS
from app.production.figures import broken_down
from app.reports.content.document import Column, Section, table
from app.reports.content.inputs import Inputs

TIMES: Final = tuple(name for name in SUMMED_COLUMNS if name not in COUNT_COLUMNS)


def appendix(inputs: Inputs) -> Section:
    """Sums and ratios by machine, day and shift; the sums of the times are microseconds."""
    frame = broken_down(inputs.access, inputs.question, ("machine", "day", "shift"))
    columns = {
        "machine": Column("Machine"), "day": Column("Day", "day"), "shift": Column("Shift"),
        "oee": Column("OEE", "share"), "availability": Column("Availability", "share"),
        "performance": Column("Performance", "share"), "quality": Column("Quality", "share"),
        **{name: Column(name.removesuffix("_us"), "whole", "us" if name.endswith("_us") else "")
           for name in (*COUNT_COLUMNS, *TIMES)},
    }  # fmt: skip
    rows = table("cells", "Figures by machine, day and shift", frame, columns)
    return Section("appendix", "Appendix: raw data", (), (), (rows,))
