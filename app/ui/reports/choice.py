"""What stands in a report, in which form, of which part of the plant."""

from dataclasses import dataclass

import streamlit as st

from app.reports.drafts import SECTIONS
from app.ui.forms import Problems
from app.ui.reports.words import FORMATS
from app.ui.scene import Scene


@dataclass(frozen=True, slots=True)
class Choice:
    """The answers that a report and a schedule have in common."""

    form: str
    sections: tuple[str, ...]
    lines: tuple[str, ...]
    machines: tuple[str, ...]
    recipients: tuple[str, ...]


def choose(at: Scene, problems: Problems, key: str) -> Choice:
    """Ask for format, sections, lines, machines and recipients."""
    form = st.segmented_control(
        "Format", list(FORMATS), default="pdf", required=True, key=f"{key}-format",
        format_func=FORMATS.__getitem__,
    )  # fmt: skip
    problems.here("format")
    sections = st.pills(
        "Sections", list(SECTIONS), selection_mode="multi", default=list(SECTIONS), key=f"{key}-sections",
        format_func=SECTIONS.__getitem__,
    )  # fmt: skip
    problems.here("sections")
    names = {line.key: line.name for line in at.plant.rows.lines}
    lines = st.multiselect("Lines", list(names), key=f"{key}-lines", placeholder="All",
                           format_func=names.__getitem__)  # fmt: skip
    known = {one.device_key: one.name for one in at.plant.active}
    machines = st.multiselect("Machines", list(known), key=f"{key}-machines", placeholder="All",
                              format_func=known.__getitem__)  # fmt: skip
    problems.here("machines")
    mails = st.text_input("Mail it to", key=f"{key}-mails", placeholder="Addresses, joined by commas")
    problems.here("recipients")
    people = tuple(one.strip() for one in (mails or "").split(",") if one.strip())
    return Choice(str(form), tuple(sections), tuple(lines), tuple(machines), people)
