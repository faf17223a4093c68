"""A source as a person describes it, checked before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from analytics.errors import FieldProblem, InvalidInput
from app.bootstrap import Access
from app.sources.addresses import refuse_address
from app.sources.streams import Stream, shape_problems
from data.sources.opening import divided

LEAST_EVERY_S = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """What can be said about a source. `password` None keeps the stored one."""

    name: str
    address: str
    user: str = ""
    password: str | None = None
    preset: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    streams: tuple[Stream, ...] = ()
    every_s: int = 300
    overlap_s: int = 300
    page_rows: int = 10_000
    timeout_s: int = 60


@dataclass(frozen=True, slots=True)
class Known:
    """A source as it is stored, without its password."""

    id: int
    name: str
    preset: str
    address: str
    user: str
    has_password: bool
    options: Mapping[str, str]
    streams: tuple[Stream, ...]
    is_on: bool
    every_s: int
    overlap_s: int
    page_rows: int
    timeout_s: int
    version: int
    updated_at: datetime


def tidied(draft: Draft) -> Draft:
    """The draft with an account that stands in the address moved to its own fields."""
    bare, user, password = divided(draft.address)
    if bare == draft.address.strip():
        return _renamed(draft, bare, draft.user.strip(), draft.password)
    return _renamed(draft, bare, user or draft.user.strip(), password or draft.password)


def _renamed(draft: Draft, address: str, user: str, password: str | None) -> Draft:
    return Draft(
        draft.name.strip(), address, user, password, draft.preset, draft.options, draft.streams,
        draft.every_s, draft.overlap_s, draft.page_rows, draft.timeout_s,
    )  # fmt: skip


def refuse(access: Access, draft: Draft) -> None:
    """Raise InvalidInput that names every field of a tidied draft with something wrong."""
    found: list[FieldProblem] = []
    if not 1 <= len(draft.name) <= 120:
        found.append(FieldProblem("name", "Give the source a name of at most 120 characters."))
    try:
        refuse_address(access.gemba.settings, draft.address)
    except InvalidInput as error:
        found += error.problems
    for name, value, least, most in (
        ("every_s", draft.every_s, LEAST_EVERY_S, 7 * 86_400),
        ("overlap_s", draft.overlap_s, 0, 7 * 86_400),
        ("page_rows", draft.page_rows, 100, 100_000),
        ("timeout_s", draft.timeout_s, 1, 3_600),
    ):
        if not least <= value <= most:
            found.append(FieldProblem(name, f"This lies between {least:,} and {most:,}."))
    found += shape_problems(draft.streams)
    if found:
        raise InvalidInput(*found)
