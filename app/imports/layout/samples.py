"""A small file of each kind, for starting from."""

from typing import Final

from app.imports.layout.kinds import Kind

SAMPLES: Final[dict[Kind, str]] = {
    Kind.MACHINES: (
        "Machine,Name,Line,Type,Manufacturer,Model,Location,Ideal cycle (s)\n"
        "press-1,Press 1,Line A,Press,Example Works,P-200,Hall 1,12.5\n"
        "saw-1,Saw 1,Line A,Saw,Example Works,S-10,Hall 1,\n"
    ),
    Kind.PARAMETERS: (
        "Machine,Parameter,Display name,Unit,Data type,Is KPI,Low limit,High limit\n"
        "press-1,power,Power,kW,float,yes,5,60\n"
        "press-1,mode,Mode,,string,no,,\n"
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
    Kind.WORKERS: "Worker id,Name\nW1,Ana Diaz\nW2,Kim Berg\n",
    Kind.ACTIVITY: (
        "Timestamp,Worker id,Station id,Event type,Confidence,Count,Event id\n"
        "2026-03-02T08:00:00Z,W1,S1,working,0.97,,e-1\n"
        "2026-03-02T08:12:00Z,W1,S1,product_count,0.91,3,e-2\n"
    ),
    Kind.RULES: (
        "Rule name,Conditions,Severity,Cooldown minutes\n"
        'Press overload,"{""parameter"": ""power_kw"", ""operator"": ""gt"", ""threshold"": 80}",high,15\n'
    ),
    Kind.ALERTS: (
        "Machine,Raised at,Resolved at,Rule name,Severity,Message\n"
        "press-1,2026-03-02T08:00:00Z,2026-03-02T08:20:00Z,Press overload,high,power_kw is 93.2\n"
    ),
    Kind.PRODUCTION_JOBS: (
        "Machine,Job id,Job type,Material,Tool no,Quantity,Start time,End time,Estimated time (min),Status\n"
        "press-1,J-1001,pressing,Mild Steel,5,40,2026-03-02T08:00:00Z,2026-03-02T09:10:00Z,65,finished\n"
        "press-1,J-1002,pressing,Aluminium,7,25,2026-03-02T09:30:00Z,,40,in progress\n"
    ),
    Kind.DOCUMENTS: (
        "Collection,Timestamp,Key,Machine,Score,Status\n"
        "anomaly_logs,2026-03-02T08:00:00Z,a-1,press-1,-0.31,open\n"
    ),
    Kind.PEOPLE: "Email,Role\nalex@example.org,operator\nkim@example.org,engineer\n",
}


def sample(kind: Kind) -> bytes:
    """The sample file of a kind as CSV."""
    return SAMPLES[kind].encode()
