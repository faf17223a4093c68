"""The keys that sign access tokens: a file in the state folder that only its owner can read."""

import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from analytics.errors import ConfigurationError

FOLDER: Final = "keys"
NAME: Final = "tokens.json"
Stamp = tuple[int, int]
"""Moves when the key file is written."""


@dataclass(frozen=True, slots=True)
class Key:
    """One signing key; with `retired_at` it only checks tokens that it signed before."""

    id: str
    secret: str
    made_at: datetime
    retired_at: datetime | None = None


def _new(now: datetime) -> Key:
    return Key(secrets.token_hex(8), secrets.token_urlsafe(48), now)


class SigningKeys:
    """The keys of one state folder, read again when the file changes, so that rotating needs no restart."""

    def __init__(self, home: Path) -> None:
        self.path = home / FOLDER / NAME
        self._stamp: Stamp = (-1, -1)
        self._keys: tuple[Key, ...] = ()

    def current(self, now: datetime) -> Key:
        """The key that signs; made at the first call."""
        return self._read(now)[-1]

    def stamp(self, now: datetime) -> Stamp:
        """What moves with every change of the keys."""
        self._read(now)
        return self._stamp

    def find(self, key_id: str, now: datetime, token_life: timedelta) -> Key | None:
        """The key of that id, unless it was retired so long ago that all of its tokens have ended."""
        for key in self._read(now):
            if key.id == key_id:
                return None if key.retired_at is not None and key.retired_at + token_life < now else key
        return None

    def rotate(self, now: datetime, *, at_once: bool = False) -> Key:
        """Sign with a new key from now on; tokens of the old ones stay good, unless `at_once`."""
        kept = (
            [] if at_once else [Key(k.id, k.secret, k.made_at, k.retired_at or now) for k in self._read(now)]
        )
        fresh = _new(now)
        self._write((*kept[-3:], fresh))
        return fresh

    def _read(self, now: datetime) -> tuple[Key, ...]:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._first(now)
            found = self.path.stat()
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            self._keys = self._parsed(self.path.read_bytes())
            self._stamp = stamp
        return self._keys

    def _first(self, now: datetime) -> None:
        """Make the file; another process that is faster wins."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self.path.with_suffix(f".{secrets.token_hex(4)}")
        self._put(beside, (_new(now),))
        try:
            os.link(beside, self.path)
        except FileExistsError:
            return
        finally:
            beside.unlink()

    def _write(self, keys: tuple[Key, ...]) -> None:
        beside = self.path.with_suffix(f".{secrets.token_hex(4)}")
        self._put(beside, keys)
        beside.replace(self.path)

    @staticmethod
    def _put(path: Path, keys: tuple[Key, ...]) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(orjson.dumps([asdict(key) for key in keys]))
            stream.flush()
            os.fsync(stream.fileno())

    def _parsed(self, raw: bytes) -> tuple[Key, ...]:
        try:
            rows = orjson.loads(raw)
            keys = tuple(
                Key(
                    row["id"],
                    row["secret"],
                    _moment(row["made_at"]),
                    row["retired_at"] and _moment(row["retired_at"]),
                )
                for row in rows
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"The key file {self.path} cannot be read: {error}") from error
        if not keys:
            raise ConfigurationError(f"The key file {self.path} holds no key.")
        return keys


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
