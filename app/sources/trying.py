"""Looking at a source before anything is read: is it there, what has it, what would a stream bring?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pandas as pd

from analytics.errors import FieldProblem, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.imports.intake.choice import intake_of
from app.imports.reading.table import Reject
from app.imports.rows.faults import Faults
from app.imports.rows.job import Job
from app.imports.rows.lookup import Lookup
from app.imports.walk import Tally, Walk
from app.sources.addresses import connected
from app.sources.drafts import Draft, Known, tidied
from app.sources.presets import PRESETS
from app.sources.presets.preset import Plan
from app.sources.store import password_of
from app.sources.streams import Stream, chunk_of, stream_problems
from data.models import to_us
from data.sources.opening import kind_of
from data.sources.protocol import About, Column, Connector, Extract, Item

PREVIEW_ROWS = 200


@dataclass(frozen=True, slots=True)
class Survey:
    """What a source is and has."""

    about: About
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first rows of a stream would become. With `problems` nothing was tried."""

    places: tuple[str, ...]
    raw: pd.DataFrame
    rows: pd.DataFrame
    tally: Tally
    rejects: tuple[Reject, ...]
    problems: tuple[FieldProblem, ...]
    notes: tuple[str, ...]


@contextmanager
def opened(access: Access, draft: Draft | Known) -> Iterator[Connector]:
    """A connector to a draft or a stored source, closed at the end."""
    access.require(Permission.MANAGE_SOURCES)
    if isinstance(draft, Known):
        password = password_of(access, draft.id)
    else:
        draft = tidied(draft)
        password = draft.password or ""
    connector = connected(access, draft.address, draft.user, password, draft.timeout_s)
    try:
        yield connector
    finally:
        connector.close()


def survey(access: Access, draft: Draft | Known) -> Survey:
    """Is the source there, and what can be read? StoreUnavailable says what it answers otherwise."""
    with opened(access, draft) as connector:
        return Survey(connector.about(), tuple(connector.items()))


def planned(access: Access, draft: Draft | Known) -> Plan:
    """The streams that the draft's preset makes of what the source has."""
    if draft.preset not in PRESETS:
        known = ", ".join(PRESETS)
        raise InvalidInput.at("preset", f"There is no preset '{draft.preset}'; there are {known}.")
    preset = PRESETS[draft.preset]
    answers = preset.answers(draft.options)
    with opened(access, draft) as connector:
        return preset.build(connector, answers)


def columns(access: Access, draft: Draft | Known, extract: Extract) -> list[Column]:
    """The columns of an item or a query."""
    with opened(access, draft) as connector:
        return connector.columns(extract)


def preview(access: Access, draft: Draft | Known, stream: Stream) -> Preview:
    """What would the first 200 rows of the stream become? Nothing is written."""
    with opened(access, draft) as connector:
        return _previewed(access, connector, stream, is_schemaless=kind_of(draft.address) == "mongodb")


def _previewed(access: Access, connector: Connector, stream: Stream, *, is_schemaless: bool) -> Preview:
    places = stream.places(connector.items() if stream.item else ())
    empty = pd.DataFrame()
    if not places:
        wrong = FieldProblem("item", f"Nothing is called like '{stream.item}' there.")
        return Preview((), empty, empty, Tally(), (), (wrong,), ())
    place = places[0]
    header = [one.name for one in connector.columns(stream.extract(place))]
    found = stream_problems(stream, header, is_schemaless=is_schemaless)
    extract = replace(stream.extract(place), most=PREVIEW_ROWS)
    page = next(iter(connector.pages(extract, PREVIEW_ROWS)), None)
    names = tuple(one.item for one in places)
    if page is None:
        return Preview(names, empty, empty, Tally(), (), tuple(found), ("There is no row yet.",))
    raw = pd.DataFrame(dict(zip(page.header, page.columns, strict=True)))
    if found:
        return Preview(names, raw, empty, Tally(), (), tuple(found), ())
    mapping = stream.mapping_for(place, page)
    job = Job(access, mapping, Lookup.of(access), to_us(access.now), load=False)
    chunk, walk = chunk_of(page, 1, stream.used()), Walk()
    try:
        intake, faults = intake_of(job), Faults(chunk)
        with access.read() as session:
            walk.add(intake.take(chunk, session, faults))
        walk.reject(chunk, faults)
        walk.add(intake.settle(last=True))
    except InvalidInput as error:
        return Preview(names, raw, empty, Tally(), (), error.problems, ())
    notes = tuple(note.message for note in walk.notes)
    return Preview(names, raw, walk.preview, walk.tally, tuple(walk.rejects), (), notes)
