"""A small world in dictionaries: what was said by whom, what was typed, what went wrong, and the engine that lives in it."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from adapters.erasures import ErasureFile
from adapters.registers.memory import MemoryRegister
from adapters.store import Keyring, SqlStore, open_store
from adapters.store.engine import make_engine as make_sql_engine
from adapters.store.ids import RowIds
from sync.erasing import erase_again
from sync.errors import Busy, LeaseLost, RetryLater
from sync.holding import lift_hold, place_hold
from sync.model import Address, Change, Fact, FactValue, Field, HeldFact, HoldKind, Identity, PartialDate, Source
from sync.parts import Parts
from sync.ports.register import Conflict, Rejected, Write, Written
from sync.schedule import run_feed, run_register
from tests.harness import AINO_ID, KEY, MAIJA_ID, Engine, HandClock, base, home, make_engine, sqlite_url
from tests.simulation.mortal import Fate
from tests.simulation.reference import Marks

STREETS = ["Aapelinkatu", "Beetankuja", "Cecilianpolku", "Danielintie", "Eevanrinne"]
OLD_STREET, STAFFS_STREET, STRANGERS_STREET = "Vanhakuja", "Toimistokatu", "Vieraankatu"
PEOPLE = {"42": MAIJA_ID, "44": AINO_ID}
STRANGER_ID = "131052-903Z"
FEEDS = {"vtj": Source.POPULATION_REGISTER, "posti": Source.POSTAL_OPERATOR}
DAYS = [None, -4_100, -20, -11, -1, 0, 2, 10]
"""From when something holds, in days after the beginning; None where nobody says."""

STARTS = {
    "a day in November": datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
    "the night in which clocks go back": datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
    "the night in which clocks go forward": datetime(2027, 3, 27, 23, 30, tzinfo=UTC),
    "New Year's Eve": datetime(2026, 12, 31, 21, 0, tzinfo=UTC),
}


def street_of(value: Any) -> str | None:
    """Return by what the second opinion tells addresses apart."""
    return value.street.text() if isinstance(value, Address) and value.street else None


class Clinic(MemoryRegister):
    """A register that keeps account of what is written into it, and now and then answers twice."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock=clock)
        self.keys: dict[str, list[int]] = {}
        self.made: list[tuple[str, dict[Field, FactValue | None]]] = []
        self.answers = 1

    def _write(self, write: Write) -> Written | Conflict | Rejected:
        before = self._read(write.key)
        result = super()._write(write)
        if isinstance(result, Written) and result.record != before:
            changed = {name: value for name, value in write.values.items() if before.values.get(name) != value}  # type: ignore[union-attr]
            assert changed or result.record.status != before.status, "a write changed nothing (I2)"  # type: ignore[union-attr]
            self.made.append((write.key, changed))
            self.keys.setdefault(write.key, []).append(int(write.idempotency_key))
        return result

    def stands(self, key: str) -> FactValue | None:
        """Return the address in a record, also while nobody else can reach the register."""
        return self._rows[key].values.get(Field.ADDRESS)

    def changed_since(self, mark: str | None) -> Iterator[Any]:
        for chunk in super().changed_since(mark):
            for _ in range(self.answers):
                yield chunk


