"""What to look for in the log: the fields live in the address, so that a search can be shared."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from data.queries.audit import EntrySearch

PAGE = 50


def asked(kinds: list[str], zone: ZoneInfo) -> EntrySearch:
    """Draw the fields; what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search", key="a_q", bind="query-params", icon=":material/search:", width=260,
            placeholder="Any word of an entry", on_change=to_first_page,
        )  # fmt: skip
        actor = st.text_input(
            "Who", key="a_who", bind="query-params", width=200, placeholder="E-mail", on_change=to_first_page
        )
        kind = st.selectbox(
            "What", kinds, index=None, key="a_kind", bind="query-params", width=180, placeholder="Any object",
            on_change=to_first_page,
        )  # fmt: skip
        days = st.date_input(
            "When", value=[], key="a_days", width=240, max_value=date(2100, 1, 1), on_change=to_first_page
        )
    start, end = _range(days, zone)
    return EntrySearch(actor=actor or "", object_type=kind or "", words=words or "", start=start, end=end)


def _range(days: object, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The days in the factory's zone, the last one included; one day alone is that day."""
    chosen = [day for day in days if isinstance(day, date)] if isinstance(days, tuple) else []
    if not chosen:
        return None, None
    first, last = chosen[0], chosen[-1] + timedelta(days=1)
    return (
        datetime(first.year, first.month, first.day, tzinfo=zone),
        datetime(last.year, last.month, last.day, tzinfo=zone),
    )


def page_number() -> int:
    """Which page of the list is shown, from 0."""
    return int(st.session_state.get("audit-page", 0))


def to_first_page() -> None:
    """A new search begins with its first page."""
    st.session_state["audit-page"] = 0


def page_buttons(total: int) -> None:
    """Newer and older, where there is more than one page."""
    page, pages = page_number(), max((total + PAGE - 1) // PAGE, 1)
    if pages == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        _step_button("Newer", "chevron_left", -1, is_end=page == 0)
        st.caption(f"Page {page + 1} of {pages}", width="content")
        _step_button("Older", "chevron_right", 1, is_end=page + 1 >= pages)


def _step_button(label: str, icon: str, by: int, *, is_end: bool) -> None:
    key = f"a-{label.lower()}"
    st.button(label, icon=f":material/{icon}:", key=key, disabled=is_end, on_click=_step, args=(by,))


def _step(by: int) -> None:
    st.session_state["audit-page"] = max(page_number() + by, 0)
