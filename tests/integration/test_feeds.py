"""Feeds that fail, stall and come again; two daemons; forgetting in time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.errors import (
    CredentialsRefused,
    LeaseLost,
    PageMalformed,
    ProviderUnavailable,
)
from sync.freshness.status import State
from sync.model import (
    BadItem,
    Field,
)
from sync.ports.store import FeedHealth
from sync.resync import resync_feed
from sync.retention import forget
from sync.schedule import Busy, due, run_feed
from tests.harness import (
    AINO_ID,
    MAIJA_ID,
    Engine,
    base,
    make_engine,
    moved,
)
from tests.integration.whole_way import (
    NEW,
    THIRD,
    posti,
    pull,
    state,
    watched,
)

# --- feeds ----------------------------------------------------------------------------------------------------------


def test_a_feed_of_a_register_that_is_not_loaded_is_not_due(url: str) -> None:
    """Changes about customers whom we do not know yet would be forgotten."""
    engine = make_engine(url)
    feed = engine.parts.feeds["vtj"]
    assert not due(engine.parts, feed)
    engine.load()
    assert due(engine.parts, feed)
    engine.store.close()


def test_a_failing_feed_keeps_its_cursor_and_is_asked_later_and_later(engine: Engine) -> None:
    """For days on end; Retry-After is honoured in full; one success forgets it."""
    watched(engine)
    feed = engine.parts.feeds["vtj"]
    with engine.store.snapshot() as work:
        cursor = work.feed("vtj").cursor
    engine.population.down = ProviderUnavailable("down")
    waits = []
    for _ in range(60):
        with pytest.raises(ProviderUnavailable):
            engine.follow()
        with engine.store.snapshot() as work:
            kept = work.feed("vtj")
        waits.append(kept.next_at - engine.clock.now())
        assert (kept.cursor, kept.health) == (cursor, FeedHealth.FAILING)
    assert waits[:3] == [timedelta(seconds=s) for s in (5, 10, 20)]
    assert waits[-1] == timedelta(minutes=30)
    assert not due(engine.parts, feed)
    engine.population.down = ProviderUnavailable("down", retry_after=timedelta(hours=3))
    with pytest.raises(ProviderUnavailable):
        engine.follow()
    with engine.store.snapshot() as work:
        assert work.feed("vtj").next_at - engine.clock.now() == timedelta(hours=3)
    engine.population.down = None
    engine.follow()
    with engine.store.snapshot() as work:
        assert (work.feed("vtj").failures, work.feed("vtj").health) == (0, FeedHealth.OK)


def test_a_failure_in_the_middle_keeps_what_was_committed(engine: Engine) -> None:
    """I6: the cursor stands behind exactly what has its disposition."""
    watched(engine)
    engine.population.log += [moved(NEW), moved(THIRD, on="2026-11-05", event="e2")]
    engine.population.cut(1)
    engine.population.fail(PageMalformed("cut"), on=2)
    with pytest.raises(PageMalformed):
        engine.follow()
    with engine.store.snapshot() as work:
        assert work.feed("vtj").cursor == "1"
    assert engine.outcomes() == {"no_change": 1, "applied": 1}
    report = engine.follow()
    assert (report.received, report.repeated) == (1, 0)


def test_a_stopped_feed_waits_for_a_person(engine: Engine) -> None:
    """Refused credentials are not tried again by themselves."""
    engine.population.down = CredentialsRefused("no")
    with pytest.raises(CredentialsRefused):
        engine.follow()
    engine.clock.move(days=2)
    assert not due(engine.parts, engine.parts.feeds["vtj"])


def test_a_run_that_was_stopped_goes_on_at_once(engine: Engine) -> None:
    """A restart does not wait for the feed's next time while there is a backlog."""
    watched(engine)
    answers = iter([False, False, True, True, True, True])
    parts = replace(engine.parts, stopping=lambda: next(answers, True))
    run_feed(parts, parts.feeds["vtj"])
    assert due(engine.parts, engine.parts.feeds["vtj"])


def test_a_stalled_feed_turns_do_not_ask_into_ask(engine: Engine) -> None:
    """I14: when its limit passes, without any job having to run; and back when it is live again."""
    watched(engine)
    assert state(engine) is State.CURRENT
    engine.clock.move(days=2, seconds=1)
    assert state(engine) is State.NOT_COVERED
    engine.follow()
    assert state(engine) is State.CURRENT
    engine.clock.move(days=366)
    engine.follow()
    assert state(engine) is State.ASK


