"""Documents as a table: of which collection, machine and days."""

import json
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.documents.listing import Collection, collections, documents, severity
from app.ui.cards import empty_state
from app.ui.formats import many, moment
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.documents.document import Document
from data.documents.protocol import Search
from data.models import to_us

COLLECTION_PARAM: Final = "do_collection"
MACHINE_PARAM: Final = "do_machine"
MOST: Final = 2_000
"""So many documents are shown; the API pages through the others."""
HEIGHT: Final = 14
LONGEST: Final = 300


def document_browser(at: Scene) -> None:
    """The filters and the table of what fits them."""
    found = {one.name: one for one in collections(at.access)}
    if not found:
        empty_state(
            "No documents yet",
            "A source brings them (Steel Factory's MongoDB has anomaly logs and scan sessions), or an import "
            "of the kind *Documents*.",
            icon="description",
            key="documents",
        )
        return
    search, chosen = _asked(at, found)
    rows, total = documents(at.access, chosen.name, search)
    if not rows:
        empty_state(
            "No document fits",
            f"This collection has {many(chosen.documents, 'document')}, the newest of "
            f"{moment(chosen.newest_us, at.zone)}. Choose other days or machines.",
            icon="filter_alt_off",
            key="documents-none",
        )
        return
    told = f"{many(total, 'document')}, the newest first"
    st.caption(
        told if total <= MOST else f"{told}; the first {MOST:,} are shown: choose fewer days for others."
    )
    place = data_table(
        _table(at, chosen.name, rows), key=f"documents-{chosen.name}", label="Documents", selectable=True,
        height=fitting(len(rows), HEIGHT), download_name=chosen.name,
    )  # fmt: skip
    if place is not None:
        _whole(at, rows[place])


def _asked(at: Scene, found: dict[str, Collection]) -> tuple[Search, Collection]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="document-filters"):
        name = st.selectbox(
            "Collection", list(found), key=COLLECTION_PARAM, bind="query-params",
            format_func=lambda one: f"{one} ({found[one].documents:,})",
        )  # fmt: skip
        machine = st.selectbox(
            "Machine", list(at.names), index=None, format_func=at.names.__getitem__, placeholder="All",
            key=MACHINE_PARAM, bind="query-params",
        )  # fmt: skip
        days = st.date_input("Days", value=[], key="do_days", help="Leave empty for all.")
    chosen = found[name] if name in found else next(iter(found.values()))
    start_us, end_us = _span(at, days)
    return Search(start_us, end_us, machine or None, limit=MOST), chosen


def _span(at: Scene, days: Any) -> tuple[int | None, int | None]:
    """From the first day's midnight to the end of the last, in the factory's zone; one day is one day."""
    given = [one for one in days if isinstance(one, date)] if isinstance(days, tuple) else []
    if not given:
        return None, None
    return _midnight(at, given[0]), _midnight(at, given[-1] + timedelta(days=1))


def _midnight(at: Scene, day: date) -> int:
    return to_us(datetime(day.year, day.month, day.day, tzinfo=at.zone))


def _table(at: Scene, collection: str, rows: list[Document]) -> pd.DataFrame:
    bodies = pd.DataFrame([{name: _cell(value) for name, value in one.body.items()} for one in rows])
    head: dict[str, list[str]] = {"Time": [moment(one.at_us, at.zone) for one in rows]}
    if any(one.machine for one in rows):
        head["Machine"] = [at.names.get(one.machine, one.machine) for one in rows]
    how_bad = [severity(collection, one) for one in rows]
    if any(how_bad):
        head["Severity"] = how_bad
    own = {*head, "Key"}
    bodies = bodies.rename(columns={name: f"{name} (document)" for name in bodies.columns if name in own})
    return pd.concat([pd.DataFrame(head), bodies], axis=1).assign(Key=[one.key for one in rows])


def _cell(value: object) -> object:
    """A value that fits into a cell: lists and objects as their JSON, cut where it is long."""
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return value


def _whole(at: Scene, one: Document) -> None:
    st.markdown(f"##### {moment(one.at_us, at.zone)}")
    st.json(one.body)
