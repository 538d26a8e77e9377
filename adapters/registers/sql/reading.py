"""Reads rows: one, or all that have changed, a chunk at a time and each chunk in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from adapters.registers.flat import RowMapping, UnreadableCell
from adapters.registers.flat.cells import moment_of
from adapters.registers.sql import position as at
from adapters.registers.sql.layout import Column, Layout
from adapters.registers.sql.position import Phase, Position
from sync.ports.register import Record, UnreadableRecord

_DRIVER_CANNOT_READ = (sa.exc.DataError, sa.exc.NotSupportedError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read, with what the order goes by."""

    key: Any
    updated_at: Any
    record: Record | UnreadableRecord


class Reader:
    """Reads the records of one table."""

    def __init__(self, layout: Layout, mapping: RowMapping, column_names: dict[str, str]) -> None:
        self.layout = layout
        self._mapping = mapping
        self._column_names = column_names

    def record(self, row: sa.RowMapping) -> Record | UnreadableRecord:
        """Read a selected row."""
        key = self.layout.key.text_of_raw(row["key_"])
        raws = {name: row[name] for name in self.layout.columns}
        changed_at = _moment(row.get("updated_at_"), self._mapping)
        if changed_at is None and row.get("updated_at_") is not None:
            return UnreadableRecord(key, self._column_names["updated_at"], "not_a_time")
        try:
            values, status = self._mapping.values(raws), self._mapping.status(raws)
        except UnreadableCell as unreadable:
            return UnreadableRecord(key, self._column_names[unreadable.name], unreadable.reason)
        return Record(key, self.version(row), values, changed_at, status)

    def version(self, row: sa.RowMapping) -> str | None:
        """Return what tells that the row has changed: its version, or else its time of change."""
        for label, column in (("version_", self.layout.version), ("updated_at_", self.layout.updated_at)):
            if column is not None:
                return None if row[label] is None else column.text_of_raw(row[label])
        return None

    def with_key(self, connection: sa.Connection, key: str) -> Sequence[Record | UnreadableRecord]:
        """Read the rows that have this key, which should be one at most."""
        try:
            raw = self.layout.key.raw_of_text(key)
        except ValueError:
            return []
        rows = self._fetch(connection, self.layout.select().where(self.layout.key.sql == raw).limit(10))
        # The database may find keys equal that differ in case or accents.
        return [row.record for row in rows if row.record.key == key]

    def count(self, connection: sa.Connection) -> int:
        """Count the rows."""
        return connection.execute(sa.select(sa.func.count()).select_from(self.layout.table)).scalar_one()

    def begin(self, connection: sa.Connection, last: Position, now: datetime, overlap: timedelta) -> Position:
        """Begin a pass where the one before said."""
        column = self.layout.updated_at
        if column is None:
            return Position(Phase.ALL)
        newest = connection.execute(sa.select(sa.func.max(column.sql))).scalar_one_or_none()
        return at.begin(last, column, newest, self._mapping.zone, now, overlap)

    def chunk(self, connection: sa.Connection, position: Position, size: int) -> tuple[list[Row], Position]:
        """Read the next rows, and say where to go on; at `Phase.BEGIN` when the pass is over."""
        rows: list[Row] = []
        while len(rows) < size and position.phase is not Phase.BEGIN:
            more, position = self._step(connection, position, size - len(rows))
            rows += more
        return rows, position

    def _step(self, connection: sa.Connection, position: Position, limit: int) -> tuple[list[Row], Position]:
        if position.phase is Phase.BEYOND and self.layout.updated_at is not None:
            return self._read_beyond(connection, position, limit, self.layout.updated_at)
        rows = self._read_by_key(connection, position, limit)
        if len(rows) == limit:
            return rows, replace(position, key=self.layout.key.text_of_raw(rows[-1].key))
        if position.phase is Phase.ALL:
            return rows, Position()
        return rows, replace(position, phase=Phase.BEYOND, key=None)

    def _read_by_key(self, connection: sa.Connection, position: Position, limit: int) -> list[Row]:
        key, updated_at = self.layout.key, self.layout.updated_at
        query = self.layout.select().where(key.sql.is_not(None)).order_by(key.sql).limit(limit)
        if position.key is not None:
            query = query.where(key.sql > key.raw_of_text(position.key))
        if updated_at is not None and position.phase is Phase.INSIDE:
            query = query.where(at.inside(updated_at, position.border or ""))
        elif updated_at is not None:
            query = query.where(updated_at.sql.is_(None))
        return self._fetch(connection, query)

    def _read_beyond(
        self, connection: sa.Connection, position: Position, limit: int, updated_at: Column
    ) -> tuple[list[Row], Position]:
        key = self.layout.key
        query = self.layout.select().where(updated_at.sql.is_not(None), key.sql.is_not(None))
        if position.border is not None:
            query = query.where(at.beyond(updated_at, position.border))
        elif position.since is not None:
            query = query.where(updated_at.sql >= at.raw_time(updated_at, position.since))
        rows = self._fetch(connection, query.order_by(updated_at.sql, key.sql).limit(limit))
        if len(rows) < limit:
            return rows, replace(position, phase=Phase.BEGIN, since=None, border=None, key=None)
        # The last time may have more rows than came: leave it out, and read it by key.
        border = at.border_of(updated_at, rows[-1].updated_at)
        whole = [row for row in rows if at.border_of(updated_at, row.updated_at) != border]
        return whole, replace(position, phase=Phase.INSIDE, border=border, key=None)

    def _fetch(self, connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
        try:
            return [self._row(row) for row in connection.execute(query).mappings()]
        except _DRIVER_CANNOT_READ:
            return self._fetch_one_by_one(connection, query)

    def _row(self, row: sa.RowMapping) -> Row:
        return Row(row["key_"], row.get("updated_at_"), self.record(row))

    def _fetch_one_by_one(self, connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
        """Find the row that the driver cannot read (a date of no calendar), so that its neighbours go on."""
        order = [label for label in ("key_", "updated_at_") if label in query.selected_columns]
        found = connection.execute(query.with_only_columns(*(query.selected_columns[label] for label in order)))
        rows = found.mappings().all()
        return [row for each in rows for row in self._fetch_one(connection, each["key_"], each.get("updated_at_"))]

    def _fetch_one(self, connection: sa.Connection, key: Any, updated_at: Any) -> list[Row]:
        here = self.layout.key.sql == key
        try:
            return [self._row(row) for row in connection.execute(self.layout.select().where(here)).mappings()]
        except _DRIVER_CANNOT_READ:
            text = self.layout.key.text_of_raw(key)
        for name, column in self.layout.columns.items():
            try:
                connection.execute(sa.select(column.sql).where(here)).all()
            except _DRIVER_CANNOT_READ:
                return [Row(key, updated_at, UnreadableRecord(text, self._column_names[name], "not_readable"))]
        return [Row(key, updated_at, UnreadableRecord(text, "", "not_readable"))]


def _moment(raw: object, mapping: RowMapping) -> datetime | None:
    try:
        return moment_of(raw, mapping.zone)
    except (ValueError, OverflowError):
        return None
