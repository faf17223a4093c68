"""The products of the plant with their ideal cycles, and the dialogs that change them."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from app.auth.permissions import Permission
from app.production.masters.products import (
    LONGEST_CYCLE_S,
    LONGEST_KEY,
    LONGEST_UNIT,
    ProductDraft,
    StoredProduct,
    delete_product,
    products,
    save_product,
)
from app.ui.cards import empty_state
from app.ui.forms import Problems, form_dialog
from app.ui.machines.views import DONE, label
from app.ui.scene import Scene
from app.ui.shifts.choosing import row_actions
from app.ui.tables import data_table, fitting


def product_table(at: Scene) -> None:
    """All products; below, the ideal cycles of the chosen one."""
    known = products(at.access)
    row = None
    if known:
        row = data_table(
            pd.DataFrame(
                {
                    "Key": [one.draft.key for one in known],
                    "Name": [one.draft.name for one in known],
                    "Unit": [one.draft.unit for one in known],
                    "Ideal cycles": [len(one.draft.cycles) for one in known],
                    "In use": [one.draft.is_active for one in known],
                }
            ),
            key="product-table", label="The products", download_name="products", selectable=True,
            height=fitting(len(known), 12),
        )  # fmt: skip
    else:
        empty_state(
            "No product yet",
            "Counts and shift records can name a product; its ideal cycle says how fast a machine should "
            "make it. Add one, or import a list on the page *Import*.",
            icon="inventory_2",
            key="products",
        )
    row_actions(
        at, "product", lambda place: _open(at, None if place is None else known[place]), row,
        delete=lambda place: delete_product(at.access, known[place]),
        warning="Its ideal cycles go with it. A product goes only when nothing else refers to it; otherwise "
        "you are told what does.",
        name=lambda place: known[place].draft.name or known[place].draft.key,
    )  # fmt: skip
    if row is not None:
        _cycles(at, known[row])
    elif known:
        st.caption("Choose a product to see its ideal cycle on each machine.")


def _open(at: Scene, stored: StoredProduct | None) -> None:
    form_dialog(
        "product", "Change a product" if stored else "Add a product", ":material/inventory_2:",
        lambda problems: _fields(stored, problems), lambda draft: _save(at, draft, stored),
    )  # fmt: skip


def _save(at: Scene, draft: ProductDraft, stored: StoredProduct | None) -> None:
    save_product(at.access, draft, stored)
    st.session_state[DONE] = f"{draft.name or draft.key} was saved."


def _fields(stored: StoredProduct | None, problems: Problems) -> ProductDraft:
    draft = stored.draft if stored else ProductDraft("")
    key = st.text_input(
        "Key", draft.key, max_chars=LONGEST_KEY, key="pr-key", disabled=stored is not None,
        placeholder="bar-20", help="By it messages and files name the product. It cannot be changed later.",
    )  # fmt: skip
    problems.here("key")
    name = st.text_input("Name", draft.name, max_chars=200, key="pr-name", placeholder="Round bar 20 mm")
    problems.here("name")
    unit = st.text_input("Unit", draft.unit, max_chars=LONGEST_UNIT, key="pr-unit", help="What is counted.")
    problems.here("unit")
    is_active = draft.is_active
    if stored is not None:
        is_active = st.toggle(
            "In use", is_active, key="pr-active",
            help="Out of use it is not offered for new jobs, records and targets; what names it stays.",
        )  # fmt: skip
    return replace(
        draft, key=(key or "").strip(), name=(name or "").strip(), unit=(unit or "").strip(),
        is_active=is_active,
    )  # fmt: skip


def _cycles(at: Scene, stored: StoredProduct) -> None:
    """Each machine with the ideal cycle that counts for this product, and whose it is."""
    own, machines = stored.draft.cycles, at.plant.rows.machines
    name = stored.draft.name or stored.draft.key
    st.markdown(f"**Ideal cycles of {name}**")
    if not machines:
        st.caption("There is no machine yet.")
        return
    row = data_table(
        pd.DataFrame(
            {
                "Machine": [label(one) for one in machines],
                "Ideal cycle": pd.Series(
                    [own.get(one.device_key, one.ideal_cycle_s) for one in machines], dtype="float64"
                ),
                "From": [_source(own, one.device_key, one.ideal_cycle_s) for one in machines],
            }
        ),
        key=f"cycles-{stored.id}", label=f"Ideal cycles of {name}",
        columns={"Ideal cycle": st.column_config.NumberColumn("Ideal cycle (s per unit)", format="%.3f")},
        download_name=f"cycles-{stored.draft.key}", selectable=True, height=fitting(len(machines), 12),
    )  # fmt: skip
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        return
    pressed = st.button(
        "Change the cycle", icon=":material/timer:", key="cycle-change", disabled=row is None,
        help="Choose a machine in the table first." if row is None else None,
    )  # fmt: skip
    if pressed and row is not None:
        chosen = machines[row]
        form_dialog(
            "cycle", f"{name} on {chosen.name}", ":material/timer:",
            lambda problems: _cycle_field(stored.draft, chosen.device_key, chosen.ideal_cycle_s, problems),
            lambda draft: _save(at, draft, stored),
        )  # fmt: skip


def _source(own: object, key: str, default: float | None) -> str:
    if isinstance(own, dict) and key in own:
        return "the product"
    return "unknown" if default is None else "the machine's default"


def _cycle_field(draft: ProductDraft, key: str, default: float | None, problems: Problems) -> ProductDraft:
    told = "unknown" if default is None else f"the machine's {default:g}"
    given = st.number_input(
        "Ideal cycle (s per unit)", 0.0, float(LONGEST_CYCLE_S), draft.cycles.get(key), format="%.3f",
        key="cy-seconds", placeholder=told,
        help="Left empty, the machine's own default counts; without one, performance is not evaluable.",
    )  # fmt: skip
    problems.here("cycles")
    rest = {machine: value for machine, value in draft.cycles.items() if machine != key}
    return replace(draft, cycles=rest if given is None else {**rest, key: float(given)})
