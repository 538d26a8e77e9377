"""Writes one record, if it still is as it was read.

Everything happens in a transaction that holds the row's lock, or SQLite's write lock. What the row holds is compared
here and not by the database, to which `Hämeenkatu` and `hameenkatu` may well be equal.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from adapters.registers.flat import Cell, RowMapping, Unprintable, UnreadableCell
from adapters.registers.sql.layout import Column, Kind, Layout, raw_for
from adapters.registers.sql.reading import Reader
from adapters.registers.sql.settings import SqlRegisterSettings
from sync.ports.clock import Clock
from sync.ports.register import Conflict, Record, Rejected, UnreadableRecord, Write, Written

_BOUND_EXACTLY = str | int | bool | None


class Writer:
    """Writes the records of one table."""

    def __init__(self, reader: Reader, mapping: RowMapping, settings: SqlRegisterSettings, clock: Clock) -> None:
        self._reader = reader
        self._layout: Layout = reader.layout
        self._mapping = mapping
        self._settings = settings
        self._clock = clock
        key = self._layout.key.sql
        self._by_key = locking(self._layout).where(key == sa.bindparam("key", type_=key.type))

    def write(self, connection: sa.Connection, write: Write) -> Written | Conflict | Rejected:
        """Compare, update and look again. Unless it is `Written`, the caller takes everything back."""
        rows = self._lock(connection, write.key)
        if len(rows) != 1:
            return Rejected("key_not_unique") if rows else Conflict(None)
        row, current = rows[0], self._reader.record(rows[0])
        if isinstance(current, UnreadableRecord):
            return Rejected("record_unreadable")
        try:
            new = self._not_held(row, self._mapping.print(write.values, write.status))
            if not new:
                return Written(current)
            if not self._is_as_expected(current, write):
                return Conflict(current)
            return self._update(connection, row, new, self._upkeep(row))
        except Unprintable as unprintable:
            return Rejected(unprintable.reason)
        except UnreadableCell:
            return Rejected("value_not_accepted")

    def _lock(self, connection: sa.Connection, key: str) -> list[sa.RowMapping]:
        try:
            raw = self._layout.key.raw_of_text(key)
        except ValueError:
            return []
        rows = connection.execute(self._by_key, {"key": raw}).mappings()
        return [row for row in rows if self._layout.key.text_of_raw(row["key_"]) == key]

    def _not_held(self, row: sa.RowMapping, cells: Mapping[str, Cell]) -> dict[str, object]:
        """Return what has to be written, as the database holds it, leaving out what it holds already."""
        raws = {name: raw_for(cell, self._layout.columns[name], self._mapping) for name, cell in cells.items()}
        cell = self._mapping.cell
        return {name: raw for name, raw in raws.items() if cell(name, raw) != cell(name, row[name])}

    def _is_as_expected(self, current: Record, write: Write) -> bool:
        if write.expected_version is not None and write.expected_version != current.version:
            return False
        if write.expected_version is not None and self._layout.version is not None:
            return True
        # A time of change may be too coarse to show two edits; it does not spare the comparison.
        return all(current.values.get(field) == write.expected.get(field) for field in write.values)

    def _update(
        self, connection: sa.Connection, row: sa.RowMapping, new: Mapping[str, object], upkeep: Mapping[Any, object]
    ) -> Written | Conflict | Rejected:
        columns = {self._layout.columns[name].sql: raw for name, raw in new.items()} | dict(upkeep)
        statement = sa.update(self._layout.table).where(*self._same_row(row, new)).values(columns)
        count = connection.execute(statement).rowcount
        if count > 1:
            return Rejected("key_not_unique")
        rows = self._lock(connection, self._layout.key.text_of_raw(row["key_"]))
        record = self._reader.record(rows[0]) if rows else None
        if count < 1:
            return Conflict(record if isinstance(record, Record) else None)
        if not isinstance(record, Record) or not self._is_kept(rows[0], new):
            return Rejected("changed_by_register")
        return Written(record)

    def _same_row(self, row: sa.RowMapping, names: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        """Say in SQL that the row is still the same, for databases that lock no rows."""
        same = [self._layout.key.sql == row["key_"]]
        labelled = [("version_", self._layout.version), *((name, self._layout.columns[name]) for name in names)]
        for label, column in labelled:
            if column is not None and column.comparable and isinstance(row[label], _BOUND_EXACTLY):
                same.append(_equals(column, row[label]))
        return same

    def _upkeep(self, row: sa.RowMapping) -> dict[Any, Any]:
        """Return what has to be written because the database does not keep it by itself."""
        columns: dict[Any, Any] = {}
        version, updated_at = self._layout.version, self._layout.updated_at
        if version is not None and self._settings.version_is_maintained_by == "ajantasa":
            if version.kind is not Kind.NUMBER:
                raise Unprintable("version_is_not_a_number")
            columns[version.sql] = (row["version_"] or 0) + 1
        if updated_at is not None and self._settings.updated_at_is_maintained_by == "ajantasa":
            columns[updated_at.sql] = self._present(updated_at, row["updated_at_"])
        return columns

    def _present(self, column: Column, before: object) -> object:
        """Return the present as the column writes times."""
        now = self._clock.now()
        if column.kind is not Kind.TEXT:
            return raw_for(now, column, self._mapping)
        return _in_the_manner_of(str(before or ""), now, now.astimezone(self._mapping.zone))

    def _is_kept(self, row: sa.RowMapping, new: Mapping[str, object]) -> bool:
        """Tell whether the row holds what was written; the register may change case and blanks."""
        cell = self._mapping.cell
        return all(_alike(cell(name, row[name]), cell(name, raw)) for name, raw in new.items())


def locking(layout: Layout) -> sa.Select[Any]:
    """Select rows and lock them, each database in its own words; SQLite has locked everything already."""
    return layout.select().with_for_update().with_hint(layout.table, "WITH (UPDLOCK, ROWLOCK)", "mssql")


def _equals(column: Column, raw: Any) -> sa.ColumnElement[bool]:
    return column.sql.is_(None) if raw is None else column.sql == raw


def _alike(one: Cell, other: Cell) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return "".join(one.split()).casefold() == "".join(other.split()).casefold()
    return one == other


def _in_the_manner_of(before: str, now: datetime, local: datetime) -> str:
    """Print a time as the one before it, so that the texts go on sorting by time."""
    separator = "T" if "T" in before else " "
    precision = "microseconds" if "." in before else "seconds"
    if before.endswith("Z"):
        return now.astimezone(UTC).replace(tzinfo=None).isoformat(separator, precision) + "Z"
    zoned = before and datetime.fromisoformat(before).tzinfo
    return (local if zoned else local.replace(tzinfo=None)).isoformat(separator, precision)
