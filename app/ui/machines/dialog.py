"""The dialog in which a machine is added or edited."""

import streamlit as st

from app.production import machines
from app.production.machines import MachineDraft
from app.ui.forms import Problems
from app.ui.machines.views import DONE
from app.ui.scene import Scene
from data.models import Machine

KINDS = (
    "arc furnace", "ladle furnace", "caster", "furnace", "rolling mill", "press", "saw", "lathe",
    "grinder", "conveyor", "pump", "packing", "filling line",
)  # fmt: skip
IMPORTANCE = {1: "1 low", 2: "2", 3: "3 normal", 4: "4", 5: "5 vital"}


def open_dialog(at: Scene, machine: Machine | None = None) -> None:
    """Ask for a machine's data; with `machine` its present data stand in the fields."""
    Problems("machine").clear()
    _dialog(at, machine)


@st.dialog("Machine", width="medium", icon=":material/precision_manufacturing:")
def _dialog(at: Scene, machine: Machine | None) -> None:
    problems = Problems("machine")
    with st.form("machine-form", border=False, enter_to_submit=False):
        draft = _fields(at, machine, problems)
        problems.rest()
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not saved:
        return

    def save() -> None:
        if machine is None:
            machines.add(at.access, draft)
        else:
            machines.edit(at.access, machine.id, machine.version, draft)

    if problems.attempt(save):
        st.session_state[DONE] = f"{draft.name} was saved."
        st.rerun()
    st.rerun(scope="fragment")


def _fields(at: Scene, machine: Machine | None, problems: Problems) -> MachineDraft:
    left, right = st.columns(2)
    with left:
        key, name, line, cycle = _identity(at, machine, problems)
    with right:
        kind, maker, model, place, importance = _description(at, machine, problems)
    return MachineDraft(
        device_key=key.strip(),
        name=name.strip(),
        line_key=line if line in at.plant.line_by_key else None,
        new_line="" if line in at.plant.line_by_key else line,
        type=kind,
        manufacturer=maker,
        model=model,
        location=place,
        ideal_cycle_s=cycle,
        importance=importance,
    )


def _identity(at: Scene, machine: Machine | None, problems: Problems) -> tuple[str, str, str, float | None]:
    key = st.text_input(
        "Key",
        machine.device_key if machine else "",
        key="m-key",
        max_chars=100,
        disabled=machine is not None,
        help="The name that the machine uses in its messages and files. It cannot be changed later.",
    )
    problems.here("device_key")
    name = st.text_input("Name", machine.name if machine else "", key="m-name", max_chars=200)
    problems.here("name")
    known = at.plant.line_by_key
    current = at.plant.line_by_id[machine.line_id].key if machine and machine.line_id else ""
    lines = ["", *known]
    line = st.selectbox(
        "Line",
        lines,
        index=lines.index(current),
        format_func=lambda one: known[one].name if one in known else one or "none",
        key="m-line",
        accept_new_options=True,
        help="Choose one, or type the name of a new one.",
    )
    problems.here("line_key")
    cycle = st.number_input(
        "Ideal cycle time (s per unit)",
        value=machine.ideal_cycle_s if machine else None,
        min_value=0.0,
        format="%.3f",
        key="m-cycle",
        placeholder="unknown",
        help="The default where a product has none of its own. Left empty, performance is not evaluable: "
        "it is never guessed.",
    )
    problems.here("ideal_cycle_s")
    return key or "", name or "", line or "", cycle


def _description(at: Scene, machine: Machine | None, problems: Problems) -> tuple[str, str, str, str, int]:
    kinds = sorted({*KINDS, *(m.type for m in at.plant.rows.machines if m.type)})
    kind = st.selectbox(
        "Type",
        kinds,
        index=kinds.index(machine.type) if machine and machine.type else None,
        key="m-type",
        accept_new_options=True,
        placeholder="choose or type",
    )
    maker = st.text_input("Manufacturer", machine.manufacturer if machine else "", key="m-maker")
    model = st.text_input("Model", machine.model if machine else "", key="m-model")
    place = st.text_input("Location", machine.location if machine else "", key="m-place")
    importance = st.select_slider(
        "Importance",
        list(IMPORTANCE),
        value=machine.importance if machine else 3,
        format_func=IMPORTANCE.__getitem__,
        key="m-importance",
    )
    problems.here("importance")
    return kind or "", maker or "", model or "", place or "", int(importance)
