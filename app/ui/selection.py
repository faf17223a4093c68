"""The selection bar: time range, lines, machines, shifts and products, kept in the URL to be shared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.errors import InvalidInput
from app.ui.ranges import RANGE_LABELS, RangeKey, ShiftWindow, TimeRange, resolve_range
from app.ui.zone import local_datetime

RANGE_PARAM: Final = "t_range"
DAYS_PARAM: Final = "t_days"
LINE_PARAM: Final = "f_line"
MACHINE_PARAM: Final = "f_machine"
SHIFT_PARAM: Final = "f_shift"
PRODUCT_PARAM: Final = "f_product"


@dataclass(frozen=True, slots=True)
class Selection:
    """What the person chose. An empty tuple means all; keys, not names."""

    range_key: RangeKey
    start_us: int
    end_us: int
    label: str
    lines: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Changes when the person chooses something else, not as time goes on: resets the zoom of charts."""
        start = "" if self.range_key in (RangeKey.LAST_24H, RangeKey.THIS_SHIFT) else self.start_us
        return f"{self.range_key}|{start}|{self.lines}|{self.machines}|{self.shifts}|{self.products}"

    @property
    def time_range(self) -> TimeRange:
        """The range alone."""
        return TimeRange(self.range_key, self.start_us, self.end_us, self.label)


def select(
    *,
    now_us: int,
    zone: ZoneInfo,
    day_start: time = time(0),
    shifts: Sequence[ShiftWindow] = (),
    lines: Mapping[str, str] | None = None,
    machines: Mapping[str, str] | None = None,
    machine_lines: Mapping[str, str] | None = None,
    products: Mapping[str, str] | None = None,
    default: RangeKey = RangeKey.TODAY,
    one_machine: bool = False,
    shift_filter: bool = True,
) -> Selection:
    """Draw the bar and return the choice.

    `lines`, `machines` and `products` map keys to names; None or empty draws no such filter. With
    `machine_lines` (machine key to line key) the chosen lines narrow the machines offered. `one_machine`
    draws a single choice and returns exactly one machine. A value in the URL may be a key or a name; one
    that fits nothing is left out with a note, never an error.
    """
    notes: list[str] = []
    with st.container(horizontal=True, vertical_alignment="bottom", key="selection-bar"):
        key = _range_key(default, bool(shifts), notes)
        days = _days(now_us, zone) if key is RangeKey.CUSTOM else None
    with st.grid("auto", min_column_width=165, gap="small", key="selection-filters"):
        chosen_lines = _several(LINE_PARAM, "Lines", lines or {}, notes)
        offered = _on_lines(machines or {}, machine_lines or {}, chosen_lines)
        pick = _one if one_machine else _several
        chosen_machines = pick(MACHINE_PARAM, "Machine" if one_machine else "Machines", offered, notes)
        names = {shift.key: shift.name for shift in shifts} if shift_filter else {}
        chosen_shifts = _several(SHIFT_PARAM, "Shifts", names, notes)
        chosen_products = _several(PRODUCT_PARAM, "Products", products or {}, notes)
    try:
        chosen = resolve_range(key, now_us, zone, day_start=day_start, shifts=shifts, custom=days)
    except InvalidInput as problem:
        notes.append(f"{problem} Showing today instead.")
        chosen = resolve_range(RangeKey.TODAY, now_us, zone, day_start=day_start)
    for note in notes:
        st.caption(f":material/info: {note}")
    return Selection(
        chosen.key,
        chosen.start_us,
        chosen.end_us,
        chosen.label,
        chosen_lines,
        chosen_machines,
        chosen_shifts,
        chosen_products,
    )


