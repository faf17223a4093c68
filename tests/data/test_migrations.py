"""The migrations build exactly the schema that the models declare, and can be repeated."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from data.models import Base
from data.relational.engine import open_engine
from data.relational.migrate import upgrade


def test_a_migrated_store_has_the_models_schema_and_no_difference_is_left(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    assert upgrade(engine)
    assert not upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
