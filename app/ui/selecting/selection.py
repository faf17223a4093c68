"""The selection bar: time range, lines, machines, shifts and products, kept in the URL to be shared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.errors import InvalidInput
from app.shifts.now import ShiftRun
from app.ui.selecting.ranges import RANGE_LABELS, RangeKey, TimeRange, resolve_range
from app.ui.selecting.zone import local_datetime

RANGE_PARAM: Final = "t_range"
DAYS_PARAM: Final = "t_days"
LINE_PARAM: Final = "f_line"
MACHINE_PARAM: Final = "f_machine"
SHIFT_PARAM: Final = "f_shift"
PRODUCT_PARAM: Final = "f_product"
_PENDING: Final = "selection-pending"
_KEPT: Final = "selection-kept"
_PAGE: Final = "selection-page"
_NOUNS: Final = {
    RANGE_PARAM: "time range",
    LINE_PARAM: "line",
    MACHINE_PARAM: "machine",
    SHIFT_PARAM: "shift",
    PRODUCT_PARAM: "product",
}


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
    days: tuple[date, date] | None = None
    """The first and the last day, where the person chose days."""

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
    shifts: Mapping[str, str] | None = None,
    shift: ShiftRun | None = None,
    lines: Mapping[str, str] | None = None,
    machines: Mapping[str, str] | None = None,
    machine_lines: Mapping[str, str] | None = None,
    products: Mapping[str, str] | None = None,
    default: RangeKey = RangeKey.TODAY,
    one_machine: bool = False,
    shift_filter: bool = True,
) -> Selection:
    """Draw the bar and return the choice.

    `lines`, `machines`, `shifts` and `products` map keys to names; None or empty draws no such filter.
    `shift` is the one that runs or ran last. With `machine_lines` (machine key to line key) the chosen lines
    narrow the machines offered. `one_machine` draws a single choice and returns exactly one machine. A value
    in the URL may be a key or a name; one that fits nothing is left out with a note, never an error.
    """
    notes: list[str] = []
    _apply_pending()
    labels = {
        RANGE_PARAM: _range_labels(bool(shifts)),
        LINE_PARAM: _labels(lines or {}),
        MACHINE_PARAM: _labels(machines or {}),
        SHIFT_PARAM: _labels((shifts or {}) if shift_filter else {}),
        PRODUCT_PARAM: _labels(products or {}),
    }
    single = {RANGE_PARAM, MACHINE_PARAM} if one_machine else {RANGE_PARAM}
    _read_url(labels, single, notes)
    _restore(labels, single)
    with st.container(horizontal=True, vertical_alignment="bottom", key="selection-bar"):
        key = _range_key(default, labels[RANGE_PARAM])
        days = _days(now_us, zone) if key is RangeKey.CUSTOM else None
    with st.grid("auto", min_column_width=165, gap="small", key="selection-filters"):
        chosen_lines = _several(LINE_PARAM, "Lines", labels[LINE_PARAM])
        offered = _on_lines(labels[MACHINE_PARAM], machine_lines or {}, chosen_lines)
        pick = _one if one_machine else _several
        chosen_machines = pick(MACHINE_PARAM, "Machine" if one_machine else "Machines", offered)
        chosen_shifts = _several(SHIFT_PARAM, "Shifts", labels[SHIFT_PARAM])
        chosen_products = _several(PRODUCT_PARAM, "Products", labels[PRODUCT_PARAM])
    made = Selection(
        key, 0, 0, "", chosen_lines, chosen_machines, chosen_shifts, chosen_products,
        days if key is RangeKey.CUSTOM else None,
    )  # fmt: skip
    _keep(made, one_machine=one_machine)
    try:
        chosen = resolve_range(key, now_us, zone, day_start=day_start, shift=shift, custom=days)
    except InvalidInput as problem:
        notes.append(f"{problem} Showing today instead.")
        chosen = resolve_range(RangeKey.TODAY, now_us, zone, day_start=day_start)
        made = replace(made, days=None)
    for note in notes:
        st.caption(f":material/info: {note}")
    return replace(
        made, range_key=chosen.key, start_us=chosen.start_us, end_us=chosen.end_us, label=chosen.label
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


def carried(
    selection: Selection, *, lines: Iterable[str] = (), machines: Iterable[str] = ()
) -> dict[str, list[str]]:
    """The query parameters of a link that keeps the selection's time and shifts, for other machines."""
    return link_params(
        range_key=selection.range_key,
        days=selection.days,
        lines=lines,
        machines=machines,
        shifts=selection.shifts,
    )


