"""An engine to test with: the real store in a temporary file, providers and registers in memory, a clock set by hand."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.providers.memory import MemoryProvider
from adapters.registers.memory import MemoryRegister
from adapters.store import Keyring, SqlStore, open_store
from sync.freshness.desk import DeskService
from sync.freshness.policy import FeedPromise, Policy
from sync.matching.model import Model
from sync.matching.model_file import parse_model
from sync.model import (
    Address,
    Change,
    Fact,
    FactKind,
    FactValue,
    Field,
    HeldFact,
    Identity,
    PartialDate,
    PersonName,
    Protection,
    Source,
    Text,
)
from sync.parts import FeedParts, Parts, RegisterParts
from sync.ports.provider import Capabilities
from sync.report import RunReport
from sync.schedule import run_feed, run_register

HELSINKI = ZoneInfo("Europe/Helsinki")
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))

MAIJA_ID = "131052-901X"
AINO_ID = "010190-901R"


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


POPULATION = Capabilities(
    source=Source.POPULATION_REGISTER,
    covers=frozenset({Field.ADDRESS, Field.NAME, Field.EMAIL, Field.DEATH, Field.TEMPORARY_ADDRESS}),
    needs_watch=True,
    looks_up=True,
)
POSTAL = Capabilities(
    source=Source.POSTAL_OPERATOR,
    covers=frozenset({Field.ADDRESS, Field.PHONE, Field.TEMPORARY_ADDRESS}),
    reorder_window=timedelta(days=7),
)


def home(street: str = "Rantatie", number: str = "5", flat: str | None = None, postcode: str = "00100") -> Address:
    """Build an address in Helsinki."""
    return Address(
        street=Text(street), number=number, flat=flat, postcode=postcode, post_office=Text("HELSINKI", "HELSINGFORS")
    )


def moved(
    to: Address | None,
    *,
    on: str = "2026-11-01",
    event: str = "e1",
    national_id: str | None = MAIJA_ID,
    recorded: datetime | None = None,
    **change: Any,
) -> Change:
    """Build the change of somebody who moved."""
    facts = (Fact(Field.ADDRESS, FactKind.SET, to, PartialDate.parse(on)),) if to else ()
    return Change(
        event_id=event,
        position=event,
        identity=change.pop("identity", Identity(national_id=national_id)),
        facts=change.pop("facts", facts),
        recorded_at=recorded or START - timedelta(days=1),
        **change,
    )


def protected(*, event: str = "p1", active: bool = True, national_id: str = MAIJA_ID, **change: Any) -> Change:
    """Build the change that brings, or ends, a protection order."""
    change.setdefault("recorded", START - timedelta(hours=12))
    return moved(
        change.pop("to", None),
        event=event,
        national_id=national_id,
        protection=Protection(active, "TURVAKIELTO"),
        **change,
    )


def base(address: Address, *, national_id: str = MAIJA_ID, since: str = "2001-05-01", **change: Any) -> Change:
    """Build the answer to a look-up."""
    return Change(
        event_id=f"base-{national_id}",
        position="look-up",
        identity=Identity(national_id=national_id),
        facts=(Fact(Field.ADDRESS, FactKind.SET, address, PartialDate.parse(since)),),
        complete=True,
        **change,
    )


@dataclass
class Engine:
    """Everything together, and the few verbs that tests need."""

    parts: Parts
    clock: HandClock
    register: MemoryRegister
    population: MemoryProvider
    postal: MemoryProvider
    store: SqlStore
    desk: DeskService = field(init=False)

    def __post_init__(self) -> None:
        self.desk = DeskService(self.parts)

    def load(self) -> None:
        run_register(self.parts, self.parts.registers["clinic"])

    def deliver(self) -> None:
        run_register(self.parts, self.parts.registers["clinic"], read=False)

    def follow(self, feed: str = "vtj", *, again: bool = False) -> RunReport:
        return run_feed(self.parts, self.parts.feeds[feed], again=again, jitter=lambda: 0.5)

    def run(self) -> None:
        """Read the register, follow every feed, deliver."""
        self.load()
        for feed in self.parts.feeds:
            self.follow(feed)
        self.deliver()

    def add(self, key: str = "42", **values: FactValue) -> None:
        """Put a customer into the clinic's own register."""
        person: dict[Field, FactValue] = {
            Field.NATIONAL_ID: MAIJA_ID,
            Field.NAME: PersonName("Meikäläinen", "Maija"),
            Field.BIRTH_DATE: PartialDate(1952, 10, 13),
            Field.ADDRESS: home("Vanhakuja", "1"),
        }
        person |= {Field(name): value for name, value in values.items()}
        self.register.put(key, person)

    def held(self, key: str = "42") -> dict[Field, FactValue]:
        """Return what stands in the clinic's own register."""
        record = self.register.read(key)
        return record.values  # type: ignore[union-attr]

    def facts(self, key: str = "42") -> tuple[HeldFact, ...]:
        with self.store.snapshot() as work:
            customer = work.by_keys("clinic", [key])[key]
            return work.facts([customer.id]).get(customer.id, ())

    def outcomes(self, feed: str = "vtj") -> dict[str, int]:
        with self.store.snapshot() as work:
            return {o: n for (f, o), n in work.counts().dispositions.items() if f == feed}


def make_engine(
    url: str,
    *,
    clock: HandClock | None = None,
    policy: Policy | None = None,
    store: SqlStore | None = None,
    clinic: MemoryRegister | None = None,
    **register: Any,
) -> Engine:
    """Put an engine together over the database at that URL, or over a store and a register that are there."""
    clock = clock or HandClock()
    population, postal = MemoryProvider(POPULATION), MemoryProvider(POSTAL)
    clinic = clinic or MemoryRegister(clock=clock, **register)
    store = store or open_store(url, Keyring(KEY), clock)
    policy = policy or Policy(
        zone=HELSINKI,
        feeds={
            "vtj": FeedPromise(POPULATION.covers, timedelta(days=2)),
            "posti": FeedPromise(POSTAL.covers, timedelta(days=2)),
        },
        names={"vtj": "DVV", "posti": "Posti", "clinic": "Klinikka"},
    )
    parts = Parts(
        store=store,
        clock=clock,
        model=shipped_model(),
        registers={"clinic": RegisterParts("clinic", clinic, policy)},
        feeds={
            "vtj": FeedParts("vtj", population, "clinic", since=date(2026, 10, 1)),
            "posti": FeedParts("posti", postal, "clinic", since=date(2026, 10, 1)),
        },
        owner="test",
    )
    return Engine(parts, clock, clinic, population, postal, store)


@cache
def shipped_model() -> Model:
    """Read the matching model that comes along."""
    return parse_model(resources.files("config").joinpath("models/default.json").read_text("utf-8"))


def sqlite_url(folder: Path) -> str:
    """Return the URL of a database file in that folder."""
    return f"sqlite:///{folder / 'ajantasa.db'}"


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond that: the kernel refuses it as it refuses a full disk, in the middle of a write."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
