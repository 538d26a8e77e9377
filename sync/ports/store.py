"""The store: everything that we keep, changed in units of work that are whole or did not happen.

Glossary
    unit of work  one transaction; leaving it without `commit()` rolls back
    lease         the right to work on one feed or register, until a time, with a fencing token; a commit under a
                  lease that somebody else has taken over raises `LeaseLost`
    keyed hash    a digest that only the holder of the key file can make; what is looked up by equality is kept so
    mirror        our copy of a register's record
    coverage      that a feed watches a customer since a moment

Personal values are sealed before they are written. Writing units of work are made one after another, on both engines:
the audit chain has one head.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, Self

from sync.matching.keys import BlockingKey
from sync.model import (
    AddressStatus,
    Candidate,
    Change,
    Customer,
    FactValue,
    Field,
    HeldFact,
    MatchRule,
    Outcome,
)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on `name` for `ttl` from the last commit; `fence` grows with every taking."""

    name: str
    owner: str
    fence: int
    ttl: timedelta


class FeedHealth(StrEnum):
    """How a feed is doing."""

    NEW = "new"
    OK = "ok"
    PARTIAL = "partial"  # it goes on, and something was set aside
    FAILING = "failing"  # it is tried again
    STOPPED = "stopped"  # a person must mend something


@dataclass(frozen=True, slots=True)
class FeedState:
    """How far we are in a feed.

    Attributes:
        name: the feed.
        cursor: None before the first run.
        health: how it is doing.
        detail: reason code of the last failure.
        caught_up_at: when the provider last said that there was no more; UTC.
        next_at: not to be asked before; UTC.
        failures: how many runs in a row have failed.
    """

    name: str
    cursor: str | None = None
    health: FeedHealth = FeedHealth.NEW
    detail: str = ""
    caught_up_at: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0

    def evolve(self, **fields: Any) -> Self:
        """Copy with some fields changed."""
        return replace(self, **fields)


