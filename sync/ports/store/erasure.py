"""Erasing a customer, and the tombstone that keeps an erased person from coming back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sync.model import Customer

ERASURES = ("erased", "erased_again")
"""Actions of the audit chain whose entries name, as `emptied`, the facts that an erasure emptied."""


class Mark(StrEnum):
    """What of an erased person a tombstone is the keyed hash of."""

    KEY = "key"  # the register's own key
    NATIONAL_ID = "national_id"  # present or former


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That somebody was erased: a keyed hash and a date, nothing else.

    Attributes:
        register: name of the register.
        mark: what was hashed.
        hash: the keyed hash.
        erased_at: when, UTC.
        seen_at: when the register was last found to hold a record that bears it, UTC; None when it was not.
    """

    register: str
    mark: Mark
    hash: str
    erased_at: datetime
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure removed.

    Attributes:
        facts: our own ids of the facts that were emptied; their commitments stay in the audit chain, without salt.
        rows: how many rows of which kind were removed or emptied.
    """

    facts: tuple[int, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)


class ErasureWork(Protocol):
    """Erasure and tombstones."""

    def erase(self, customer_id: int) -> Erased:
        """Remove everything that is kept about a customer. What became of their events stays, about nobody."""
        ...

    def erase_reviews(self, ids: Sequence[int]) -> int:
        """Close open reviews about an erased person, payload and all; returns how many."""
        ...

    def tombstones_of(self, customer: Customer, at: datetime) -> tuple[Tombstone, ...]:
        """Make the tombstones of a customer: one for the register's key, one for each national id."""
        ...

    def bury(self, tombstones: Sequence[Tombstone]) -> None:
        """Keep tombstones."""
        ...

    def exhume(self, tombstones: Sequence[Tombstone]) -> None:
        """Take tombstones away: the person is a customer again."""
        ...

    def tombstones(self) -> tuple[Tombstone, ...]:
        """Return all tombstones, the oldest first."""
        ...

    def erased_keys(self, register: str, keys: Collection[str]) -> frozenset[str]:
        """Return which of these keys of a register belonged to somebody who was erased."""
        ...

    def erased_ids(self, register: str, ids: Collection[str]) -> frozenset[str]:
        """Return which of these national ids belonged to somebody who was erased."""
        ...

    def note_seen(self, register: str, keys: Collection[str], ids: Collection[str], at: datetime) -> None:
        """Note that the register still holds records with these keys and national ids of erased people."""
        ...

    def buried_customers(self, tombstones: Collection[Tombstone]) -> tuple[int, ...]:
        """Return customers who are here although their key has a tombstone: a back-up was restored."""
        ...
