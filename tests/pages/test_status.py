"""The health page: what each store says of itself, and who may read it."""

import pytest

from tests.pages.conftest import texts


def test_each_store_is_shown_with_engine_and_state(open_page, gemba):
    page = open_page("status")
    assert not page.exception
    shown = texts(page)
    for title in ("Relational store", "Telemetry store", "Document store"):
        assert title in shown
    engines = [str(table.value.to_dict()) for table in page.table]
    assert len(engines) == 3
    assert any(gemba.database.engine.dialect.name in engine.lower() for engine in engines)


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_may_not_see_it_has_no_such_page(open_page, role):
    with pytest.raises(ValueError, match="status"):
        open_page("status", role)
