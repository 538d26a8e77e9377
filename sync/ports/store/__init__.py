"""The store: everything that we keep, changed in units of work that are whole or did not happen.

Glossary
    unit of work  one transaction; leaving it without `commit()` rolls back
    lease         the right to work on one feed or register, until a time, with a fencing token; a commit under a
                  lease that somebody else has taken over raises `LeaseLost`
    keyed hash    a digest that only the holder of the key file can make; what is looked up by equality is kept so
    mirror        our copy of a register's record
    coverage      that a feed watches a customer since a moment
    tombstone     that somebody was erased: keyed hashes, so that nothing brings them back
    hold          automation stays away from a customer, or from one field; what arrives is parked

Personal values are sealed before they are written. Writing units of work are made one after another, on both engines:
the audit chain has one head.
"""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from sync.ports.store.customers import CustomerWork
from sync.ports.store.deliveries import Delivery, DeliveryState, DeliveryWork
from sync.ports.store.erasure import ERASURES, Erased, ErasureWork, Mark, Tombstone
from sync.ports.store.facts import FactWork, Provenance, StoredFact
from sync.ports.store.feeds import DeadLetter, Disposition, FeedHealth, FeedState, FeedWork, Pause
from sync.ports.store.holds import HoldWork, Parked
from sync.ports.store.housekeeping import Counts, HousekeepingWork, Opening
from sync.ports.store.leases import Lease
from sync.ports.store.reviews import Review, ReviewState, ReviewWork
from sync.ports.store.streets import ListKind, NameList, StreetWork
from sync.ports.store.trail import AuditEntry, BoundFact, FactCheck, TrailWork
from sync.ports.store.undoing import Undo, UndoKind, UndoWork

__all__ = [
    "ERASURES",
    "AuditEntry",
    "BoundFact",
    "Counts",
    "DeadLetter",
    "Delivery",
    "DeliveryState",
    "Disposition",
    "Erased",
    "FactCheck",
    "FeedHealth",
    "FeedState",
    "Lease",
    "ListKind",
    "Mark",
    "NameList",
    "Opening",
    "Parked",
    "Pause",
    "Provenance",
    "Review",
    "ReviewState",
    "Store",
    "StoredFact",
    "Tombstone",
    "Undo",
    "UndoKind",
    "UnitOfWork",
]


class UnitOfWork(
    FeedWork,
    CustomerWork,
    FactWork,
    TrailWork,
    UndoWork,
    ReviewWork,
    HoldWork,
    ErasureWork,
    DeliveryWork,
    StreetWork,
    HousekeepingWork,
    Protocol,
):
    """One transaction."""

    def commit(self) -> None:
        """Make everything of this unit of work durable, or raise `LeaseLost` or `StoreUnavailable`."""
        ...


class Store(Protocol):
    """The contract of a store."""

    def digest(self, kind: str, text: str) -> str:
        """Return the keyed hash of a text, in hexadecimal."""
        ...

    def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease, or None while somebody else holds it."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was lost already."""
        ...

    def begin(self, lease: Lease | None = None) -> AbstractContextManager[UnitOfWork]:
        """Start a unit of work that may write."""
        ...

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        """Start a unit of work that only reads, and waits for no writer."""
        ...

    def take_stock(self) -> None:
        """Have the engine look at what it holds after much has come at once, so that it finds things quickly."""
        ...

    def scrub(self) -> bool:
        """Overwrite what was deleted wherever the engine allows it; False where something is left for later."""
        ...

    def close(self) -> None:
        """Let go of connections. May be called twice."""
        ...
