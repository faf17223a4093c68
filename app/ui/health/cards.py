"""One card a store, and a table of the background services."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from app.ui.formats import age, count, number
from app.ui.parts import data_table
from data.models import to_us

WHAT: Final = {
    "Relational store": "Machines, states, counts, shift records, accounts, the audit log.",
    "Telemetry store": "The signals of the machines.",
    "Document store": "Anomaly logs, scan sessions, activity documents.",
}
ENGINES: Final = {
    "sqlite": "SQLite",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "postgresql": "PostgreSQL",
    "embedded": "Embedded:",
    "influxdb": "InfluxDB",
    "mongodb": "MongoDB",
    "json in sqlite": "JSON in SQLite",
    "json in mysql": "JSON in MySQL",
    "json in mariadb": "JSON in MariaDB",
    "json in postgresql": "JSON in PostgreSQL",
}
JOURNALS: Final = {
    "wal": "write-ahead log",
    "delete": "rollback journal: this SQLite is older than 3.51.3, whose write-ahead log several processes "
    "must not share",
}


def verdict(found: dict[str, Any]) -> None:
    """The answer first: all well, or what is not."""
    away = [name for name, store in found["stores"].items() if not store["reachable"]]
    failing = [name for name, state in found["services"].items() if state["problem"]]
    if away:
        st.error(
            f"Away: {', '.join(away)}. What needs it says so; the rest works, and all comes back by itself.",
            title="A store does not answer",
            icon=":material/error:",
        )
    elif failing:
        st.warning(f"Failing: {', '.join(failing)}.", icon=":material/warning:")
    else:
        st.success("Every store answers and every service runs.", icon=":material/check_circle:")


def store_card(title: str, store: dict[str, Any], now: datetime) -> None:
    """What a store says of itself."""
    key = title.split(" ", maxsplit=1)[0].lower()
    with st.container(border=True, key=f"store-{key}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{title}**", width="content")
            if store["reachable"]:
                st.badge("Answers", icon=":material/check:", color="green")
            else:
                st.badge("Away", icon=":material/cloud_off:", color="red")
        st.caption(WHAT[title])
        st.table({name: value for name, value in _lines(store, to_us(now)) if value}, border="horizontal")
        if store.get("problem"):
            st.caption(f":material/warning: {_plain(str(store['problem']))}")


def _lines(store: dict[str, Any], now_us: int) -> list[tuple[str, str]]:
    newest, latency = store.get("newest_us"), store.get("latency_ms")
    journal = str(store.get("journal", ""))
    return [
        ("Engine", f"{ENGINES.get(store['engine'], store['engine'])} {store.get('version', '')}".strip()),
        ("Latency", "" if latency is None else f"{number(latency, 1)} ms"),
        ("Size", _size(store.get("size_bytes"))),
        ("Points", count(store["points"]) if "points" in store else ""),
        ("Documents", count(store["documents"]) if "documents" in store else ""),
        ("Newest data", age(newest, now_us) if newest is not None else ""),
        ("Waiting to be written", count(store["backlog"]) if "backlog" in store else ""),
        ("Journal", JOURNALS.get(journal, journal)),
    ]


def _size(value: int | None) -> str:
    if not value:
        return ""
    size = float(value)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{number(size, 0 if unit == 'bytes' else 1)} {unit}"
        size /= 1000
    return f"{number(size, 1)} TB"


def service_table(services: dict[str, dict[str, Any]], zone: ZoneInfo) -> None:
    """When each service of this process last ran, and whether it went well."""
    st.subheader("Background services of this process", anchor=False)
    if not services:
        st.caption("This process runs none: they run in the processes with the parts ingest and worker.")
        return
    rows = [
        {
            "Service": name,
            "State": state["problem"] or ("runs" if state["rounds"] else "not run yet"),
            "Last run": state["last_at"].astimezone(zone).strftime("%H:%M:%S") if state["last_at"] else "",
            "Every": f"{number(state['every_s'], 0)} s",
            "Rounds": state["rounds"],
        }
        for name, state in services.items()
    ]
    data_table(pd.DataFrame(rows), key="services", label="Background services", download_name="services")


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'").replace("\n", " ")
