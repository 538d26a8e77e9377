"""What becomes of changes: the whole way over a real store, with providers and registers in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.registers.memory import Fault
from sync.errors import (
    CredentialsRefused,
    LeaseLost,
    PageMalformed,
    ProviderUnavailable,
    RegisterUnavailable,
    SomebodyWasFirst,
)
from sync.freshness.status import State
from sync.model import (
    BadItem,
    Change,
    Fact,
    FactKind,
    Field,
    Identity,
    PartialDate,
    PersonName,
    Source,
)
from sync.ports.store import FeedHealth, ReviewState
from sync.resync import resync_feed
from sync.retention import forget
from sync.reviewing import decide_review
from sync.schedule import Busy, due, run_feed, run_register
from tests.harness import (
    AINO_ID,
    MAIJA_ID,
    START,
    Engine,
    HandClock,
    base,
    home,
    make_engine,
    moved,
    protected,
    sqlite_url,
)

OLD, NEW, THIRD = home("Vanhakuja", "1"), home("Rantatie", "5"), home("Kolmaskatu", "3")
CORRECTED_ID = "131052-902Y"
MAIJA = PersonName("Meikäläinen", "Maija")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give a SQLite file."""
    return sqlite_url(tmp_path)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Give an engine on SQLite with one customer, loaded."""
    engine = make_engine(url)
    engine.add()
    engine.load()
    yield engine
    engine.store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on each database."""
    place = sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = make_engine(place)
    engine.add()
    engine.load()
    yield engine
    engine.store.close()


def pull(engine: Engine, *items: Change | BadItem, feed: str = "vtj") -> None:
    """Have the feed bring these, and deliver what follows."""
    provider = engine.population if feed == "vtj" else engine.postal
    provider.log.extend(items)
    engine.follow(feed)
    engine.deliver()


def watched(engine: Engine, at: Any = OLD) -> None:
    """Have the population register watch the customer."""
    engine.population.people[MAIJA_ID] = base(at)
    engine.follow()
    engine.deliver()


def posti(to: Any, **more: Any) -> Change:
    """Build a notice of the postal operator, which knows no national ids."""
    identity = Identity(names=(MAIJA,), birth_date=PartialDate(1952, 10, 13), addresses=(OLD,))
    return moved(to, identity=more.pop("identity", identity), **more)


def state(engine: Engine, key: str = "42", field: Field = Field.ADDRESS) -> State:
    """Return what the desk is told."""
    status = engine.desk.status("clinic", key, reader="test")
    return next(one.state for one in status.fields if one.field is field)


def deliveries(engine: Engine) -> dict[str, int]:
    """Count deliveries by state."""
    with engine.store.snapshot() as work:
        return {state: count for (_, state), count in work.counts().deliveries.items()}


def mirror(engine: Engine, key: str = "42") -> Any:
    """Return the mirrored customer."""
    with engine.store.snapshot() as work:
        return work.by_keys("clinic", [key])[key]


# --- the straight way ----------------------------------------------------------------------------------------------


def test_a_move_reaches_the_register(either: Engine) -> None:
    """A change that is matched by its id is applied, delivered, and shown as news."""
    watched(either)
    pull(either, moved(NEW))
    assert either.held()[Field.ADDRESS] == NEW
    assert either.outcomes() == {"no_change": 1, "applied": 1}
    assert state(either) is State.CHANGED
    assert not deliveries(either).get("pending")


def test_an_event_that_comes_again_is_passed_over(either: Engine) -> None:
    """I2: the same event, in the same page and later, has one disposition and one effect."""
    watched(either)
    either.population.log += [moved(NEW), moved(NEW)]
    report = either.follow()
    assert (report.received, report.repeated, sum(report.outcomes.values())) == (2, 1, 1)
    either.population.repeat(2)
    either.population.log.append(moved(THIRD, on="2026-11-05", event="e2"))
    report = either.follow()
    assert (report.received, report.repeated) == (3, 2)
    assert len([f for f in either.facts() if f.fact.value == NEW]) == 1


def test_an_unreadable_item_is_set_aside_and_its_neighbours_go_on(either: Engine) -> None:
    """One bad item becomes one dead letter, the run is partial, and characters no database keeps do no harm."""
    watched(either)
    bad = BadItem("b1", "line\x001\ud800", "not_json", b"\x00\xff")
    strange = replace(moved(THIRD, on="2026-11-02", event="z\x00\ud800"), position="p\x00\udfff")
    pull(either, moved(NEW), bad, strange)
    assert either.outcomes() == {"no_change": 1, "applied": 2, "dead_letter": 1}
    assert either.held()[Field.ADDRESS] == THIRD
    with either.store.snapshot() as work:
        assert work.feed("vtj").health is FeedHealth.PARTIAL
        assert work.counts().dead_letters == 1


