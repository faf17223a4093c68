"""A plant's own database as frames in a notebook."""

from pathlib import Path

import pymongo
import pytest

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.notebook import OpenPlant
from tests.app.sources.plants import fresh, run_sql, write_lines


@pytest.fixture(params=["sqlite", "mariadb", "mongodb", "influxdb"])
def address(request: pytest.FixtureRequest, access: Access) -> tuple[str, str]:
    """Three rows, one without a number, in each kind of engine: the address and the item's name."""
    if request.param in {"sqlite", "mariadb"}:
        if request.param == "sqlite":
            folder: Path = access.gemba.settings.sources_folder / access.factory.slug
            folder.mkdir(parents=True)
            where, found = f"sqlite:///{folder / 'plant.db'}", "sqlite:///plant.db"
        else:
            where = found = request.getfixturevalue("mariadb_server").url("src_notebook")
            fresh(where)
        run_sql(
            where,
            "CREATE TABLE batches (batch VARCHAR(20), good INT)",
            "INSERT INTO batches VALUES ('b1', 96), ('b2', 50), ('b3', NULL)",
        )
    elif request.param == "mongodb":
        found = request.getfixturevalue("mongodb_server").url("src_notebook")
        with pymongo.MongoClient(found) as client:
            client.drop_database("src_notebook")
            client["src_notebook"]["batches"].insert_many(
                [{"batch": "b1", "good": 96}, {"batch": "b2", "good": 50}, {"batch": "b3", "good": None}]
            )
    else:
        server = request.getfixturevalue("influxdb_server")
        server.drop("src_notebook")
        found = server.url("src_notebook")
        lines = ["batches,batch=b1 good=96 1000", "batches,batch=b2 good=50 2000"]
        write_lines(found, [*lines, "batches,batch=b3 other=1 3000"])
    return found, "batches"


def test_a_plants_own_database_is_a_frame(access: Access, address: tuple[str, str]) -> None:
    database = OpenPlant(access).database(address[0])
    try:
        assert address[1] in database.items()
        found = database.frame(address[1]).sort_values("batch")
        assert found["batch"].tolist() == ["b1", "b2", "b3"]
        assert found["good"].tolist()[:2] == [96, 50]
        assert found["good"].isna().tolist() == [False, False, True]
        assert len(database.frame(address[1], most=2)) == 2
    finally:
        database.close()


def test_an_address_that_may_not_be_asked_is_refused(access: Access) -> None:
    with pytest.raises(InvalidInput):
        OpenPlant(access).database("mysql://127.0.0.1:1/x?local_infile=1")
