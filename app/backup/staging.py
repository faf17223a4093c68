"""Where a restore puts what it brings until all of it is there, and how far it came."""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson

from analytics.errors import Conflict, InvalidInput

HIDDEN: Final = ".restoring"
STAGED: Final = "staged"


def refuse_unfinished(home: Path) -> None:
    """Conflict where a restore was cut off: what is there is a part of a plant, and none may begin on it."""
    if (home / f"{HIDDEN}.json").is_file():
        raise Conflict(
            f"A restore into {home} was cut off: run `python -m app restore` with the same file again, or "
            "empty the place."
        )


class Staging:
    """A hidden folder inside each folder that is filled, so that placing is renaming on one disk."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """`folders` are named by their place in the backup."""
        self._folders = folders

    @property
    def places(self) -> tuple[str, ...]:
        """The places that are folders."""
        return tuple(self._folders)

    def refuse_taken(self) -> None:
        """Conflict where anything but the leavings of a restore is in a folder."""
        for folder in self._folders.values():
            if folder.is_dir() and any(path.name != HIDDEN for path in folder.iterdir()):
                raise Conflict(f"{folder} is not empty: a backup is restored into an empty place.")

    def folder(self, place: str) -> Path:
        """Where the files of a place are gathered; only the owner looks into it."""
        target = self._folders[place]
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        (target / HIDDEN).mkdir(exist_ok=True, mode=0o700)
        return target / HIDDEN

    def place(self) -> None:
        """Bring everything into place; after a crash the rest of it."""
        for folder in self._folders.values():
            for path in list((folder / HIDDEN).iterdir()) if (folder / HIDDEN).is_dir() else ():
                path.rename(folder / path.name)
        self.clear()

    def clear(self) -> None:
        """Forget what was gathered, and the folders that were made for it."""
        for folder in self._folders.values():
            shutil.rmtree(folder / HIDDEN, ignore_errors=True)
            with suppress(OSError):
                folder.rmdir()


@dataclass(frozen=True, slots=True)
class State:
    """Which backup is being put back, how far, and what its stores on servers held nothing of before."""

    backup: str
    step: str = ""
    without_points: tuple[str, ...] = ()
    without_documents: tuple[str, ...] = ()
    reports_before: tuple[str, ...] = ()


class Mark:
    """A file of the state folder that stands there while a restore runs."""

    def __init__(self, home: Path, manifest: bytes) -> None:
        """`manifest` tells backups apart."""
        self._path = home / f"{HIDDEN}.json"
        self.backup = sha256(manifest).hexdigest()

    def read(self) -> State | None:
        """What a restore of this backup left when it was killed. Conflict where it was another backup's."""
        if not self._path.is_file():
            return None
        try:
            said = orjson.loads(self._path.read_bytes())
            lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
            found = State(**{**said, **lists})
        except (orjson.JSONDecodeError, TypeError, AttributeError) as error:
            raise InvalidInput.at("file", f"{self._path} cannot be read: delete it.") from error
        if found.backup != self.backup:
            raise Conflict(
                f"Another backup was being restored here ({self._path}): restore that one again, or empty "
                "the place."
            )
        return found

    def write(self, state: State) -> None:
        """Note how far it is."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_bytes(orjson.dumps(asdict(state)))
        part.replace(self._path)

    def remove(self) -> None:
        """All is done, or all is undone."""
        self._path.unlink(missing_ok=True)
        with suppress(OSError):
            self._path.parent.rmdir()
