"""The engine under everything that may happen to it, against a small second opinion.

`AJANTASA_MACHINE_SHRINK=1` has a failing story shortened, which takes minutes. `make soak` looks on for a million steps.
"""

import os
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.registers.memory import Fault
from sync.errors import ProviderUnavailable, SomebodyWasFirst
from sync.model import BadItem, Change, Fact, FactKind, Field, Identity, PartialDate, PersonName, Protection
from sync.ports.store import UndoKind
from sync.reviewing import decide_review
from tests.harness import home
from tests.simulation.checks import calm_down, check_end, check_freshness, check_restricted
from tests.simulation.mortal import POINTS, Fate, Killed
from tests.simulation.rights import ERASABLE, check_unwritten, erase, readmit, undo_something
from tests.simulation.story import (
    DAYS,
    FEEDS,
    OLD_STREET,
    PEOPLE,
    STAFFS_STREET,
    STARTS,
    STRANGER_ID,
    STRANGERS_STREET,
    STREETS,
    Story,
    put_off,
    street_of,
)

STORIES, STEPS = int(os.environ.get("AJANTASA_MACHINE_STORIES", "200")), 150
AT_LEAST = 20_000

people = st.sampled_from(sorted(PEOPLE))
feeds = st.sampled_from(sorted(FEEDS))
streets = st.sampled_from(STREETS)
days = st.sampled_from(DAYS)
ages = st.integers(0, 300)
order_ages = st.integers(-12, 12) | ages
which_one = st.integers(0, 99)
deaths = st.sampled_from(
    [None, "facts written", "outbox written", "audit entry written", "before a commit", "after a commit"]
)
"""Of those who carry out what people ask for."""


