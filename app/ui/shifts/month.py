"""The month view: what runs on each day, with which crew, and why a day is different."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from app.shifts.month import DayPlan, day_plans
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime
from app.ui.tables import download_buttons

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTH_KEY: Final = "c_month"
STYLE: Final = """
<style>
.month { width: 100%; border-collapse: separate; border-spacing: 3px; table-layout: fixed; }
.month th { text-align: left; font-weight: 500; font-size: 0.85rem; opacity: 0.75; padding: 0 0.4rem; }
.month td { vertical-align: top; height: 6rem; padding: 0.35rem 0.45rem; border-radius: 0.4rem;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent);
  font-size: 0.82rem; line-height: 1.35; }
.month td.other { border: 0; }
.month td.closed { background: color-mix(in srgb, currentColor 9%, transparent); }
.month td.today { border: 2px solid light-dark(#0B5F59, #5CC9BD); }
.month b { font-size: 0.95rem; }
.month .name { display: block; font-style: italic; }
.month .runs { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.month .weekday { display: none; }
@media (max-width: 640px) {
  .month thead { display: none; }
  .month tr, .month tbody { display: block; }
  .month td { display: block; height: auto; margin-bottom: 4px; }
  .month td.other { display: none; }
  .month .weekday { display: inline; }
  .month .runs { white-space: normal; }
}
</style>
"""


def month_view(at: Scene) -> None:
    """A month as a calendar; on a phone as a list of days."""
    today = local_datetime(at.now_us, at.zone).date()
    first = chosen_month(today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    plans = day_plans(at.access, first, last)
    grid([_cell(one, today) for one in plans], first)
    closed = sum(one.is_closed for one in plans)
    runs = sum(len(one.shifts) for one in plans)
    st.caption(f"{runs} shifts run in this month; {closed} days are closed. + marks an extra shift.")
    download_buttons(_frame(plans), name=f"calendar-{first:%Y-%m}", key="month")


def chosen_month(today: date) -> date:
    """The first day of the month that is looked at; three years around today can be chosen."""
    base = today.year * 12 + today.month - 1
    months = {f"{n // 12}-{n % 12 + 1:02}": date(n // 12, n % 12 + 1, 1) for n in range(base - 18, base + 19)}
    keys, here = list(months), f"{today:%Y-%m}"

    def move(by: int) -> None:
        place = keys.index(st.session_state.get(MONTH_KEY) or here) + by
        st.session_state[MONTH_KEY] = keys[min(max(place, 0), len(keys) - 1)]

    with st.container(horizontal=True, vertical_alignment="bottom", key="month-bar"):
        st.button(
            "Month before", icon=":material/chevron_left:", key="month-before", on_click=move, args=(-1,)
        )
        chosen = st.selectbox(
            "Month", keys, keys.index(here), key=MONTH_KEY, width=200, label_visibility="collapsed",
            format_func=lambda key: f"{months[key]:%B %Y}", bind="query-params",
        )  # fmt: skip
        st.button("Month after", icon=":material/chevron_right:", key="month-after", on_click=move, args=(1,))
    return months[chosen]


def grid(days: Sequence[str], first: date) -> None:
    """Draw the cells of a month's days, which `cell` makes, from its first date on."""
    cells = ['<td class="other"></td>'] * first.weekday() + list(days)
    cells += ['<td class="other"></td>'] * (-len(cells) % 7)
    rows = "".join(f"<tr>{''.join(cells[begin : begin + 7])}</tr>" for begin in range(0, len(cells), 7))
    head = "".join(f'<th scope="col">{day}</th>' for day in WEEKDAYS)
    st.html(f'{STYLE}<table class="month"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')


def _cell(plan: DayPlan, today: date) -> str:
    title = plan.name or ("closed" if plan.is_closed else "")
    runs = [
        f"{'+' if one.is_extra else ''}{one.name}{': ' + ', '.join(one.crews) if one.crews else ''}"
        for one in plan.shifts
    ]
    return cell(plan.day, today, runs, title, is_closed=plan.is_closed)


def cell(day: date, today: date, lines: Sequence[str], title: str = "", *, is_closed: bool = False) -> str:
    """A day of the month as a cell of the table: its number, a title, and a line for each thing."""
    marks = " ".join(word for word, is_so in (("closed", is_closed), ("today", day == today)) if is_so)
    name = f'<span class="name">{escape(title)}</span>' if title else ""
    runs = "".join(f'<span class="runs" title="{escape(one)}">{escape(one)}</span>' for one in lines)
    return f'<td class="{marks}"><span class="weekday">{day:%a} </span><b>{day.day}</b>{name}{runs}</td>'


def _frame(plans: Sequence[DayPlan]) -> pd.DataFrame:
    rows = [
        {
            "Date": one.day.isoformat(),
            "Weekday": f"{one.day:%A}",
            "Shift": shift.name if shift else "",
            "Crews": ", ".join(shift.crews) if shift else "",
            "Extra": bool(shift and shift.is_extra),
            "Note": one.name,
        }
        for one in plans
        for shift in (one.shifts or (None,))
    ]
    return pd.DataFrame(rows)


def near(at: Scene, days: int = 0) -> date:
    """Today's date in the factory, or a day so many days after it."""
    return local_datetime(at.now_us, at.zone).date() + timedelta(days=days)
