"""A register: the organisation's own system that holds customers.

Glossary
    record    one customer's row, read through the mapping: only mapped columns exist for us
    key       the register's own key of a record, as text
    version   whatever the register offers to tell that a record has changed; opaque, compared for equality only
    mark      how far changed records were read: an opaque text that only the adapter reads
    write     an update of some fields of one record, made only if the record is still as we read it

What may happen, and is not an error: a record read twice; a record that changed between read and write (`Conflict`);
a write that succeeded although its answer was lost (the next write of the same values finds them there: `Written`);
a record that cannot be read (`UnreadableRecord`, its neighbours go on); a record that is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.model import AddressStatus as AddressStatus  # noqa: PLC0414 - part of this contract
from sync.model import FactValue, Field


@dataclass(frozen=True, slots=True)
class Record:
    """One record, as read.

    Attributes:
        key: the register's own key.
        version: opaque; None where the register has none.
        values: by field; a field whose columns are all empty is absent.
        changed_at: when the register says it was last changed, UTC; None where it does not.
        status: what stands in the mapped status columns now.
    """

    key: str
    version: str | None
    values: dict[Field, FactValue]
    changed_at: datetime | None = None
    status: AddressStatus | None = None


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record whose mapped columns hold something that cannot be read.

    Attributes:
        key: the register's own key; empty when even that could not be read.
        column: the column at fault.
        reason: a reason code in snake_case, without the value.
    """

    key: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some records, and how far we are.

    Attributes:
        records: in the adapter's order.
        mark: where to go on after these.
        total: how many there are in all, where the register can tell cheaply.
    """

    records: tuple[Record | UnreadableRecord, ...]
    mark: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """An update of one record.

    Attributes:
        key: which record.
        values: the fields to write; None empties the field's columns. Only mapped, writable fields.
        status: what to write into the status columns; None leaves them alone.
        expected: what we last read in each of those fields; a field without a value is absent.
        expected_version: the version we last read; None compares the old values instead.
        idempotency_key: the same for every attempt of the same update.
    """

    key: str
    values: Mapping[Field, FactValue | None]
    status: AddressStatus | None
    expected: Mapping[Field, FactValue]
    expected_version: str | None
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Written:
    """The record now holds what was asked for. `record` is how it reads now."""

    record: Record


@dataclass(frozen=True, slots=True)
class Conflict:
    """The record is not as we read it. Nothing was written; `record` is how it reads now, None if it is gone."""

    record: Record | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The register refuses this update for good (too long, a constraint). `reason` is a code without a value."""

    reason: str


class Register(Protocol):
    """The contract of a register adapter."""

    @property
    def writable(self) -> frozenset[Field]:
        """Return the fields that may be written."""
        ...

    @property
    def shows_status(self) -> bool:
        """Tell whether any status column is mapped."""
        ...

    def changed_since(self, mark: str | None) -> Iterator[Chunk]:
        """Read the records changed after the mark, all of them when it is None, in bounded chunks.

        Resumable: going on from the mark of any chunk misses nothing; some records may come again.

        Raises:
            RegisterUnavailable: cannot be reached.
        """
        ...

    def read(self, key: str) -> Record | UnreadableRecord | None:
        """Read one record; None when there is no such record.

        Raises:
            RegisterUnavailable: cannot be reached.
        """
        ...

    def as_read(self, values: Mapping[Field, FactValue | None]) -> dict[Field, FactValue | None]:
        """Return how these values would read back once written: what the register has no place for is lost."""
        ...

    def write(self, write: Write) -> Written | Conflict | Rejected:
        """Write, if the record is still as expected; `Written` too if it holds the new values already.

        Raises:
            RegisterUnavailable: cannot be reached; the update may or may not have been made.
        """
        ...

    def write_all(self, writes: Sequence[Write]) -> list[Written | Conflict | Rejected]:
        """Write several, each as `write` would: one that is refused or late does not take its neighbours down.

        Raises:
            RegisterUnavailable: cannot be reached; any of them may or may not have been made.
        """
        ...

    def close(self) -> None:
        """Let go of connections. May be called twice."""
        ...