@dataclass(frozen=True, slots=True)
class Disposition:
    """The one final outcome of one event.

    Attributes:
        event: keyed hash of the provider's event id.
        reason: snake_case code.
        customer_id: None unless the event is about a customer.
        rule: what matched it.
        weight: match weight in bits; None where no scoring was done.
        model: version of the matching model.
    """

    feed: str
    event: str
    position: str
    outcome: Outcome
    reason: str
    received_at: datetime
    customer_id: int | None = None
    rule: MatchRule | None = None
    weight: float | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Why a fact is held, beside what `HeldFact` itself tells.

    Attributes:
        position: where it stood in the feed.
        rule: what matched the change to the customer; None for what was read from the register.
        weight: match weight in bits; None where no scoring was done.
        evidence: comparison, level and bits.
        model: version of the matching model.
        decided_by: name of the person who decided; empty when the program did.
    """

    position: str = ""
    rule: MatchRule | None = None
    weight: float | None = None
    evidence: tuple[tuple[str, str, float], ...] = ()
    model: str = ""
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact, whose it is, and why it is held."""

    customer_id: int
    held: HeldFact
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An item that could not be read, sealed until it expires."""

    feed: str
    event: str
    position: str
    reason: str
    payload: bytes
    received_at: datetime


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    SAME = "same"  # a person said: it is this customer
    DIFFERENT = "different"  # a person said: it is not
    CANCELLED = "cancelled"  # the provider took the notice back
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Review:
    """An uncertain match that waits for a person.

    Attributes:
        change: None once it is decided or expired; then the payload is gone.
        best: the best candidate with its evidence.
        runner_up: the second best.
        id: our own id; 0 before it is stored.
    """

    feed: str
    event: str
    position: str
    reason: str
    change: Change | None
    best: Candidate
    runner_up: Candidate | None
    opened_at: datetime
    expires_at: datetime
    notice: str = ""
    state: ReviewState = ReviewState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""
    id: int = 0


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
        purge: a protection order removes the location: the record is read afresh before it is written.
        tried: what earlier deliveries, which this one replaces, may have written: nobody knows, no answer came.
        id: our own id, also the idempotency key; 0 before it is stored.
    """

    register: str
    customer_id: int
    values: Mapping[Field, FactValue | None]
    status: AddressStatus | None
    created_at: datetime
    purge: bool = False
    state: DeliveryState = DeliveryState.PENDING
    reason: str = ""
    attempts: int = 0
    not_before: datetime | None = None
    acknowledged_at: datetime | None = None
    tried: tuple[Mapping[Field, FactValue | None], ...] = ()
    id: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of the whole store, for status, metrics and the demo."""

    customers: int
    dispositions: Mapping[tuple[str, str], int]  # (feed, outcome)
    deliveries: Mapping[tuple[str, str], int]  # (register, state)
    reviews_open: int
    dead_letters: int
    facts: int


class UnitOfWork(Protocol):
    """One transaction."""

    def commit(self) -> None:
        """Make everything of this unit of work durable, or raise `LeaseLost` or `StoreUnavailable`."""
        ...

    # --- feeds and registers -------------------------------------------------------------------------------------
    def feed(self, name: str) -> FeedState:
        """Return the state of a feed; a new one where it was never run."""
        ...

    def save_feed(self, state: FeedState) -> None:
        """Keep the state of a feed."""
        ...

    def was_live(self, name: str) -> bool:
        """Tell whether the feed was live when its customers were last settled."""
        ...

    def note_live(self, name: str, today: date, *, live: bool) -> None:
        """Note whether a feed is live, and have the customers whom it watches settled again today."""
        ...

    def mark(self, register: str) -> str | None:
        """Return how far changed records of the register were read."""
        ...

    def save_mark(self, register: str, mark: str, at: datetime) -> None:
        """Keep how far changed records of the register were read."""
        ...

    def loaded(self, register: str) -> bool:
        """Tell whether the first load of the register has come to its end."""
        ...

    def mark_loaded(self, register: str, at: datetime) -> None:
        """Note that the first load has come to its end."""
        ...

    # --- customers ----------------------------------------------------------------------------------------------
    def by_keys(self, register: str, keys: Sequence[str]) -> dict[str, Customer]:
        """Return the mirrored customers with these keys of the register."""
        ...

    def by_national_ids(self, register: str, ids: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the customers that have, or had, each of these national ids."""
        ...

    def by_notices(self, feed: str, notices: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the customers that hold facts of each of these notices (keyed hashes)."""
        ...

    def candidates(self, register: str, keys: Sequence[frozenset[BlockingKey]]) -> list[tuple[int, ...]]:
        """Return, for each set of keys, the customers that share one; keys that hold too many are passed over."""
        ...

    def customer_ids(self, register: str, after: int, limit: int) -> tuple[int, ...]:
        """Return our own ids of a register's customers, in order, those after the given one."""
        ...

    def customers(self, ids: Iterable[int]) -> dict[int, Customer]:
        """Return mirrored customers by our own id."""
        ...

    def facts(self, ids: Iterable[int]) -> dict[int, tuple[HeldFact, ...]]:
        """Return everything held about these customers, the oldest first."""
        ...

    def stored_facts(self, customer_id: int) -> tuple[StoredFact, ...]:
        """Return everything held about one customer, with its provenance."""
        ...

    def with_history(self, before: datetime, after: int, limit: int) -> tuple[int, ...]:
        """Return customers, by ascending id from `after`, who may hold values that were superseded before then."""
        ...

    def forget_values(self, whole: Sequence[int], wrong: Sequence[int]) -> None:
        """Empty the values of these facts, and of those corrections the wrong value; the rows stay."""
        ...

    def add_customers(self, customers: Sequence[Customer]) -> list[Customer]:
        """Mirror new customers; returns them with our own ids."""
        ...

    def update_customers(self, customers: Sequence[Customer]) -> None:
        """Replace mirrored customers, with their blocking keys and identifiers."""
        ...

    def forget_location(self, ids: Sequence[int]) -> None:
        """Remove every location value of these customers from facts, keys and queues (trust rule P3)."""
        ...

    def schedule(self, due: Mapping[int, date | None]) -> None:
        """Say on which day each customer must be settled again; None for never."""
        ...

    def due(self, register: str, today: date, limit: int) -> tuple[int, ...]:
        """Return customers whose day has come."""
        ...

    # --- coverage -----------------------------------------------------------------------------------------------
    def watched(self, register: str, feed: str) -> list[str]:
        """Return the national ids of the customers that the feed covers."""
        ...

    def unwatched(
        self, register: str, feed: str, after: int, limit: int, asked_before: datetime
    ) -> list[tuple[int, str]]:
        """Return customers with a national id whom the feed neither covers nor has been asked about since.

        Args:
            register: the customers' register.
            feed: the feed.
            after: our own id of the customer after whom to begin.
            limit: how many at most.
            asked_before: the provider did not know them, and was last asked before this moment.
        """
        ...

    def cover(self, feed: str, ids: Iterable[int], since: datetime) -> None:
        """Note that the feed watches these customers."""
        ...

    def absent(self, feed: str, ids: Iterable[int], asked_at: datetime) -> None:
        """Note that the provider knows nothing of these customers."""
        ...

    def uncover(self, feed: str, ids: Sequence[int] | None = None) -> None:
        """Forget coverage, of all customers unless some are named, so that they are looked up again."""
        ...

    def coverage(self, ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
        """Return, for each customer, which feeds watch it since when."""
        ...

    # --- what happened ------------------------------------------------------------------------------------------
    def outcomes(self, feed: str, events: Iterable[str]) -> dict[str, Outcome]:
        """Return the dispositions that these events already have."""
        ...

    def add_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Keep dispositions; one that replaces an earlier one of the same event is the final one."""
        ...

    def add_facts(self, facts: Sequence[StoredFact]) -> None:
        """Keep facts."""
        ...

    def cancelled(self, feed: str, notices: Iterable[str]) -> frozenset[str]:
        """Return which of these notices the provider has taken back."""
        ...

    def cancel(self, feed: str, notices: Sequence[str], at: datetime) -> None:
        """Note that the provider took these notices back; open reviews of them are closed."""
        ...

    def add_dead_letters(self, letters: Sequence[DeadLetter], expires_at: datetime) -> None:
        """Keep unreadable items, sealed."""
        ...

    def audit(self, actor: str, action: str, at: datetime, body: Mapping[str, Any]) -> None:
        """Append to the audit chain; the facts added in this unit of work are bound to this entry."""
        ...

    # --- reviews ------------------------------------------------------------------------------------------------
    def add_reviews(self, reviews: Sequence[Review]) -> None:
        """Keep uncertain matches for a person."""
        ...

    def reviews(self, state: ReviewState | None = ReviewState.OPEN) -> tuple[Review, ...]:
        """Return reviews, without their payload."""
        ...

    def review(self, review_id: int) -> Review:
        """Return one review with its payload.

        Raises:
            NotFound: no such review.
        """
        ...

    def decided(self, feed: str, events: Iterable[str]) -> frozenset[str]:
        """Return which of these events a person has decided about."""
        ...

    def decide_review(self, review_id: int, state: ReviewState, by: str, reason: str, at: datetime) -> None:
        """Decide an open review and destroy its payload.

        Raises:
            SomebodyWasFirst: it is no longer open.
        """
        ...

    def under_review(self, ids: Iterable[int]) -> frozenset[int]:
        """Return which of these customers an open review is about."""
        ...

    # --- deliveries ---------------------------------------------------------------------------------------------
    def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Put updates into the outbox; an older pending one of the same customer is superseded."""
        ...

    def supersede_deliveries(self, ids: Sequence[int]) -> None:
        """Take the pending deliveries of these customers out of the queue and destroy their payload."""
        ...

    def pending(self, ids: Iterable[int]) -> dict[int, Delivery]:
        """Return the pending delivery of each of these customers."""
        ...

    def due_deliveries(self, register: str, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Return pending deliveries whose time has come, the oldest first."""
        ...

    def save_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of deliveries; a payload that is no longer needed is destroyed."""
        ...

    # --- reading and housekeeping ---------------------------------------------------------------------------------
    def note_reading(self, reader: str, register: str, customer_id: int, at: datetime, *, revealed: bool) -> None:
        """Keep who read what."""
        ...

    def counts(self) -> Counts:
        """Return figures of the whole store."""
        ...

    def forget_before(self, category: str, before: datetime) -> int:
        """Delete what is older, by category of `Retention`; returns how many rows."""
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

    def close(self) -> None:
        """Let go of connections. May be called twice."""
        ...
