"""A register in memory: for trying ajantasa out, and the model of what every other register adapter does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from threading import RLock

from sync.errors import RegisterUnavailable
from sync.model import FactValue, Field
from sync.ports.clock import Clock
from sync.ports.register import (
    AddressStatus,
    Chunk,
    Conflict,
    Record,
    Rejected,
    UnreadableRecord,
    Write,
    Written,
)

EVERY_WRITABLE = frozenset(Field) - {Field.NATIONAL_ID, Field.BIRTH_DATE}


class Fault(StrEnum):
    """What goes wrong with a write."""

    BEFORE_WRITE = "before_write"  # unreachable, nothing was written
    ANSWER_LOST = "answer_lost"  # written, and then unreachable
    CONFLICT = "conflict"  # somebody touched the record just before


@dataclass(slots=True)
class _Row:
    values: dict[Field, FactValue]
    status: AddressStatus | None
    version: int
    changed_at: datetime | None
    unreadable: tuple[str, str] | None = None


class MemoryRegister:
    """A register that lives as long as the object.

    Args:
        writable: the fields that may be written.
        shows_status: whether there are status columns.
        versioned: whether records tell their version; without, old values are compared.
        chunk_size: records in a chunk at most.
        clock: tells when a record changes; without one no record tells.
        fault: tells what goes wrong with the n-th write, from 1; `{3: Fault.ANSWER_LOST}.get` will do.
        refuses: tells why the register refuses a value for good, as a reason code; None when it does not.

    Attributes:
        unreachable: while true, every call fails.
        writes: how many writes were asked for.
    """

    def __init__(
        self,
        *,
        writable: frozenset[Field] = EVERY_WRITABLE,
        shows_status: bool = True,
        versioned: bool = True,
        chunk_size: int = 500,
        clock: Clock | None = None,
        fault: Callable[[int], Fault | None] = lambda _number: None,
        refuses: Callable[[Field, FactValue], str | None] = lambda _field, _value: None,
    ) -> None:
        self.unreachable = False
        self.writes = 0
        self._writable = writable - {Field.NATIONAL_ID, Field.BIRTH_DATE}
        self._shows_status = shows_status
        self._versioned = versioned
        self._chunk_size = chunk_size
        self._clock = clock
        self._fault = fault
        self._refuses = refuses
        # The change log: keys in the order of their last change, each with the number of that change.
        self._log: dict[str, int] = {}
        self._rows: dict[str, _Row] = {}
        self._changes = 0
        self._lock = RLock()

    @property
    def writable(self) -> frozenset[Field]:
        """Return the fields that may be written."""
        return self._writable

    @property
    def shows_status(self) -> bool:
        """Tell whether there are status columns."""
        return self._shows_status

    def put(self, key: str, values: Mapping[Field, FactValue | None], status: AddressStatus | None = None) -> None:
        """Change fields as the organisation's own staff would; None empties one. Makes the record if there is none."""
        with self._lock:
            row = self._rows.setdefault(key, _Row({}, None, 0, None))
            _assign(row.values, values)
            row.status = status or row.status
            row.unreadable = None
            self._touch(key)

    def remove(self, key: str) -> None:
        """Delete the record as the organisation's own staff would; nothing tells of it but its absence."""
        with self._lock:
            del self._rows[key]
            del self._log[key]

    def spoil(self, key: str, column: str, reason: str = "not_readable") -> None:
        """Make the record unreadable, until the next `put`."""
        with self._lock:
            self._rows[key].unreadable = (column, reason)
            self._touch(key)

    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        """Read the records changed after the mark, all of them when it is None, in the order of their last change.

        Raises:
            RegisterUnavailable: `unreachable` is set.
        """
        done = int(mark or 0)
        while True:
            with self._lock:
                self._check_reachable()
                due = ((key, number) for key, number in self._log.items() if number > done)
                chunk = list(islice(due, self._chunk_size))
                records = tuple(self._read(key) for key, _ in chunk)
                total = len(self._rows)
            if chunk:
                done = chunk[-1][1]
            yield Chunk(records, str(done), total)
            if len(chunk) < self._chunk_size:
                return

    def read(self, key: str) -> Record | UnreadableRecord | None:
        """Read one record; None when there is no such record.

        Raises:
            RegisterUnavailable: `unreachable` is set.
        """
        with self._lock:
            self._check_reachable()
            return self._read(key) if key in self._rows else None

    def write(self, write: Write) -> Written | Conflict | Rejected:
        """Write, if the record is still as expected; `Written` too if it holds the new values already.

        Raises:
            RegisterUnavailable: `unreachable` is set, or the fault of this write says so.
        """
        with self._lock:
            self._check_reachable()
            self.writes += 1
            fault = self._fault(self.writes)
            if fault is Fault.BEFORE_WRITE:
                raise RegisterUnavailable("the register cannot be reached")
            if fault is Fault.CONFLICT and write.key in self._rows:
                self._touch(write.key)
                return Conflict(self._readable(write.key))
            result = self._write(write)
            if fault is Fault.ANSWER_LOST:
                raise RegisterUnavailable("the register's answer was lost")
            return result

    def as_read(self, values: Mapping[Field, FactValue | None]) -> dict[Field, FactValue | None]:
        """Return the same values: nothing is lost in memory."""
        return dict(values)

    def write_all(self, writes: Sequence[Write]) -> list[Written | Conflict | Rejected]:
        """Write several, one after another.

        Raises:
            RegisterUnavailable: as `write`; those before it were made.
        """
        return [self.write(write) for write in writes]

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def _write(self, write: Write) -> Written | Conflict | Rejected:
        current = self._read(write.key) if write.key in self._rows else None
        reason = self._reason_to_reject(write)
        if current is None:
            return Conflict(None)
        if isinstance(current, UnreadableRecord) or reason:
            return Rejected(reason or "record_unreadable")
        if self._holds(current, write):
            return Written(current)
        if not _is_as_expected(current, write):
            return Conflict(current)
        row = self._rows[write.key]
        _assign(row.values, write.values)
        if self._shows_status:
            row.status = write.status or row.status
        self._touch(write.key)
        return Written(self._record(write.key))

    def _holds(self, current: Record, write: Write) -> bool:
        same_status = write.status is None or not self._shows_status or write.status == current.status
        return same_status and all(current.values.get(field) == value for field, value in write.values.items())

    def _reason_to_reject(self, write: Write) -> str | None:
        if not write.values.keys() <= self._writable:
            return "field_not_writable"
        reasons = (self._refuses(field, value) for field, value in write.values.items() if value is not None)
        return next((reason for reason in reasons if reason), None)

    def _touch(self, key: str) -> None:
        self._changes += 1
        row = self._rows[key]
        row.version += 1
        row.changed_at = self._clock.now() if self._clock else None
        self._log.pop(key, None)
        self._log[key] = self._changes

    def _read(self, key: str) -> Record | UnreadableRecord:
        unreadable = self._rows[key].unreadable
        return UnreadableRecord(key, *unreadable) if unreadable else self._record(key)

    def _readable(self, key: str) -> Record | None:
        found = self._read(key)
        return found if isinstance(found, Record) else None

    def _record(self, key: str) -> Record:
        row = self._rows[key]
        version = str(row.version) if self._versioned else None
        return Record(key, version, dict(row.values), row.changed_at, row.status if self._shows_status else None)

    def _check_reachable(self) -> None:
        if self.unreachable:
            raise RegisterUnavailable("the register cannot be reached")


def _assign(values: dict[Field, FactValue], new: Mapping[Field, FactValue | None]) -> None:
    for field, value in new.items():
        if value is None:
            values.pop(field, None)
        else:
            values[field] = value


def _is_as_expected(current: Record, write: Write) -> bool:
    if write.expected_version is not None:
        return write.expected_version == current.version
    return all(current.values.get(field) == write.expected.get(field) for field in write.values)
