"""The dialog in which a production job is made or changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import streamlit as st

from analytics.twin.lathe.materials import MATERIALS
from analytics.twin.lathe.tools import Operation
from app.shop.jobs import BEGUN, JobDraft, StoredJob
from app.shop.planning import change_job, make_job
from app.shop.tools import tools
from app.ui.forms import Problems, form_dialog
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime, to_us
from app.ui.shop.words import CUTTING, material_word

MINUTE_S: Final = 60.0


def job_dialog(at: Scene, stored: StoredJob | None = None, machine: str = "") -> None:
    """Ask for a new job, or change the stored one."""

    def save(draft: JobDraft) -> None:
        if stored is None:
            make_job(at.access, draft)
        else:
            change_job(at.access, stored.id, stored.version, draft)

    first = stored.draft if stored else JobDraft(machine)
    form_dialog(
        "pjob",
        "Change a job" if stored else "Make a job",
        ":material/assignment_add:",
        lambda problems: _fields(at, first, stored, problems),
        save,
        "medium",
    )


def _fields(at: Scene, draft: JobDraft, stored: StoredJob | None, problems: Problems) -> JobDraft:
    names = {one.device_key: one.name for one in at.plant.active}
    keys = list(names)
    left, right = st.columns(2)
    with left:
        machine = st.selectbox(
            "Machine", keys, keys.index(draft.machine) if draft.machine in names else None,
            format_func=names.__getitem__, key="pjob-machine",
            disabled=stored is not None and stored.state in BEGUN,
        )  # fmt: skip
        problems.here("machine")
        operation = _word("Operation", [one.value for one in Operation], draft.operation, "pjob-operation")
        problems.here("operation")
        quantity = st.number_input("Parts", 0.0, None, draft.quantity, 1.0, "%.0f", key="pjob-quantity")
        problems.here("quantity")
    with right:
        tool = _tool(at, draft.tool)
        problems.here("tool")
        material = _word("Material", list(MATERIALS), draft.material, "pjob-material")
        problems.here("material")
        product = _product(at, draft.product)
        problems.here("product")
    start = _start(at, draft.planned_us)
    problems.here("planned_start")
    cutting = _cutting(draft.cutting, problems)
    is_open = bool({"cycle_s", "estimated_s"} & set(problems.found))
    with st.expander("Times, if you know them better", expanded=is_open):
        whole = draft.estimated_s / MINUTE_S if draft.estimated_s and draft.cycle_s is None else None
        was_given = stored is not None and stored.cycle_source == "given"
        known_s = draft.cycle_s if was_given else None
        cycle = st.number_input("Ideal time of a part (s)", None, None, known_s, key="pjob-cycle",
                                help="Empty: from the lathe's twin or the machine.")  # fmt: skip
        problems.here("cycle_s")
        minutes = st.number_input("Time of the whole job (min)", None, None, whole, key="pjob-estimate",
                                  help="Empty: parts times the ideal time, and tool changes.")  # fmt: skip
        problems.here("estimated_s")
    note = st.text_area("Note", draft.note, max_chars=2_000, key="pjob-note")
    return JobDraft(
        machine or draft.machine, material, operation, tool, quantity, product, cutting, cycle,
        None if minutes is None else minutes * MINUTE_S, start, note or "", draft.key,
    )  # fmt: skip


def _word(label: str, known: list[str], now: str, key: str) -> str:
    """A known word, or on machines that are no lathes any other."""
    options = known if not now or now in known else [*known, now]
    chosen = st.selectbox(
        label, options, options.index(now) if now else None, format_func=material_word, key=key,
        accept_new_options=True, placeholder="Choose or write",
    )  # fmt: skip
    return chosen or ""


def _tool(at: Scene, now: int | None) -> int | None:
    store = {one.draft.number: one.draft for one in tools(at.access, with_old=False)}
    numbers = list(store)
    return st.selectbox(
        "Tool", numbers, numbers.index(now) if now in store else None, key="pjob-tool",
        format_func=lambda number: f"{number} · {store[number].name} ({store[number].stock} in store)",
        placeholder="Choose a tool" if numbers else "The store is empty",
    )  # fmt: skip


def _product(at: Scene, now: str) -> str:
    names = {one.key: one.name or one.key for one in at.plant.offered(now)}
    keys = list(names)
    chosen = st.selectbox("Product", keys, keys.index(now) if now in names else None, key="pjob-product",
                          format_func=names.__getitem__, placeholder="None")  # fmt: skip
    return chosen or ""


def _start(at: Scene, now: int | None) -> int | None:
    local = None if now is None else local_datetime(now, at.zone).replace(tzinfo=None)
    chosen = st.datetime_input(
        "Planned start", local, key="pjob-start", help=f"Empty: it waits for its turn. {at.zone.key} time."
    )
    if chosen == local or not isinstance(chosen, datetime):
        return now if chosen == local else None
    return to_us(chosen, at.zone)


def _cutting(now: Mapping[str, float], problems: Problems) -> dict[str, float]:
    """The cutting values that somebody wrote; an empty field is the recommended one."""
    found: dict[str, float] = {}
    is_open = bool(now) or any(name in problems.found for name, _, _ in CUTTING)
    with st.expander("Cutting values of a lathe", expanded=is_open):
        for name, label, shape in CUTTING:
            value = st.number_input(label, None, None, now.get(name), format=shape, key=f"pjob-{name}",
                                    placeholder="recommended")  # fmt: skip
            problems.here(name)
            if value is not None:
                found[name] = float(value)
    return found
