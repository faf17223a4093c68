"""Verification of a long audit log: entries a second, against hashing the same bytes and nothing else."""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert, update

from app.audit.journal import canonical, digest, seal
from app.audit.merkle import leaf_hash
from app.auth.sessions import service
from app.bootstrap import Access, Gemba, wire
from app.evidence.export import proof
from app.evidence.signing import Signer
from app.evidence.verification import verify
from app.settings import Settings
from data.models import AuditEntry, Factory

PORTION = 50_000
SLUG = "benchmark"


def run(entries: int) -> Iterator[str]:
    """Write the log, sign it, read it whole, prove one entry; yields one line per figure."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="", telemetry_url="", documents_url="")
        gemba = wire(settings)
        try:
            yield from _measured(gemba, entries)
        finally:
            gemba.close()


def _measured(gemba: Gemba, entries: int) -> Iterator[str]:
    with gemba.database.write(None) as session:
        row = Factory(slug=SLUG, name="Benchmark", timezone="UTC", created_at=gemba.clock())
        session.add(row)
        session.flush()
        factory_id = row.id
    bodies = _write(gemba, factory_id, entries)
    principal = service(gemba.database, SLUG, "benchmark")
    if principal is None:
        raise AssertionError("the factory was made above")
    access = Access(gemba, principal)
    started = time.perf_counter()
    Signer(gemba).round([SLUG])
    yield f"sign {entries:,} new entries: {time.perf_counter() - started:.1f} s"
    started = time.perf_counter()
    for body in bodies:
        hashlib.sha256(b"\x00" + body).digest()
    plain = time.perf_counter() - started
    found = verify(access)
    yield (
        f"verify {found.entries:,} entries: {found.seconds:.1f} s, {found.entries / found.seconds:,.0f}/s, "
        f"{found.seconds / plain:.1f} x of hashing alone; sound: {found.is_sound}"
    )
    started = time.perf_counter()
    path = proof(access, entries // 3)["path"]
    size = sum(len(step) + 4 for step in path)
    yield f"proof of one entry: {time.perf_counter() - started:.1f} s, {size} bytes"


def _write(gemba: Gemba, factory_id: int, entries: int) -> list[bytes]:
    """The entries as the journal writes them, but in bulk."""
    at, key = gemba.clock(), gemba.outside.seal_key()
    bodies = []
    for begin in range(0, entries, PORTION):
        rows = []
        for position in range(begin, min(begin + PORTION, entries)):
            after = {"name": "Press", "ideal_cycle_s": position / 10}
            body = canonical(
                {
                    "action": "machine.change", "actor": "engineer@example.test", "after": after,
                    "after_digest": digest(after), "at": at.isoformat(), "before": None,
                    "before_digest": None, "object": ["machine", str(position)], "position": position,
                }
            )  # fmt: skip
            bodies.append(body)
            rows.append(
                {
                    "position": position, "recorded_at": at, "actor": "engineer@example.test",
                    "action": "machine.change", "object_type": "machine", "object_id": str(position),
                    "body": body.decode(), "leaf": leaf_hash(body).hex(), "seal": seal(key, body),
                }
            )  # fmt: skip
        with gemba.database.write(factory_id) as session:
            session.execute(insert(AuditEntry), rows)
    with gemba.database.write(None) as session:
        session.execute(update(Factory).where(Factory.id == factory_id).values(audit_size=entries))
    return bodies
