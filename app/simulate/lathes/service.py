"""The simulated lathes of all factories, moved on by the one process that holds the lease of each."""

import secrets
from dataclasses import replace
from typing import Final

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, GembaError, StoreUnavailable
from analytics.vocabulary import MICROSECONDS, State
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.simulate.lathes.running import Advance, Standing, advance
from app.simulate.lathes.sending import Sender, sender_of
from app.simulate.lathes.store import FINISHED, PAUSED, RUNNING, STOPPED
from data.contracts.messages import Message, StateMessage
from data.models import Machine, Simulation, from_us, to_us
from data.queries.leases import claim
from data.queries.plant import factory_slugs

log = structlog.get_logger()

ACTOR: Final = "simulator"
LEASE_US: Final = 20 * MICROSECONDS
RENEW_US: Final = 5 * MICROSECONDS
REST_US: Final = 60 * MICROSECONDS
"""After a longer time without this service, the gap stays without data instead of being filled."""
RESTING: Final = {PAUSED: State.IDLE, STOPPED: State.OFF, FINISHED: State.OFF}
"""What a lathe that does not run is told to be."""


class LatheService:
    """Moves every running simulation on, from where the database says that it stands."""

    def __init__(self, gemba: Gemba, sender: Sender | None = None) -> None:
        self._gemba = gemba
        self._sender = sender
        self._holder = secrets.token_hex(8)
        self._renewed: dict[str, int] = {}

    def round(self) -> None:
        """One round over all factories; what failed in one is raised when all had their turn."""
        with self._gemba.database.read(None) as session:
            slugs = factory_slugs(session)
        problems = []
        for slug in slugs:
            if self._gemba.closing.is_set():
                break
            try:
                self._factory(slug)
            except GembaError as error:
                problems.append(f"{slug}: {error}")
        if self._gemba.closing.is_set() and self._sender is not None:
            self._sender.stop()
        if problems:
            raise StoreUnavailable("; ".join(problems)[:1_000])

    def _factory(self, slug: str) -> None:
        principal = service(self._gemba.database, slug, ACTOR)
        if principal is None:
            return
        access = Access(self._gemba, principal)
        found = _waiting(access)
        if not found or not self._holds(slug):
            return
        self._move(access, [(row, machine) for row, machine in found if row.status == RUNNING])
        for row, machine in found:
            if row.status != RUNNING:
                self._rest(access, row, machine)

    def _move(self, access: Access, found: list[tuple[Simulation, Machine]]) -> None:
        """All lathes of a factory in one message to the intake and one transaction."""
        moved = [(row, machine, self._advance(access, row, machine)) for row, machine in found]
        moved = [one for one in moved if one[2].messages or one[2].last_us != one[0].last_us]
        self._send(
            access,
            [message for _, _, done in moved for message in done.messages],
            {machine.device_key: machine.id for _, machine, _ in moved},
        )
        if moved:
            _keep(access, [(row, done) for row, _, done in moved])

    def _advance(self, access: Access, row: Simulation, machine: Machine) -> Advance:
        now_us = to_us(access.now)
        interval_us = round(access.gemba.settings.simulation_interval_s * MICROSECONDS)
        one = Standing(
            machine.device_key, row.body, row.seed, row.duration_s, row.speed, row.position_s, row.worked_s,
            row.last_us, row.state, row.parts,
        )  # fmt: skip
        limit_s = access.gemba.settings.simulation_limit_s
        if now_us - row.last_us <= max(REST_US, 3 * interval_us):
            return advance(one, now_us, interval_us, limit_s)
        log.info("simulation goes on after a rest", machine=machine.device_key)
        silent = StateMessage(machine.device_key, one.last_us + interval_us, int(State.UNKNOWN))
        done = advance(replace(one, last_us=now_us, state=-1), now_us, interval_us, limit_s)
        return replace(done, messages=[silent, *done.messages]) if one.state >= 0 else done

    def _rest(self, access: Access, row: Simulation, machine: Machine) -> None:
        """Tell the state of a lathe that was paused or has ended."""
        state = int(RESTING[row.status])
        at_us = min(to_us(access.now), max(row.last_us + 1, to_us(row.ended_at or access.now)))
        if row.state >= 0:
            told = StateMessage(machine.device_key, at_us, state)
            self._send(access, [told], {machine.device_key: machine.id})
        with access.write() as session:
            stored = session.get_one(Simulation, row.id)
            if stored.status == row.status:
                stored.state, stored.last_us = state, max(stored.last_us, at_us)

    def _send(self, access: Access, messages: list[Message], machines: dict[str, int]) -> None:
        if messages:
            self._sender = self._sender or sender_of(self._gemba)
            self._sender.send(access.factory, messages, machines)

    def _holds(self, slug: str) -> bool:
        now = to_us(self._gemba.clock())
        if now - self._renewed.get(slug, 0) < RENEW_US:
            return True
        try:
            with self._gemba.database.write(None) as session:
                has = claim(session, f"simulations:{slug}", self._holder, now, LEASE_US)
        except Conflict:
            has = False
        self._renewed[slug] = now if has else 0
        return has


def _waiting(access: Access) -> list[tuple[Simulation, Machine]]:
    """Those that run, and those whose rest was not told yet."""
    row = Simulation
    untold = [(row.status == status) & (row.state != int(state)) for status, state in RESTING.items()]
    chosen = (
        select(row, Machine)
        .join(Machine, Machine.id == row.machine_id)
        .where(or_(row.status == RUNNING, *untold))
        .order_by(row.id)
    )
    with access.read() as session:
        return [(one, machine) for one, machine in session.execute(chosen)]


def _keep(access: Access, moved: list[tuple[Simulation, Advance]]) -> None:
    """Store where they stand; of one that was paused or stopped meanwhile only how far it came."""
    with access.write() as session:
        for known, done in moved:
            row = session.get_one(Simulation, known.id)
            row.position_s, row.worked_s = done.position_s, done.worked_s
            row.last_us, row.state, row.parts = done.last_us, done.state, done.parts
            if done.is_done and row.status == RUNNING:
                _finish(access, session, row, done)


def _finish(access: Access, session: Session, row: Simulation, done: Advance) -> None:
    is_whole = done.position_s >= row.duration_s
    row.status, row.ended_at = FINISHED, from_us(done.last_us)
    row.ended_because = "its time is over" if is_whole else "the time limit of simulations is over"
    row.version += 1
    after = {"position_s": done.position_s, "parts": done.parts, "because": row.ended_because}
    access.audit(session, "simulation.finish", ("simulation", row.id), after=after)
