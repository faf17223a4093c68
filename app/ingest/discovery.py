"""New parameters are listed when they first arrive, so many a day and no more."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from data.contracts.messages import ReadingMessage, Value
from data.models import Parameter, from_us, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

DAY_US: Final = 86_400_000_000
ASK_AGAIN_S: Final = 30.0
DATA_TYPES: Final = {float: "float", int: "int", bool: "int", str: "string"}
Beyond = dict[str, frozenset[str]]
"""The parameters of each machine that are not taken today."""


class Discovery:
    """Knows which parameters are listed; asks the store about others only. Safe for many threads."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        self._listed: dict[int, set[str]] = {}
        self._named: dict[int, str] = {}
        self._full: dict[int, float] = {}
        self._lock = threading.Lock()

    def admit(
        self, factory: FactoryProfile, readings: Sequence[ReadingMessage], machines: Mapping[str, int]
    ) -> Beyond:
        """List the parameters that are new; returns those that exceed the day's number of their machine.

        Raises StoreUnavailable; then nothing is listed.
        """
        with self._lock:
            self._forget_others(machines)
            self._learn(factory, {machines[one.machine] for one in readings})
            new: dict[int, dict[str, Value]] = {}
            for one in readings:
                number = machines[one.machine]
                if not one.values.keys() <= self._listed[number]:
                    found = new.setdefault(number, {})
                    for key in one.values.keys() - self._listed[number]:
                        found[key] = one.values[key]
            if not new:
                return {}
            now = time.monotonic()
            self._list(factory, {k: v for k, v in new.items() if self._full.get(k, 0.0) <= now})
            keys = {number: key for key, number in machines.items()}
            beyond = {keys[number]: frozenset(found) - self._listed[number] for number, found in new.items()}
            return {machine: left for machine, left in beyond.items() if left}

    def _forget_others(self, machines: Mapping[str, int]) -> None:
        """A store may give the number of a deleted machine to the next one."""
        for key, number in machines.items():
            if self._named.setdefault(number, key) != key:
                self._named[number] = key
                self._listed.pop(number, None)
                self._full.pop(number, None)

    def _learn(self, factory: FactoryProfile, numbers: Iterable[int]) -> None:
        unknown = [number for number in numbers if number not in self._listed]
        for begin in range(0, len(unknown), 500):
            some = unknown[begin : begin + 500]
            with self._gemba.database.read(factory.id) as session:
                self._listed |= _keys(session, some)

    def _list(self, factory: FactoryProfile, new: Mapping[int, Mapping[str, Value]]) -> None:
        if not new:
            return
        now = self._gemba.clock()
        today = from_us(to_us(now) // DAY_US * DAY_US)
        with self._gemba.database.write(factory.id) as session:
            listed, came = _keys(session, list(new)), _came(session, list(new), today)
            rows = []
            for number, found in new.items():
                free = max(self._gemba.settings.ingest_new_parameters - came.get(number, 0), 0)
                wanted = [key for key in found if key not in listed[number]]
                rows += [_row(number, key, found[key], now) for key in wanted[:free]]
                listed[number].update(wanted[:free])
                if len(wanted) > free:
                    self._full[number] = time.monotonic() + ASK_AGAIN_S
            if rows:
                # One statement for all: a plant that connects brings thousands at once.
                session.execute(insert(Parameter), rows)
                bump(session, {CONFIGURATION_DAY})
        self._listed |= listed


def _row(machine_id: int, key: str, value: Value, now: datetime) -> dict[str, Any]:
    return {
        "machine_id": machine_id,
        "key": key,
        "display_name": key,
        "unit": "",
        "data_type": DATA_TYPES[type(value)],
        "is_kpi": True,
        "discovered_at": now,
        "version": 1,
    }


def _came(session: Session, machines: Sequence[int], today: datetime) -> dict[int, int]:
    """How many parameters of each of these machines were discovered today."""
    rows = session.execute(
        select(Parameter.machine_id, func.count(Parameter.id))
        .where(Parameter.machine_id.in_(machines), Parameter.discovered_at >= today)
        .group_by(Parameter.machine_id)
    )
    return {row[0]: row[1] for row in rows}


def _keys(session: Session, machines: Sequence[int]) -> dict[int, set[str]]:
    """The listed parameters of each of these machines."""
    found: dict[int, set[str]] = {number: set() for number in machines}
    rows = session.execute(
        select(Parameter.machine_id, Parameter.key).where(Parameter.machine_id.in_(machines))
    )
    for machine_id, key in rows:
        found[machine_id].add(key)
    return found
