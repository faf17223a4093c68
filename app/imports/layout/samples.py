"""A small file of each kind, for starting from."""

from typing import Final

from app.imports.layout.kinds import Kind

SAMPLES: Final[dict[Kind, str]] = {
    Kind.MACHINES: (
        "Machine,Name,Line,Type,Manufacturer,Model,Location,Ideal cycle (s)\n"
        "press-1,Press 1,Line A,Press,Example Works,P-200,Hall 1,12.5\n"
        "saw-1,Saw 1,Line A,Saw,Example Works,S-10,Hall 1,\n"
    ),
    Kind.PRODUCTS: (
        "Product,Name,Unit,Machine,Ideal cycle (s)\n"
        "bar-20,Round bar 20 mm,pcs,press-1,12.5\n"
        "bar-30,Round bar 30 mm,pcs,press-1,14\n"
    ),
    Kind.REASONS: (
        "Code,Name,Category,Operator error\n"
        "jam,Material jam,unplanned,no\n"
        "change,Change of product,setup,no\n"
        "lunch,Lunch break,planned,no\n"
    ),
    Kind.RECORDS: (
        "Machine,Date,Start time,End time,Planned time (min),Downtime (min),Output,Good units,Product,"
        "Operator\n"
        "press-1,2026-03-02,06:00,14:00,450,47,1900,1874,bar-20,A. Smith\n"
        "press-1,2026-03-02,22:00,06:00,450,20,2010,1998,bar-20,B. Jones\n"
    ),
    Kind.DOWNTIME: "Batch,Factor 1,Factor 2,Factor 3\n1001,15,,\n1002,,20,5\n",
    Kind.STATES: (
        "Machine,Start,End,State,Reason\n"
        "press-1,2026-03-02 06:00:00,2026-03-02 07:15:00,running,\n"
        "press-1,2026-03-02 07:15:00,2026-03-02 07:40:00,down,jam\n"
        "press-1,2026-03-02 07:40:00,,running,\n"
    ),
    Kind.COUNTS: (
        "Machine,Start,End,Product,Good,Scrap\n"
        "press-1,2026-03-02 06:00:00,2026-03-02 07:00:00,bar-20,281,3\n"
        "press-1,2026-03-02 07:00:00,2026-03-02 08:00:00,bar-20,160,1\n"
    ),
    Kind.TELEMETRY: (
        "Machine,Time,Power (kW),Oil temperature (C)\n"
        "press-1,2026-03-02 06:00:00,41.8,52.1\n"
        "press-1,2026-03-02 06:00:10,42.3,52.1\n"
    ),
}


def sample(kind: Kind) -> bytes:
    """The sample file of a kind as CSV."""
    return SAMPLES[kind].encode()
