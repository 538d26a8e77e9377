"""The `sql` register adapter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from adapters.registers.flat import RowMapping
from adapters.registers.sql.checking import check_columns
from adapters.registers.sql.database import Database
from adapters.registers.sql.faults import DATABASE_ERRORS, Refused, meaning
from adapters.registers.sql.layout import LayoutMismatch, read_layout
from adapters.registers.sql.position import Phase, Position
from adapters.registers.sql.reading import Reader, Row
from adapters.registers.sql.settings import SqlRegisterSettings
from adapters.registers.sql.writing import Writer
from sync.errors import RegisterUnavailable
from sync.model import FactValue, Field
from sync.ports.clock import Clock
from sync.ports.register import Chunk, Conflict, Record, Rejected, UnreadableRecord, Write, Written

T = TypeVar("T")


class SqlRegister:
    """A register in an SQL database, one row for each customer.

    A record's version is its version column, or else its time of change, or else there is none and the old values are
    compared. Without a time of change `changed_since` reads the whole table again each time, whatever the mark.

    Args:
        settings: where the table is and what its columns hold.
        clock: tells whether a time of change lies in the future, and writes it where the register does not.

    Raises:
        ConfigurationInvalid: the URL cannot be read, or needs a driver that is not installed.
    """

    def __init__(self, settings: SqlRegisterSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._mapping = RowMapping(settings)
        self._database = Database(settings)
        self._known_reader: Reader | None = None

    @property
    def writable(self) -> frozenset[Field]:
        """Return the fields that may be written."""
        return self._mapping.writable

    @property
    def shows_status(self) -> bool:
        """Tell whether any status column is mapped."""
        return self._mapping.shows_status

    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        """Read the records changed after the mark, all of them when it is None, in chunks of `chunk_size` at most.

        The last chunk of a pass may be empty. A mark of another table's making begins again.

        Raises:
            RegisterUnavailable: cannot be reached, or is not as configured.
        """
        position, total = self._ask(partial(self._begin, mark=mark))
        while True:
            rows, position = self._ask(partial(self._chunk, position=position))
            yield Chunk(tuple(row.record for row in rows), position.mark(), total)
            if position.phase is Phase.BEGIN:
                return

    def read(self, key: str) -> Record | UnreadableRecord | None:
        """Read one record; None when there is no such record.

        Raises:
            RegisterUnavailable: cannot be reached, or is not as configured.
        """
        try:
            records = self._ask(lambda connection: self._reader(connection).with_key(connection, key))
        except Refused:
            return None  # a key that the database cannot even look for
        if len(records) > 1:
            return UnreadableRecord(key, self._settings.key, "key_not_unique")
        return records[0] if records else None

    def as_read(self, values: Mapping[Field, FactValue | None]) -> dict[Field, FactValue | None]:
        """Return how these values would read back: a part that has no column is lost, a line is taken apart again."""
        return {field: self._mapping.as_read(field, value) for field, value in values.items()}

    def write(self, write: Write) -> Written | Conflict | Rejected:
        """Write, if the record is still as expected; `Written` too if it holds the new values already.

        Raises:
            RegisterUnavailable: cannot be reached, is locked, or is not as configured; the update may or may not have
                been made.
        """
        return self.write_all([write])[0]

    def write_all(self, writes: Sequence[Write]) -> list[Written | Conflict | Rejected]:
        """Write each by itself, all in one transaction of the database.

        Raises:
            RegisterUnavailable: as `write`, for all of them.
        """
        try:
            return self._ask(partial(self._write_all, writes=writes), writing=True)
        except Refused as refused:
            # Only the commit found out (a deferred constraint): each must stand or fall alone.
            if len(writes) == 1:
                return [Rejected(refused.reason)]
            return [self.write(write) for write in writes]

    def check(self) -> list[str]:
        """Tell what is wrong between the settings and the real table, naming each setting; no values.

        Whether a column may be written is tried out, with an update that is rolled back.

        Raises:
            RegisterUnavailable: cannot be reached.
        """
        try:
            layout = self._database.ask(lambda connection: read_layout(connection, self._settings))
        except LayoutMismatch as mismatch:
            return list(mismatch.problems)
        return check_columns(self._database, layout, self._settings, self._mapping)

    def close(self) -> None:
        """Let go of connections. May be called twice."""
        self._database.close()

    def _ask(self, question: Callable[[sa.Connection], T], *, writing: bool = False) -> T:
        problem = "the register's table is not as configured"
        try:
            return self._database.ask(question, writing=writing)
        except RegisterUnavailable as unavailable:
            problem = str(unavailable)
        except LayoutMismatch as mismatch:
            problem = f"{problem}: {mismatch}"
        # Whatever it was, the table may be another one afterwards.
        self._known_reader = None
        raise RegisterUnavailable(problem)

    def _reader(self, connection: sa.Connection) -> Reader:
        reader = self._known_reader
        if reader is None:
            names = {**self._settings.columns, "updated_at": self._settings.updated_at or ""}
            reader = Reader(read_layout(connection, self._settings), self._mapping, names)
            self._known_reader = reader
        return reader

    def _begin(self, connection: sa.Connection, mark: str | None) -> tuple[Position, int]:
        reader = self._reader(connection)
        position = Position.of_mark(mark, reader.layout)
        if position.phase is Phase.BEGIN:
            overlap = timedelta(seconds=self._settings.overlap_seconds)
            position = reader.begin(connection, position, self._clock.now(), overlap)
        return position, reader.count(connection)

    def _chunk(self, connection: sa.Connection, position: Position) -> tuple[list[Row], Position]:
        return self._reader(connection).chunk(connection, position, self._settings.chunk_size)

    def _write_all(self, connection: sa.Connection, writes: Sequence[Write]) -> list[Written | Conflict | Rejected]:
        writer = Writer(self._reader(connection), self._mapping, self._settings, self._clock)
        results = [self._write_one(connection, writer, write) for write in writes]
        connection.commit()
        return results

    def _write_one(self, connection: sa.Connection, writer: Writer, write: Write) -> Written | Conflict | Rejected:
        """Write behind a savepoint: what is refused, or came too late, leaves nothing behind."""
        if not write.values.keys() <= self.writable:
            return Rejected("field_not_writable")
        savepoint = connection.begin_nested()
        try:
            result = writer.write(connection, write)
        except DATABASE_ERRORS as error:
            problem = meaning(error)
        else:
            if isinstance(result, Written):
                savepoint.commit()
            else:
                savepoint.rollback()
            return result
        # Out here nothing hangs on to the driver's error, which may quote values.
        if isinstance(problem, RegisterUnavailable):
            raise problem
        savepoint.rollback()
        return Rejected(problem.reason)
