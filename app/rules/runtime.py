"""Rules over live data: every round steps each rule to the watermark, looks ahead to now, records alerts.

What lies before the watermark (the newest event time less the allowed lateness) is final and is stepped over
once; what lies after it is evaluated anew in every round, so that late samples still count. The memory of a
rule is stored from time to time with the alerts that follow from it; after a crash the same samples give the
same alerts, and each is recorded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import GembaError
from analytics.rules import Inputs, RuleState, fresh_state, step
from analytics.rules.life import Life
from analytics.vocabulary import ANOMALY_SCORE
from app.alerts.out_of_service import lapse
from app.alerts.recording import Evidence, Origin, record_episodes
from app.bootstrap import Access
from app.predict.anomaly.live import scored_until
from app.production.plant import Plant, data_stamp, plant
from app.rules.episodes import Episode, episodes
from app.rules.evidence import evidence_at
from app.rules.reading import inputs_of, newest_of
from app.rules.running import STEP_US, RunningFigures, is_figure
from app.rules.watched import TOGETHER, Watched, Watching
from data.models import Alert, Machine, RuleMemory, to_us
from data.relational.scope import apart

log = structlog.get_logger()

SECOND: Final = 1_000_000
SETTLE_US: Final = 30 * SECOND
"""After a start the clock is believed only when what waited outside had this long to come in."""
KEEP_EVERY_US: Final = 15 * SECOND
BROKEN: Final = "An error in Gemba itself; the log has the details."
STRIDE_US: Final = 10 * SECOND
"""The watermark is stepped over in strides: most rounds only look ahead."""
IDLE_US: Final = 5 * SECOND
"""A rule whose machines sent nothing new is evaluated this often, for what time alone brings about."""
MOST_KEPT: Final = 256
RECENT_US: Final = 600 * SECOND
Key = tuple[int, int, int]
"""Rule, version, machine (0: its machines together)."""


@dataclass(slots=True)
class Running:
    """One rule on one machine: its state at the watermark, and what was last recorded of it."""

    state: RuleState
    kept_us: int
    told: list[tuple[Any, ...]] = field(default_factory=list)
    kept_at_us: int = 0
    seen: tuple[int, ...] = ()
    """How many samples of each machine lay behind the watermark at the last evaluation, and their newest."""
    looked_us: int = 0
    is_unsure: bool = False
    """Whether an alert is stored that may still change, and that this process has not compared yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an evaluation found, on its way into the store."""

    one: Watched
    place: int
    group: tuple[Machine, ...]
    before: RuleState
    state: RuleState
    episodes: list[Episode]
    told: list[tuple[Any, ...]]
    seen: tuple[int, ...]
    is_new: bool
    is_settled: bool
    """Whether the clock was believed: before that, what is not found may only not be seen yet."""


@dataclass(frozen=True, slots=True)
class Held:
    """What was read of a machine that has long been silent: read again when it or the plant has news."""

    known: tuple[int, tuple[str, ...], int | None, int | None, int]
    """Since when, which parameters, the newest sample, up to where it is scored, the stamp of the plant."""
    at_us: int
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: rules on machines evaluated, alerts touched, and what failed, by rule."""

    evaluated: int = 0
    touched: int = 0
    failed: Mapping[int, str] = field(default_factory=dict)


