"""The connection to a register's database: one way in, where every error becomes one of ours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from adapters.registers.sql.faults import DATABASE_ERRORS, meaning
from adapters.registers.sql.settings import SqlRegisterSettings
from sync.errors import ConfigurationInvalid, Problem, RegisterUnavailable

T = TypeVar("T")

_WRITING = "ajantasa_writing"

# A record that a person holds open must not hold up everybody else's.
_LOCK_WAIT = {
    "postgresql": "SET LOCAL lock_timeout = '5s'",
    "mysql": "SET SESSION innodb_lock_wait_timeout = 5",
    "mariadb": "SET SESSION innodb_lock_wait_timeout = 5",
    "mssql": "SET LOCK_TIMEOUT 5000",
}


class Database:
    """A pool of connections that are asked one question each."""

    def __init__(self, settings: SqlRegisterSettings) -> None:
        self._engine = _engine(settings)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _leave_transactions_to_us)
            sa.event.listen(self._engine, "begin", _begin)

    def ask(self, question: Callable[[sa.Connection], T], *, writing: bool = False) -> T:
        """Put a question in a transaction of its own, which is rolled back unless the question commits it.

        Raises:
            RegisterUnavailable: cannot be reached, or does not let us.
            Refused: the database does not take a value.
        """
        try:
            self._check_that_it_is_there()
            with self._engine.connect() as connection:
                if not writing:
                    return question(connection)
                connection = connection.execution_options(**{_WRITING: True})  # noqa: PLW2901 - the same connection
                lock_wait = _LOCK_WAIT.get(self._engine.dialect.name)
                if lock_wait:
                    connection.exec_driver_sql(lock_wait)
                return question(connection)
        except DATABASE_ERRORS as error:
            problem = meaning(error)
        # Out here nothing hangs on to the driver's error, which may quote values.
        raise problem

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _check_that_it_is_there(self) -> None:
        """Do not let SQLite make an empty database where the register's file is missing."""
        file = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or not file or file.startswith((":memory:", "file:")):
            return
        if not Path(file).is_file():
            raise RegisterUnavailable("there is no database file")


def _engine(settings: SqlRegisterSettings) -> sa.Engine:
    problem = None
    try:
        url = settings.address().get_secret_value()
    except (OSError, ValueError):
        problem = Problem("url_file", "cannot be read")
    else:
        try:
            return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_recycle=1800)
        except (sa.exc.NoSuchModuleError, ImportError):
            problem = Problem("url" if settings.url else "url_file", "needs a database driver that is not installed")
        except (sa.exc.ArgumentError, ValueError):
            problem = Problem("url" if settings.url else "url_file", "is no SQLAlchemy URL")
    raise ConfigurationInvalid([problem])


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    """Keep Python's driver from beginning transactions by itself, which it does only before the first UPDATE."""
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    """Take SQLite's write lock before reading what the write depends on."""
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
