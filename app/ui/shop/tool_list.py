"""The tool store, the fitted tools with the life that is left, and the history of changes."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from app.auth.permissions import Permission
from app.shop.fittings import fittings
from app.shop.life import ToolLife
from app.shop.tools import StoredTool, add_magazine
from app.ui.cards import empty_state
from app.ui.formats import moment, number
from app.ui.scene import Scene
from app.ui.selecting.zone import local_times
from app.ui.shop.job_work import may_work
from app.ui.shop.tool_form import fit_dialog, fitted_dialog, receive_dialog, tool_dialog
from app.ui.shop.words import KIND_WORDS, SOURCE_WORDS, WHY_WORDS
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

MOST_ROWS: Final = 500
STANDING: Final = {"good": "Good", "soon": "Change soon", "worn": "Worn out", "unknown": "Not known"}


def may_manage(at: Scene) -> bool:
    """Whether who looks may change what the store holds."""
    return at.access.principal.may(Permission.MANAGE_MACHINES)


def tool_tiles(at: Scene, lives: list[ToolLife], store: list[StoredTool]) -> None:
    """What is worn, what comes next, what must be ordered."""
    active = [one for one in store if one.draft.is_active]
    with tile_grid(key="tool-tiles"):
        worn = sum(one.standing == "worn" for one in lives)
        soon = sum(one.standing == "soon" for one in lives)
        kpi_tile("Worn out", float(worn), key="tt-worn", unit="", decimals=0, better="down",
                 note="must be changed before the next job")  # fmt: skip
        kpi_tile("Change soon", float(soon), key="tt-soon", unit="", decimals=0, better="down",
                 note="less than a fifth of the life left")  # fmt: skip
        kpi_tile("Fitted", float(len(lives)), key="tt-fitted", unit="", decimals=0, note="on machines now")
        kpi_tile("To reorder", float(sum(one.is_low for one in active)), key="tt-low", unit="", decimals=0,
                 better="down", note=f"of {len(active)} in use")  # fmt: skip


def life_table(at: Scene, lives: list[ToolLife]) -> None:
    """Each fitted tool, the most worn first, with the proposal for its next change."""
    if not lives:
        empty_state("No tool is fitted", "Fit one from the store: its life counts from then on.",
                    icon="build_circle", key="no-fitted")  # fmt: skip
    row = None
    if lives:
        names = {one.device_key: one.name for one in at.plant.rows.machines}
        shown = pd.DataFrame(
            {
                "Machine": [names.get(one.fitting.machine, one.fitting.machine) for one in lives],
                "Tool": [f"{one.fitting.tool} · {one.fitting.tool_name}" for one in lives],
                "Standing": [STANDING[one.standing] for one in lives],
                "Life left": [one.left for one in lives],
                "Wear mm": [one.spent.wear_mm if one.spent else None for one in lives],
                "Known from": [SOURCE_WORDS[one.spent.source] if one.spent else "" for one in lives],
                "Next change": [proposal(at, one) for one in lives],
                "Fitted": [moment(one.fitting.fitted_us, at.zone) for one in lives],
            }
        )
        row = data_table(
            shown,
            key="tool-lives",
            label="Fitted tools",
            selectable=True,
            download_name="fitted-tools",
            columns={
                "Life left": st.column_config.ProgressColumn(
                    "Life left", format="percent", min_value=0, max_value=1
                ),
                "Wear mm": st.column_config.NumberColumn("Wear mm", format="%.3f"),
            },
            height=fitting(len(shown), 14),
        )
    if not may_work(at):
        return
    with st.container(horizontal=True, key="tool-life-actions"):
        if st.button("Fit a tool", icon=":material/add:", type="primary", key="tool-fit"):
            fit_dialog(at)
        if (
            st.button(
                "Measure or take out",
                icon=":material/build_circle:",
                key="tool-fitted",
                disabled=row is None,
                help="Choose a tool in the table first." if row is None else None,
            )
            and row is not None
        ):
            fitted_dialog(at, lives[row].fitting)


def proposal(at: Scene, one: ToolLife) -> str:
    """When to change a tool, in words."""
    if one.standing == "worn":
        return "now"
    if one.change is None:
        return "no job uses it" if one.spent else "its life is not known"
    when = f", about {moment(one.change.at_us, at.zone)}" if one.change.at_us is not None else ""
    if one.change.job:
        return f"after {number(one.change.parts)} more parts of {one.change.job}{when}"
    return f"not in a known job; after {number(one.change.parts)} parts"


def store_table(at: Scene, store: list[StoredTool]) -> None:
    """The store, and the buttons for the chosen tool."""
    row = None
    if store:
        money = at.access.factory.currency
        shown = pd.DataFrame(
            {
                "No.": [one.draft.number for one in store],
                "Name": [one.draft.name for one in store],
                "Kind": [KIND_WORDS[one.draft.kind] for one in store],
                "Holder": [one.draft.holder for one in store],
                "Edge": [one.draft.material for one in store],
                "In store": [one.draft.stock for one in store],
                "Reorder at": [one.draft.reorder_level for one in store],
                "Reorder": ["yes" if one.is_low else "" for one in store],
                "Fitted": [one.fitted for one in store],
                "Life min": [one.draft.life_min for one in store],
                f"Price {money}": [one.draft.price for one in store],
                "In use": [one.draft.is_active for one in store],
            }
        )
        row = data_table(
            shown,
            key="tool-store",
            label="The tool store",
            selectable=True,
            download_name="tools",
            height=fitting(len(shown), 14),
        )
    else:
        empty_state("The store is empty", "Add your tools, or begin with those that the lathe's twin knows.",
                    icon="handyman", key="no-tools")  # fmt: skip
    _store_actions(at, None if row is None else store[row], bool(store))


def _store_actions(at: Scene, chosen: StoredTool | None, has_tools: bool) -> None:
    hint = "Choose a tool in the table first." if chosen is None else None
    with st.container(horizontal=True, key="tool-store-actions"):
        if may_manage(at):
            if st.button("Add a tool", icon=":material/add:", type="primary", key="tool-add"):
                tool_dialog(at)
            if not has_tools and st.button(
                "Add the twin's tools", icon=":material/library_add:", key="tool-magazine"
            ):
                add_magazine(at.access)
                st.rerun()
            change = st.button(
                "Change", icon=":material/edit:", key="tool-change", disabled=chosen is None, help=hint
            )
            if change and chosen is not None:
                tool_dialog(at, chosen)
        if may_work(at):
            came = st.button(
                "Receive",
                icon=":material/inventory_2:",
                key="tool-receive",
                disabled=chosen is None,
                help=hint,
            )
            if came and chosen is not None:
                receive_dialog(at, chosen)


def change_table(at: Scene) -> None:
    """Which tool was on which machine from when to when, and why it was taken out."""
    found = fittings(at.access, most=MOST_ROWS)
    if not found:
        empty_state("No change yet", "Each tool that is fitted or taken out stands here.", icon="history",
                    key="no-changes")  # fmt: skip
        return
    names = {one.device_key: one.name for one in at.plant.rows.machines}
    columns: dict[str, Any] = {
        "Fitted": local_times(np.array([one.fitted_us for one in found], np.int64), at.zone),
        "Machine": [names.get(one.machine, one.machine) for one in found],
        "Tool": [f"{one.tool} · {one.tool_name}" for one in found],
        "Taken out": [moment(one.removed_us, at.zone) if one.removed_us is not None else "" for one in found],
        "Why": [WHY_WORDS.get(one.why, "") for one in found],
        "Life spent": [one.spent for one in found],
        "Measured mm": [one.wear_mm for one in found],
    }
    if at.access.principal.may(Permission.SEE_NAMED_PEOPLE):
        columns |= {"By": [one.removed_by or one.fitted_by for one in found]}
    data_table(
        pd.DataFrame(columns), key="tool-changes", label="Tool changes", download_name="tool-changes",
        columns={
            "Fitted": st.column_config.DatetimeColumn("Fitted", format="D MMM YY HH:mm"),
            "Life spent": st.column_config.NumberColumn("Life spent", format="percent"),
            "Measured mm": st.column_config.NumberColumn("Measured mm", format="%.2f"),
        },
        height=fitting(len(found), 14),
    )  # fmt: skip
