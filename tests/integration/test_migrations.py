"""The schema's history leads to the tables, there and back, on both engines; what is not ours stops the start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from adapters.store import Keyring, open_store
from adapters.store.columns import SCHEMA_TABLES
from adapters.store.engine import make_engine
from adapters.store.migrations import alembic_config, check_schema, downgrade, upgrade
from sync.errors import CannotStart, KeyUnusable, SchemaUnknown, StoreUnavailable
from sync.matching.prepared import prepare_customer
from sync.model import Customer, Field, PersonName
from tests.harness import KEY, HandClock, sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database on each engine."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Give an engine over the empty database."""
    engine = make_engine(url)
    yield engine
    engine.dispose()


def opened(url: str, key: bytes = KEY, **options: bool) -> None:
    """Open the store, and close it."""
    open_store(url, Keyring(key), HandClock(), **options).close()


def differences(engine: Engine) -> list[object]:
    """Return what autogenerate would still write into a migration."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, SCHEMA_TABLES))


def tables(engine: Engine) -> set[str]:
    """Return the names of all tables but Alembic's own."""
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_lead_to_the_tables(engine: Engine) -> None:
    """Nothing is left for autogenerate to find."""
    upgrade(engine)
    assert differences(engine) == []
    assert tables(engine) == set(SCHEMA_TABLES.tables)


def test_up_and_down_and_up_again(engine: Engine) -> None:
    """Every step can be taken back, one by one, and taken again."""
    steps = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
    upgrade(engine)
    for revision in [*steps[1:], "base"]:
        downgrade(engine, revision)
    assert tables(engine) == set()
    upgrade(engine)
    assert differences(engine) == []


def test_an_empty_database_is_set_up_and_found_again(url: str, engine: Engine) -> None:
    """The first start needs no command, and the second changes nothing."""
    opened(url)
    assert check_schema(engine, may_migrate=False)
    opened(url)


def test_a_newer_schema_stops_the_start(url: str, engine: Engine) -> None:
    """A version that this program does not know is not touched, whatever it may migrate."""
    opened(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for migrate in (False, True):
        with pytest.raises(SchemaUnknown, match="newer"):
            opened(url, migrate=migrate)


def test_an_older_schema_waits_for_its_operator(url: str, engine: Engine) -> None:
    """Nothing is migrated in passing: not before somebody says so."""
    upgrade(engine)
    downgrade(engine, "base")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO alembic_version VALUES ('0000')"))
    with pytest.raises(SchemaUnknown):
        opened(url)


def test_a_foreign_database_is_refused(url: str, engine: Engine) -> None:
    """Tables of somebody else stay alone, and no table of ours joins them."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(SchemaUnknown, match="not ajantasa's"):
        opened(url, migrate=True)
    assert tables(engine) == {"invoices"}


def test_another_key_does_not_open_a_database(url: str) -> None:
    """A wrong key file stops the start before anything is written with it."""
    opened(url)
    with pytest.raises(KeyUnusable):
        opened(url, key=bytes(32))
    opened(url)


def test_a_key_of_the_wrong_length_is_none() -> None:
    """Nothing is ever sealed with less than 32 bytes."""
    with pytest.raises(CannotStart):
        Keyring(b"short")


def test_a_database_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    """Without the driver's own words, which may repeat what was bound."""
    with pytest.raises(StoreUnavailable):
        opened(f"sqlite:///{tmp_path}/missing/folder/ajantasa.db")


def test_older_forms_stop_the_start_until_they_are_made_anew(url: str, engine: Engine) -> None:
    """Customers that were kept in the forms of another version are found again after the upgrade."""
    opened(url)
    person = Customer("clinic", "1", None, {Field.NAME: PersonName("Virtanen", "Anna"), Field.PHONE: "+358401234567"})
    keys = [{"phone|+358401234567"}]
    store = open_store(url, Keyring(KEY), HandClock())
    with store.begin() as work:
        [kept] = work.add_customers([person])
        work.commit()
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = 'older' WHERE name = 'forms'"))
        connection.execute(text("DELETE FROM blocking_key"))
    with pytest.raises(SchemaUnknown, match="db upgrade"):
        opened(url)
    opened(url, migrate=True)
    opened(url)
    with store.snapshot() as work:
        assert [list(found) for found in work.candidates("clinic", keys)] == [[prepare_customer(kept)]]
        assert work.prepared([kept.id]) == {kept.id: prepare_customer(kept)}
    store.close()
