"""Each store goes away under each page: a card says so, and after its return the page is whole."""

from dataclasses import replace

import pytest

from analytics.errors import StoreUnavailable
from app import bootstrap
from app.navigation import PAGES
from data.models import to_us
from data.relational.engine import open_engine
from data.relational.scope import Database
from data.telemetry import Batch
from tests.pages.conftest import run_again, texts

NOWHERE = "mysql+pymysql://gemba:x@127.0.0.1:9/gemba"
CARD = "A data store cannot be reached"
BROKEN = "could not be drawn"


class Away:
    """A store whose every answer is that it is not there; `asked` counts the questions."""

    asked = 0

    def __getattr__(self, name):
        def refuse(*_args, **_kwargs):
            self.asked += 1
            raise StoreUnavailable(f"The store does not answer ({name}).")

        return refuse


@pytest.fixture
def stores(gemba):
    """The wired parts with one store away, by the store's name."""
    now = to_us(gemba.clock())
    times = [now - 60_000_000 * n for n in range(1, 61)]
    gemba.telemetry.append(
        "north", Batch.of(["m1"] * 60, ["power_kw"] * 60, times, [5.0] * 60, latest_us=now)
    )
    dead = open_engine(NOWHERE)
    yield {
        "relational": replace(gemba, database=Database(dead, b"")),
        "telemetry": replace(gemba, telemetry=Away()),
        "documents": replace(gemba, documents=Away()),
    }
    dead.dispose()


def problem(page):
    """What is wrong with what the page shows, or nothing."""
    said = texts(page)
    return [str(page.exception), said][not page.exception] if page.exception or BROKEN in said else ""


@pytest.mark.parametrize("key", [page.key for page in PAGES])
def test_a_store_that_goes_away_gives_a_card_and_the_page_is_whole_when_it_is_back(
    open_page, gemba, stores, with_record, key
):
    page = open_page(key, "super_admin")
    before = [one.value for one in page.error]
    for name, without in stores.items():
        bootstrap.install(without)
        run_again(page)
        assert problem(page) == "", name
        if name == "relational" or getattr(without, name).asked:
            assert any(one.proto.title == CARD or CARD in one.value for one in page.error), name
        bootstrap.install(gemba)
        run_again(page)
        assert problem(page) == "", name
        assert [one.value for one in page.error] == before, f"{name} is back"
