"""The source that a person is describing: kept in the session until it is saved or left."""

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from app.sources.drafts import Draft, Known
from app.sources.streams import Stream
from app.sources.trying import Survey
from data.sources.protocol import Column

FORM: Final = "source-form"


@dataclass(slots=True)
class Form:
    """A draft with what is known of the source so far. `id` is None for a new one."""

    id: int | None = None
    version: int = 0
    preset: str = ""
    name: str = ""
    address: str = ""
    user: str = ""
    password: str = ""
    has_password: bool = False
    options: dict[str, str] = field(default_factory=dict)
    streams: list[Stream] = field(default_factory=list)
    every_s: int = 300
    overlap_s: int = 300
    page_rows: int = 10_000
    timeout_s: int = 60
    survey: Survey | None = None
    notes: tuple[str, ...] = ()
    columns: dict[str, list[Column]] = field(default_factory=dict)
    round: int = 0
    """Moves when the streams are made anew, so that their widgets begin afresh."""

    def draft(self) -> Draft:
        """The draft that the form describes."""
        return Draft(
            self.name, self.address, self.user, self.password or None, self.preset,
            {name: text for name, text in self.options.items() if text}, tuple(self.streams),
            self.every_s, self.overlap_s, self.page_rows, self.timeout_s,
        )  # fmt: skip


def current() -> Form | None:
    """The form that is open, if one is."""
    found: Form | None = st.session_state.get(FORM)
    return found


def begin(known: Known | None) -> None:
    """Open the form, empty or with a stored source."""
    form = Form()
    if known is not None:
        form = Form(
            known.id, known.version, known.preset, known.name, known.address, known.user, "",
            known.has_password, dict(known.options), list(known.streams), known.every_s, known.overlap_s,
            known.page_rows, known.timeout_s,
        )  # fmt: skip
    st.session_state[FORM] = form


def leave() -> None:
    """Close the form; what was not saved is gone."""
    st.session_state.pop(FORM, None)
