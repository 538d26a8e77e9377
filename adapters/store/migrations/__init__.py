"""The schema's history. `versions/` holds one file a step, read by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from sync.errors import SchemaUnknown


def alembic_config() -> Config:
    """Return Alembic's configuration; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def check_schema(engine: Engine, *, may_migrate: bool) -> bool:
    """Tell whether the schema is the newest one; False when it must be upgraded first.

    Raises:
        SchemaUnknown: of a version that this program does not know, or old and not allowed to be migrated now.
    """
    scripts = ScriptDirectory.from_config(alembic_config())
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        empty = not inspect(connection).get_table_names()
    if current == scripts.get_current_head():
        return True
    if current is None and not empty:
        raise SchemaUnknown("the database holds tables that are not ajantasa's: give it one of its own")
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise SchemaUnknown("the database was written by a newer version of ajantasa: run that one")
    if current is not None and not may_migrate:
        raise SchemaUnknown("the database is of an older version: back it up and run `ajantasa db upgrade`")
    return False


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision, in one transaction."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to a revision. For tests and emergencies: what the newer tables held is lost."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
