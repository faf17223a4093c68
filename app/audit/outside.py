"""What is kept of the logs outside the database: the signing key, each log's leaf hashes and checkpoints.

Whoever can write the database but not this folder cannot change history unnoticed. Per factory: `SLUG.leaves`
holds 32 bytes an entry, in order, `SLUG.checkpoints` the signed checkpoints, the newest last.
"""

import fcntl
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from analytics.errors import ConfigurationError
from app.audit.notes import verifier_key

LEAF_BYTES = 32
KEY_FILE = "signing.key"
SEPARATOR = "\n\x1e\n"


class OutsideLog:
    """The folder of one installation."""

    def __init__(self, folder: Path, name: str) -> None:
        """`name` is what signatures carry; the key is made at the first use."""
        self._folder = folder
        self.name = name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def key(self) -> Ed25519PrivateKey:
        """The signing key, readable by the owner only."""
        path = self._folder / KEY_FILE
        if not path.exists():
            made = Ed25519PrivateKey.generate().private_bytes_raw()
            part = path.with_suffix(f".{os.getpid()}")
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(part, path)
            except FileExistsError:
                """Another process was first: its key counts."""
            part.unlink()
        raw = path.read_bytes()
        if len(raw) != LEAF_BYTES:
            raise ConfigurationError(f"{path} is not an Ed25519 key of 32 bytes.")
        return Ed25519PrivateKey.from_private_bytes(raw)

    def seal_key(self) -> bytes:
        """The secret that seals single entries, derived from the signing key."""
        return hmac.digest(self.key().private_bytes_raw(), b"gemba audit entry seal", "sha256")

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether this process may sign now; False while another one does."""
        with (self._folder / "signing.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def verifier(self) -> str:
        """The public key as verifiers take it."""
        return verifier_key(self.name, self.key().public_key().public_bytes_raw())

    def size(self, slug: str) -> int:
        """How many leaves are kept."""
        path = self._leaves(slug)
        return path.stat().st_size // LEAF_BYTES if path.exists() else 0

    def leaves(self, slug: str) -> list[bytes]:
        """Every leaf hash in order."""
        path = self._leaves(slug)
        raw = path.read_bytes() if path.exists() else b""
        whole = len(raw) // LEAF_BYTES * LEAF_BYTES
        return [raw[at : at + LEAF_BYTES] for at in range(0, whole, LEAF_BYTES)]

    def leaf(self, slug: str, position: int) -> bytes:
        """One leaf hash; empty when it is not kept."""
        with self._leaves(slug).open("rb") as file:
            file.seek(position * LEAF_BYTES)
            return file.read(LEAF_BYTES)

    def add(self, slug: str, at: int, leaves: list[bytes], note: str) -> None:
        """Keep the leaves from position `at` on, then the checkpoint over all; durable when this returns."""
        with self._leaves(slug).open("r+b" if self._leaves(slug).exists() else "w+b") as file:
            file.seek(at * LEAF_BYTES)
            file.write(b"".join(leaves))
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        path = self._folder / f"{slug}.checkpoints"
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.seek(_whole(file.read()))
            file.truncate()
            file.write((note + SEPARATOR).encode())
            file.flush()
            os.fsync(file.fileno())

    def checkpoints(self, slug: str) -> list[str]:
        """The signed checkpoints, the oldest first; one that a crash cut off half-way never was."""
        path = self._folder / f"{slug}.checkpoints"
        if not path.exists():
            return []
        raw = path.read_bytes()
        return [note for note in raw[: _whole(raw)].decode().split(SEPARATOR) if note.strip()]

    def sent(self, slug: str) -> dict[str, tuple[int, int]]:
        """Per way the size and the time (us) of the checkpoint that was sent elsewhere last."""
        path = self._folder / f"{slug}.sent"
        known = orjson.loads(path.read_bytes()) if path.exists() else {}
        return {way: (int(size), int(at_us)) for way, (size, at_us) in known.items()}

    def note_sent(self, slug: str, way: str, size: int, at_us: int) -> None:
        """Remember that a checkpoint was sent."""
        path = self._folder / f"{slug}.sent"
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(orjson.dumps({**self.sent(slug), way: (size, at_us)}))
        part.replace(path)

    def _leaves(self, slug: str) -> Path:
        return self._folder / f"{slug}.leaves"


def _whole(raw: bytes) -> int:
    """Where the last whole checkpoint ends."""
    end = raw.rfind(SEPARATOR.encode())
    return 0 if end < 0 else end + len(SEPARATOR)
