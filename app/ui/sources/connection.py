"""The form's first half: which system, where it is, who asks, and whether it answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.sources.drafts import Draft, Known
from app.sources.presets import PRESETS
from app.sources.store import get_source
from app.sources.trying import planned, survey
from app.ui.cards import error_card
from app.ui.forms import Problems
from app.ui.sources.form import Form

ANY_DATABASE: Final = "Any other database"
EXAMPLES: Final = "mysql://host:3306/database"
ADDRESS_HELP: Final = (
    "mysql, mariadb, postgresql, mongodb or influxdb, then host, port and database; sqlite:///file.db for a "
    "file in the folder of source files."
)


def connection(access: Access, form: Form, problems: Problems) -> None:
    """Ask for system, name, address and account; try the connection."""
    st.markdown("##### 1. Where it is")
    names = ["", *PRESETS]
    form.preset = st.selectbox(
        "System",
        names,
        index=names.index(form.preset) if form.preset in names else 0,
        format_func=lambda key: PRESETS[key].title if key else ANY_DATABASE,
        key="so-preset",
        help="For a known system the mapping is ready; any other database is mapped by hand.",
    )
    if form.preset:
        st.caption(PRESETS[form.preset].about)
    left, right = st.columns([1, 2])
    with left:
        form.name = st.text_input("Name", form.name, key="so-name", max_chars=120, placeholder="Steel plant")
        problems.here("name")
    with right:
        example = PRESETS[form.preset].example if form.preset else EXAMPLES
        form.address = st.text_input(
            "Address", form.address, key="so-address", placeholder=example, help=ADDRESS_HELP, max_chars=1000
        ).strip()
        problems.here("address")
    left, right = st.columns([1, 2])
    with left:
        form.user = st.text_input("User", form.user, key="so-user", max_chars=200, autocomplete="off")
    with right:
        kept = "kept as it is; type to replace it" if form.has_password else "empty where none is needed"
        form.password = st.text_input(
            "Password or token",
            form.password,
            type="password",
            key="so-password",
            placeholder=kept,
            autocomplete="new-password",
            help="Encrypted in the store, and never shown again. Best is an account that may only read.",
        )
        problems.here("password")
    if form.preset:
        _options(form, problems)
    _try(access, form, problems)


def _options(form: Form, problems: Problems) -> None:
    """The questions of the preset."""
    options = PRESETS[form.preset].options
    for cell, option in zip(st.columns(max(len(options), 1)), options, strict=False):
        with cell:
            form.options[option.name] = st.text_input(
                option.label,
                form.options.get(option.name, option.default),
                key=f"so-option-{form.preset}-{option.name}",
                help=option.help,
                max_chars=200,
            ).strip()
            problems.here(option.name)


def _try(access: Access, form: Form, problems: Problems) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Connect and find the streams" if form.preset else "Test the connection"
        clicked = st.button(label, icon=":material/cable:", key="so-test", disabled=not form.address)
        if form.survey is not None:
            about = form.survey.about
            st.badge(
                f"{about.engine} {about.version} answered in {about.latency_ms:.0f} ms; "
                f"{len(form.survey.items)} can be read",
                icon=":material/check:",
                color="green",
            )
    if clicked:
        form.survey = None
        form.columns = {}
        with st.spinner("Asking the source ..."):
            found = problems.attempt(lambda: _asked(access, form))
        if found:
            st.rerun()
    problems.here("preset")
    for note in form.notes:
        st.caption(f":material/info: {note}")


def _asked(access: Access, form: Form) -> None:
    source = to_ask(access, form)
    form.survey = survey(access, source)
    if form.preset:
        plan = planned(access, source)
        form.streams, form.notes = list(plan.streams), plan.notes
        form.round += 1


def to_ask(access: Access, form: Form) -> Draft | Known:
    """The form as something that can be asked: with the stored password where none was typed."""
    if form.id is None or form.password:
        return form.draft()
    known = get_source(access, form.id)
    if (known.address, known.user) != (form.address, form.user):
        return form.draft()
    return replace(known, preset=form.preset, options=form.draft().options, timeout_s=form.timeout_s)


def guarded(action: Callable[[], None]) -> None:
    """Do it; what is refused becomes a card."""
    try:
        action()
    except GembaError as error:
        error_card(error)