def test_strange_characters_in_a_providers_text_do_no_harm(either: Engine) -> None:
    """NUL bytes and unpaired surrogates in a name are kept, sealed, and given back."""
    watched(either)
    name = PersonName("Mei\x00käläinen", "Ma\ud800ija")
    fact = Fact(Field.NAME, FactKind.SET, name, PartialDate(2026, 11, 1))
    pull(either, moved(None, facts=(fact,)))
    assert [f.fact.value for f in either.facts() if f.fact.value == name] == [name]


def test_an_empty_page_is_not_the_end(engine: Engine) -> None:
    """It is the provider's word that ends a run, not emptiness."""
    watched(engine)
    engine.population.cut(0, 0, 1)
    pull(engine, moved(NEW), moved(THIRD, on="2026-11-05", event="e2"))
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_feed_that_stands_still_is_asked_later(engine: Engine) -> None:
    """Empty pages without progress for ever do not keep a worker busy for ever."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.population.cut(*[0] * 100)
    with pytest.raises(PageMalformed):
        engine.follow()
    with engine.store.snapshot() as work:
        assert work.feed("vtj").health is FeedHealth.FAILING


def test_a_strangers_change_leaves_nothing(engine: Engine) -> None:
    """Truth 3: about nobody here; a keyed hash and a count stay."""
    watched(engine)
    report_before = len(engine.facts())
    pull(engine, posti(NEW, identity=Identity(names=(PersonName("Outo", "Olli"),), addresses=(THIRD,))), feed="posti")
    assert engine.outcomes("posti") == {"no_match": 1}
    assert len(engine.facts()) == report_before


# --- what holds -----------------------------------------------------------------------------------------------------


def test_an_older_change_that_comes_late_changes_nothing(either: Engine) -> None:
    """I3: it is kept as history."""
    watched(either)
    pull(either, moved(NEW, on="2026-11-10"))
    pull(either, moved(THIRD, on="2026-11-01", event="e2"))
    assert either.held()[Field.ADDRESS] == NEW
    assert either.outcomes() == {"no_change": 1, "applied": 1, "superseded": 1}


def test_an_ended_address_is_stale_and_stays_in_the_register(engine: Engine) -> None:
    """An ended address with no new one is asked about, not blanked."""
    watched(engine)
    engine.clock.move(hours=1)
    over = Fact(Field.ADDRESS, FactKind.ENDED, OLD, valid_until=PartialDate(2026, 11, 10))
    pull(engine, moved(None, facts=(over,), recorded=engine.clock.now()))
    assert engine.held()[Field.ADDRESS] == OLD
    assert state(engine) is State.ASK


def test_a_temporary_address_ends_by_itself(engine: Engine) -> None:
    """It is written, and emptied on the day after its last."""
    watched(engine)
    stay = Fact(
        Field.TEMPORARY_ADDRESS, FactKind.SET, NEW, PartialDate(2026, 11, 1), valid_until=PartialDate(2026, 11, 25)
    )
    pull(engine, moved(None, facts=(stay,)))
    assert engine.held()[Field.TEMPORARY_ADDRESS] == NEW
    engine.clock.move(days=4)
    engine.deliver()
    assert engine.held()[Field.TEMPORARY_ADDRESS] == NEW
    engine.clock.move(days=1)
    engine.deliver()
    assert Field.TEMPORARY_ADDRESS not in engine.held()


def test_a_future_move_waits_for_its_day(engine: Engine) -> None:
    """Until then the old address stands and the desk is told of the new one; on the day it is delivered."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-12-01"))
    assert engine.held()[Field.ADDRESS] == OLD
    assert state(engine) is State.COMING
    engine.clock.at = datetime(2026, 11, 30, 22, 1, tzinfo=UTC)  # the first minutes of December in Helsinki
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_second_future_move_is_applied_not_superseded(engine: Engine) -> None:
    """An announcement for a day after the next one alters what will hold."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-12-01"), moved(THIRD, on="2027-01-01", event="e2"))
    assert engine.outcomes() == {"no_change": 1, "applied": 2}
    engine.clock.at = datetime(2027, 1, 2, 9, tzinfo=UTC)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_correction_replaces_what_never_held(engine: Engine) -> None:
    """The wrong value leaves the register."""
    watched(engine)
    pull(engine, moved(NEW))
    fact = Fact(Field.ADDRESS, FactKind.CORRECTED, THIRD, PartialDate(2026, 11, 1), wrong=NEW)
    pull(engine, moved(None, event="e2", facts=(fact,), recorded=START - timedelta(hours=1)))
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_death_is_told_and_can_be_withdrawn(engine: Engine) -> None:
    """The register is cleared of a death that never was."""
    watched(engine)
    pull(engine, moved(None, facts=(Fact(Field.DEATH, FactKind.SET, PartialDate(2026, 11, 2)),)))
    assert engine.held()[Field.DEATH] == PartialDate(2026, 11, 2)
    assert state(engine) is State.DECEASED
    undone = Fact(Field.DEATH, FactKind.WITHDRAWN, None)
    pull(engine, moved(None, event="e2", facts=(undone,), recorded=START - timedelta(hours=1)))
    assert Field.DEATH not in engine.held()
    assert state(engine) is not State.DECEASED


def test_the_same_address_spelled_otherwise_confirms(engine: Engine) -> None:
    """It is no change, nothing is delivered, and it counts as confirmed."""
    watched(engine)
    before = engine.register.writes
    spelled = replace(OLD, number="01", post_office=None)
    pull(engine, moved(spelled, on="2001-05-01"))
    assert engine.outcomes() == {"no_change": 2}
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.register.writes - before <= 1  # the status column's new day
    assert state(engine) in (State.CURRENT, State.CHANGED)


def test_the_status_is_written_only_when_it_changes(engine: Engine) -> None:
    """Settling the same customer again makes no delivery."""
    watched(engine)
    pull(engine, moved(NEW))
    writes = engine.register.writes
    for _ in range(3):
        engine.load()
        engine.follow()
        engine.deliver()
    assert engine.register.writes == writes


# --- notices --------------------------------------------------------------------------------------------------------


def cancellation(notice: str = "n1", event: str = "n1!cancel", *, own: bool = True) -> Change:
    """Build a cancellation; some providers call it by the notice's own id too."""
    return Change(event, event, Identity(), notice_id=notice if own else None, cancels=notice, recorded_at=START)