class EngineMachine(RuleBasedStateMachine):
    """Providers, staff, officers, faults, clocks and a second worker at random; the rules of the design at every end."""

    taken = 0
    """Steps of all stories."""

    story: Story

    def teardown(self) -> None:
        try:
            if hasattr(self, "story"):
                calm_down(self.story)
                check_end(self.story, Random(self.steps), repr(self.logged.entries))
        finally:
            structlog.reset_defaults()

    @initialize(start=st.sampled_from(sorted(STARTS)), orders=st.booleans(), erasures=st.booleans())
    def begin(self, start: str, orders: bool, erasures: bool) -> None:
        """Two customers, watched by the population register; in half of the stories nobody hides, or is erased."""
        self.logged = structlog.testing.LogCapture()
        structlog.configure(processors=[self.logged])
        self.steps = 0
        self.orders, self.erasures = orders, erasures
        self.story = Story(STARTS[start])

    # --- what providers say -----------------------------------------------------------------------------------------

    @rule(feed=feeds, key=people, street=streets, since=days, age=ages, noted=st.booleans())
    def move(self, feed: str, key: str, street: str, since: int | None, age: int, noted: bool) -> None:
        fact = Fact(Field.ADDRESS, FactKind.SET, home(street), self.story.day(since))
        self.story.say(feed, key, fact, age=age, notice_id=f"n{self.story.number}" if noted else None)

    @rule(key=people, street=streets, wrong=streets, since=days, age=ages)
    def correct(self, key: str, street: str, wrong: str, since: int | None, age: int) -> None:
        # A correction without a date takes that of what it corrects; the second opinion is not asked about those.
        day = self.story.day(-16 if since is None else since)
        fact = Fact(Field.ADDRESS, FactKind.CORRECTED, home(street), day, wrong=home(wrong))
        self.story.say("vtj", key, fact, age=age)

    @rule(feed=feeds, key=people, street=streets, since=days, age=ages)
    def withdraw(self, feed: str, key: str, street: str, since: int | None, age: int) -> None:
        fact = Fact(Field.ADDRESS, FactKind.WITHDRAWN, home(street), self.story.day(since))
        self.story.say(feed, key, fact, age=age)

    @rule(feed=feeds, key=people, street=streets, until=days, age=ages)
    def end(self, feed: str, key: str, street: str, until: int | None, age: int) -> None:
        fact = Fact(Field.ADDRESS, FactKind.ENDED, home(street), valid_until=self.story.day(until))
        self.story.say(feed, key, fact, age=age)

    @precondition(lambda self: self.orders)
    @rule(key=people, street=streets, on=st.sampled_from([(True,), (False,), (True, False)]), age=order_ages)
    def protect(self, key: str, street: str, on: tuple[bool, ...], age: int) -> None:
        """An order, its end, or both within hours of now, with an address in the same event; the clock may have been ahead."""
        ago = age - (self.story.clock.now() - self.story.start) // timedelta(hours=1)
        fact = Fact(Field.ADDRESS, FactKind.SET, home(street), self.story.day(-9))
        for hours, each in enumerate(on):
            order = Protection(each, "TURVAKIELTO")
            event = self.story.say("vtj", key, fact, age=ago - hours, protection=order)
            self.story.ordered[key].append(event)
        self.story.shielded.add(key)

    @precondition(lambda self: self.orders)
    @rule(key=people, on=st.booleans(), age=ages)
    def ban(self, key: str, on: bool, age: int) -> None:
        self.story.say("vtj", key, Fact(Field.UPDATE_BAN, FactKind.SET if on else FactKind.ENDED, True), age=age)
        self.story.shielded.add(key)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        said = self.story.said.items()
        notices = sorted({c.notice_id for (f, _), c in said if f == "posti" and c.notice_id})
        notice = data.draw(st.sampled_from([*notices, f"n{self.story.number}"]))  # maybe before the notice itself
        self.story.cancelled.add(notice)
        at = self.story.start
        change = Change(f"{notice}!", notice, Identity(), notice_id=notice, cancels=notice, recorded_at=at)
        self.story.log("posti").append(change)

    @rule(data=st.data(), feed=feeds)
    def repeat(self, data: st.DataObject, feed: str) -> None:
        log = self.story.log(feed)
        if log:
            log.append(data.draw(st.sampled_from(log)))

    @rule(feed=feeds, street=streets)
    def tell_of_a_stranger(self, feed: str, street: str) -> None:
        self.story.number += 1
        number, day = self.story.number, PartialDate.of(self.story.start.date())
        identity = Identity(STRANGER_ID, addresses=(home(STRANGERS_STREET),))
        fact = Fact(Field.ADDRESS, FactKind.SET, home(STRANGERS_STREET, str(number)), day)
        change = Change(f"s{number}", f"s{number}", identity, (fact,), recorded_at=self.story.start)
        self.story.log(feed).append(change)

    @rule(street=streets, age=ages)
    def tell_of_somebody_like_her(self, street: str, age: int) -> None:
        """A notice without an id, about somebody with another first name at her old address: a person must decide."""
        names = (PersonName("Meikäläinen", "Marja"),)
        identity = Identity(names=names, birth_date=PartialDate(1952, 10, 13), addresses=(home(OLD_STREET, "1"),))
        fact = Fact(Field.ADDRESS, FactKind.SET, home(street), self.story.day(-3))
        event = self.story.say("posti", "42", fact, age=age, identity=identity)
        del self.story.meant["posti", event]

    @rule(feed=feeds)
    def send_rubbish(self, feed: str) -> None:
        self.story.number += 1
        self.story.log(feed).append(BadItem(f"b{self.story.number}", "x\x00", "not_json", b"{"))

    @rule(feed=feeds, seed=st.integers(0, 99))
    def reorder(self, feed: str, seed: int) -> None:
        """Shuffle what was not delivered yet."""
        provider = self.story.provider(feed)
        tail = provider.log[provider._delivered :]
        Random(seed).shuffle(tail)
        provider.log[provider._delivered :] = tail

    @rule(feed=feeds, cuts=st.lists(st.integers(0, 3), max_size=4), overlap=st.integers(0, 3))
    def page_otherwise(self, feed: str, cuts: list[int], overlap: int) -> None:
        self.story.provider(feed).cut(*cuts)
        self.story.provider(feed).repeat(overlap)

    # --- what people do ---------------------------------------------------------------------------------------------

    @rule(key=people, street=streets)
    def staff_type(self, key: str, street: str) -> None:
        """Staff write an address that nobody else has; or save the one that they wrote, which says nothing new."""
        value = home(f"{STAFFS_STREET}{street}", str(self.story.number))
        self.story.clock.move(seconds=1)
        if self.story.clinic.stands(key) != value:
            self.story.typed[key] = (street_of(value) or "", self.story.today)
        self.story.clinic.put(key, {Field.ADDRESS: value})

    @rule(which=st.integers(0, 9), same=st.booleans())
    def decide(self, which: int, same: bool) -> None:
        """A reviewer decides, and another one a moment later is told that somebody was first (I9)."""
        with self.story.engine.store.snapshot() as work:
            waiting = work.reviews()
            people = work.customers({c.customer_id for r in waiting for c in (r.best, r.runner_up) if c})
        if not waiting:
            return
        review = waiting[which % len(waiting)]
        decide_review(self.story.engine.parts, review.id, same=same, by="anna", reason="asked")
        try:
            decide_review(self.story.engine.parts, review.id, same=not same, by="ben", reason="asked")
        except SomebodyWasFirst:
            pass
        else:
            raise AssertionError("two reviewers have both won (I9)")
        if same:
            digest = self.story.engine.store.digest
            event = next(e for e in self.story.said if digest(f"event/{e[0]}", e[1]) == review.event)
            self.story.meant[event] = key = people[review.best.customer_id].key
            # It keeps no place of anybody whom it could be about.
            if review.runner_up and people[review.runner_up.customer_id].key in self.story.shielded:
                self.story.shielded.add(key)

    @rule(key=people, on=st.booleans())
    def restrict(self, key: str, on: bool) -> None:
        self.story.restrict(key, on=on)

    @precondition(lambda self: self.erasures and not self.story.erased)
    @rule(death=deaths, restricted=st.booleans())
    def erase(self, death: str | None, restricted: bool) -> None:
        """Restricted first, nobody may be erased."""
        self.story.restrict(ERASABLE, on=restricted)
        erase(self.story, _fate(death))

    @precondition(lambda self: self.story.erased and not self.orders)
    @rule(death=deaths)
    def readmit(self, death: str | None) -> None:
        """Not where there are orders: what the register kept of them is not known by what was said."""
        readmit(self.story, _fate(death))

    @precondition(lambda self: not self.story.shielded)
    @rule(kind=st.sampled_from(UndoKind), which=which_one, death=deaths)
    def undo(self, kind: UndoKind, which: int, death: str | None) -> None:
        """Not where something was not kept: an undoing cannot bring that back."""
        undo_something(self.story, kind, which, _fate(death))

    # --- what goes wrong --------------------------------------------------------------------------------------------

    @rule(fault=st.sampled_from([Fault.ANSWER_LOST, Fault.BEFORE_WRITE, Fault.CONFLICT]), after=st.integers(1, 3))
    def break_a_write(self, fault: Fault, after: int) -> None:
        number = self.story.clinic.writes + after
        self.story.clinic._fault = lambda n: fault if n == number else None

    @rule(down=st.booleans(), answers=st.integers(1, 2))
    def make_the_register_difficult(self, down: bool, answers: int) -> None:
        self.story.clinic.unreachable, self.story.clinic.answers = down, answers

    @rule(feed=feeds, on=st.integers(1, 2))
    def break_a_call(self, feed: str, on: int) -> None:
        self.story.provider(feed).fail(ProviderUnavailable("down"), on=on)

    @rule(point=st.sampled_from(sorted(POINTS)), number=st.integers(1, 4))
    def kill(self, point: str, number: int) -> None:
        """Die at a point, and start again."""
        try:
            self.story.work(fate=Fate(POINTS[point], number))
        except Killed:
            self.story.restart()

    @rule(point=st.sampled_from(sorted(n for n, p in POINTS.items() if p.open)), late=st.booleans())
    def let_two_work(self, point: str, late: bool) -> None:
        """A second worker does everything while the first is in the middle; late, when the first one's leases are over."""

        def meanwhile() -> None:
            if late:
                self.story.clock.move(seconds=61)
            self.story.work(other)

        other = self.story.other_worker()
        self.story.work(fate=Fate(POINTS[point], 1, meanwhile))

    @rule(
        point=st.sampled_from(sorted(n for n, p in POINTS.items() if p.open)),
        kind=st.sampled_from([None, *UndoKind]),
        which=which_one,
    )
    def ask_meanwhile(self, point: str, kind: UndoKind | None, which: int) -> None:
        """Somebody is erased, or something is undone, while a worker is in the middle."""

        def meanwhile() -> None:
            if kind is None and self.erasures:
                self.story.amid.add(ERASABLE)
                erase(self.story)
            elif kind is not None and not self.story.shielded:
                undo_something(self.story, kind, which)

        self.story.work(fate=Fate(POINTS[point], 1, meanwhile))

    @rule()
    def restart(self) -> None:
        self.story.restart()

    # --- what the daemon does ---------------------------------------------------------------------------------------

    @rule(feed=feeds)
    def follow(self, feed: str) -> None:
        with put_off():
            self.story.engine.follow(feed)

    @rule(read=st.booleans())
    def work_on_the_register(self, read: bool) -> None:
        with put_off():
            self.story.engine.load() if read else self.story.engine.deliver()

    @rule(seconds=st.sampled_from([-30, -1, 59, 3_600, 3_600, 7 * 3_600, 30 * 3_600, 9 * 86_400]))
    def wait(self, seconds: int) -> None:
        """Time goes by; now and then somebody sets the clock back a little."""
        self.story.clock.move(seconds=seconds)

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def hold_the_rules(self) -> None:
        if not hasattr(self, "story"):
            return
        self.steps += 1
        type(self).taken += 1
        for key in self.story.restricted:
            check_restricted(self.story, key, 0)
        check_unwritten(self.story)
        if self.steps % 10 == 0:
            check_freshness(self.story)
        if self.steps % 80 == 0:
            calm_down(self.story)
        self.story.clinic.made.clear()  # what is written before somebody is restricted or erased is no fault


def _fate(death: str | None) -> Fate | None:
    return Fate(POINTS[death], 1) if death else None


def machine_settings(stories: int, *, phases: Any = (Phase.generate,)) -> settings:
    """Return how long to look: stories of so many steps each."""
    return settings(
        max_examples=stories,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )


EngineMachine.TestCase.settings = settings(
    machine_settings(
        STORIES, phases=[Phase.generate, Phase.shrink] if "AJANTASA_MACHINE_SHRINK" in os.environ else [Phase.generate]
    ),
    derandomize=True,
)


@pytest.mark.timeout(1_200)
class TestEngine(EngineMachine.TestCase):
    """Whatever happens, the rules of the design hold once it is quiet."""

    def setUp(self) -> None:
        EngineMachine.taken = 0

    def tearDown(self) -> None:
        assert EngineMachine.taken >= AT_LEAST, f"only {EngineMachine.taken} steps were taken"