class Databases:
    """One file in memory that every story begins anew, and connections whose prepared statements outlive it."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="ajantasa-machine-", dir=memory if memory.is_dir() else None))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self._empty = self.folder / "empty"
        self._empty.mkdir()
        open_store(sqlite_url(self._empty), Keyring(KEY), HandClock()).close()
        self._engines = [_hurried(sqlite_url(self.folder)) for _ in range(2)]
        self._nodes = 0

    def begin(self, start: datetime) -> bool:
        """Put the database as it was at this start in the place of the last story's; False where it is an empty one."""
        for engine in self._engines:
            engine.dispose()
        for file in self.files():
            file.unlink()
        kept = self._kept(start)
        shutil.copy(kept if kept.exists() else self._empty / "ajantasa.db", self.folder / "ajantasa.db")
        return kept.exists()

    def keep(self, start: datetime) -> None:
        """Let every other story with this start begin with what there is now."""
        self._engines[0].dispose()  # the last connection takes the write-ahead log in
        shutil.copy(self.folder / "ajantasa.db", self._kept(start))

    def _kept(self, start: datetime) -> Path:
        return self._empty / f"{start:%Y%m%d}.db"

    def store(self, clock: HandClock, worker: int = 0) -> SqlStore:
        """Open the database for one of two workers, as a process that has just started."""
        self._nodes = self._nodes % 1_023 + 1  # never that of what is kept from the first story
        self._engines[worker].dispose()
        return SqlStore(self._engines[worker], Keyring(KEY), clock, RowIds(clock, node=self._nodes))

    def first(self, clock: HandClock) -> SqlStore:
        """Open the database for what comes before a story."""
        return SqlStore(self._engines[0], Keyring(KEY), clock, RowIds(clock, node=0))

    def files(self) -> list[Path]:
        """Return the database's files, and the one that keeps erasures beside it."""
        return sorted(self.folder.glob("ajantasa.*"))


@cache
def databases() -> Databases:
    """Make them when the first story begins."""
    return Databases()


def _hurried(url: str) -> SqlEngine:
    """No power is cut here: processes die, and what they wrote stays in the kernel."""
    engine = make_sql_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return engine


