"""How much alerts asked of people, and the alerts themselves."""

import numpy as np
import pandas as pd

from analytics.rules.rule import SEVERITIES
from app.alerts.listing import Filter, Shown, count_alerts, list_alerts
from app.alerts.loads import load_report
from app.reports.content.document import Chart, Column, Fact, Section, table
from app.reports.content.inputs import Inputs
from data.models import to_us

MOST_ALERTS = 1_000
WINDOWS_OF_DAY = 144


def alerts(inputs: Inputs) -> Section:
    """The load against ISA-18.2, the most frequent sources, and the newest alerts."""
    asked = inputs.question
    ids = None if inputs.is_whole_plant else inputs.ids
    load = load_report(inputs.access, asked.start_us, asked.end_us, ids)
    chosen = Filter(ids or (), start_us=asked.start_us, end_us=asked.end_us)
    found = list_alerts(inputs.access, chosen, limit=MOST_ALERTS)
    total = count_alerts(inputs.access, chosen)
    lines = inputs.fingerprint.add("alerts", _lines(found))
    facts = (
        Fact("Alerts", load.figures.count, "whole"),
        Fact("Per day", load.figures.per_day, "number", "alerts"),
        Fact("Most in ten minutes", load.figures.peak, "whole"),
        Fact("Time in flood", load.figures.share_in_flood, "share"),
        Fact("Chattering", load.chattering, "whole"),
        Fact("Open for over 24 h", load.stale, "whole"),
        Fact("Never acknowledged", load.never_seen, "whole"),
    )
    said = [f"By the limits of ISA-18.2 the load was {load.figures.verdict}."] if load.figures.count else []
    if total > MOST_ALERTS:
        said.append(f"The newest {MOST_ALERTS} of {total} alerts are listed.")
    mix = pd.DataFrame({"severity": list(SEVERITIES), "share": [load.mix[one] for one in SEVERITIES]})
    days = _by_day(inputs, load.windows)
    tables = (
        table("alert-days", "Alerts by 24 hours from the start", days,
              {"start_us": Column("From", "moment"), "count": Column("Alerts", "whole")}),
        table("alert-mix", "By severity", mix,
              {"severity": Column("Severity"), "share": Column("Share", "share")}),
        table("alert-sources", "Most frequent sources", load.sources,
              {"rule": Column("Rule"), "machine": Column("Machine"), "count": Column("Alerts", "whole"),
               "share": Column("Share", "share")}),
        table("alerts", "Alerts", lines,
              {"raised_us": Column("Raised", "moment"), "cleared_us": Column("Cleared", "moment"),
               "severity": Column("Severity"), "rule": Column("Rule"), "machine": Column("Machine"),
               "state": Column("State"), "message": Column("Message")}),
    )  # fmt: skip
    charts = (Chart("Alerts by day", "bar", "alert-days", "From", ("Alerts",), "alerts"),)
    return Section("alerts", "Alerts", tuple(said), facts, tables, charts if load.figures.count else ())


def _by_day(inputs: Inputs, windows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pd.DataFrame:
    starts = np.arange(0, len(windows), WINDOWS_OF_DAY)
    moments = inputs.question.start_us + starts * 600_000_000
    return pd.DataFrame({"start_us": moments, "count": np.add.reduceat(windows, starts)})


def _lines(found: list[Shown]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "raised_us": [to_us(one.raised_at) for one in found],
            "cleared_us": pd.Series(
                [None if one.cleared_at is None else to_us(one.cleared_at) for one in found], dtype=object
            ),
            "severity": [one.severity for one in found],
            "rule": [one.rule_name for one in found],
            "machine": [one.machine_name or "several machines" for one in found],
            "state": [one.state for one in found],
            "message": [one.message for one in found],
            "revision": [one.revision for one in found],
        }
    )
