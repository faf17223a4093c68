"""Workers and workstations as tables, each with the comparable time before; names only for a reason."""

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.production.camera import directory
from app.production.camera.figures import ActivityQuestion
from app.ui.cards import error_card
from app.ui.productivity.read import people_of, places_of
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

NAMES = "productivity-names"
VIEWS = {"workers": "Workers", "workstations": "Workstations"}
SPLITS = {"": "Whole range", "shift": "By shift", "day": "By day"}


def tables_card(at: Scene, question: ActivityQuestion, before: ActivityQuestion) -> None:
    """The chosen table: workers or workstations, over the whole range, by shift or by day."""
    with st.container(border=True, key="card-people"):
        with st.container(horizontal=True, vertical_alignment="center"):
            view = st.segmented_control(
                "Table", list(VIEWS), format_func=VIEWS.__getitem__, default="workers", required=True,
                key="p_view", label_visibility="collapsed", bind="query-params",
            ) or "workers"  # fmt: skip
            split = st.segmented_control(
                "Told apart", list(SPLITS), format_func=SPLITS.__getitem__, default="", required=True,
                key="p_split", label_visibility="collapsed", bind="query-params",
            ) or ""  # fmt: skip
            if view == "workers":
                _names_button(at)
        by = (split,) if split else ()
        if view == "workers":
            _workers(at, question, before, by)
        else:
            _stations(at, question, before, by)


def _workers(at: Scene, question: ActivityQuestion, before: ActivityQuestion, by: tuple[str, ...]) -> None:
    table = people_of(at, question, by)
    names = _shown_names(at)
    shown = pd.DataFrame({"Worker": [names.get(key) or name for key, name in _pairs(table)]})
    _split(shown, table, by)
    _hours(shown, table, {"active_h": "Active (h)", "idle_h": "Idle (h)", "absent_h": "Absent (h)"})
    _rates(shown, table)
    if not by:
        earlier = people_of(at, before).set_index("worker")["utilisation"]
        shown.insert(5, "Before", 100 * table["worker"].map(earlier).astype("float64"))
    data_table(
        shown,
        key=f"workers-{'-'.join(by)}",
        label="Workers",
        columns=_formats(),
        download_name="workers",
        height=fitting(len(shown), 14),
    )


def _stations(at: Scene, question: ActivityQuestion, before: ActivityQuestion, by: tuple[str, ...]) -> None:
    table = places_of(at, question, by)
    shown = pd.DataFrame({"Workstation": table["name"], "Type": table["type"]})
    _split(shown, table, by)
    _hours(shown, table, {"occupied_h": "Occupied (h)", "busy_h": "Worked at (h)"})
    _rates(shown, table)
    if not by:
        earlier = places_of(at, before).set_index("station")["utilisation"]
        shown.insert(5, "Before", 100 * table["station"].map(earlier).astype("float64"))
    data_table(
        shown,
        key=f"stations-{'-'.join(by)}",
        label="Workstations",
        columns=_formats(),
        download_name="workstations",
        height=fitting(len(shown), 14),
    )
    over = "available shift time" if at.plant.rows.shifts else "time in which somebody is there"
    st.caption(f"Utilisation is the share of the {over} in which somebody works at the station.")


def _pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["worker"], table["pseudonym"], strict=True))


def _split(shown: pd.DataFrame, table: pd.DataFrame, by: tuple[str, ...]) -> None:
    for name in by:
        shown[name.title()] = table[name].to_numpy()


def _hours(shown: pd.DataFrame, table: pd.DataFrame, titles: dict[str, str]) -> None:
    for name, title in titles.items():
        shown[title] = table[name].to_numpy()


def _rates(shown: pd.DataFrame, table: pd.DataFrame) -> None:
    shown["Utilisation"] = 100 * table["utilisation"].to_numpy()
    shown["Units"] = table["units"].to_numpy()
    shown["Units per h"] = table["units_per_h"].to_numpy()
    shown["Events"] = table["events"].to_numpy()


def _formats() -> dict[str, object]:
    number = st.column_config.NumberColumn
    titles = ("Active (h)", "Idle (h)", "Absent (h)", "Occupied (h)", "Worked at (h)", "Units per h")
    return {
        **{title: number(title, format="%.1f") for title in titles},
        "Utilisation": st.column_config.ProgressColumn(
            "Utilisation", format="%.1f %%", min_value=0, max_value=100
        ),
        "Before": number("Before", format="%.1f %%", help="Utilisation in the comparable time before."),
        "Units": number("Units", format="localized"),
        "Events": number("Events", format="localized"),
    }


def _shown_names(at: Scene) -> dict[str, str]:
    """The names that this person has asked for in this session and factory."""
    kept = st.session_state.get(NAMES)
    if not kept or kept["factory"] != at.access.factory.id:
        return {}
    if Permission.SEE_NAMED_PEOPLE not in at.access.principal.permissions:
        return {}
    names: dict[str, str] = kept["names"]
    return names


def _names_button(at: Scene) -> None:
    if Permission.SEE_NAMED_PEOPLE not in at.access.principal.permissions:
        return
    if _shown_names(at):
        if st.button("Hide names", icon=":material/visibility_off:", key="hide-names"):
            st.session_state.pop(NAMES, None)
            st.rerun()
    elif st.button("Show names", icon=":material/badge:", key="show-names"):
        _ask_reason(at)


@st.dialog("Why are the names needed?", icon=":material/badge:")
def _ask_reason(at: Scene) -> None:
    st.markdown(
        "Workers are shown under pseudonyms. Your reason and this look are written into the audit log."
    )
    reason = st.text_input("Reason", max_chars=300, key="names-reason")
    if st.button("Show names", type="primary", key="names-go"):
        try:
            show_names(at, reason)
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def show_names(at: Scene, reason: str) -> None:
    """Show real names in this session from now on; raises as `directory.real_names`."""
    names = directory.real_names(at.access, reason)
    st.session_state[NAMES] = {"factory": at.access.factory.id, "names": names}
