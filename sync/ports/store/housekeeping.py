"""Counting, remembering who read what, and forgetting in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of the whole store, for status, metrics and the demo."""

    customers: int
    dispositions: Mapping[tuple[str, str], int]  # (feed, outcome)
    deliveries: Mapping[tuple[str, str], int]  # (register, state)
    reviews_open: int
    dead_letters: int
    facts: int
    parked: int = 0
    holds: Mapping[str, int] = field(default_factory=dict)  # in force, by kind
    openings: int = 0  # break-glass views that are kept


@dataclass(frozen=True, slots=True)
class Opening:
    """A break-glass view: for a while somebody is told what is hidden of a customer (trust rule P13).

    Attributes:
        customer_id: of whom.
        register: the customer's register.
        reader: who is told.
        need: why, as a code.
        at: since when, UTC.
        until: the moment at which it ends, UTC.
        id: our own id of it; 0 before it is stored.
    """

    customer_id: int
    register: str
    reader: str
    need: str
    at: datetime
    until: datetime
    id: int = 0


class HousekeepingWork(Protocol):
    """Figures, the reading trail and retention."""

    def note_reading(self, reader: str, register: str, customer_id: int, at: datetime, *, revealed: bool) -> None:
        """Keep who read what."""
        ...

    def open_glass(self, opening: Opening) -> Opening:
        """Keep that somebody is told what is hidden, for a while; returns it with its id."""
        ...

    def openings(self) -> tuple[Opening, ...]:
        """Return all that are kept, the oldest first."""
        ...

    def is_open(self, reader: str, customer_id: int, now: datetime) -> bool:
        """Tell whether a reader is told what is hidden of a customer at this moment."""
        ...

    def counts(self) -> Counts:
        """Return figures of the whole store."""
        ...

    def save_census(self, register: str, counts: Mapping[str, int], at: datetime) -> None:
        """Keep how right a register is, in the place of an earlier count."""
        ...

    def census(self, register: str) -> tuple[dict[str, int], datetime] | None:
        """Return the last count of a register, and when it was made; None when there was none."""
        ...

    def forget_before(self, category: str, before: datetime) -> int:
        """Delete what is older, by category of `Retention`; returns how many rows."""
        ...
