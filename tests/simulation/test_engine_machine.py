"""The engine under everything that may happen to it, against a small second opinion.

`AJANTASA_MACHINE_EXAMPLES` and `AJANTASA_MACHINE_STEPS` make it look longer; `AJANTASA_MACHINE_SHRINK=1` has a failing
story shortened, which takes minutes.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import text

from adapters.registers.memory import Fault
from adapters.store import Keyring, open_store
from sync.applying.survivorship import resolve
from sync.errors import ProviderUnavailable, RetryLater
from sync.freshness.status import State
from sync.model import (
    LOCATION_FIELDS,
    Address,
    BadItem,
    Change,
    Fact,
    FactKind,
    Field,
    Identity,
    PartialDate,
    Protection,
    Source,
)
from tests.harness import AINO_ID, KEY, MAIJA_ID, START, Engine, base, home, make_engine, sqlite_url
from tests.simulation.chain import verify_chain
from tests.simulation.reference import Statement, holding

EXAMPLES = int(os.environ.get("AJANTASA_MACHINE_EXAMPLES", "30"))
STEPS = int(os.environ.get("AJANTASA_MACHINE_STEPS", "40"))

STREETS = ["Aapelinkatu", "Beetankuja", "Cecilianpolku", "Danielintie", "Eevanrinne"]
DAYS = [None, "2015-06-01", "2026-11-01", "2026-11-10", "2026-11-20", "2026-11-23", "2026-12-01"]
PEOPLE = {"42": MAIJA_ID, "44": AINO_ID}
STRANGER_ID = "131052-903Z"
FEEDS = {"vtj": Source.POPULATION_REGISTER, "posti": Source.POSTAL_OPERATOR}

people = st.sampled_from(sorted(PEOPLE))
feeds = st.sampled_from(sorted(FEEDS))
streets = st.sampled_from(STREETS)
days = st.sampled_from(DAYS)
ages = st.integers(0, 300)


def street_of(value: Any) -> str | None:
    """Return by what the second opinion tells addresses apart."""
    return value.street.text() if isinstance(value, Address) and value.street else None


class Killed(BaseException):
    """The process is gone."""


class EngineMachine(RuleBasedStateMachine):
    """Providers, staff, faults and clocks at random; the rules of the design at every end."""

    def __init__(self) -> None:
        super().__init__()
        structlog.configure(processors=[structlog.processors.KeyValueRenderer()], logger_factory=_nowhere)
        self.folder = Path(tempfile.mkdtemp(prefix="ajantasa-machine-"))
        self.engine = make_engine(sqlite_url(self.folder))
        self.number = self.steps = 0
        self.orders = False
        self.said: dict[tuple[str, str], Change] = {}
        self.cancelled: set[str] = set()
        self.shielded: set[str] = set()  # people about whom something was not kept at some time
        self.ordered: dict[str, list[tuple[datetime, bool]]] = {key: [] for key in PEOPLE}
        self.delivered: set[tuple[str, str]] = set()
        self.typed: dict[str, tuple[str, date]] = {}
        self.chain: list[str] = []
        self.confirmed: dict[str, tuple[int, Any, Any]] = {}
        self._listen()

    def teardown(self) -> None:
        try:
            self.calm_down()
        finally:
            self.engine.store.close()
            shutil.rmtree(self.folder)
            structlog.reset_defaults()

    @initialize(orders=st.booleans())
    def begin(self, orders: bool) -> None:
        """Two customers, watched by the population register; in half of the stories nobody goes into hiding."""
        self.orders = orders
        for key, id_ in PEOPLE.items():
            self.engine.add(key, national_id=id_)
            self.engine.population.people[id_] = base(home("Vanhakuja", "1"), national_id=id_)
        self.engine.load()
        self.engine.follow()

    # --- what providers say -----------------------------------------------------------------------------------------

    def _say(self, feed: str, key: str, *facts: Fact, age: int = 0, **more: Any) -> None:
        self.number += 1
        event = f"e{self.number}"
        change = Change(
            event,
            event,
            Identity(national_id=PEOPLE[key]),
            facts,
            recorded_at=START - timedelta(hours=age, seconds=self.number),
            **more,
        )
        self.said[feed, event] = change
        self._log(feed).append(change)

    def _log(self, feed: str) -> list[Any]:
        return self.engine.population.log if feed == "vtj" else self.engine.postal.log

    @rule(feed=feeds, key=people, street=streets, since=days, age=ages, noted=st.booleans())
    def move(self, feed: str, key: str, street: str, since: str | None, age: int, noted: bool) -> None:
        fact = Fact(Field.ADDRESS, FactKind.SET, home(street), PartialDate.parse(since) if since else None)
        self._say(feed, key, fact, age=age, notice_id=f"n{self.number}" if noted else None)

    @rule(key=people, street=streets, wrong=streets, since=days, age=ages)
    def correct(self, key: str, street: str, wrong: str, since: str | None, age: int) -> None:
        # A correction without a date takes that of what it corrects; the second opinion is not asked about those.
        day = PartialDate.parse(since or "2026-11-05")
        self._say("vtj", key, Fact(Field.ADDRESS, FactKind.CORRECTED, home(street), day, wrong=home(wrong)), age=age)

    @rule(feed=feeds, key=people, street=streets, since=days, age=ages)
    def withdraw(self, feed: str, key: str, street: str, since: str | None, age: int) -> None:
        day = PartialDate.parse(since) if since else None
        self._say(feed, key, Fact(Field.ADDRESS, FactKind.WITHDRAWN, home(street), day), age=age)

    @rule(feed=feeds, key=people, street=streets, until=days, age=ages)
    def end(self, feed: str, key: str, street: str, until: str | None, age: int) -> None:
        day = PartialDate.parse(until) if until else None
        self._say(feed, key, Fact(Field.ADDRESS, FactKind.ENDED, home(street), valid_until=day), age=age)

    @precondition(lambda self: self.orders)
    @rule(key=people, street=streets, on=st.sampled_from([True, True, False]), age=ages)
    def protect(self, key: str, street: str, on: bool, age: int) -> None:
        """An order or its end, with an address in the same event."""
        fact = Fact(Field.ADDRESS, FactKind.SET, home(street), PartialDate(2026, 11, 12))
        self._say("vtj", key, fact, age=age, protection=Protection(on, "TURVAKIELTO"))
        self.shielded.add(key)
        self.ordered[key].append((self.said["vtj", f"e{self.number}"].recorded_at, on))  # type: ignore[arg-type]

    @precondition(lambda self: self.orders)
    @rule(key=people, on=st.booleans(), age=ages)
    def ban(self, key: str, on: bool, age: int) -> None:
        kind = FactKind.SET if on else FactKind.ENDED
        self._say("vtj", key, Fact(Field.UPDATE_BAN, kind, True), age=age)
        self.shielded.add(key)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        notices = sorted({c.notice_id for (f, _), c in self.said.items() if f == "posti" and c.notice_id})
        notice = data.draw(st.sampled_from([*notices, f"n{self.number}"]))  # maybe before the notice itself
        self.cancelled.add(notice)
        change = Change(f"{notice}!", notice, Identity(), notice_id=notice, cancels=notice, recorded_at=START)
        self.engine.postal.log.append(change)

    @rule(data=st.data(), feed=feeds)
    def repeat(self, data: st.DataObject, feed: str) -> None:
        log = self._log(feed)
        if log:
            log.append(data.draw(st.sampled_from(log)))

    @rule(feed=feeds, street=streets)
    def tell_of_a_stranger(self, feed: str, street: str) -> None:
        self.number += 1
        fact = Fact(Field.ADDRESS, FactKind.SET, home(street), PartialDate(2026, 11, 1))
        identity = Identity(national_id=STRANGER_ID)
        self._log(feed).append(Change(f"s{self.number}", f"s{self.number}", identity, (fact,), recorded_at=START))

    @rule(feed=feeds)
    def send_rubbish(self, feed: str) -> None:
        self.number += 1
        self._log(feed).append(BadItem(f"b{self.number}", "x\x00", "not_json", b"{"))

    @rule(feed=feeds, seed=st.integers(0, 99))
    def reorder(self, feed: str, seed: int) -> None:
        """Shuffle what was not delivered yet."""
        provider = self._provider(feed)
        tail = provider.log[provider._delivered :]
        Random(seed).shuffle(tail)
        provider.log[provider._delivered :] = tail

    @rule(feed=feeds, cuts=st.lists(st.integers(0, 3), max_size=4), overlap=st.integers(0, 3))
    def page_otherwise(self, feed: str, cuts: list[int], overlap: int) -> None:
        self._provider(feed).cut(*cuts)
        self._provider(feed).repeat(overlap)

    # --- what people do ---------------------------------------------------------------------------------------------

    @rule(key=people, street=streets)
    def staff_type(self, key: str, street: str) -> None:
        """Staff write an address that nobody else has."""
        value = home(f"Toimistokatu{street}", str(self.number))
        self.engine.clock.move(seconds=1)
        self.engine.register.put(key, {Field.ADDRESS: value})
        self.typed[key] = (street_of(value) or "", self.engine.parts.today(self.engine.parts.registers["clinic"]))

    # --- what goes wrong --------------------------------------------------------------------------------------------

    @rule(fault=st.sampled_from([Fault.ANSWER_LOST, Fault.BEFORE_WRITE, Fault.CONFLICT]), after=st.integers(1, 3))
    def break_a_write(self, fault: Fault, after: int) -> None:
        number = self.engine.register.writes + after
        self.engine.register._fault = lambda n: fault if n == number else None

    @rule(down=st.booleans())
    def cut_the_register_off(self, down: bool) -> None:
        self.engine.register.unreachable = down

    @rule(feed=feeds, on=st.integers(1, 2))
    def break_a_call(self, feed: str, on: int) -> None:
        self._provider(feed).fail(ProviderUnavailable("down"), on=on)

    @rule(commit=st.integers(1, 6), after=st.booleans())
    def kill(self, commit: int, after: bool) -> None:
        """Die just before, or just after, the n-th commit, and start again."""
        begin = self.engine.store.begin
        left = [commit]

        @contextmanager
        def dying(lease: Any = None) -> Iterator[Any]:
            with begin(lease) as work:
                real = work.commit

                def commit_or_die() -> None:
                    left[0] -= 1
                    if left[0] == 0 and not after:
                        raise Killed
                    real()
                    if left[0] == 0:
                        raise Killed

                work.commit = commit_or_die  # type: ignore[method-assign]
                yield work

        self.engine.store.begin = dying  # type: ignore[method-assign]
        with suppress(Killed):
            self._quietly()
        self.restart()

    @rule()
    def restart(self) -> None:
        """Open the database anew; leases of the dead run out."""
        old = self.engine
        old.store.close()
        old.clock.move(seconds=61)
        store = open_store(sqlite_url(self.folder), Keyring(KEY), old.clock)
        parts = replace(old.parts, store=store)
        self.engine = Engine(parts, old.clock, old.register, old.population, old.postal, store)

    # --- what the daemon does ---------------------------------------------------------------------------------------

    @rule(feed=feeds)
    def follow(self, feed: str) -> None:
        with suppress(RetryLater):
            self.engine.follow(feed)

    @rule(read=st.booleans())
    def work_on_the_register(self, read: bool) -> None:
        with suppress(RetryLater):
            self.engine.load() if read else self.engine.deliver()

    @rule(hours=st.sampled_from([1, 1, 7, 30, 24 * 9]))
    def wait(self, hours: int) -> None:
        self.engine.clock.move(hours=hours)

    def _quietly(self) -> None:
        for work in (self.engine.load, self.engine.follow, lambda: self.engine.follow("posti"), self.engine.deliver):
            with suppress(RetryLater):
                work()

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def freshness_rises_only_with_a_fact(self) -> None:
        """I14: nothing but a new fact makes the confirmation of a value younger."""
        today = self.engine.parts.today(self.engine.parts.registers["clinic"])
        for key in PEOPLE:
            if not self._mirrored(key):
                continue
            facts = self.engine.facts(key)
            held = resolve(Field.ADDRESS, [f for f in facts if f.fact.field is Field.ADDRESS], today)
            before = self.confirmed.get(key)
            if before and before[:2] == (len(facts), held.value) and held.value and held.confirmed_at:
                assert before[2]
                assert held.confirmed_at <= before[2]
            self.confirmed[key] = (len(facts), held.value, held.confirmed_at)

    @rule()
    def work_on_everything(self) -> None:
        self._quietly()

    @invariant()
    def stop_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % 12 == 0:
            self.calm_down()

    def calm_down(self) -> None:
        """Faults stop: the backlog reaches zero (I17), and everything is as the rules say."""
        engine = self.engine
        engine.register.unreachable, engine.register._fault = False, lambda _: None
        for feed in FEEDS:
            provider = self._provider(feed)
            provider.down, provider._failures, provider._cuts, provider._repeats = None, {}, [], 0
        for _ in range(2):
            engine.clock.move(hours=2)
            self._quietly_strict()
        self._check_dispositions()
        self._check_deliveries()
        chain = verify_chain(engine.store)
        assert chain[: len(self.chain)] == self.chain, "the trail was rewritten (I7)"
        self.chain = chain
        for key in PEOPLE:
            self._check_person(key)

    def _quietly_strict(self) -> None:
        self.engine.load()
        self.engine.follow()
        self.engine.follow("posti")
        self.engine.deliver()

    def _check_dispositions(self) -> None:
        """I1, I2, I6, I9: every event delivered has one outcome, and speaks of one customer at most, once."""
        store = self.engine.store
        with store.snapshot() as work:
            for feed in FEEDS:
                assert work.feed(feed).cursor == str(len(self._log(feed)))
                events = {store.digest(f"event/{feed}", event) for f, event in self.delivered if f == feed}
                assert work.outcomes(feed, events).keys() == events
            db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
            found = db.execute(
                text("SELECT event, customer_id, field FROM fact WHERE event <> '' AND position <> 'look-up'")
            ).all()
        once = Counter(found)
        assert all(count == 1 for count in once.values()), "an event was carried out twice"
        owners: dict[str, set[int]] = {}
        for event, customer, _ in found:
            owners.setdefault(event, set()).add(customer)
        assert all(len(customers) == 1 for customers in owners.values())

    def _check_deliveries(self) -> None:
        """I12, I17: nothing waits, and the mirror is the register."""
        with self.engine.store.snapshot() as work:
            counts = work.counts().deliveries
            mirrored = work.by_keys("clinic", list(PEOPLE))
        assert not counts.get(("clinic", "pending")), "a delivery waits although nothing is wrong"
        assert not counts.get(("clinic", "rejected"))
        for key, customer in mirrored.items():
            record = self.engine.register.read(key)
            values = {f: v for f, v in record.values.items() if not (customer.protected and f in LOCATION_FIELDS)}  # type: ignore[union-attr]
            assert (customer.values, customer.status) == (values, record.status)  # type: ignore[union-attr]

    def _check_person(self, key: str) -> None:
        by_staff = [f for f in self.engine.facts(key) if f.source is Source.STAFF and not f.purged]
        typed = [street_of(f.fact.value) or "" for f in by_staff if f.fact.field is Field.ADDRESS]
        assert len(typed) == len(by_staff), "our own write was taken for staff's"
        assert all(street.startswith("Toimistokatu") for street in typed), "our own write was taken for staff's"
        protected = bool(self.ordered[key]) and max(self.ordered[key])[1]
        customer = self._mirrored(key)
        assert customer.protected is protected
        if protected:
            self._check_hidden(key, customer.id)
            return
        if self.engine.register.read(key).values.get(Field.PROTECTION):  # type: ignore[union-attr]
            raise AssertionError("an order that ended is still shown")
        today = self.engine.parts.today(self.engine.parts.registers["clinic"])
        street, sure = holding(self._statements(key), today)
        held = self.engine.held(key).get(Field.ADDRESS)
        if street and sure:
            assert street_of(held) == street, f"{street_of(held)} instead of {street}"
        if key in self.typed and key not in self.shielded:
            self._check_staff(key, held)

    def _check_staff(self, key: str, held: Any) -> None:
        """I8: what staff typed last stands, unless something of a later day was said."""
        street, day = self.typed[key]
        later = [
            f
            for c in self.said.values()
            if c.identity.national_id == PEOPLE[key]
            for f in c.facts
            if f.valid_from and f.valid_from.first_day() > day
        ]
        if not later:
            assert street_of(held) == street, "staff were overwritten"

    def _check_hidden(self, key: str, customer: int) -> None:
        """P3: no location of a protected person in facts, mirror, queue, keys or, once purged, the register."""
        engine = self.engine
        assert not [f for f in engine.facts(key) if f.fact.field in LOCATION_FIELDS and (f.fact.value or f.fact.wrong)]
        assert not [f for f in self._mirrored(key).values if f in LOCATION_FIELDS]
        with engine.store.snapshot() as work:
            db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
            where = {"id": customer}
            keys = "SELECT count(*) FROM blocking_key WHERE customer_id = :id AND location"
            assert db.execute(text(keys), where).scalar() == 0
            sealed = "SELECT count(*) FROM delivery WHERE customer_id = :id AND sealed IS NOT NULL"
            assert db.execute(text(sealed), where).scalar() == 0
        address = street_of(engine.held(key).get(Field.ADDRESS))
        assert address is None or address.startswith("Toimistokatu"), "the register still has the location"
        status = engine.desk.status("clinic", key, reader="machine", reveal=True)
        assert status
        assert status.fields[0].state is State.CONTACT_ONLY
        assert status.fields[0].value is None

    def _statements(self, key: str) -> list[Statement]:
        """What was said of a person: by events as they were sent, by the rest as it was kept."""
        found = []
        kept = self.engine.facts(key)
        events = {
            self.engine.store.digest(f"event/{feed}", event): (FEEDS[feed], change)
            for (feed, event), change in self.said.items()
            if change.identity.national_id == PEOPLE[key] and (feed, event) in self.delivered
        }
        if key in self.shielded:  # then not everything was kept, and only that counts
            events = {}
        for source, change in events.values():
            gone = change.notice_id in self.cancelled
            found += [self._statement(f, source, change.recorded_at, cancelled=gone) for f in change.facts]
        for held in kept:
            if held.event not in events and not held.purged:
                found.append(self._statement(held.fact, held.source, held.recorded_at, cancelled=held.cancelled))
        return [one for one in found if one]

    def _statement(self, fact: Fact, source: Source, recorded: Any, *, cancelled: bool) -> Any:
        if fact.field is not Field.ADDRESS:
            return None
        return Statement(
            fact.kind.value,
            street_of(fact.value),
            source.value,
            recorded,
            fact.valid_from.first_day() if fact.valid_from else None,
            fact.valid_until.last_day() if fact.valid_until else None,
            street_of(fact.wrong),
            cancelled,
        )

    def _mirrored(self, key: str) -> Any:
        with self.engine.store.snapshot() as work:
            return work.by_keys("clinic", [key]).get(key)

    def _provider(self, feed: str) -> Any:
        return self.engine.population if feed == "vtj" else self.engine.postal

    def _listen(self) -> None:
        """Note which events the providers have handed out."""
        for feed in FEEDS:
            provider = self._provider(feed)

            def pull(cursor: str, watch: Any, feed: str = feed, real: Any = provider.pull) -> Any:
                page = real(cursor, watch)
                self.delivered |= {(feed, item.event_id) for item in page.items}
                return page

            provider.pull = pull


def _nowhere(*_: Any) -> Any:
    return structlog.testing.CapturingLogger()


EngineMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate, Phase.shrink] if "AJANTASA_MACHINE_SHRINK" in os.environ else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class TestEngine(EngineMachine.TestCase):
    """Whatever happens, the rules of the design hold once it is quiet."""
