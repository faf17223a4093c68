"""Keeping sources: listed, added, changed, switched, removed; each change with its audit entry."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.imports.layout.kinds import Kind
from app.sources.drafts import Draft, Known, refuse, tidied
from app.sources.streams import as_json, from_json
from data.models import Source, SourcePosition, SourceReject


def list_sources(access: Access) -> list[Known]:
    """The factory's sources, by name."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        return [known(row) for row in session.scalars(select(Source).order_by(Source.name))]


def get_source(access: Access, source_id: int) -> Known:
    """One source."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        return known(found(session, source_id))


def named(access: Access, name: str) -> Known:
    """The source of a name."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        row = session.scalar(select(Source).where(Source.name == name))
        if row is None:
            raise NotFound(f"There is no source '{name}' in this factory.")
        return known(row)


def add_source(access: Access, given: Draft) -> int:
    """Keep a new source, switched off; returns its id."""
    access.require(Permission.MANAGE_SOURCES)
    draft = tidied(given)
    _refuse(access, draft)
    with access.write() as session:
        if session.scalar(select(Source.id).where(Source.name == draft.name)) is not None:
            raise InvalidInput.at("name", "Another source has this name.")
        row = Source(
            **_columns(draft),
            secret=access.gemba.vault.seal(draft.password or "", belongs_to(access)),
            created_at=access.now,
            updated_at=access.now,
        )
        session.add(row)
        session.flush()
        access.audit(session, "source.add", ("source", row.id), after=_told(row))
        return row.id


def edit_source(access: Access, source_id: int, version: int, given: Draft) -> None:
    """Change a source; a password that is not given stays, unless the server or the user is another one.

    Conflict when somebody changed it since `version`.
    """
    access.require(Permission.MANAGE_SOURCES)
    draft = tidied(given)
    _refuse(access, draft)
    with access.write() as session:
        row = found(session, source_id)
        if row.version != version:
            raise Conflict("Somebody changed this source meanwhile: load it again.")
        if draft.password is None and row.secret and (row.address, row.user) != (draft.address, draft.user):
            raise InvalidInput.at(
                "password", "The address or the user is another one: give the password again."
            )
        twin = select(Source.id).where(Source.name == draft.name, Source.id != source_id)
        if session.scalar(twin) is not None:
            raise InvalidInput.at("name", "Another source has this name.")
        before = _told(row)
        for name, value in _columns(draft).items():
            setattr(row, name, value)
        if draft.password is not None:
            row.secret = access.gemba.vault.seal(draft.password, belongs_to(access))
        row.version += 1
        row.updated_at = access.now
        _forget_positions_of_gone_streams(session, row)
        access.audit(session, "source.edit", ("source", row.id), before, _told(row))


def switch_source(access: Access, source_id: int, *, is_on: bool) -> None:
    """Read the source again and again from now on, or no more."""
    access.require(Permission.MANAGE_SOURCES)
    with access.write() as session:
        row = found(session, source_id)
        if row.is_on == is_on:
            return
        row.is_on = is_on
        row.version += 1
        row.wanted_at = access.now if is_on else None
        access.audit(session, "source.on" if is_on else "source.off", ("source", row.id))


def remove_source(access: Access, source_id: int) -> None:
    """Forget a source and how far it was read; what was read stays."""
    access.require(Permission.MANAGE_SOURCES)
    with access.write() as session:
        row = found(session, source_id)
        access.audit(session, "source.remove", ("source", row.id), before=_told(row))
        session.delete(row)


def want_run(access: Access, source_id: int) -> None:
    """Ask the server to read the source as soon as it can."""
    access.require(Permission.MANAGE_SOURCES)
    with access.write() as session:
        row = found(session, source_id)
        row.wanted_at = access.now
        access.audit(session, "source.read_now", ("source", row.id))


def read_again(access: Access, source_id: int, stream: str | None = None) -> None:
    """Read everything once more, of one stream or of all; rows that are stored already change nothing."""
    access.require(Permission.MANAGE_SOURCES)
    with access.write() as session:
        row = found(session, source_id)
        for table in (SourcePosition, SourceReject):
            old = delete(table).where(table.source_id == source_id)
            if stream is not None:
                old = old.where(table.stream == stream)
            session.execute(old, execution_options={"synchronize_session": False})
        row.wanted_at = access.now
        access.audit(session, "source.read_again", ("source", row.id), after={"stream": stream})


def password_of(access: Access, source_id: int) -> str:
    """The password in the clear, for connecting; it goes to no page."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        return access.gemba.vault.open(found(session, source_id).secret, belongs_to(access))


def found(session: Session, source_id: int) -> Source:
    """The row; NotFound outside the factory."""
    row = session.get(Source, source_id)
    if row is None:
        raise NotFound("There is no such source in this factory.")
    return row


def belongs_to(access: Access) -> str:
    """What the secrets of a factory's sources are bound to."""
    return f"source/{access.factory.id}"


def known(row: Source) -> Known:
    """A stored row as a source."""
    return Known(
        row.id, row.name, row.preset, row.address, row.user, bool(row.secret), dict(row.options),
        tuple(from_json(one) for one in row.streams), row.is_on, row.every_s, row.overlap_s, row.page_rows,
        row.timeout_s, row.version, row.updated_at,
    )  # fmt: skip


def _refuse(access: Access, draft: Draft) -> None:
    refuse(access, draft)
    if any(stream.kind is Kind.PEOPLE and stream.is_on for stream in draft.streams):
        access.require(Permission.MANAGE_USERS)


def _columns(draft: Draft) -> dict[str, Any]:
    given = asdict(draft)
    given.pop("password")
    return {**given, "options": dict(draft.options), "streams": [as_json(one) for one in draft.streams]}


def _told(row: Source) -> dict[str, Any]:
    """What the audit log keeps of a source: everything but the password."""
    names = ("name", "preset", "address", "user", "options", "streams", "every_s", "overlap_s", "page_rows")
    return {**{name: getattr(row, name) for name in names}, "has_password": bool(row.secret)}


def _forget_positions_of_gone_streams(session: Session, row: Source) -> None:
    kept = [str(one["name"]) for one in row.streams]
    for table in (SourcePosition, SourceReject):
        session.execute(
            delete(table).where(table.source_id == row.id, table.stream.not_in(kept)),
            execution_options={"synchronize_session": False},
        )
