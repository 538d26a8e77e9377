"""Tries the real table out before anything depends on it."""

from collections.abc import Iterator

import sqlalchemy as sa

from adapters.registers.flat import RowMapping
from adapters.registers.flat import names as our
from adapters.registers.sql.database import Database
from adapters.registers.sql.faults import Refused
from adapters.registers.sql.layout import Column, Kind, Layout
from adapters.registers.sql.settings import SqlRegisterSettings
from sync.errors import RegisterUnavailable


def check_columns(database: Database, layout: Layout, settings: SqlRegisterSettings, mapping: RowMapping) -> list[str]:
    """Return one line for each setting with which the table does not go along.

    Raises:
        RegisterUnavailable: cannot be reached.
    """
    readable = _all_columns(layout)
    problems = [
        f"{setting}: the database does not let this column be read"
        for setting, column in readable.items()
        if not _goes(database, sa.select(column.sql).select_from(layout.table).limit(1))
    ]
    if problems:
        return problems
    key = database.ask(lambda connection: connection.execute(sa.select(layout.key.sql).limit(1)).scalar())
    for setting, column in _written_columns(layout, settings, mapping):
        probe = sa.update(layout.table).where(layout.key.sql == key).values({column.sql: column.sql})
        if not _goes(database, probe):
            problems.append(f"{setting}: the database does not let this column be updated")
    return problems + list(_key_problems(database, layout)) + list(_version_problems(layout, settings))


def _all_columns(layout: Layout) -> dict[str, Column]:
    columns = {"key": layout.key, "version": layout.version, "updated_at": layout.updated_at}
    columns |= {f"columns.{name}": column for name, column in layout.columns.items()}
    return {setting: column for setting, column in columns.items() if column is not None}


def _written_columns(
    layout: Layout, settings: SqlRegisterSettings, mapping: RowMapping
) -> Iterator[tuple[str, Column]]:
    for name, column in layout.columns.items():
        if name in our.STATUS_NAMES or our.FIELD_OF[name] in mapping.writable:
            yield f"columns.{name}", column
    if layout.version is not None and settings.version_is_maintained_by == "ajantasa":
        yield "version", layout.version
    if layout.updated_at is not None and settings.updated_at_is_maintained_by == "ajantasa":
        yield "updated_at", layout.updated_at


def _key_problems(database: Database, layout: Layout) -> Iterator[str]:
    key = layout.key.sql
    twice = sa.select(sa.literal(1)).select_from(layout.table).group_by(key).having(sa.func.count() > 1)
    without = sa.select(sa.literal(1)).select_from(layout.table).where(key.is_(None))
    if _any(database, without):
        yield "key: some rows have none; they are not read"
    if _any(database, twice.where(key.is_not(None))):
        yield "key: some rows share theirs; they are not written"


def _version_problems(layout: Layout, settings: SqlRegisterSettings) -> Iterator[str]:
    counted = settings.version_is_maintained_by == "ajantasa"
    if counted and layout.version is not None and layout.version.kind is not Kind.NUMBER:
        yield "version_is_maintained_by: only a whole number can be counted up"


def _any(database: Database, query: sa.Select[int]) -> bool:
    return database.ask(lambda connection: connection.execute(query.limit(1)).scalar()) is not None


def _goes(database: Database, statement: sa.Executable) -> bool:
    """Try a statement in a transaction that is rolled back."""
    try:
        database.ask(
            lambda connection: connection.execute(statement) and None, writing=isinstance(statement, sa.Update)
        )
    except (RegisterUnavailable, Refused):
        # If the database itself is away, that is what has to be said.
        database.ask(lambda connection: connection.execute(sa.select(sa.literal(1))).scalar())
        return False
    return True
