"""What the runners work with: the ports, and the organisation's decisions. Put together in `config.bootstrap`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol, TypeVar

from sync.applying.guard import Limits
from sync.applying.plan import Speaker
from sync.freshness.policy import Policy
from sync.matching.model import Model
from sync.model import Identity, Match
from sync.ports.clock import Clock
from sync.ports.provider import Provider
from sync.ports.register import Register
from sync.ports.store import Store, Tombstone

T = TypeVar("T")


class Progress(Protocol):
    """Shows a person that long work goes on."""

    def advance(self, done: int, total: int | None = None) -> None:
        """Say that so many more are done, of so many if that is known."""
        ...

    def done(self) -> None:
        """Say that the work has come to its end."""
        ...


class Helper(Protocol):
    """Another process over the same store, with the same model, that decides about a part of a large page.

    Asked by one unit of work at a time: those that write wait for one another.
    """

    def ask(self, register: str, people: Sequence[Identity]) -> bool:
        """Hand people over; False where it cannot take them, so that the caller decides about them itself."""
        ...

    def answer(self) -> Sequence[Match] | None:
        """Wait for the verdicts about those handed over last, in their order; None where none will come."""
        ...


class Ahead(Protocol):
    """Begins work whose outcome will be asked for, so that it goes on while something else is done."""

    def __call__(self, work: Callable[[], T], /) -> Callable[[], T]:
        """Begin; the function returned waits for the outcome, and raises what the work raised."""
        ...


def in_turn(work: Callable[[], T], /) -> Callable[[], T]:
    """Begin nothing: the work is done when its outcome is asked for."""
    return work


class ErasureLedger(Protocol):
    """Keeps tombstones outside the database, so that restoring a back-up brings no erased person back."""

    def read(self) -> tuple[Tombstone, ...]:
        """Return what is kept.

        Raises:
            LedgerUnusable: it cannot be read.
        """
        ...

    def write(self, tombstones: Collection[Tombstone]) -> None:
        """Keep these in the place of what was kept, durably; all or nothing.

        Raises:
            LedgerUnusable: it cannot be written.
        """
        ...


class Silence:
    """Progress that nobody looks at."""

    def advance(self, done: int, total: int | None = None) -> None:
        """Say nothing."""

    def done(self) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class RegisterParts:
    """One register with what was decided about it."""

    name: str
    port: Register
    policy: Policy
    read_every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FeedParts:
    """One feed with what was decided about it.

    Attributes:
        name: of the feed.
        provider: the adapter behind it.
        register: name of the register whose customers it is about.
        every: how often to ask.
        since: the day from which to follow it; None for the day of the first run.
        ask_absent_after: how long to wait before asking again for a person whom the provider did not know.
        limits: how much of it is too much to be true.
    """

    name: str
    provider: Provider
    register: str
    every: timedelta = timedelta(minutes=15)
    since: date | None = None
    ask_absent_after: timedelta = timedelta(days=7)
    limits: Limits = field(default_factory=Limits)

    @property
    def speaker(self) -> Speaker:
        """Who speaks in this feed."""
        can = self.provider.capabilities
        return Speaker(self.name, can.source, can.clear_by_contract)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept (GDPR Art. 5(1)(e)). Every category has a period."""

    unmatched: timedelta = timedelta(days=90)
    reviews: timedelta = timedelta(days=30)
    parked: timedelta = timedelta(days=365)
    previous_values: timedelta = timedelta(days=730)
    readings: timedelta = timedelta(days=730)
    dead_letters: timedelta = timedelta(days=7)
    cancellations: timedelta = timedelta(days=365)
    tombstones: timedelta = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a runner needs.

    Attributes:
        ahead: lets a provider be asked for what comes next while a page is applied; what was begun and not asked for is
            over when its context ends. By default everything is done in turn.
    """

    store: Store
    clock: Clock
    model: Model
    registers: Mapping[str, RegisterParts]
    feeds: Mapping[str, FeedParts]
    owner: str
    retention: Retention = field(default_factory=Retention)
    lease_ttl: timedelta = timedelta(seconds=60)
    stopping: Callable[[], bool] = lambda: False
    progress: Callable[[str], Progress] = lambda _: Silence()
    helper: Helper | None = None
    ahead: Callable[[], AbstractContextManager[Ahead]] = lambda: nullcontext(in_turn)
    ledger: ErasureLedger | None = None

    def today(self, register: RegisterParts) -> date:
        """Return the day in the register's time zone."""
        return self.clock.now().astimezone(register.policy.zone).date()

    def register_of(self, feed: FeedParts) -> RegisterParts:
        """Return the register whose customers a feed is about."""
        return self.registers[feed.register]
