"""The outbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sync.model import (
    AddressStatus,
    FactValue,
    Field,
)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    SUPERSEDED = "superseded"  # a later one of the same customer carries it
    REJECTED = "rejected"  # the register refuses it; an operator must look
    GONE = "gone"  # the record is no longer there


@dataclass(frozen=True, slots=True)
class Delivery:
    """One update on its way into a register. At most one is pending for a customer.

    Attributes:
        values: what the record is to hold; None empties the field.
        status: what its status columns are to hold.
        purge: fields that it takes away because a protection order hides them; with any, the record is read afresh
            before it is written, and the delivery goes before others.
        carried: by field that is written, our own id of the fact whose value it is; None where the field is emptied.
            Without an entry what the register held is written again, or it was made before this was kept.
        tried: what earlier deliveries, which this one replaces, may have written: nobody knows, no answer came.
        id: our own id, also the idempotency key; 0 before it is stored.
    """

    register: str
    customer_id: int
    values: Mapping[Field, FactValue | None]
    status: AddressStatus | None
    created_at: datetime
    purge: frozenset[Field] = frozenset()
    state: DeliveryState = DeliveryState.PENDING
    reason: str = ""
    attempts: int = 0
    not_before: datetime | None = None
    acknowledged_at: datetime | None = None
    carried: Mapping[Field, int | None] = field(default_factory=dict)
    tried: tuple[Mapping[Field, FactValue | None], ...] = ()
    id: int = 0


class DeliveryWork(Protocol):
    """Updates on their way into the registers."""

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Put updates into the outbox; an older pending one of the same customer is superseded."""
        ...

    def supersede_deliveries(self, ids: Sequence[int]) -> None:
        """Take the pending deliveries of these customers out of the queue and destroy their payload."""
        ...

    def pending(self, ids: Iterable[int]) -> dict[int, Delivery]:
        """Return the pending delivery of each of these customers."""
        ...

    def deliveries_of(self, customer_id: int) -> tuple[Delivery, ...]:
        """Return every delivery about a customer, the oldest first; those that are done without their payload."""
        ...

    def due_deliveries(self, register: str, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Return pending deliveries whose time has come, the oldest first."""
        ...

    def save_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of deliveries; a payload that is no longer needed is destroyed."""
        ...
