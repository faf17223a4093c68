"""Signs checkpoints over what was added to the logs, and copies them to where nobody rewrites them."""

from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import structlog

from analytics.errors import GembaError
from app.audit.merkle import Frontier, leaf_hash
from app.audit.notes import Checkpoint, opened, sign
from app.bootstrap import Gemba
from data.queries.audit import entry_at, last_position, portions
from data.queries.plant import factory_row

log = structlog.get_logger()
REFUSED: Final = "No checkpoint is signed until `python -m app audit verify` finds the log sound."


class LogBroken(GembaError):
    """The log in the database is not the one that was signed before."""

    code = "log_broken"


class Signer:
    """Signs for every factory; keeps each tree's frontier, so that a round costs what was added."""

    def __init__(self, gemba: Gemba) -> None:
        """Nothing is read before the first round."""
        self._gemba = gemba
        self._frontiers: dict[str, Frontier] = {}

    def round(self, slugs: list[str]) -> int:
        """Sign where there is something new; returns how many.

        One factory's trouble keeps no other from being signed: raises LogBroken with all of it at the end.
        """
        broken: list[str] = []
        signed = 0
        with self._gemba.outside.turn() as is_ours:
            for slug in slugs if is_ours else []:
                try:
                    signed += self._sign(slug) is not None
                except LogBroken as error:
                    broken.append(str(error))
                except (GembaError, OSError) as error:
                    broken.append(f"{slug}: {error}")
        if broken:
            raise LogBroken(" ".join(broken))
        return signed

    def _sign(self, slug: str) -> str | None:
        """The new checkpoint, None when nothing was added."""
        frontier = self._frontier(slug)
        before = frontier.size
        leaves = self._new_leaves(slug, before)
        if not leaves:
            return None
        grown = Frontier(frontier.size, frontier.hashes)
        grown.extend(leaves)
        outside = self._gemba.outside
        checkpoint = Checkpoint(f"{outside.name}/{slug}", grown.size, grown.root())
        note = sign(checkpoint, outside.name, outside.key())
        outside.add(slug, before, leaves, note)
        self._frontiers[slug] = grown
        self._anchor(slug, grown.size, note)
        return note

    def _frontier(self, slug: str) -> Frontier:
        """The tree over the leaves that are kept outside; it must be the one that was signed last."""
        outside = self._gemba.outside
        known = self._frontiers.get(slug)
        notes = outside.checkpoints(slug)
        last = opened(notes[-1], outside.verifier()) if notes else None
        size = last.size if last else 0
        if known is None or known.size != size:
            known = Frontier()
            known.extend(outside.leaves(slug)[:size])
        if last is not None and (known.size, known.root()) != (last.size, last.root):
            raise LogBroken(f"{slug}: the leaves kept outside the database are not those signed. {REFUSED}")
        return known

    def _new_leaves(self, slug: str, size: int) -> list[bytes]:
        with self._gemba.database.read(None) as session:
            factory = factory_row(session, slug)
        if factory is None:
            return []
        with self._gemba.database.read(factory.id) as session:
            last = last_position(session)
            if last + 1 < size:
                raise LogBroken(f"{slug}: {size:,} entries were signed, {last + 1:,} are left. {REFUSED}")
            if size and self._is_other(slug, size - 1, entry_at(session, size - 1)):
                raise LogBroken(f"{slug}: entry {size - 1} is not the one that was signed. {REFUSED}")
        reading = partial(self._gemba.database.read, factory.id)
        rows = list(chain.from_iterable(portions(reading, size)))
        for place, row in enumerate(rows):
            if row[0] != size + place:
                raise LogBroken(f"{slug}: entry {size + place} is missing. {REFUSED}")
        return [leaf_hash(row[6].encode()) for row in rows]

    def _is_other(self, slug: str, position: int, entry: object) -> bool:
        body = getattr(entry, "body", None)
        return body is None or leaf_hash(body.encode()) != self._gemba.outside.leaf(slug, position)

    def _anchor(self, slug: str, size: int, note: str) -> None:
        """A copy in the anchor folder; a failure is logged, since the checkpoint itself is safe."""
        folder = self._gemba.settings.audit_anchor_dir
        if not folder:
            return
        try:
            target = Path(folder)
            target.mkdir(parents=True, exist_ok=True)
            path = target / f"{slug}-{size:012d}.txt"
            with path.open("x", encoding="utf-8") as file:
                file.write(note)
            path.chmod(0o444)
        except FileExistsError:
            log.info("anchor exists", factory=slug, size=size)
        except OSError as error:
            log.warning("anchor not written", factory=slug, error=str(error))
