"""The same figures by line, machine, shift, product or day, as a table that drills down."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from app.production.figures import Question
from app.ui.answers import figures_of
from app.ui.scene import Scene
from app.ui.selecting.selection import LINE_PARAM, MACHINE_PARAM, PRODUCT_PARAM, SHIFT_PARAM
from app.ui.tables import data_table, fitting

BY = {
    "area": "Area",
    "line": "Line",
    "machine": "Machine",
    "shift": "Shift",
    "product": "Product",
    "day": "Day",
}
PARAMS = {"line": LINE_PARAM, "machine": MACHINE_PARAM, "shift": SHIFT_PARAM, "product": PRODUCT_PARAM}
SHARES = ("oee", "availability", "performance", "quality", "ooe", "teep", "coverage")


def breakdown_card(at: Scene, question: Question) -> None:
    """Draw the table; choosing a row narrows the page to it."""
    with st.container(border=True, key="card-breakdown"):
        st.markdown("**The same figures by**")
        by = (
            st.segmented_control(
                "Break down by",
                [one for one in BY if one != "area" or at.plant.rows.areas],
                format_func=BY.__getitem__,
                default="machine",
                required=True,
                key="o_by",
                label_visibility="collapsed",
                bind="query-params",
            )
            or "machine"
        )
        table = figures_of(at, question, (by,))
        if by == "shift":
            table = table[table["shift"] != ""]
        if by == "product":
            table = table[table["product"] != ""]
        table = table.sort_values("oee", ascending=by != "day", na_position="last", ignore_index=True)
        row = data_table(
            _with_targets(at, presented(at, table, by), table, by, question),
            key=f"breakdown-{by}",
            label=f"OEE by {BY[by].lower()}",
            columns=column_settings(by),
            download_name=f"oee-by-{by}",
            selectable=by in PARAMS or by == "area",
            height=fitting(len(table), 14),
        )
        if row is not None and (chosen := str(table[by].iloc[row])):
            param, keys = _narrowing(at, question, by, chosen)
            st.button(
                f"Show only {_name(at, by, chosen)}",
                icon=":material/filter_alt:",
                key="drill",
                on_click=_narrow,
                args=(param, keys),
            )


def _narrowing(at: Scene, question: Question, by: str, key: str) -> tuple[str, list[str]]:
    """The filter that shows one row of the table only; an area is all of its lines that are shown."""
    return (LINE_PARAM, _lines_in(at, question, key)) if by == "area" else (PARAMS[by], [key])


def _lines_in(at: Scene, question: Question, area: str) -> list[str]:
    found = [one.key for one in at.plant.rows.lines if at.plant.area_of(one.id) == area]
    return [one for one in found if not question.lines or one in question.lines]


def _narrow(param: str, keys: list[str]) -> None:
    st.session_state[param] = keys


def _name(at: Scene, by: str, key: str) -> str:
    if by == "machine":
        return at.names.get(key, key)
    if by == "line" and key in at.plant.line_by_key:
        return at.plant.line_by_key[key].name
    if by == "shift" and key in at.plant.shift_by_key:
        return at.plant.shift_by_key[key].name
    if by == "product" and key in at.plant.product_by_key:
        return at.plant.product_by_key[key].name or key
    return key or "none"


def _with_targets(
    at: Scene, shown: pd.DataFrame, table: pd.DataFrame, by: str, question: Question
) -> pd.DataFrame:
    """Beside the OEE its target and the gap in points, where a target is set."""
    asked = [_narrowed(at, question, by, key) if key else question for key in table[by]]
    aims = pd.Series([at.goal(one, "oee") for one in asked], index=shown.index, dtype="float64")
    if aims.notna().any():
        shown.insert(2, "target", 100 * aims)
        shown.insert(3, "gap", shown["oee"] - shown["target"])
    return shown


def _narrowed(at: Scene, question: Question, by: str, key: str) -> Question:
    """The question for one row of the table."""
    if by in {"area", "line"}:
        return replace(question, lines=(key,) if by == "line" else tuple(_lines_in(at, question, key)))
    if by == "machine":
        return replace(question, lines=(), machines=(key,))
    if by == "shift":
        return replace(question, shifts=(key,))
    return replace(question, products=(key,)) if by == "product" else question


def presented(at: Scene, table: pd.DataFrame, by: str) -> pd.DataFrame:
    """The figures as people read them: names, percent, counts, what is missing."""
    shown = pd.DataFrame({BY[by]: [_name(at, by, key) if by != "day" else key for key in table[by]]})
    for name in SHARES:
        shown[name] = 100 * table[name]
    shown["good"] = table["good"].round()
    shown["scrap"] = table["scrap"].round()
    shown["down_h"] = table["unplanned_stop_us"] / 3.6e9
    shown["note"] = [
        f"not evaluable: {missing}" if missing else note
        for missing, note in zip(table["missing"], table["note"], strict=True)
    ]
    return shown


def column_settings(by: str) -> dict[str, object]:
    """Titles and number formats of the table."""
    titles = {"oee": "OEE", "ooe": "OOE", "teep": "TEEP"}
    shares = {
        name: st.column_config.NumberColumn(titles.get(name, name.title()), format="%.1f %%")
        for name in SHARES
    }
    return {
        **shares,
        "target": st.column_config.NumberColumn("OEE target", format="%.1f %%"),
        "gap": st.column_config.NumberColumn("Above target (points)", format="%+.1f"),
        "good": st.column_config.NumberColumn("Good", format="localized"),
        "scrap": st.column_config.NumberColumn("Scrap", format="localized"),
        "down_h": st.column_config.NumberColumn("Down (h)", format="%.1f"),
        "note": st.column_config.TextColumn("Note", width="medium"),
        BY[by]: st.column_config.Column(BY[by], pinned=True),
    }