def narrow(*, machine: str | None = None, day: date | None = None) -> None:
    """Choose this machine or day in the bar, as if the person had: the page runs again at once."""
    pending: dict[str, object] = {}
    if machine is not None:
        pending[MACHINE_PARAM] = [machine]
    if day is not None:
        pending |= {RANGE_PARAM: RangeKey.CUSTOM.value, DAYS_PARAM: (day, day)}
    st.session_state[_PENDING] = pending
    st.rerun()


def _apply_pending() -> None:
    """Put what `narrow` asked for into the widgets, and into the address of one that is not there yet."""
    pending = st.session_state.pop(_PENDING, {})
    days = pending.pop(DAYS_PARAM, None)
    st.session_state.update(pending)
    if days is None:
        return
    try:
        st.query_params[DAYS_PARAM] = [day.isoformat() for day in days]
    except StreamlitAPIException:
        st.session_state[DAYS_PARAM] = days


def _keep(made: Selection, *, one_machine: bool) -> None:
    """Remember the choice for the pages that the person goes to next."""
    chosen = {
        RANGE_PARAM: made.range_key.value,
        DAYS_PARAM: made.days,
        LINE_PARAM: made.lines,
        MACHINE_PARAM: () if one_machine else made.machines,
        SHIFT_PARAM: made.shifts,
        PRODUCT_PARAM: made.products,
    }
    st.session_state[_KEPT] = {param: value for param, value in chosen.items() if value}
    st.session_state[_PAGE] = _page()


def _page() -> str:
    context = get_script_run_ctx()
    return "" if context is None else context.page_script_hash


def _restore(labels: Mapping[str, Mapping[str, str]], single: set[str]) -> None:
    """On a page whose address says nothing, what was chosen on the page before still counts.

    Streamlit keeps the value of a widget that both pages have, but not where a refresh of the first page
    falls between; and its state may then still name the value, although the widget begins anew.
    """
    machines = st.session_state.get(MACHINE_PARAM)
    if machines is not None and isinstance(machines, str) is not (MACHINE_PARAM in single):
        # One machine and several are different choices: neither page takes over the other's.
        del st.session_state[MACHINE_PARAM]
    kept: Mapping[str, object] = st.session_state.get(_KEPT, {})
    is_addressed = any(param in st.query_params for param in (*labels, DAYS_PARAM))
    if is_addressed or st.session_state.get(_PAGE, _page()) == _page():
        return
    for param, value in kept.items():
        if param == DAYS_PARAM:
            st.session_state[param] = value
        elif isinstance(value, tuple) and param not in single:
            st.session_state[param] = [key for key in value if key in labels[param]]
        elif isinstance(value, str) and param in single and value in labels[param]:
            st.session_state[param] = value


def _range_labels(has_shifts: bool) -> dict[str, str]:
    return {key.value: RANGE_LABELS[key] for key in RangeKey if has_shifts or key is not RangeKey.THIS_SHIFT}


def _range_key(default: RangeKey, labels: Mapping[str, str]) -> RangeKey:
    fallback = default if default.value in labels else RangeKey.TODAY
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


def _several(param: str, noun: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    if not labels:
        return ()
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


def _one(param: str, noun: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    if not labels:
        return ()
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


def _read_url(choices: Mapping[str, Mapping[str, str]], single: set[str], notes: list[str]) -> None:
    """Turn keys in the URL into the labels that widgets bind to, and note what fits neither.

    A link may hold keys, which are short and survive a renaming. Where the parameter is not bound yet the
    URL is rewritten and the script begins again; where it is, the widget's value is set.
    """
    is_rewritten = False
    for param, labels in choices.items():
        values = [value for value in st.query_params.get_all(param) if value]
        named = [value if value in labels.values() else labels.get(value, value) for value in values]
        unknown = [value for value in named if value not in labels.values()]
        if unknown:
            notes.append(f"The link names an unknown {_NOUNS[param]} ({', '.join(unknown)[:80]}): left out.")
        if named == values or not labels:
            continue
        try:
            st.query_params[param] = named
            is_rewritten = True
        except StreamlitAPIException:
            keys = [key for key, label in labels.items() if label in named]
            st.session_state[param] = keys[0] if keys and param in single else keys
    if is_rewritten:
        st.rerun()


def _on_lines(
    machines: Mapping[str, str], machine_lines: Mapping[str, str], lines: Sequence[str]
) -> dict[str, str]:
    if not lines or not machine_lines:
        return dict(machines)
    return {key: name for key, name in machines.items() if machine_lines.get(key) in lines}