@dataclass
class Story:
    """The engine, and everything that a reference needs to know.

    Attributes:
        start: when it begins.
        said: what each event of each feed said.
        meant: about whom; the key of a customer.
        cancelled: notices that were taken back.
        shielded: people about whom something was not kept at some time.
        ordered: the events that brought a protection order, or its end.
        delivered: events that a provider has handed out.
        typed: what staff typed last, and on which day.
        restricted: customers under a restriction.
        erased: who was erased, with the number that we had for them.
        bygone: of those who were taken in again, the events about which everything had been decided before.
        gone_by: what was said of them while nobody watched. Should a provider repeat it to a worker who dies, it is told to nobody again.
        amid: who was erased while a worker was in the middle of something.
        marks: what was undone.
        doubtful: people about whom an uncertain change was sent.
    """

    start: datetime
    clock: HandClock = field(init=False)
    engine: Engine = field(init=False)
    clinic: Clinic = field(init=False)
    number: int = 0
    said: dict[tuple[str, str], Change] = field(default_factory=dict)
    meant: dict[tuple[str, str], str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    shielded: set[str] = field(default_factory=set)
    ordered: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in PEOPLE})
    delivered: set[tuple[str, str]] = field(default_factory=set)
    typed: dict[str, tuple[str, date]] = field(default_factory=dict)
    restricted: set[str] = field(default_factory=set)
    erased: dict[str, int] = field(default_factory=dict)
    bygone: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    gone_by: set[tuple[str, str]] = field(default_factory=set)
    amid: set[str] = field(default_factory=set)
    marks: Marks = field(default_factory=Marks)
    chain: list[str] = field(default_factory=list)
    confirmed: dict[str, tuple[int, Any, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = databases().begin(self.start)
        self.clock = HandClock(self.start)
        self.clinic = Clinic(self.clock)
        url = sqlite_url(databases().folder)
        self.engine = make_engine(url, clock=self.clock, store=databases().first(self.clock), clinic=self.clinic)
        self.engine.parts = replace(self.engine.parts, ledger=ErasureFile(databases().folder / "ajantasa.erasures"))
        self._listen()
        for key, id_ in PEOPLE.items():
            self.engine.add(key, national_id=id_, address=home(OLD_STREET, "1"))
            self.engine.population.people[id_] = base(home(OLD_STREET, "1"), national_id=id_)
        if not known:
            self.engine.load()
            self.engine.follow()
            databases().keep(self.start)
        self._open()

    # --- saying -----------------------------------------------------------------------------------------------------

    def day(self, after: int | None) -> PartialDate | None:
        """Return the day so many days after the beginning."""
        return None if after is None else PartialDate.of(self.start.date() + timedelta(days=after))

    def say(self, feed: str, key: str, *facts: Fact, age: int = 0, **more: Any) -> str:
        """Have a feed say something about a customer, written down so many hours before the beginning."""
        self.number += 1
        name = f"e{self.number}"
        identity = more.pop("identity", Identity(national_id=PEOPLE[key]))
        at = self.start - timedelta(hours=age, seconds=self.number)
        change = Change(name, name, identity, facts, recorded_at=at, **more)
        self.said[feed, name] = change
        self.meant[feed, name] = key
        self.log(feed).append(change)
        return name

    def log(self, feed: str) -> list[Any]:
        return self.provider(feed).log  # type: ignore[no-any-return]

    def provider(self, feed: str) -> Any:
        return self.engine.population if feed == "vtj" else self.engine.postal

    def _listen(self) -> None:
        """Note which events the providers have handed out."""
        for feed in FEEDS:
            provider = self.provider(feed)

            def pull(cursor: str, watch: Any, feed: str = feed, real: Any = provider.pull) -> Any:
                page = real(cursor, watch)
                self.delivered |= {(feed, item.event_id) for item in page.items}
                return page

            provider.pull = pull

    # --- working ----------------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """Open the database anew, as another process; leases of the dead run out."""
        self.clock.move(seconds=61)
        self._open()
        erase_again(self.engine.parts)

    def _open(self) -> None:
        old = self.engine
        store = databases().store(self.clock)
        self.engine = Engine(
            replace(old.parts, store=store), self.clock, self.clinic, old.population, old.postal, store
        )

    def other_worker(self) -> Parts:
        """Return the parts of a second daemon over the same database."""
        return replace(self.engine.parts, store=databases().store(self.clock, worker=1), owner="other")

    def work(self, parts: Parts | None = None, fate: Fate | None = None) -> None:
        """Do everything that a daemon does, once; what is put off, or somebody else's, waits."""
        parts = parts or self.engine.parts
        parts = fate.bind(parts) if fate else parts
        clinic = parts.registers["clinic"]
        for work in (
            lambda: run_register(parts, clinic),
            lambda: run_feed(parts, parts.feeds["vtj"], jitter=lambda: 0.5),
            lambda: run_feed(parts, parts.feeds["posti"], jitter=lambda: 0.5),
            lambda: run_register(parts, clinic, read=False),
        ):
            with put_off():
                work()

    def restrict(self, key: str, *, on: bool) -> None:
        """Place a restriction (GDPR Art. 18), or lift it."""
        clinic = self.engine.parts.registers["clinic"]
        if key in self.erased:
            return
        if on and key not in self.restricted:
            place_hold(self.engine.parts, clinic, key, HoldKind.RESTRICTION, by="dpo", reason="asked")
            self.restricted.add(key)
        elif not on and key in self.restricted:
            lift_hold(self.engine.parts, clinic, key, HoldKind.RESTRICTION, by="dpo", reason="done")
            self.restricted.discard(key)

    def facts(self) -> dict[str, tuple[HeldFact, ...]]:
        """Return what is held of everybody who is mirrored."""
        with self.engine.store.snapshot() as work:
            people = work.by_keys("clinic", list(PEOPLE))
            held = work.facts([customer.id for customer in people.values()])
        return {key: held.get(customer.id, ()) for key, customer in people.items()}

    def mirrored(self, key: str) -> Any:
        with self.engine.store.snapshot() as work:
            return work.by_keys("clinic", [key]).get(key)

    @contextmanager
    def beneath(self) -> Iterator[Any]:
        """Read the database itself, below the port on purpose."""
        with self.engine.store.snapshot() as work:
            yield work._db  # type: ignore[attr-defined]

    @property
    def owed(self) -> set[tuple[str, str]]:
        """Events that must have an outcome."""
        return self.delivered - self.gone_by

    @property
    def today(self) -> date:
        return self.engine.parts.today(self.engine.parts.registers["clinic"])


@contextmanager
def put_off() -> Iterator[None]:
    """Let pass what a daemon takes calmly: somebody else is at it, or it is to be tried again later."""
    try:
        yield
    except (RetryLater, Busy, LeaseLost):
        return
