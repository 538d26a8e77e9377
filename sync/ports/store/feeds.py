"""How far we are in the feeds and registers, and what became of every event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from sync.model import (
    MatchRule,
    Outcome,
)


class FeedHealth(StrEnum):
    """How a feed is doing."""

    NEW = "new"
    OK = "ok"
    PARTIAL = "partial"  # it goes on, and something was set aside
    FAILING = "failing"  # it is tried again
    STOPPED = "stopped"  # a person must mend something
    PAUSED = "paused"  # a guard found it too much to be true; only protection orders are carried out


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a guard paused a feed.

    Attributes:
        guard: which guard, as `sync.applying.guard.GuardKind`.
        count: how many customers the page, or look-up, would have changed so.
        total: the same with those of the day, or run, before it.
        most: how many may be.
        at: since when, UTC.
    """

    guard: str
    count: int
    total: int
    most: int
    at: datetime


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
        pause: why a guard paused it; None unless it is paused.
    """

    name: str
    cursor: str | None = None
    health: FeedHealth = FeedHealth.NEW
    detail: str = ""
    caught_up_at: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0
    pause: Pause | None = None

    @property
    def heard_at(self) -> datetime | None:
        """When its silence last meant something: while it is paused, it means nothing."""
        return None if self.health is FeedHealth.PAUSED else self.caught_up_at

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
class DeadLetter:
    """An item that could not be read, sealed until it expires."""

    feed: str
    event: str
    position: str
    reason: str
    payload: bytes
    received_at: datetime


class FeedWork(Protocol):
    """Feeds, marks of registers, dispositions, cancellations and dead letters."""

    def feed(self, name: str) -> FeedState:
        """Return the state of a feed; a new one where it was never run."""
        ...

    def save_feed(self, state: FeedState) -> None:
        """Keep the state of a feed."""
        ...

    def guarded(self, feed: str, day: date) -> dict[str, int]:
        """Return, by guard, how many customers a feed has changed so on a day."""
        ...

    def guard_record(self, feed: str, guard: str, before: date) -> int:
        """Return how many those were on the day on which they were the most, of the days before."""
        ...

    def save_guarded(self, feed: str, day: date, counts: Mapping[str, int]) -> None:
        """Keep, by guard, how many customers a feed has changed so on a day."""
        ...

    def allowances(self, feed: str) -> dict[str, int]:
        """Return, by guard, how many customers an operator has let pass who have not passed yet."""
        ...

    def save_allowances(self, feed: str, allowances: Mapping[str, int]) -> None:
        """Keep what an operator lets pass, in the place of what was kept before."""
        ...

    def heard_of(self, feed: str, ids: Iterable[int]) -> frozenset[int]:
        """Return of which of these customers the feed has ever said anything."""
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

    def mark_loaded(self, register: str, at: datetime) -> bool:
        """Note that the first load has come to its end; False where it had before."""
        ...

    def outcomes(self, feed: str, events: Iterable[str]) -> dict[str, Outcome]:
        """Return the dispositions that these events already have."""
        ...

    def add_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Keep dispositions; one that replaces an earlier one of the same event is the final one."""
        ...

    def cancelled(self, feed: str, notices: Iterable[str]) -> frozenset[str]:
        """Return which of these notices the provider has taken back."""
        ...

    def cancel(self, feed: str, notices: Sequence[str], at: datetime) -> None:
        """Note that the provider took these notices back; open reviews and parked changes of them are closed."""
        ...

    def add_dead_letters(self, letters: Sequence[DeadLetter], expires_at: datetime) -> None:
        """Keep unreadable items, sealed."""
        ...
