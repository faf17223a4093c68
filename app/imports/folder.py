"""Many files at once: each recognised by itself, loaded in the order in which they refer to one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import Choices
from app.imports.layout.recognise import header_score, recognise
from app.imports.plans import Plan, plan
from app.imports.reading.opening import open_table
from app.imports.reading.source import Source
from app.imports.rows.lookup import Lookup

ENDINGS: Final = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm"})
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Found:
    """A file and what it holds; `reason` says why a file of a folder is left out."""

    source: Source
    kind: Kind | None
    reason: str = ""


def found_files(paths: Sequence[Path], kind: Kind | None, *, most_mb: int) -> list[Found]:
    """The files to import, in loading order, then those of a folder that are left out.

    A file that was named itself is kept in any case, so that its problems are told; InvalidInput where a
    path does not exist or no file is there.
    """
    found = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
            found += [_in_folder(one, kind, most_mb) for one in inside]
        elif path.exists():
            source = Source.of_path(path)
            found.append(Found(source, kind or _kind(source, most_mb)))
        else:
            raise InvalidInput.at("path", f"There is no file or folder '{path}'.")
    if not found:
        raise InvalidInput.at("path", "There is no file to import.")
    return sorted(found, key=lambda one: (bool(one.reason), _ORDER[one.kind] if one.kind else len(_ORDER)))


def _in_folder(path: Path, kind: Kind | None, most_mb: int) -> Found:
    source = Source.of_path(path)
    if path.suffix.lower() not in ENDINGS:
        return Found(source, None, "neither CSV nor Excel")
    if kind is not None:
        return Found(source, kind)
    try:
        known = _kind(source, most_mb)
    except InvalidInput as error:
        return Found(source, None, str(error))
    return Found(source, known, "" if known else "its columns are of no kind that can be imported")


def _kind(source: Source, most_mb: int) -> Kind | None:
    return recognise(open_table(source, header_score, most_mb=most_mb)).kind


def plans(access: Access, files: Sequence[Found], choices: Choices) -> list[Plan]:
    """The plan of each file, where later ones know the keys that earlier ones would create."""
    look = Lookup.of(access)
    return [plan(access, one.source, one.kind, choices=choices, look=look) for one in files if not one.reason]
