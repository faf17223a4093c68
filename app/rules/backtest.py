"""A rule tried on history: the alerts that it would have raised, how many, and which stops they met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.rules import Inputs, Rule, fresh_state, step
from analytics.rules.life import Life
from analytics.rules.load import Load, load
from analytics.vocabulary import State
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from app.rules.drafts import Draft, checked, targets
from app.rules.episodes import Episode, episodes
from app.rules.reading import inputs_of
from data.models import Machine

SECOND: Final = 1_000_000
BEFORE_US: Final = 1_800 * SECOND
"""An alert that is raised within half an hour before a stop preceded it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that would have been: machine (empty: several together), times, ranks."""

    machine: str
    raised_us: int
    cleared_us: int | None
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class LookBack:
    """What a rule would have done in [start_us, end_us).

    `preceded` and `missed` are unplanned stops, as (machine, start), that an alert came before, at most half
    an hour, and that none did.
    """

    start_us: int
    end_us: int
    alerts: tuple[Raised, ...]
    load: Load
    preceded: tuple[tuple[str, int], ...]
    missed: tuple[tuple[str, int], ...]
    suppressed: int = 0
    """Alerts that were suppressed by design all the time: they are not among the others and tell nobody."""


def look_back(
    access: Access,
    draft: Draft,
    start_us: int,
    end_us: int,
    *,
    machines: Sequence[int] | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> LookBack:
    """Which alerts would this rule have raised? `machines` (ids) looks at some of those that it watches.

    The same engine as live; InvalidInput names what is wrong with the draft.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    rule = checked(known, draft)
    watched = targets(known, draft.scope, draft.target)
    if machines is not None and not rule.k:
        watched = [machine for machine in watched if machine.id in set(machines)]
    groups = [watched] if rule.k else [[machine] for machine in watched]
    alerts: list[Raised] = []
    stops: list[tuple[str, int]] = []
    moments: list[int] = []
    held = 0
    for number, group in enumerate(groups):
        if not group:
            continue
        found, given = _alerts(access, rule, group, start_us, end_us)
        name = group[0].device_key if not rule.k else ""
        held += sum(one.shown_us is None for one in found)
        found = [one for one in found if one.shown_us is not None]
        moments += [one.shown_us for one in found if one.shown_us is not None]
        alerts += [Raised(name, e.raised_us, e.cleared_us, tuple(e.marks)) for e in found]
        stops += _stops(group, given, start_us, end_us)
        progress((number + 1) / len(groups))
    alerts.sort(key=lambda one: one.raised_us)
    preceded = tuple(stop for stop in stops if _precedes(alerts, stop))
    missed = tuple(stop for stop in stops if stop not in set(preceded))
    figures = load(np.sort(np.array(moments, np.int64)), start_us, end_us)
    return LookBack(start_us, end_us, tuple(alerts), figures, preceded, missed, held)


def _alerts(
    access: Access, rule: Rule, group: Sequence[Machine], start_us: int, end_us: int
) -> tuple[list[Episode], dict[int, Inputs]]:
    """The episodes of one group; what lies before the range only warms the conditions up."""
    begin = start_us - round(rule.look_back_s * SECOND)
    given = inputs_of(access, group, rule.parameters, begin, end_us)
    named = {machine.device_key: given[machine.id] for machine in group}
    zone = access.factory.zone
    _, state = step(rule, fresh_state(begin), named, start_us, zone)
    state.life = Life(last_known=state.life.last_known, ended=state.life.ended)
    events, _ = step(rule, state, named, end_us, zone)
    return episodes(state.life, start_us, events, ()), given


def _stops(
    group: Sequence[Machine], given: dict[int, Inputs], start_us: int, end_us: int
) -> list[tuple[str, int]]:
    """The unplanned stops of the machines: (machine, start)."""
    found = []
    for machine in group:
        spans = given[machine.id].states
        down = (spans.states == int(State.DOWN)) & (spans.times >= start_us) & (spans.times < end_us)
        found += [(machine.device_key, int(moment)) for moment in spans.times[down].tolist()]
    return found


def _precedes(alerts: Sequence[Raised], stop: tuple[str, int]) -> bool:
    machine, start = stop
    return any(one.machine in {machine, ""} and start - BEFORE_US <= one.raised_us <= start for one in alerts)
