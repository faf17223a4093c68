"""How a page begins: who looks, at which plant, over which range; and what it shows when nothing is there."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import streamlit as st

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.cells import NOW_STEP_US
from app.production.figures import Question
from app.production.happenings import clock_time
from app.production.plant import Plant, data_stamp, plant
from app.production.reach import newest_data
from app.production.terms.rates import rates
from app.production.terms.targets import target
from app.shifts.now import latest_shift
from app.ui.cards import empty_state
from app.ui.entry.gate import access
from app.ui.formats import day
from app.ui.selecting.ranges import RangeKey, TimeRange, resolve_range
from app.ui.selecting.selection import DAYS_PARAM, RANGE_PARAM, Selection, select
from app.ui.selecting.zone import local_datetime
from data.models import to_us


@dataclass(frozen=True, slots=True)
class Scene:
    """What the parts of a page share."""

    access: Access
    plant: Plant
    now_us: int
    stamp: int
    """Moves with every change of the factory's data: part of the key of every kept answer."""

    @property
    def zone(self) -> ZoneInfo:
        """The factory's zone."""
        return self.access.factory.zone

    @property
    def names(self) -> dict[str, str]:
        """The machines' names by device key, those out of use too."""
        return {machine.device_key: machine.name for machine in self.plant.rows.machines}

    @property
    def money_rate(self) -> tuple[float, str] | None:
        """What an hour of production is worth, and in which currency; None where nobody has said it."""
        worth = rates(self.access).hour_rate
        return None if worth is None else (worth, self.access.factory.currency)

    def target(self, line_key: str | None = None, figure: str = "oee") -> float | None:
        """The target of a figure now, see `app.production.terms.targets`; none where nobody set one."""
        return target(self.access, self.plant, figure, line=line_key or "")

    def goal(self, question: Question, figure: str) -> float | None:
        """The target of a figure for the one line, product and shift that the question is about.

        Where it is about several, those count that name none. The line may be that of the machines alone.
        """
        ids = {self.plant.machine_by_key[key].line_id for key in question.machines}
        of_machines = tuple(self.plant.line_by_id[one].key for one in ids if one is not None)
        lines = question.lines if len(question.lines) == 1 else of_machines
        line, product, shift = (
            keys[0] if len(keys) == 1 else "" for keys in (lines, question.products, question.shifts)
        )
        return target(self.access, self.plant, figure, line=line, product=product, shift=shift)


def scene(permission: Permission = Permission.SEE_PLANT) -> Scene:
    """Check the permission and read the plant; the time moves in steps, so that sessions share answers."""
    who = access(permission)
    now_us = to_us(who.now) // NOW_STEP_US * NOW_STEP_US
    return Scene(who, plant(who), now_us, data_stamp(who))


def _range(at: Scene, key: RangeKey) -> TimeRange:
    return resolve_range(
        key, at.now_us, at.zone, day_start=clock_time(at.access.factory.day_start_min),
        shift=latest_shift(at.access, at.plant, at.now_us),
    )  # fmt: skip


def this_shift(at: Scene) -> TimeRange:
    """The running shift, else the last that ran, else today."""
    return _range(at, RangeKey.THIS_SHIFT)


def choose(
    at: Scene,
    *,
    default: RangeKey = RangeKey.TODAY,
    one_machine: bool = False,
    products: bool = False,
    shifts: bool = True,
) -> Selection:
    """The selection bar over this plant."""
    known = at.plant
    lines = {line.id: line.key for line in known.rows.lines}
    return select(
        now_us=at.now_us,
        zone=at.zone,
        day_start=clock_time(at.access.factory.day_start_min),
        shifts={one.key: one.name for one in known.rows.shifts},
        shift=latest_shift(at.access, known, at.now_us),
        lines=None if one_machine else {line.key: line.name for line in known.rows.lines},
        machines={machine.device_key: machine.name for machine in known.active},
        machine_lines={m.device_key: lines[m.line_id] for m in known.active if m.line_id in lines},
        products={p.key: p.name or p.key for p in known.rows.products} if products else None,
        default=default,
        one_machine=one_machine,
        shift_filter=shifts,
    )


def moved(at: Scene, selection: Selection) -> Selection:
    """The same choice some seconds later: a range that reaches the present ends now."""
    if selection.range_key is RangeKey.CUSTOM:
        return selection
    later = _range(at, selection.range_key)
    return replace(selection, start_us=later.start_us, end_us=later.end_us, label=later.label)


def question(selection: Selection) -> Question:
    """The selection as the services take it."""
    return Question(
        selection.start_us,
        selection.end_us,
        selection.lines,
        selection.machines,
        selection.shifts,
        selection.products,
    )


def span_note(at: Scene, selection: Selection, first: str = "") -> None:
    """Say which days are shown, and in whose clock; `first` is put before that."""
    words = (first, selection.label, f"times in {at.access.factory.timezone}")
    st.caption(" · ".join(word for word in words if word))


def nothing_here(at: Scene) -> None:
    """Say why a range is empty, and offer the days that have data."""
    newest = newest_data(at.access)
    if not at.plant.active:
        empty_state(
            "No machine yet",
            "Add a machine on the page *Machines*, or import a file on the page *Import*.",
            icon="factory",
            key="no-machine",
        )
    elif newest is None:
        empty_state(
            "No production data yet",
            "Import state events, counts or shift records, or enter a shift on the page *Shift records*.",
            icon="monitoring",
            key="no-data",
        )
    else:
        last = local_datetime(newest - 1, at.zone).date()

        def show() -> None:
            st.session_state[RANGE_PARAM] = RangeKey.CUSTOM.value
            first = last.fromordinal(last.toordinal() - 6)
            st.session_state[DAYS_PARAM] = (first, last)

        empty_state(
            "Nothing was recorded in this range",
            f"The newest data is of {day(newest - 1, at.zone)}.",
            ("Show the week up to then", show),
            icon="event_busy",
            key="empty-range",
        )