def link_params(
    *,
    range_key: RangeKey | None = None,
    days: tuple[date, date] | None = None,
    lines: Iterable[str] = (),
    machines: Iterable[str] = (),
    shifts: Iterable[str] = (),
    products: Iterable[str] = (),
) -> dict[str, list[str]]:
    """The query parameters (by key) that open a page with this selection, for links between pages."""
    pairs = {
        RANGE_PARAM: [range_key.value] if range_key else [],
        DAYS_PARAM: [day.isoformat() for day in days] if days else [],
        LINE_PARAM: list(lines),
        MACHINE_PARAM: list(machines),
        SHIFT_PARAM: list(shifts),
        PRODUCT_PARAM: list(products),
    }
    return {name: values for name, values in pairs.items() if values}


def _range_key(default: RangeKey, has_shifts: bool, notes: list[str]) -> RangeKey:
    keys = [key for key in RangeKey if has_shifts or key is not RangeKey.THIS_SHIFT]
    labels = {key.value: RANGE_LABELS[key] for key in keys}
    fallback = default if default in keys else RangeKey.TODAY
    wanted = _from_url(RANGE_PARAM, "time range", labels, notes)
    if wanted:
        st.session_state[RANGE_PARAM] = wanted[0]
    chosen = st.segmented_control(
        "Time range",
        list(labels),
        format_func=labels.__getitem__,
        default=fallback.value,
        required=True,
        key=RANGE_PARAM,
        label_visibility="collapsed",
        bind="query-params",
        wrap=True,
    )
    return RangeKey(chosen) if chosen in labels else fallback


def _days(now_us: int, zone: ZoneInfo) -> tuple[date, date] | None:
    today = local_datetime(now_us, zone).date()
    chosen = st.date_input(
        "First and last day",
        (today - timedelta(days=6), today),
        max_value=today,
        key=DAYS_PARAM,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=230,
        bind="query-params",
    )
    found = chosen if isinstance(chosen, tuple) else (chosen,)
    ends = [day for day in found if isinstance(day, date)]
    return (ends[0], ends[-1]) if ends else None


def _several(param: str, noun: str, names: Mapping[str, str], notes: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    labels = _labels(names)
    wanted = _from_url(param, noun.lower(), labels, notes)
    if wanted:
        st.session_state[param] = wanted
    chosen = st.multiselect(
        noun,
        list(labels),
        format_func=labels.__getitem__,
        key=param,
        placeholder=f"All {noun.lower()}",
        label_visibility="collapsed",
        bind="query-params",
    )
    return tuple(key for key in chosen if key in labels)


def _one(param: str, noun: str, names: Mapping[str, str], notes: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    labels = _labels(names)
    wanted = _from_url(param, noun.lower(), labels, notes)
    if wanted:
        st.session_state[param] = wanted[0]
    chosen = st.selectbox(
        noun,
        list(labels),
        format_func=labels.__getitem__,
        key=param,
        label_visibility="collapsed",
        bind="query-params",
    )
    return (chosen,) if chosen in labels else (next(iter(labels)),)


def _labels(names: Mapping[str, str]) -> dict[str, str]:
    """Names made unique by their key, since the URL holds the label."""
    seen = list(names.values())
    return {key: name if seen.count(name) == 1 else f"{name} ({key})" for key, name in names.items()}


def _from_url(param: str, noun: str, labels: Mapping[str, str], notes: list[str]) -> list[str]:
    """Keys that the URL gives as keys; labels are the widget's own affair, and the rest becomes a note."""
    values = st.query_params.get_all(param)
    known = set(labels.values())
    unknown = [value for value in values if value and value not in known and value not in labels]
    if unknown:
        notes.append(f"The link names an unknown {noun} ({', '.join(unknown)[:80]}); it was left out.")
    if not any(value in labels and value not in known for value in values):
        return []
    by_label = {label: key for key, label in labels.items()}
    return [
        value if value in labels else by_label[value] for value in values if value not in unknown and value
    ]


def _on_lines(
    machines: Mapping[str, str], machine_lines: Mapping[str, str], lines: Sequence[str]
) -> dict[str, str]:
    if not lines or not machine_lines:
        return dict(machines)
    return {key: name for key, name in machines.items() if machine_lines.get(key) in lines}