@pytest.mark.parametrize("own", [True, False])
def test_a_cancelled_notice_is_undone(engine: Engine, own: bool) -> None:
    """What it changed goes back to what was before."""
    watched(engine)
    pull(engine, posti(NEW, notice_id="n1"), feed="posti")
    assert engine.held()[Field.ADDRESS] == NEW
    pull(engine, cancellation(own=own), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.outcomes("posti") == {"applied": 2}


def test_a_notice_that_comes_after_its_cancellation_is_superseded(engine: Engine) -> None:
    """The order of arrival makes no difference."""
    watched(engine)
    pull(engine, cancellation(), feed="posti")
    pull(engine, posti(NEW, notice_id="n1"), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.outcomes("posti") == {"no_match": 1, "superseded": 1}


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_a_notice_and_its_cancellation_in_one_page(engine: Engine, cancelled_first: bool) -> None:
    """Nothing of it remains, whichever comes first."""
    watched(engine)
    both = [posti(NEW, notice_id="n1"), cancellation()]
    pull(engine, *(reversed(both) if cancelled_first else both), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD
    expected = {"no_match": 1, "superseded": 1} if cancelled_first else {"applied": 2}
    assert engine.outcomes("posti") == expected


def test_a_strangers_cancelled_notice_is_linked_to_nobody(engine: Engine) -> None:
    """A candidate far below the threshold is not named in the disposition."""
    watched(engine)
    weak = Identity(names=(PersonName("Meikäläinen", "Veikko"),), addresses=(OLD,), birth_date=PartialDate(1999, 1, 1))
    pull(engine, cancellation(), feed="posti")
    pull(engine, posti(NEW, identity=weak, notice_id="n1"), feed="posti")
    assert engine.outcomes("posti").get("superseded") == 1


def test_a_cancellation_closes_the_review_of_its_notice(engine: Engine) -> None:
    """Nobody is asked about what the provider took back, and the flag goes away."""
    watched(engine)
    pull(engine, posti(NEW, identity=_uncertain(), notice_id="n1"), feed="posti")
    assert state(engine) is State.CONFLICT
    assert engine.register.read("42").status.state == "conflict"
    pull(engine, cancellation(), feed="posti")
    assert state(engine) is not State.CONFLICT
    assert engine.register.read("42").status.state != "conflict"
    with engine.store.snapshot() as work:
        assert [r.state for r in work.reviews(None)] == [ReviewState.CANCELLED]


# --- reviews --------------------------------------------------------------------------------------------------------


def _uncertain() -> Identity:
    """Describe somebody who could be the customer: everything but the given name agrees."""
    return Identity(names=(PersonName("Meikäläinen", "Marja"),), birth_date=PartialDate(1952, 10, 13), addresses=(OLD,))


def review_of(engine: Engine) -> int:
    """Return the one open review."""
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    return review.id


def test_a_person_decides_an_uncertain_match(engine: Engine) -> None:
    """Until then nothing changes; then it is applied by a person's name, and a second decision comes too late."""
    watched(engine)
    pull(engine, posti(NEW, identity=_uncertain()), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD
    review = review_of(engine)
    decide_review(engine.parts, review, same=True, by="liisa", reason="called")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    with pytest.raises(SomebodyWasFirst):
        decide_review(engine.parts, review, same=False, by="pekka", reason="other")
    with engine.store.snapshot() as work:
        (stored,) = [s for s in work.stored_facts(mirror(engine).id) if s.held.fact.value == NEW]
        assert stored.provenance.decided_by == "liisa"
        assert work.review(review).change is None


def test_what_a_person_decided_is_not_asked_again(engine: Engine) -> None:
    """I8: a resync, and the end of the outcome row's time, leave the decision standing."""
    watched(engine)
    pull(engine, posti(NEW, identity=_uncertain()), feed="posti")
    decide_review(engine.parts, review_of(engine), same=False, by="liisa", reason="sister")
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    engine.clock.move(days=100)
    forget(engine.parts)
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    with engine.store.snapshot() as work:
        assert not work.reviews()
    assert engine.held()[Field.ADDRESS] == OLD


def test_a_review_expires(engine: Engine) -> None:
    """After its time the payload is gone, the event is forgotten, and the register's flag is taken back."""
    watched(engine)
    pull(engine, posti(NEW, identity=_uncertain()), feed="posti")
    review = review_of(engine)
    assert engine.register.read("42").status.state == "conflict"
    engine.clock.move(days=31)
    assert forget(engine.parts)["reviews"] == 1
    engine.deliver()
    with engine.store.snapshot() as work:
        assert (work.review(review).state, work.review(review).change) == (ReviewState.EXPIRED, None)
    assert engine.outcomes("posti") == {"no_match": 1}
    assert engine.register.read("42").status.state != "conflict"


def test_two_customers_with_one_id_are_a_review(engine: Engine) -> None:
    """One change is about one customer; nobody tosses a coin."""
    engine.add("43")
    engine.load()
    watched(engine)
    pull(engine, moved(NEW))
    assert engine.outcomes()["review"] == 2  # the look-up's answer, and the move
    assert engine.held("42")[Field.ADDRESS] == engine.held("43")[Field.ADDRESS] == OLD


@pytest.mark.parametrize("order_first", [True, False])
def test_a_review_about_a_protected_person_holds_no_location(engine: Engine, order_first: bool) -> None:
    """P3: neither one that waits when the order comes, nor one that comes after it."""
    watched(engine)
    steps = [
        lambda: pull(engine, posti(NEW, identity=replace(_uncertain(), phone="+358401234567")), feed="posti"),
        lambda: pull(engine, protected()),
    ]
    engine.add(phone="+358401234567")
    engine.load()
    for step in reversed(steps) if order_first else steps:
        step()
    with engine.store.snapshot() as work:
        changes = [work.review(review.id).change for review in work.reviews()]
    assert len(changes) == (0 if order_first and not changes else 1)
    assert all(not change.facts and not change.identity.addresses for change in changes)


def test_an_order_that_waits_for_review_keeps_no_location(engine: Engine) -> None:
    """P3, P5: protection and address in one event whose person is uncertain."""
    engine.add("43")
    engine.load()
    watched(engine)
    pull(engine, protected(to=NEW))
    with engine.store.snapshot() as work:
        change = work.review(work.reviews()[-1].id).change
    assert change.protection.active
    assert not change.facts


# --- protection -----------------------------------------------------------------------------------------------------


def location_values(engine: Engine) -> list[Any]:
    """Return every location that our own store holds of the customer."""
    held = [f.fact.value for f in engine.facts() if f.fact.field is Field.ADDRESS and f.fact.value]
    return held + [v for f, v in mirror(engine).values.items() if f is Field.ADDRESS]


def test_an_order_removes_the_location_everywhere(either: Engine) -> None:
    """P3, P4: from facts, mirror, queue and register; the desk is told to use the contact address."""
    watched(either)
    either.population.log.append(moved(NEW))
    either.follow()  # not delivered yet: the outbox holds the new address
    pull(either, protected())
    assert Field.ADDRESS not in either.held()
    assert either.held()[Field.PROTECTION] is True
    assert location_values(either) == []
    assert state(either) is State.CONTACT_ONLY
    assert mirror(either).protected
    with either.store.snapshot() as work:
        keys = work.candidates("clinic", [frozenset()])
        assert keys == [()]


@pytest.mark.parametrize("one_event", [True, False])
def test_an_order_comes_before_the_address_beside_it(engine: Engine, one_event: bool) -> None:
    """P1, P5: in one event and in one page, no address of it is kept."""
    watched(engine)
    items = [protected(to=NEW)] if one_event else [moved(NEW), protected()]
    pull(engine, *items)
    assert Field.ADDRESS not in engine.held()
    assert location_values(engine) == []


def test_when_an_order_ends_the_person_is_asked_for_again(engine: Engine) -> None:
    """What was not kept meanwhile comes from a look-up, although one was made on the same day."""
    watched(engine)
    pull(engine, protected())
    engine.population.people[MAIJA_ID] = base(NEW, since="2020-01-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert Field.PROTECTION not in engine.held() or engine.held()[Field.PROTECTION] is False
    assert state(engine) in (State.CHANGED, State.CURRENT)


def test_a_purged_address_does_not_stand_in_the_way_of_the_next(engine: Engine) -> None:
    """The value that was removed began later than the one that the look-up tells."""
    watched(engine)
    pull(engine, moved(THIRD, on="2026-11-15"))
    pull(engine, protected())
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_old_order_that_the_first_run_replays_is_undone_by_its_end(engine: Engine) -> None:
    """A feed followed from the past brings order and end after today's look-up: the address comes back."""
    engine.population.people[MAIJA_ID] = base(OLD)
    engine.population.log += [
        protected(recorded=START - timedelta(days=40)),
        protected(event="p2", active=False, recorded=START - timedelta(days=10)),
    ]
    for _ in range(2):
        engine.follow()
        engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert not mirror(engine).protected
    assert state(engine) is State.CHANGED


def test_what_staff_write_during_an_order_is_theirs(engine: Engine) -> None:
    """We neither read nor remove it, and when the order ends it is not overwritten by something older."""
    watched(engine)
    pull(engine, protected())
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    assert location_values(engine) == []
    assert engine.held()[Field.ADDRESS] == THIRD
    engine.population.people[MAIJA_ID] = base(NEW, since="2020-01-01")
    pull(engine, protected(event="p2", active=False, recorded=START - timedelta(hours=2)))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_purge_is_made_although_staff_edited_meanwhile(engine: Engine) -> None:
    """P4: the record is read afresh; what staff changed elsewhere in it stays and becomes theirs."""
    watched(engine)
    engine.population.log.append(protected())
    engine.follow()
    engine.register.put("42", {Field.ADDRESS: THIRD, Field.EMAIL: "uusi@example.fi"})
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert engine.held()[Field.EMAIL] == "uusi@example.fi"
    assert [f.source for f in engine.facts() if f.fact.field is Field.EMAIL] == [Source.STAFF]


def test_a_pending_purge_outlives_the_end_of_its_order(engine: Engine) -> None:
    """Unreachable from the order to its end: then the looked-up address replaces what stood there."""
    watched(engine)
    engine.register.unreachable = True
    for change in (protected(), protected(event="p2", active=False, recorded=START - timedelta(hours=2))):
        engine.population.log.append(change)
        engine.follow()
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    engine.follow()
    engine.register.unreachable = False
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_record_that_is_flagged_when_it_is_first_read_is_protected(url: str) -> None:
    """P3, P6: its location enters neither facts nor keys; the register's own is left alone."""
    engine = make_engine(url)
    engine.add(protection=True)
    engine.load()
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert state(engine) is State.CONTACT_ONLY
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    engine.store.close()


def test_a_flag_that_staff_set_takes_effect_in_what_we_keep(engine: Engine) -> None:
    """P3: the location leaves our store; taken back, the person is looked up again."""
    watched(engine)
    engine.register.put("42", {Field.PROTECTION: True})
    engine.load()
    assert location_values(engine) == []
    assert state(engine) is State.CONTACT_ONLY
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.PROTECTION: False})
    engine.load()
    engine.follow()
    assert not mirror(engine).protected
    assert location_values(engine)


def test_an_unset_flag_in_the_register_does_not_hide_an_order(url: str) -> None:
    """The clinic's column says no because nobody ticked it; the provider's earlier order stands."""
    engine = make_engine(url)
    engine.add(protection=False)
    engine.load()
    engine.population.people[MAIJA_ID] = base(OLD)
    pull(engine, protected(recorded=START - timedelta(days=3)))
    assert engine.held()[Field.PROTECTION] is True
    assert Field.ADDRESS not in engine.held()
    engine.store.close()


def test_an_order_while_a_delivery_is_being_made(engine: Engine) -> None:
    """A write that overlaps the order neither brings the location back into our store nor escapes the purge."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.population.log.append(protected())
    write = engine.register.write

    def meanwhile(request: Any) -> Any:
        engine.register.write = write  # type: ignore[method-assign]
        engine.follow()
        return write(request)

    engine.register.write = meanwhile  # type: ignore[method-assign]
    engine.deliver()
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert Field.ADDRESS not in engine.held()


def test_a_delivery_that_is_replaced_while_it_fails_is_not_brought_back(engine: Engine) -> None:
    """An order that comes while the register does not answer leaves the purge waiting, and nothing else."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.population.log.append(protected())

    def fail(_: Any) -> Any:
        engine.follow()
        raise RegisterUnavailable("gone away")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.register, "write", fail)
        with pytest.raises(RegisterUnavailable):
            engine.deliver()
    with engine.store.snapshot() as work:
        (waiting,) = work.due_deliveries("clinic", engine.clock.now() + timedelta(days=1), 9)
        assert (waiting.purge, waiting.values[Field.ADDRESS]) == (True, None)
    engine.clock.move(minutes=5)
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert location_values(engine) == []


# --- bans -----------------------------------------------------------------------------------------------------------


def banned(event: str = "ban", kind: FactKind = FactKind.SET, hours: float = 10) -> Change:
    """Build an update ban, or its end."""
    fact = Fact(Field.UPDATE_BAN, kind, True)
    return moved(None, event=event, facts=(fact,), recorded=START - timedelta(hours=hours))


def test_an_update_ban_parks_addresses(engine: Engine) -> None:
    """They are not kept, the person counts as not covered, and the ban's end has the person looked up again."""
    watched(engine)
    pull(engine, banned(), moved(NEW))
    assert engine.held()[Field.ADDRESS] == OLD
    assert engine.outcomes()["parked"] == 1
    assert state(engine) is State.NOT_COVERED
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(engine, banned("ban2", FactKind.ENDED, hours=1))
    engine.follow()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert state(engine) is State.CHANGED


# --- national ids ---------------------------------------------------------------------------------------------------


def renamed_id(**more: Any) -> Change:
    """Build the correction of the national id, which comes under the old one."""
    return moved(None, event="id1", facts=(Fact(Field.NATIONAL_ID, FactKind.SET, CORRECTED_ID),), **more)


def test_a_corrected_id_is_watched_and_the_old_one_still_matches(engine: Engine) -> None:
    """The register's own id is not ours to write."""
    watched(engine)
    pull(engine, renamed_id())
    with engine.store.snapshot() as work:
        assert set(work.watched("clinic", "vtj")) == {MAIJA_ID, CORRECTED_ID}
    pull(engine, moved(NEW, event="e2", national_id=CORRECTED_ID))
    pull(engine, moved(THIRD, on="2026-11-05", event="e3"))
    assert engine.held()[Field.ADDRESS] == THIRD
    assert engine.held()[Field.NATIONAL_ID] == MAIJA_ID
    assert mirror(engine).national_id == CORRECTED_ID


def test_a_corrected_id_and_a_change_under_it_in_one_page(engine: Engine) -> None:
    """The page itself says who the new id is."""
    watched(engine)
    engine.postal.log += [renamed_id(), moved(NEW, event="e2", national_id=CORRECTED_ID)]
    engine.follow("posti")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_id_that_staff_corrected_too_leaves_one_customer(engine: Engine) -> None:
    """The register's own correction takes the place of the provider's."""
    watched(engine)
    pull(engine, renamed_id())
    engine.register.put("42", {Field.NATIONAL_ID: CORRECTED_ID})
    engine.load()
    customer = mirror(engine)
    assert (customer.national_id, customer.corrected_id, customer.former_ids) == (CORRECTED_ID, None, (MAIJA_ID,))


def test_an_id_spelled_carelessly_in_the_register_is_no_edit(url: str) -> None:
    """Reading it, and writing beside it, keeps one canonical spelling."""
    engine = make_engine(url)
    engine.add(national_id=MAIJA_ID.lower())
    engine.load()
    watched(engine)
    pull(engine, moved(NEW))
    engine.load()
    assert not [f for f in engine.facts() if f.source is Source.STAFF]
    assert mirror(engine).national_id == MAIJA_ID
    engine.store.close()


# --- staff ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["tells when", "tells nothing"])
def clinic(request: pytest.FixtureRequest, url: str) -> Iterator[Engine]:
    """Give an engine whose register tells versions and times of change, and one whose register tells neither."""
    engine = make_engine(url)
    if request.param == "tells nothing":
        engine.register._clock, engine.register._versioned = None, False
    engine.add()
    engine.load()
    yield engine
    engine.store.close()


def test_staffs_edit_between_our_read_and_our_write_stands(clinic: Engine) -> None:
    """I12, truth 6: a conflict is read again, and the newer edit of a person wins."""
    watched(clinic)
    clinic.population.log.append(moved(NEW))
    clinic.follow()
    clinic.register.put("42", {Field.ADDRESS: THIRD})
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == THIRD
    clinic.load()
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == THIRD
    assert not deliveries(clinic).get("pending")


def test_staffs_edit_of_another_field_survives_our_write(clinic: Engine) -> None:
    """It comes in as theirs, and nothing that we know of older overwrites it."""
    watched(clinic)
    phone = Fact(Field.PHONE, FactKind.SET, "+358401111111", PartialDate(2026, 10, 1))
    pull(clinic, moved(None, event="tel", facts=(phone,)))
    clinic.population.log.append(moved(NEW))
    clinic.follow()
    clinic.register.put("42", {Field.PHONE: "+358402222222"})
    clinic.deliver()
    clinic.load()
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == NEW
    assert clinic.held()[Field.PHONE] == "+358402222222"
    assert Source.STAFF in [f.source for f in clinic.facts() if f.fact.field is Field.PHONE]


def test_an_older_change_does_not_overwrite_staff(clinic: Engine) -> None:
    """What staff typed today outranks what held from last month."""
    watched(clinic)
    clinic.register.put("42", {Field.ADDRESS: THIRD})
    clinic.load()
    pull(clinic, moved(NEW))
    assert clinic.held()[Field.ADDRESS] == THIRD
    pull(clinic, moved(NEW, on="2026-11-22", event="e2"))
    clinic.clock.move(days=1)
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == NEW


def test_a_field_that_staff_emptied_stays_empty(clinic: Engine) -> None:
    """Neither settling on the same day nor a look-up that repeats the old value writes it back."""
    phone = Fact(Field.PHONE, FactKind.SET, "+358401111111", PartialDate(2026, 10, 1))
    watched(clinic)
    pull(clinic, moved(None, event="tel", facts=(phone,)))
    clinic.register.put("42", {Field.PHONE: None})
    clinic.load()
    clinic.deliver()
    assert Field.PHONE not in clinic.held()
    clinic.clock.move(hours=2)
    pull(clinic, moved(None, event="tel2", facts=(phone,), recorded=clinic.clock.now()))
    assert Field.PHONE not in clinic.held()


def test_an_edit_shortly_after_midnight_is_of_that_day(engine: Engine) -> None:
    """The register's day is meant, not Greenwich's."""
    watched(engine)
    engine.clock.at = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    (fact,) = [f.fact for f in engine.facts() if f.source is Source.STAFF]
    assert fact.valid_from == PartialDate(2026, 11, 23)


def test_an_edit_from_the_future_holds_from_now(engine: Engine) -> None:
    """A register whose clock is ahead does not have its staff overwritten until then."""
    watched(engine)
    engine.register._clock = HandClock(START + timedelta(days=2))
    engine.register.put("42", {Field.ADDRESS: THIRD})
    engine.load()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD


def test_a_record_with_a_key_that_nobody_can_store_is_set_aside(either: Engine) -> None:
    """Its neighbours are read."""
    either.add("a\x00b")
    either.add("c\ud800")
    either.add("44", national_id=AINO_ID)
    read, _ = run_register(either.parts, either.parts.registers["clinic"])
    assert read.unreadable == {"key_not_storable": 2}
    assert mirror(either, "44").national_id == AINO_ID


# --- delivery -------------------------------------------------------------------------------------------------------


def failing(engine: Engine, fault: Fault, *writes: int) -> None:
    """Have the n-th writes from now go wrong."""
    numbers = {engine.register.writes + n for n in writes}
    engine.register._fault = lambda number: fault if number in numbers else None


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.BEFORE_WRITE])
def test_a_write_without_an_answer_is_made_or_found_made(clinic: Engine, fault: Fault) -> None:
    """It is not taken for an edit of staff, and is acknowledged in the end."""
    watched(clinic)
    clinic.population.log.append(moved(NEW))
    clinic.follow()
    failing(clinic, fault, 1)
    with pytest.raises(RegisterUnavailable):
        clinic.deliver()
    clinic.clock.move(minutes=5)
    clinic.load()
    assert clinic.held()[Field.ADDRESS] == NEW
    assert not [f for f in clinic.facts() if f.source is Source.STAFF]
    assert not deliveries(clinic).get("pending")


