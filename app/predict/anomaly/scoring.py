"""The scores of running machines: each row once it has ended, stored as a parameter of the machine.

Rows older than the lateness are final and are stepped over once; younger ones are scored anew with every row,
so that late samples count. What the detector remembers is kept after the scores are stored: after a crash the
same rows give the same scores, and storing them again changes nothing.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import structlog
from sqlalchemy import select

from analytics.errors import GembaError, StoreUnavailable
from analytics.vocabulary import ANOMALY_SCORE, MICROSECONDS
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.ingest.storing import Sent, Storing
from app.predict.anomaly.rows import signal_rows
from app.predict.model_files import kept_detector
from app.production.plant import plant
from data.contracts.messages import ReadingMessage
from data.models import LiveDetector, to_us
from data.queries.leases import Holder
from data.queries.plant import factory_slugs

if TYPE_CHECKING:
    import pandas as pd

    from analytics.anomaly import Detector

log = structlog.get_logger()

ACTOR: Final = "live scores"
LATENESS_US: Final = 60 * MICROSECONDS
MOST_ROWS: Final = 2_000
"""Of one machine in one round; what is behind catches up in the next ones."""
MOST_KEPT: Final = 200
"""Detectors that are held in memory, the last used."""
CONTRIBUTION: Final = "contribution_"
Written = dict[int, float]


class LiveScores:
    """Scores the machines of every factory whose lease this process gets."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        self._leases = Holder(gemba.database, "scores")
        self._storing = Storing(gemba)
        self._detectors: OrderedDict[str, Detector] = OrderedDict()
        self._written: dict[tuple[str, str], Written] = {}

    def round(self) -> int:
        """Score what has ended since the last round; returns how many rows became final."""
        with self._gemba.database.read(None) as session:
            slugs = factory_slugs(session)
        done = 0
        for slug in slugs:
            principal = service(self._gemba.database, slug, ACTOR)
            if principal is None or self._gemba.closing.is_set():
                continue
            access = Access(self._gemba, principal)
            with access.read() as session:
                rows = list(session.scalars(select(LiveDetector).where(LiveDetector.is_on)))
                session.expunge_all()
            if rows and self._leases.holds(slug, to_us(access.now)):
                done += self._factory(access, rows)
        return done

    def _factory(self, access: Access, rows: list[LiveDetector]) -> int:
        """The machines of one factory; one that cannot be scored says why and leaves the others alone."""
        machines = plant(access).machine_by_key
        newest = _newest(access, rows)
        done = 0
        for row in rows:
            machine = machines.get(row.machine_key)
            if machine is None or not machine.is_active or row.machine_key not in newest:
                continue
            try:
                done += self._machine(access, row, machine.id, newest[row.machine_key])
            except StoreUnavailable:
                raise
            except GembaError as error:
                _say(access, row, str(error))
            except Exception:
                log.exception("live score failed", machine=row.machine_key)
                _say(access, row, "An error in Gemba itself; the log has the details.")
        return done

    def _machine(self, access: Access, row: LiveDetector, number: int, newest_us: int) -> int:
        """Score the rows that have ended; returns how many became final."""
        from analytics.anomaly import Memory, fresh_memory, live_scores

        step = row.step_us
        ahead = newest_us // step * step
        if row.problem:
            row.until_us, row.memory = max(row.until_us, ahead - step), b""
        ahead = min(ahead, row.until_us + MOST_ROWS * step)
        final = max(min((newest_us - LATENESS_US) // step * step, ahead), row.until_us)
        if ahead <= row.ahead_us and final <= row.until_us and not row.problem:
            return 0
        detector = self._detector(access, row.digest)
        memory = Memory.from_json(orjson.loads(row.memory)) if row.memory else fresh_memory(detector)
        if ahead <= row.until_us:
            return 0
        frame = signal_rows(access, row.machine_key, detector.names, row.until_us, ahead, step)
        frame = frame.reindex(columns=list(detector.names))
        starts = frame.index.as_unit("us").asi8  # type: ignore[attr-defined]
        settled, after = live_scores(detector, memory, frame[starts < final])
        open_to_change, _ = live_scores(detector, after, frame[starts >= final])
        told = _scores(settled, step) | _scores(open_to_change, step)
        self._store(access, row, number, told, final)
        newest = open_to_change if len(open_to_change) else settled
        values = {
            "until_us": final,
            "ahead_us": ahead,
            "memory": orjson.dumps(after.as_json()),
            "problem": "",
        }
        _keep(access, row, values | _now(newest), settled)
        return len(settled)

    def _detector(self, access: Access, digest: str) -> "Detector":
        found = self._detectors.pop(digest, None) or kept_detector(access, digest)
        self._detectors[digest] = found
        while len(self._detectors) > MOST_KEPT:
            self._detectors.popitem(last=False)
        return found

    def _store(
        self, access: Access, row: LiveDetector, number: int, told: Mapping[int, float], final: int
    ) -> None:
        """Store what is new or has changed, the way that everything goes that machines send."""
        place = (access.factory.slug, row.machine_key)
        written = self._written.get(place, {})
        sent = [
            Sent(ReadingMessage(row.machine_key, at, {ANOMALY_SCORE: value}), "telemetry", ACTOR, b"")
            for at, value in told.items()
            if written.get(at) != value
        ]
        if sent:
            self._storing.store(access.factory, sent, {row.machine_key: number})
        self._written[place] = {at: value for at, value in told.items() if at > final}


def _newest(access: Access, rows: list[LiveDetector]) -> dict[str, int]:
    """The newest event time of each machine among the parameters of its detector, not later than now."""
    names = sorted({name for row in rows for name in row.parameters})
    keys = [row.machine_key for row in rows]
    found = access.gemba.telemetry.latest(access.factory.slug, keys, names)
    own = {row.machine_key: set(row.parameters) for row in rows}
    now, newest = to_us(access.now), dict[str, int]()
    columns = (found["machine"].tolist(), found["parameter"].tolist(), found["time_us"].tolist())
    for machine, parameter, moment in zip(*columns, strict=True):
        if parameter in own[machine]:
            newest[machine] = min(max(newest.get(machine, moment), moment), now)
    return newest


def _scores(scored: "pd.DataFrame", step: int) -> Written:
    """The scores that may be told, by the moment at which their row has ended."""
    sure = scored[scored["is_sure"].to_numpy(dtype=bool)]
    ends = sure.index.as_unit("us").asi8 + step  # type: ignore[attr-defined]
    return dict(zip(ends.tolist(), sure["score"].tolist(), strict=True))


def _now(scored: "pd.DataFrame") -> dict[str, Any]:
    """The newest score and the parameter that made most of it; none where the newest row has none."""
    if scored.empty:
        return {}
    last = scored.iloc[-1]
    if not last["is_sure"]:
        return {"score": None, "leading": ""}
    parts = [name for name in map(str, scored.columns) if name.startswith(CONTRIBUTION)]
    leading = parts[int(np.argmax([float(last[name]) for name in parts]))]
    return {"score": float(last["score"]), "leading": leading.removeprefix(CONTRIBUTION)[:200]}


def _keep(access: Access, row: LiveDetector, values: dict[str, Any], settled: "pd.DataFrame") -> None:
    """Note how far the scores are, unless somebody has switched or fitted anew meanwhile."""
    with access.write() as session:
        there = session.get(LiveDetector, row.id)
        if there is None or there.version != row.version:
            return
        for name, value in values.items():
            setattr(there, name, value)
        sure = int(settled["is_sure"].sum()) if len(settled) else 0
        there.scored += sure
        there.withheld += len(settled) - sure


def _say(access: Access, row: LiveDetector, problem: str) -> None:
    with access.write() as session:
        there = session.get(LiveDetector, row.id)
        if there is not None and there.version == row.version and there.problem != problem[:500]:
            there.problem, there.score, there.leading = problem[:500], None, ""
