"""A source that is added and read in one step."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.bootstrap import Access
from app.sources.drafts import Draft
from app.sources.runs import Run, read_source
from app.sources.store import add_source
from app.sources.trying import planned

Added = tuple[int, tuple[str, ...]]


@pytest.fixture
def access(acting: Callable[..., Access]) -> Access:
    return acting("admin")


@pytest.fixture
def added(access: Access) -> Callable[..., Added]:
    """Add a source through its preset; gives its id and the preset's notes."""

    def add(preset: str, address: str, **options: str) -> Added:
        draft = Draft(preset, address, preset=preset, options=options)
        plan = planned(access, draft)
        return add_source(access, replace(draft, streams=plan.streams)), plan.notes

    return add


@pytest.fixture
def read(access: Access) -> Callable[[int], Run]:
    """Read a source; it must succeed."""

    def once(source_id: int) -> Run:
        run = read_source(access, source_id)
        assert (run.state, run.problem) == ("done", "")
        return run

    return once
