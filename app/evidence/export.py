"""What leaves the house: a bundle that anybody can check, and the proof of a single entry."""

import base64
import json
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any

from analytics.errors import Conflict, NotFound
from app.audit.merkle import Tree
from app.audit.notes import opened
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.queries.audit import entry_at, extent, portions

README = """The audit log of {name}.

entries.jsonl     one entry a line, in order; the line's bytes are what is hashed
checkpoints.json  signed statements of how many entries there were and of the root over them
verify_audit.py   checks all of it: python verify_audit.py {file} KEY

KEY is the public key of the installation. Take it from a source that you trust, not from this bundle.
"""


def export(access: Access, path: Path) -> int:
    """Write the whole log of the factory as a bundle; returns the number of entries. Is itself audited."""
    access.require(Permission.SEE_AUDIT)
    slug = access.factory.slug
    written = 0
    # First the checkpoints, then the entries: each checkpoint's entries are in the bundle.
    checkpoints = access.gemba.outside.checkpoints(slug)
    with access.read() as session:
        _, stop = extent(session)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        with bundle.open("entries.jsonl", "w", force_zip64=True) as lines:
            for rows in portions(access.read, 0, stop):
                lines.write(b"".join(row[6].encode() + b"\n" for row in rows))
                written += len(rows)
        bundle.writestr("checkpoints.json", json.dumps(checkpoints))
        bundle.writestr(
            "verify_audit.py", resources.files("app.evidence").joinpath("standalone.py").read_text()
        )
        bundle.writestr("README.txt", README.format(name=access.factory.name, file=path.name))
    with access.write() as session:
        access.audit(session, "audit.export", ("audit_log", slug), after={"entries": written})
    return written


def proof(access: Access, position: int) -> dict[str, Any]:
    """That an entry stands in the signed log: its text, its place, the path to the root, the checkpoint.

    NotFound for an entry that is not there, Conflict for one that no checkpoint covers yet. At a million
    entries the path has 20 hashes, 880 characters of Base64.
    """
    access.require(Permission.SEE_AUDIT)
    outside, slug = access.gemba.outside, access.factory.slug
    with access.read() as session:
        entry = entry_at(session, position)
    if entry is None:
        raise NotFound("There is no such entry in this factory's log.")
    notes = outside.checkpoints(slug)
    size = opened(notes[-1], outside.verifier()).size if notes else 0
    if position >= size:
        raise Conflict("No checkpoint covers this entry yet. The next one is signed within a minute.")
    path = Tree(outside.leaves(slug)[:size]).inclusion(position, size)
    return {
        "index": position,
        "entry": entry.body,
        "path": [base64.b64encode(step).decode() for step in path],
        "checkpoint": notes[-1],
        "key": outside.verifier(),
    }
