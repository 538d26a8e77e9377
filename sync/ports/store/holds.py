"""Holds on customers and fields, and what is parked by them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.model import Candidate, Change, Hold


@dataclass(frozen=True, slots=True)
class Parked:
    """A change, or a part of one, that waits until a hold is lifted. The payload is sealed.

    Attributes:
        feed: that brought it.
        event: keyed hash of the provider's event id.
        change: what was said.
        customer_id: whom it was taken to be about.
        parked_at: when it arrived, UTC.
        notice: keyed hash of the notice that it is part of; empty without one.
        cancels: keyed hash of the notice that it takes back; empty unless it does.
        best: the customer as weighed, where a person decided that it is the one; None where the program did.
        decided_by: name of that person; empty when the program decided.
        applied: another part of the same event was applied at once.
        id: our own id; later ones are greater; 0 before it is stored.
    """

    feed: str
    event: str
    change: Change
    customer_id: int
    parked_at: datetime
    notice: str = ""
    cancels: str = ""
    best: Candidate | None = None
    decided_by: str = ""
    applied: bool = False
    id: int = 0


class HoldWork(Protocol):
    """Holds, and parked changes."""

    def add_hold(self, hold: Hold) -> Hold:
        """Place a hold; returns it with its id.

        Raises:
            SomebodyWasFirst: one of its kind is in force for the same customer and field.
        """
        ...

    def lift_hold(self, hold_id: int, by: str, reason: str, at: datetime) -> None:
        """End a hold that is in force.

        Raises:
            SomebodyWasFirst: it is no longer in force.
        """
        ...

    def holds(self, ids: Iterable[int]) -> dict[int, tuple[Hold, ...]]:
        """Return the holds in force of those customers who have any, the oldest first."""
        ...

    def holds_of(self, customer_id: int) -> tuple[Hold, ...]:
        """Return every hold that a customer has or had, the oldest first."""
        ...

    def park(self, changes: Sequence[Parked]) -> None:
        """Keep changes until a hold is lifted; one of the same event takes the earlier one's place."""
        ...

    def parked(self, customer_id: int) -> tuple[Parked, ...]:
        """Return what is parked about a customer, in the order in which it arrived."""
        ...

    def unpark(self, ids: Sequence[int]) -> None:
        """Take parked changes out, payload and all: they are decided again."""
        ...