def test_somebody_whom_the_provider_does_not_know_is_asked_for_again_later(engine: Engine) -> None:
    """Absence is an alarm, not a deletion: the run is partial, and the customer stays."""
    assert engine.follow().partial
    assert not engine.follow().partial
    engine.clock.move(days=8)
    engine.population.people[MAIJA_ID] = base(NEW)
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_resync_of_a_feed_that_cannot_be_asked_keeps_its_coverage(engine: Engine) -> None:
    """The events are all known already; that it has spoken of the person still is."""
    pull(engine, posti(NEW), feed="posti")
    assert state(engine) is State.CURRENT
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    assert state(engine) is State.CURRENT


def test_a_resync_decides_again_what_matched_nobody(engine: Engine) -> None:
    """The person may be a customer by now."""
    pull(engine, moved(NEW, national_id=AINO_ID), feed="posti")
    assert engine.outcomes("posti") == {"no_match": 1}
    engine.add("44", national_id=AINO_ID)
    engine.load()
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    engine.deliver()
    assert engine.outcomes("posti") == {"applied": 1}
    assert engine.held("44")[Field.ADDRESS] == NEW


# --- two of us ------------------------------------------------------------------------------------------------------


def test_two_engines_over_one_database(either: Engine) -> None:
    """One works, the other is busy; one that slept too long commits nothing, and nothing is doubled."""
    watched(either)
    either.population.log.append(moved(NEW))
    feed = either.parts.feeds["vtj"]
    pulled = either.population.pull
    other = replace(either.parts, owner="other")

    def slow(cursor: str, watch: Any) -> Any:
        page = pulled(cursor, watch)
        either.population.pull = pulled  # type: ignore[method-assign]
        with pytest.raises(Busy):
            run_feed(other, feed)
        either.clock.move(seconds=61)
        run_feed(other, feed)
        return page

    either.population.pull = slow  # type: ignore[method-assign]
    with pytest.raises(LeaseLost):
        either.follow()
    assert either.outcomes() == {"no_change": 1, "applied": 1}
    assert len([f for f in either.facts() if f.fact.value == NEW]) == 1
    with either.store.snapshot() as work:
        assert work.feed("vtj").cursor == "1"


def test_a_worker_that_lost_its_lease_writes_nothing_into_the_register(engine: Engine) -> None:
    """The fence is asked before the register is touched."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    writes = engine.register.writes
    begin = engine.store.begin
    taken = []

    def overtaken(lease: Any = None) -> Any:
        if lease and not taken:
            taken.append(lease)
            engine.clock.move(seconds=61)
            assert engine.store.acquire(lease.name, "other", timedelta(seconds=60))
        return begin(lease)

    engine.store.begin = overtaken  # type: ignore[method-assign]
    with pytest.raises(LeaseLost):
        engine.deliver()
    assert engine.register.writes == writes


# --- forgetting -----------------------------------------------------------------------------------------------------


def test_previous_values_go_in_time(either: Engine) -> None:
    """Two years after it was superseded a value is emptied; that it was there stays, and what holds stays."""
    watched(either)
    pull(either, moved(NEW))
    assert forget(either.parts)["previous_values"] == 0
    either.clock.move(days=731)
    before = either.held()
    rows = len(either.facts())
    assert forget(either.parts)["previous_values"] == 2  # as found in the register, and as the provider told it
    assert {f.fact.value for f in either.facts() if f.fact.field is Field.ADDRESS} == {None, NEW}
    assert len(either.facts()) == rows
    assert forget(either.parts)["previous_values"] == 0
    either.follow()
    either.load()
    assert either.held() == before
    assert state(either) is State.ASK


def test_what_is_kept_for_a_time_is_deleted_by_category(either: Engine) -> None:
    """Outcome rows of strangers, dead letters and the reading trail each have their period."""
    watched(either)
    pull(either, moved(NEW, national_id=AINO_ID), BadItem("b", "b", "not_json", b"{"), feed="posti")
    state(either)
    either.clock.move(days=8)
    assert forget(either.parts) == {
        "unmatched": 0,
        "reviews": 0,
        "parked": 0,
        "readings": 0,
        "dead_letters": 1,
        "tombstones": 0,
        "cancellations": 0,
        "previous_values": 0,
    }
    assert either.outcomes("posti") == {"no_match": 1, "dead_letter": 1}
    either.clock.move(days=83)
    assert forget(either.parts)["unmatched"] == 1
    either.clock.move(days=640)
    assert forget(either.parts)["readings"] == 1


def test_a_page_that_cannot_be_read_is_in_the_trail(engine: Engine) -> None:
    """No audit, no change: a disposition is one, also that of an item which nobody can read."""
    watched(engine)
    with engine.store.snapshot() as work:
        before = work.audit_head()
    pull(engine, BadItem("x1", "p1", "no_such_thing", b"{}"))
    with engine.store.snapshot() as work:
        last = [entry for entry in work.audit_entries("page_applied") if before and entry.seq > before.seq]
    assert ['"dead_letters":1' in entry.body for entry in last] == [True]
