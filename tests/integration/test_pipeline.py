"""What becomes of changes: the whole way over a real store, with providers and registers in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.store import candidates
from sync.errors import (
    PageMalformed,
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
from tests.harness import (
    MAIJA_ID,
    START,
    Engine,
    base,
    home,
    make_engine,
    moved,
    protected,
)
from tests.integration.whole_way import (
    CORRECTED_ID,
    NEW,
    OLD,
    THIRD,
    cancellation,
    deliveries,
    mirror,
    open_review,
    posti,
    pull,
    state,
    uncertain,
    watched,
)

# --- the straight way ----------------------------------------------------------------------------------------------


def test_a_move_reaches_the_register(either: Engine) -> None:
    """A change that is matched by its id is applied, delivered, and shown as news."""
    watched(either)
    pull(either, moved(NEW))
    assert either.held()[Field.ADDRESS] == NEW
    assert either.outcomes() == {"no_change": 1, "applied": 1}
    assert state(either) is State.CHANGED
    assert not deliveries(either).get("pending")


def test_in_a_large_register_nobody_is_looked_for_by_wide_keys(either: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The birth date alone finds somebody with errors in every other field only where it finds few others."""
    wrong = Identity(
        names=(PersonName("Reikäläinen", "Naija"),), birth_date=PartialDate(1952, 10, 13), addresses=(THIRD,)
    )
    watched(either)
    pull(either, moved(NEW, identity=wrong), feed="posti")
    assert either.outcomes("posti") == {"review": 1}
    monkeypatch.setattr(candidates, "SMALL_REGISTER", 0)
    pull(either, moved(NEW, identity=wrong, event="e2"), feed="posti")
    assert either.outcomes("posti") == {"review": 1, "no_match": 1}


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


@pytest.mark.parametrize("late", [timedelta(days=10), timedelta(0)])
def test_news_goes_out_of_the_status_column_in_time(engine: Engine, late: timedelta) -> None:
    """The register's own screens say `changed` as long as the desk does, whenever it was written down or confirmed."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-20", event="e1", recorded=START - late))
    for day in range(40):
        engine.clock.move(days=1)
        if day == 20 and not late:
            again = moved(NEW, on="2026-11-20", event="e2", recorded=engine.clock.now())
            pull(engine, again, feed="posti")
        engine.follow()
        engine.follow("posti")
        engine.deliver()
        assert engine.register.read("42").status.state == state(engine)  # type: ignore[union-attr]  # it is there
    assert state(engine) is State.CURRENT


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
    pull(engine, posti(NEW, identity=uncertain(), notice_id="n1"), feed="posti")
    assert state(engine) is State.CONFLICT
    assert engine.register.read("42").status.state == "conflict"
    pull(engine, cancellation(), feed="posti")
    assert state(engine) is not State.CONFLICT
    assert engine.register.read("42").status.state != "conflict"
    with engine.store.snapshot() as work:
        assert [r.state for r in work.reviews(None)] == [ReviewState.CANCELLED]


# --- reviews --------------------------------------------------------------------------------------------------------


def test_a_person_decides_an_uncertain_match(engine: Engine) -> None:
    """Until then nothing changes; then it is applied by a person's name, and a second decision comes too late."""
    watched(engine)
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD
    review = open_review(engine)
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
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    decide_review(engine.parts, open_review(engine), same=False, by="liisa", reason="sister")
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
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    review = open_review(engine)
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
        lambda: pull(engine, posti(NEW, identity=replace(uncertain(), phone="+358401234567")), feed="posti"),
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


# --- national ids ---------------------------------------------------------------------------------------------------


LATER_ID = "131052-9041"


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


def test_two_identities_that_the_provider_merges_are_never_decided_between(engine: Engine) -> None:
    """Both are customers here: what comes under the id that is left waits for a person, and an order shields both."""
    engine.add("43", national_id=CORRECTED_ID, address=home("Toinenkuja", "2"))
    engine.load()
    watched(engine)
    pull(engine, renamed_id())
    pull(engine, moved(NEW, event="e2", national_id=CORRECTED_ID))
    with engine.store.snapshot() as work:
        both = {customer.id for customer in work.by_keys("clinic", ["42", "43"]).values()}
        asked = [{r.best.customer_id, r.runner_up.customer_id} for r in work.reviews() if r.runner_up]
    assert asked == [both]
    assert NEW not in (engine.held("42")[Field.ADDRESS], engine.held("43")[Field.ADDRESS])
    pull(engine, moved(THIRD, event="e3"))
    assert engine.held("42")[Field.ADDRESS] == THIRD  # under the old id it can only be the one
    pull(engine, protected(national_id=CORRECTED_ID))
    assert Field.ADDRESS not in engine.held("42")
    assert Field.ADDRESS not in engine.held("43")


def test_an_id_that_changes_after_staff_typed_one_is_followed(engine: Engine) -> None:
    """The provider tells no day of it: what is written down later is newer, and what comes under the new id arrives."""
    engine.register.put("42", {Field.NATIONAL_ID: CORRECTED_ID})
    engine.load()
    engine.population.people[CORRECTED_ID] = base(OLD, national_id=CORRECTED_ID)
    engine.clock.move(days=30)
    to_later = (Fact(Field.NATIONAL_ID, FactKind.SET, LATER_ID),)
    pull(engine, moved(None, event="id1", national_id=CORRECTED_ID, facts=to_later, recorded=engine.clock.now()))
    pull(engine, moved(NEW, on="2026-12-20", event="e2", national_id=LATER_ID), feed="posti")
    assert mirror(engine).national_id == LATER_ID
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