@pytest.mark.parametrize("back", [False, True])
def test_a_lost_answer_and_then_another_change(clinic: Engine, back: bool) -> None:
    """What we may have written ourselves is not taken for staff's, also when something else replaced it meanwhile."""
    watched(clinic)
    clinic.population.log.append(posti(NEW, notice_id="n1") if back else moved(NEW))
    clinic.postal.log += clinic.population.log
    clinic.population.log.clear()
    clinic.follow("posti")
    failing(clinic, Fault.ANSWER_LOST, 1)
    with pytest.raises(RegisterUnavailable):
        clinic.deliver()
    clinic.postal.log.append(cancellation() if back else moved(THIRD, on="2026-11-10", event="e2"))
    clinic.follow("posti")
    clinic.clock.move(minutes=5)
    clinic.load()
    clinic.deliver()
    assert clinic.held()[Field.ADDRESS] == (OLD if back else THIRD)
    assert not [f for f in clinic.facts() if f.source is Source.STAFF]
    assert not deliveries(clinic).get("pending")


def test_killed_between_write_and_commit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """I2: what the register holds already is found there, also when another change came before the restart."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()

    class Killed(BaseException):
        pass

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("sync.delivery._acknowledge", kill)
        with pytest.raises(Killed):
            engine.deliver()
    engine.population.log.append(moved(THIRD, on="2026-11-10", event="e2"))
    engine.follow()
    engine.load()
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == THIRD
    assert not [f for f in engine.facts() if f.source is Source.STAFF]


def test_a_delivery_that_became_moot_is_superseded(engine: Engine) -> None:
    """Taken back before it was tried, nothing is written."""
    watched(engine)
    engine.postal.log.append(posti(NEW, notice_id="n1"))
    engine.follow("posti")
    writes = engine.register.writes
    engine.postal.log.append(cancellation())
    engine.follow("posti")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert deliveries(engine).get("superseded", 0) >= 1
    assert engine.register.writes <= writes + 1  # the status, at most


def test_an_unreachable_register_is_asked_less_and_less_often(engine: Engine) -> None:
    """For days on end, without the wait overflowing."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    failing(engine, Fault.BEFORE_WRITE, *range(1, 200))
    for _ in range(70):
        engine.clock.move(hours=2)
        with pytest.raises(RegisterUnavailable):
            engine.deliver()
    engine.register._fault = lambda _: None
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD  # not yet
    engine.clock.move(hours=2)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_a_record_that_is_gone_is_not_written(engine: Engine) -> None:
    """The delivery ends, and nothing is made anew."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    engine.register.remove("42")
    engine.deliver()
    assert deliveries(engine)["gone"] == 1
    assert not deliveries(engine).get("pending")
    assert engine.register.read("42") is None


def test_a_refused_update_waits_for_an_operator(engine: Engine) -> None:
    """It blocks nobody else."""
    engine.add("44", national_id=AINO_ID)
    engine.load()
    engine.population.people |= {AINO_ID: base(OLD, national_id=AINO_ID)}
    watched(engine)
    engine.register._refuses = lambda _, value: "too_long" if value == NEW else None
    pull(engine, moved(NEW), moved(THIRD, national_id=AINO_ID, event="e2"))
    assert engine.held("44")[Field.ADDRESS] == THIRD
    assert deliveries(engine)["rejected"] == 1


def test_a_register_in_conflict_for_ever_does_not_keep_a_worker_busy(engine: Engine) -> None:
    """Tried again at once, and then later."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    failing(engine, Fault.CONFLICT, *range(1, 100))
    before = engine.register.writes
    engine.deliver()
    assert engine.register.writes - before == 2
    engine.register._fault = lambda _: None
    engine.clock.move(minutes=1)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


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
        "readings": 0,
        "dead_letters": 1,
        "previous_values": 0,
    }
    assert either.outcomes("posti") == {"no_match": 1, "dead_letter": 1}
    either.clock.move(days=83)
    assert forget(either.parts)["unmatched"] == 1
    either.clock.move(days=640)
    assert forget(either.parts)["readings"] == 1
