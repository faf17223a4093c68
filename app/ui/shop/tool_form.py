"""The dialogs in which tools are put into the store, changed, received, fitted, measured and taken out."""

import streamlit as st

from analytics.twin.lathe.tools import MAGAZINE
from app.shop.fittings import WHY, Fitting, fit_tool, measure_wear, remove_tool
from app.shop.tools import KINDS, StoredTool, ToolDraft, add_tool, change_tool, receive, tools
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.shop.job_work import done
from app.ui.shop.words import KIND_WORDS, WHY_WORDS


def tool_dialog(at: Scene, stored: StoredTool | None = None) -> None:
    """Ask for a new tool, or change the stored one."""
    Problems("tool").clear()
    free = max((one.draft.number for one in tools(at.access)), default=0) + 1

    @st.dialog("Change a tool" if stored else "Add a tool", width="medium", icon=":material/handyman:")
    def dialog() -> None:
        problems = Problems("tool")
        with st.form("tool-form", border=False, enter_to_submit=False):
            draft = _fields(at, stored.draft if stored else ToolDraft(free, ""), problems)
            problems.rest()
            is_sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
        if not is_sent:
            return
        if stored is None:
            done(problems, lambda: add_tool(at.access, draft))
        else:
            done(problems, lambda: change_tool(at.access, stored.id, stored.version, draft))

    dialog()


def _fields(at: Scene, draft: ToolDraft, problems: Problems) -> ToolDraft:
    left, right = st.columns(2)
    with left:
        number = st.number_input("Number", 1, None, draft.number, key="tool-number")
        problems.here("number")
        name = st.text_input("Name", draft.name, max_chars=200, key="tool-name")
        problems.here("name")
        kind = st.selectbox("Kind", KINDS, KINDS.index(draft.kind), key="tool-kind",
                            format_func=KIND_WORDS.__getitem__)  # fmt: skip
        holder = st.text_input("Holder", draft.holder, max_chars=200, key="tool-holder")
        material = st.text_input("Material of the edge", draft.material, max_chars=60, key="tool-material")
        problems.here("material")
    with right:
        numbers = list(MAGAZINE)
        like = st.selectbox(
            "Cuts like", numbers, numbers.index(draft.cuts_like) if draft.cuts_like in MAGAZINE else None,
            format_func=lambda one: MAGAZINE[one].name, key="tool-like", placeholder="None of these",
            help="The tool of the lathe's twin whose life law holds for this one.",
        )  # fmt: skip
        life = st.number_input("Life, if known better (min of cutting)", None, None, draft.life_min,
                               key="tool-life")  # fmt: skip
        problems.here("life_min")
        limit = st.number_input("Flank wear when used up (mm)", 0.0, None, draft.limit_mm, 0.05, "%.2f",
                                key="tool-limit")  # fmt: skip
        problems.here("limit_mm")
        price = st.number_input(
            f"Price ({at.access.factory.currency})", None, None, draft.price, key="tool-price"
        )
        problems.here("price")
        stock = st.number_input("In store", 0, None, draft.stock, key="tool-stock")
        level = st.number_input("Reorder at", 0, None, draft.reorder_level, key="tool-level")
    is_active = st.toggle("In use", draft.is_active, key="tool-active")
    return ToolDraft(
        int(number), name or "", kind or "other", holder or "", material or "", like, life, limit, price,
        int(stock), int(level), is_active,
    )  # fmt: skip


def receive_dialog(at: Scene, stored: StoredTool) -> None:
    """How many tools came."""
    Problems("recv").clear()

    @st.dialog(f"Receive tool {stored.draft.number}", icon=":material/inventory_2:")
    def dialog() -> None:
        problems = Problems("recv")
        st.caption(f"{stored.draft.name} · {stored.draft.stock} in store")
        count = st.number_input("How many came?", None, None, 10, key="recv-count",
                                help="A negative number takes out what was counted too many.")  # fmt: skip
        problems.here("count")
        problems.rest()
        if st.button("Add to the store", type="primary", icon=":material/add:", key="recv-save"):
            done(problems, lambda: receive(at.access, stored.id, stored.version, int(count or 0)))

    dialog()


def fit_dialog(at: Scene, machine: str = "") -> None:
    """Which tool goes on which machine."""
    Problems("fit").clear()
    store = {one.draft.number: one.draft for one in tools(at.access, with_old=False)}
    names = {one.device_key: one.name for one in at.plant.active}

    @st.dialog("Fit a tool", icon=":material/build_circle:")
    def dialog() -> None:
        problems = Problems("fit")
        keys, numbers = list(names), list(store)
        chosen = st.selectbox(
            "Machine",
            keys,
            keys.index(machine) if machine in names else None,
            key="fit-machine",
            format_func=names.__getitem__,
        )
        problems.here("machine")
        number = st.selectbox(
            "Tool", numbers, None, key="fit-tool",
            format_func=lambda one: f"{one} · {store[one].name} ({store[one].stock} in store)",
        )  # fmt: skip
        problems.here("tool")
        problems.rest()
        if st.button("Fit", type="primary", key="fit-save", disabled=chosen is None or number is None):
            done(problems, lambda: fit_tool(at.access, chosen or "", number or 0))

    dialog()


def fitted_dialog(at: Scene, one: Fitting) -> None:
    """A fitted tool: enter its wear, or take it out."""
    Problems("fitted").clear()
    machine = at.plant.machine_by_key.get(one.machine)

    @st.dialog(
        f"Tool {one.tool} on {machine.name if machine else one.machine}", icon=":material/build_circle:"
    )
    def dialog() -> None:
        problems = Problems("fitted")
        st.caption(one.tool_name)
        wear = st.number_input("Measured flank wear (mm)", 0.0, None, one.wear_mm or 0.0, 0.01, "%.2f",
                               key="fitted-wear")  # fmt: skip
        problems.here("wear_mm")
        if st.button("Keep the wear", icon=":material/straighten:", key="fitted-keep"):
            done(problems, lambda: measure_wear(at.access, one.id, one.version, wear or 0.0))
        why = st.segmented_control(
            "Why is it taken out?",
            WHY,
            default=WHY[0],
            key="fitted-why",
            required=True,
            format_func=WHY_WORDS.__getitem__,
        )
        problems.rest()
        if st.button("Take it out", type="primary", icon=":material/output:", key="fitted-out"):
            done(problems, lambda: remove_tool(at.access, one.id, one.version, str(why)))

    dialog()