class RuleRuntime:
    """The rules of one factory in one process."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._running: dict[Key, Running] = {}
        self._began_us = to_us(access.now)
        self._figures: dict[tuple[int, ...], RunningFigures] = {}
        self._scored: dict[str, int] = {}
        self._watching = Watching()
        self._silent: dict[int, Held] = {}

    def round(self, access: Access) -> Round:
        """Evaluate every rule on what has come in. One rule's failure leaves the others alone."""
        self._access = access
        lapse(access)
        known = plant(access)
        rules = self._watching.rules(access, known)
        alive = {(one.rule_id, one.number, place) for one in rules for place, _ in one.groups}
        self._running = {key: run for key, run in self._running.items() if key in alive}
        if not rules:
            return Round()
        machines = {machine.id: machine for one in rules for machine in one.machines}
        parameters = tuple(dict.fromkeys(name for one in rules for name in one.rule.parameters))
        self._scored = scored_until(access) if ANOMALY_SCORE in parameters else {}
        newest = newest_of(access, list(machines.values()), parameters)
        self._load(rules)
        inputs = self._inputs(rules, machines, newest)
        evaluated = 0
        failed: dict[int, str] = {}
        found: list[Found] = []
        for one in rules:
            for place, group in one.groups:
                try:
                    found += self._evaluate(one, place, group, inputs, newest)
                    evaluated += 1
                except GembaError as error:
                    failed[one.rule_id] = str(error)
                except Exception:
                    log.exception("rule failed", rule=one.rule_id)
                    failed[one.rule_id] = BROKEN
        touched = self._store(known, found, inputs, failed) if found else 0
        return Round(evaluated, touched, failed)

    def _load(self, rules: list[Watched]) -> None:
        """Bring back what rules remember; one that is new looks back as far as its conditions reach."""
        missing = [
            (one, place)
            for one in rules
            for place, _ in one.groups
            if (one.rule_id, one.number, place) not in self._running
        ]
        if not missing:
            return
        with self._access.read() as session:
            rows = session.scalars(
                select(RuleMemory).where(RuleMemory.rule_id.in_({one.rule_id for one, _ in missing}))
            )
            stored = {(row.rule_id, row.number, row.machine): row.body for row in rows}
            unsure = _unsure(session)
        for one, place in missing:
            key = (one.rule_id, one.number, place)
            if key in stored:
                state = RuleState.from_json(orjson.loads(stored[key]))
            else:
                state = fresh_state(one.published_us - round(one.rule.look_back_s * SECOND))
            self._running[key] = Running(state, state.until_us, is_unsure=key in unsure)

    def _inputs(
        self, rules: list[Watched], machines: Mapping[int, Machine], newest: Mapping[int, int]
    ) -> dict[int, Inputs]:
        """The samples that rules have not stepped over: of busy machines at once, of silent ones alone."""
        now = to_us(self._access.now)
        since: dict[int, int] = {}
        wanted: dict[int, dict[str, None]] = {}
        for one in rules:
            for place, group in one.groups:
                begin = self._running[one.rule_id, one.number, place].state.until_us
                for machine in group:
                    since[machine.id] = min(since.get(machine.id, begin), begin)
                    wanted.setdefault(machine.id, {}).update(dict.fromkeys(one.rule.parameters))
        found: dict[int, Inputs] = {}
        busy = [machines[number] for number, begin in since.items() if begin >= now - RECENT_US]
        if busy:
            names = tuple(dict.fromkeys(name for machine in busy for name in wanted[machine.id]))
            begin = min(since[machine.id] for machine in busy)
            found |= self._read(busy, names, begin, now + RECENT_US)
        silent = {number: begin for number, begin in since.items() if number not in found}
        self._silent = {number: held for number, held in self._silent.items() if number in silent}
        stamp = data_stamp(self._access) if silent else 0
        for number, begin in silent.items():
            last, names = newest.get(number, now), tuple(wanted[number])
            scored = self._scored.get(machines[number].device_key)
            known = (begin, names, newest.get(number), scored, stamp)
            held = self._silent.get(number)
            if held is None or held.known != known or now - held.at_us >= IDLE_US:
                read = self._read([machines[number]], names, begin, max(last, now) + RECENT_US)
                held = self._silent[number] = Held(known, now, read[number])
            found[number] = held.inputs
        return found

    def _read(
        self, machines: Sequence[Machine], names: Sequence[str], start_us: int, end_us: int
    ) -> dict[int, Inputs]:
        group = tuple(machine.id for machine in machines)
        if len(self._figures) > MOST_KEPT:
            self._figures.clear()
        running = self._figures.setdefault(group, RunningFigures())
        return inputs_of(self._access, machines, names, start_us, end_us, running)

    def _evaluate(
        self,
        one: Watched,
        place: int,
        group: tuple[Machine, ...],
        inputs: Mapping[int, Inputs],
        newest: Mapping[int, int],
    ) -> list[Found]:
        """Step over what is final, look ahead at the rest; nothing where there is nothing to store."""
        run = self._running[one.rule_id, one.number, place]
        now = to_us(self._access.now)
        given = {machine.device_key: inputs[machine.id] for machine in group}
        seen = _seen(given, one.rule.parameters)
        if seen == run.seen and now - run.looked_us < IDLE_US:
            return []
        ends = [newest[machine.id] for machine in group if machine.id in newest]
        if not ends and any(is_figure(name) for name in one.rule.parameters):
            ends = [now // STEP_US * STEP_US]
        ends = ends or [min(run.state.until_us, now)]
        watermark = min(min(ends) - round(one.rule.lateness_s * SECOND), now, *self._scores_end(one, group))
        is_settled = now - self._began_us >= SETTLE_US
        ahead = max(max(ends) + 1, now if is_settled else 0)
        zone = self._access.factory.zone
        before = run.state
        if before.until_us < one.published_us:
            before = self._warmed(one, run, given)
        final, state = (
            step(one.rule, before, given, watermark, zone)
            if watermark - before.until_us >= STRIDE_US
            else ([], before)
        )
        open_to_change, _ = step(one.rule, state, given, ahead, zone)
        found = episodes(before.life, before.until_us, final, open_to_change)
        told = [
            (e.raised_us, tuple(e.marks), e.cleared_us, e.cause, e.is_final, tuple(e.hushes)) for e in found
        ]
        is_new = told != run.told or (run.is_unsure and is_settled)
        if not is_new and now - run.kept_at_us < KEEP_EVERY_US:
            run.seen, run.looked_us, run.state = seen, now, state
            return []
        return [Found(one, place, group, before, state, found, told, seen, is_new, is_settled)]

    def _scores_end(self, one: Watched, group: tuple[Machine, ...]) -> list[int]:
        """Up to where the anomaly scores have come that the rule reads: it does not step over later ones."""
        if ANOMALY_SCORE not in one.rule.parameters:
            return []
        return [self._scored[each.device_key] for each in group if each.device_key in self._scored]

    def _warmed(self, one: Watched, run: Running, given: Mapping[str, Inputs]) -> RuleState:
        """The state at the moment of publishing: what conditions remember, but no alert from before."""
        _, state = step(one.rule, run.state, given, one.published_us, self._access.factory.zone)
        state.life = Life(last_known=state.life.last_known, ended=state.life.ended)
        return state

    def _store(
        self, known: Plant, found: list[Found], inputs: Mapping[int, Inputs], failed: dict[int, str]
    ) -> int:
        """Store alerts and memory of all evaluations in one transaction; each can fail alone.

        Only what is stored has been stepped over: what fails is evaluated again from where it stood.
        """
        now = to_us(self._access.now)
        touched = 0
        done: list[Found] = []
        with self._access.write() as session:
            memories = self._memories(session, found)
            for one in found:
                try:
                    with apart(session):
                        touched += self._record(known, session, one, inputs) if one.is_new else 0
                        self._keep(session, one, memories)
                except GembaError as error:
                    failed[one.one.rule_id] = str(error)
                except Exception:
                    log.exception("rule failed", rule=one.one.rule_id)
                    failed[one.one.rule_id] = BROKEN
                else:
                    done.append(one)
        for one in done:
            run = self._running[one.one.rule_id, one.one.number, one.place]
            run.told = [told for told in one.told if not told[4]]
            run.seen, run.looked_us, run.state = one.seen, now, one.state
            run.kept_us, run.kept_at_us = one.state.until_us, now
            run.is_unsure = run.is_unsure and not one.is_settled
        return touched

    def _record(self, known: Plant, session: Session, one: Found, inputs: Mapping[int, Inputs]) -> int:
        """Bring the stored alerts in line with what was found."""
        keys = {machine.id: machine.device_key for machine in one.group}
        mine = {machine.id: inputs[machine.id] for machine in one.group}

        def explain(at_us: int) -> Evidence:
            return evidence_at(known, one.one.rule, one.before, mine, keys, at_us)

        since = self._running[one.one.rule_id, one.one.number, one.place].kept_us
        origin = _origin(one.one, one.place, one.group)
        return record_episodes(
            self._access, session, origin, one.episodes, since, explain, may_withdraw=one.is_settled
        )

    @staticmethod
    def _memories(session: Session, found: list[Found]) -> dict[tuple[int, int], RuleMemory]:
        rows = session.scalars(
            select(RuleMemory).where(RuleMemory.rule_id.in_({one.one.rule_id for one in found}))
        )
        return {(row.rule_id, row.machine): row for row in rows}

    @staticmethod
    def _keep(session: Session, one: Found, memories: Mapping[tuple[int, int], RuleMemory]) -> None:
        row = memories.get((one.one.rule_id, one.place))
        body = orjson.dumps(one.state.as_json()).decode()
        until, number = one.state.until_us, one.one.number
        if row is None:
            session.add(
                RuleMemory(
                    rule_id=one.one.rule_id, machine=one.place, number=number, until_us=until, body=body
                )
            )
        else:
            row.number, row.until_us, row.body = number, until, body


def _unsure(session: Session) -> set[Key]:
    """Which rules have stored alerts on which machines that late data may still change."""
    rows = session.execute(
        select(Alert.rule_id, Alert.rule_version, Alert.machine_id)
        .where(Alert.is_final.is_(False), Alert.is_withdrawn.is_(False))
        .distinct()
    )
    return {(rule, number, TOGETHER if machine is None else machine) for rule, number, machine in rows}


def _seen(given: Mapping[str, Inputs], parameters: Sequence[str]) -> tuple[int, ...]:
    """Tells whether anything has come in: counts and newest times of samples and states."""
    told: list[int] = []
    for one in given.values():
        for name in parameters:
            series = one.series.get(name)
            told += (
                [0, 0]
                if series is None or not len(series.times)
                else [len(series.times), int(series.times[-1])]
            )
        told += [len(one.states.times), int(one.states.times[-1]) if len(one.states.times) else 0]
    return tuple(told)


def _origin(one: Watched, place: int, group: tuple[Machine, ...]) -> Origin:
    if place == TOGETHER:
        name = f"{len(group)} machines"
        return Origin(one.rule_id, one.number, one.name, None, name, name, one.channels)
    machine = group[0]
    return Origin(
        one.rule_id, one.number, one.name, machine.id, machine.device_key, machine.name, one.channels
    )
