"""The migrations build exactly the schema that the models declare, and can be repeated."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from data.models import Base
from data.relational.engine import open_engine
from data.relational.migrate import FOLDER, current, upgrade


def test_a_migrated_store_has_the_models_schema_and_no_difference_is_left(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    assert upgrade(engine)
    assert not upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_files_are_named_by_their_revisions_and_the_last_name_is_the_head(tmp_path):
    scripts = ScriptDirectory(str(FOLDER))
    names = {path.name.partition("_")[0] for path in (FOLDER / "versions").glob("*.py")}
    assert names == {one.revision for one in scripts.walk_revisions()}
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    assert current(engine) is None
    upgrade(engine)
    assert current(engine) == scripts.get_current_head() == max(names)
