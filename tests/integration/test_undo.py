"""Undoing, the whole way: from the command to the clinic's own table, and back again."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.cli.output import Exit
from adapters.registers.memory import Fault
from sync.applying.survivorship import resolve_all
from sync.errors import NotFound, RegisterUnavailable
from sync.freshness.status import State
from sync.holding import lift_hold, place_hold
from sync.model import Change, Fact, FactKind, Field, HoldKind, Identity, PartialDate, PersonName
from sync.ports.store import ReviewState
from sync.resync import resync_customer, resync_feed
from sync.retention import forget_previous_values
from sync.reviewing import decide_review
from sync.undoing import UndoReport, decision_target, run_target, try_undo, undo, undo_target, update_target
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, base, home, moved, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.test_joint_moves import LIISA, OLLI, PHONE, add, bring, line
from tests.integration.whole_way import (
    CORRECTED_ID,
    NEW,
    OLD,
    THIRD,
    cancellation,
    mirror,
    posti,
    pull,
    state,
    uncertain,
    watched,
)
from tests.simulation.chain import verify_chain

IDS = ["010190-902S", "010190-903T", "010190-904U", "010190-905V"]


OVER = Fact(Field.ADDRESS, FactKind.ENDED, None, valid_until=PartialDate(2026, 11, 10))
"""Says that whatever address somebody had has ended."""


def event_of(engine: Engine, event: str, feed: str = "vtj") -> str:
    """Return how we know an event."""
    return engine.store.digest(f"event/{feed}", event)


def take_back(engine: Engine, event: str, feed: str = "vtj", key: str = "42", **more: Any) -> UndoReport:
    """Undo what an event brought, and deliver."""
    register = engine.parts.registers["clinic"]
    target = update_target(engine.parts, register, key, event_of(engine, event, feed))
    engine.clock.move(minutes=1)
    report = undo(engine.parts, target, by="liisa", reason="wrong person", **more)
    engine.deliver()
    return report


def take_back_undo(engine: Engine, undo_id: int, **more: Any) -> UndoReport:
    """Undo an undoing, and deliver."""
    engine.clock.move(minutes=1)
    report = undo(engine.parts, undo_target(engine.parts, undo_id), by="pekka", reason="was right", **more)
    engine.deliver()
    return report


def everything(engine: Engine, key: str = "42") -> Any:
    """Return what the clinic's own table, the mirror and the desk have of a customer."""
    customer, record = mirror(engine, key), engine.register.read(key)
    status = engine.desk.status("clinic", key, reader="test", reveal=True)
    with engine.store.snapshot() as work:
        coverage = work.coverage([customer.id])[customer.id].keys()
    states = resolve_all(engine.facts(key), engine.parts.today(engine.parts.registers["clinic"]))
    held = {name: (one.value, one.until, one.confirmed_at, one.changed_at) for name, one in states.items()}
    return (
        record.values,  # type: ignore[union-attr]  # it is there
        record.status,  # type: ignore[union-attr]  # likewise
        replace(customer, version=None),
        {name: one for name, one in held.items() if one[0] is not None},
        status and status.fields,
        set(coverage),
    )


# --- one update -----------------------------------------------------------------------------------------------------


def test_the_clinics_own_table_has_the_old_value_again(either: Engine) -> None:
    """The address, the flag beside it, the mirror, the desk; and the undoing of the undoing brings the new ones."""
    watched(either)
    before = everything(either)
    pull(either, moved(NEW, event="e1"))
    after = everything(either)
    assert either.held()[Field.ADDRESS] == NEW
    report = take_back(either, "e1")
    assert (report.customers, report.deliveries, report.done) == (1, 1, True)
    assert either.held()[Field.ADDRESS] == OLD
    assert everything(either) == before
    again = take_back_undo(either, report.undo)
    assert everything(either) == after
    take_back_undo(either, again.undo)
    assert everything(either) == before
    verify_chain(either.store)


def test_the_register_gets_its_own_spelling_back(engine: Engine) -> None:
    """Not the provider's of the same address; one that we had delivered comes back as we had delivered it."""
    watched(engine, at=home("VANHAKUJA", "1"))
    assert engine.held()[Field.ADDRESS] == OLD
    pull(engine, moved(NEW, event="e1"))
    take_back(engine, "e1")
    assert engine.held()[Field.ADDRESS] == OLD
    pull(engine, moved(THIRD, on="2026-11-05", event="e2"))
    loud = home("VANHAKUJA", "1", postcode="00100")
    pull(engine, moved(loud, on="2026-11-06", event="e3"), moved(NEW, on="2026-11-07", event="e4"))
    take_back(engine, "e4")
    assert engine.held()[Field.ADDRESS] == OLD  # `loud` was never delivered
    take_back(engine, "e2")
    pull(engine, moved(THIRD, on="2026-11-08", event="e5"))
    engine.clock.move(hours=1)
    pull(engine, moved(loud, on="2026-11-09", event="e6"))
    assert engine.held()[Field.ADDRESS] == loud
    pull(engine, moved(NEW, on="2026-11-10", event="e7"))
    take_back(engine, "e7")
    assert engine.held()[Field.ADDRESS] == loud


def test_the_very_event_is_passed_over_when_it_is_asked_for_again(engine: Engine) -> None:
    """A ban that a look-up brought, and that was undone, is not in force again by the same answer."""
    ban = Fact(Field.UPDATE_BAN, FactKind.SET, True)
    told = base(OLD)
    engine.population.people[MAIJA_ID] = replace(told, facts=(*told.facts, ban))
    engine.follow()
    assert state(engine) is State.NOT_COVERED
    event = f"{told.event_id}@{engine.clock.now().date().isoformat()}"
    take_back(engine, event)
    engine.follow()
    assert not [h for h in engine.facts() if h.fact.field is Field.UPDATE_BAN and not h.about][1:]
    states = resolve_all(engine.facts(), engine.parts.today(engine.parts.registers["clinic"]))
    assert states[Field.UPDATE_BAN].value is None


def test_a_field_that_was_empty_is_empty_again(engine: Engine) -> None:
    """A phone number that only the undone update brought."""
    watched(engine)
    phone = Fact(Field.PHONE, FactKind.SET, "+358401234567", PartialDate(2026, 11, 1))
    pull(engine, posti(None, facts=(phone,), event="e1"), feed="posti")
    assert Field.PHONE in engine.held()
    take_back(engine, "e1", "posti")
    assert Field.PHONE not in engine.held()


def test_an_address_that_had_ended_is_there_again(engine: Engine) -> None:
    """Stale, as it was; not the one that was undone, which once stayed in its place."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-01"))
    pull(engine, moved(None, facts=(OVER,), event="e2", recorded=START))
    before = engine.register.read("42")
    pull(engine, moved(THIRD, event="e3", on="2026-11-15"), feed="posti")
    assert engine.held()[Field.ADDRESS] == THIRD
    take_back(engine, "e3", "posti")
    after = engine.register.read("42")
    assert (after.values, after.status) == (before.values, before.status)  # type: ignore[union-attr]
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_address_that_had_ended_stays_when_its_repetition_is_undone(engine: Engine) -> None:
    """Somebody said it anew, wrongly: the register goes back to no address before it."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-01"))
    pull(engine, moved(None, facts=(OVER,), event="e2", recorded=START))
    pull(engine, moved(NEW, event="e3", on="2026-11-15"), feed="posti")
    take_back(engine, "e3", "posti")
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_address_that_had_ended_is_there_again_although_somebody_elses_same_word_was_undone(engine: Engine) -> None:
    """The word by which the register had it counts still."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-01"))
    pull(engine, moved(NEW, event="e1", on="2026-11-01"), feed="posti")
    take_back(engine, "e1", "posti")
    pull(engine, moved(None, facts=(OVER,), event="e2", recorded=START))
    pull(engine, moved(THIRD, event="e3", on="2026-11-15"), feed="posti")
    assert engine.held()[Field.ADDRESS] == THIRD
    take_back(engine, "e3", "posti")
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_address_that_ended_before_it_was_delivered_does_not_come_in_its_place(engine: Engine) -> None:
    """What had stood in the register until then does."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-01"), moved(None, facts=(OVER,), event="e2", recorded=START))
    assert engine.held()[Field.ADDRESS] == OLD
    pull(engine, moved(THIRD, event="e3", on="2026-11-15"), feed="posti")
    take_back(engine, "e3", "posti")
    assert engine.held()[Field.ADDRESS] == OLD


def test_an_address_that_ended_before_it_was_delivered_does_not_stay_when_its_repetition_is_undone(
    engine: Engine,
) -> None:
    """It would not have been written but for what was undone."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-01"), moved(None, facts=(OVER,), event="e2", recorded=START))
    pull(engine, moved(NEW, event="e3", on="2026-11-15"), feed="posti")
    assert engine.held()[Field.ADDRESS] == NEW
    take_back(engine, "e3", "posti")
    assert engine.held()[Field.ADDRESS] == OLD


def test_an_address_from_long_before_does_not_stay_when_its_repetition_is_undone(engine: Engine) -> None:
    """It held once, and another one after it; that one had ended when the first was said anew."""
    watched(engine)
    over = Fact(Field.ADDRESS, FactKind.ENDED, THIRD, valid_until=PartialDate(2026, 11, 10))
    pull(engine, moved(NEW, on="2026-11-01"))
    pull(engine, moved(THIRD, event="e2", on="2026-11-05"))
    pull(engine, moved(None, facts=(over,), event="e3", recorded=START))
    assert engine.held()[Field.ADDRESS] == THIRD
    pull(engine, moved(NEW, event="e4", on="2026-11-15"), feed="posti")
    take_back(engine, "e4", "posti")
    assert engine.held()[Field.ADDRESS] == THIRD


def test_an_address_that_ended_stays_although_one_of_two_who_said_it_takes_it_back(engine: Engine) -> None:
    """It was right by the other one's word as long as it held."""
    watched(engine)
    never = Fact(Field.ADDRESS, FactKind.WITHDRAWN, NEW)
    over = Fact(Field.ADDRESS, FactKind.ENDED, None, valid_until=PartialDate(2026, 12, 10))
    pull(engine, moved(NEW, on="2026-11-01"))
    pull(engine, moved(NEW, event="e2", on="2026-11-01", recorded=START), feed="posti")
    pull(engine, moved(None, facts=(over,), event="e3", recorded=START), feed="posti")
    pull(engine, moved(None, facts=(replace(never, valid_from=PartialDate(2026, 11, 1)),), event="e4"))
    engine.clock.move(days=30)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_address_whose_notice_is_taken_back_does_not_stay_where_one_had_ended(engine: Engine) -> None:
    """What never held goes, whoever says so."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-01"))
    pull(engine, moved(None, facts=(OVER,), event="e2", recorded=START))
    pull(engine, moved(THIRD, event="n1", on="2026-11-15", notice_id="n1"), feed="posti")
    assert engine.held()[Field.ADDRESS] == THIRD
    pull(engine, cancellation(), feed="posti")
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_address_that_staff_had_emptied_is_empty_again(engine: Engine) -> None:
    """What was there before they did does not come back."""
    watched(engine)
    engine.register.put("42", {Field.ADDRESS: None})
    engine.run()
    engine.clock.move(days=3)
    pull(engine, moved(THIRD, event="e3", on="2026-11-23", recorded=engine.clock.now()), feed="posti")
    assert engine.held()[Field.ADDRESS] == THIRD
    take_back(engine, "e3", "posti")
    assert Field.ADDRESS not in engine.held()


def test_a_replay_does_not_bring_it_back(either: Engine) -> None:
    """I8: neither the event itself, nor a resync, nor an answer that says the same under another id."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    take_back(either, "e1")
    outcomes = either.outcomes()
    either.population.log.append(moved(NEW, event="e1"))
    either.follow()
    resync_feed(either.parts, either.parts.feeds["vtj"])
    either.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    resync_customer(either.parts, either.parts.registers["clinic"], "42", dry_run=False)
    either.clock.move(days=1)
    resync_feed(either.parts, either.parts.feeds["vtj"])
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    assert either.outcomes()["applied"] == outcomes["applied"]
    assert either.outcomes()["superseded"] >= 1


def test_something_newer_is_applied_all_the_same(engine: Engine) -> None:
    """What a person decided stands until something newer is said."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    take_back(engine, "e1")
    pull(engine, moved(THIRD, on="2026-11-10", event="e2"))
    assert engine.held()[Field.ADDRESS] == THIRD
    pull(engine, moved(NEW, on="2026-11-15", event="e3"))
    assert engine.held()[Field.ADDRESS] == NEW


def test_what_came_later_stands(engine: Engine) -> None:
    """An update that was replaced already is undone without a trace in the register; staff's edit stands."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"), moved(THIRD, on="2026-11-05", event="e2"))
    assert take_back(engine, "e1").conflicts == {"replaced": 1}
    assert engine.held()[Field.ADDRESS] == THIRD
    typed = home("Toimistokatu", "9")
    engine.register.put("42", {Field.ADDRESS: typed})
    engine.load()
    assert take_back(engine, "e2").conflicts == {"staff_edited": 1}
    assert engine.held()[Field.ADDRESS] == typed


def test_what_two_said_still_holds(engine: Engine) -> None:
    """Undoing one of them changes nothing, and says why."""
    watched(engine)
    pull(engine, posti(NEW, event="e2"), feed="posti")
    pull(engine, moved(NEW, event="e1"))
    assert take_back(engine, "e1").conflicts == {"said_by_others": 1}
    assert engine.held()[Field.ADDRESS] == NEW
    take_back(engine, "e2", "posti")
    assert engine.held()[Field.ADDRESS] == OLD


def test_an_id_that_was_corrected_wrongly_finds_nobody_any_more(either: Engine) -> None:
    """The mirror goes back too, and with it whom the feed is asked about."""
    watched(either)
    before = everything(either)
    renamed = moved(None, event="e1", facts=(Fact(Field.NATIONAL_ID, FactKind.SET, CORRECTED_ID),))
    pull(either, renamed)
    after = everything(either)
    assert mirror(either).national_id == CORRECTED_ID
    report = take_back(either, "e1")
    assert everything(either) == before
    with either.store.snapshot() as work:
        assert work.by_national_ids("clinic", [CORRECTED_ID]) == {}
    take_back_undo(either, report.undo)
    assert everything(either) == after


def test_a_death_that_was_told_of_the_wrong_person(engine: Engine) -> None:
    """The desk no longer says it; the undoing of a withdrawal says it again."""
    watched(engine)
    died = Fact(Field.DEATH, FactKind.SET, PartialDate(2026, 11, 10))
    pull(engine, moved(None, event="e1", facts=(died,)))
    assert state(engine) is State.DECEASED
    back = Fact(Field.DEATH, FactKind.WITHDRAWN, None)
    pull(engine, moved(None, event="e2", facts=(back,), recorded=START))
    assert state(engine) is not State.DECEASED
    withdrawn = take_back(engine, "e2")
    assert state(engine) is State.DECEASED
    assert Field.DEATH in engine.held()
    take_back_undo(engine, withdrawn.undo)
    take_back(engine, "e1")
    assert state(engine) is not State.DECEASED
    assert Field.DEATH not in engine.held()


def test_a_feed_that_meant_somebody_else_watches_nobody(engine: Engine) -> None:
    """Coverage goes with the only word that a feed had said of a customer, and comes back with it."""
    pull(engine, posti(NEW, event="e1"), feed="posti")
    before = state(engine)
    report = take_back(engine, "e1", "posti")
    assert state(engine) is State.NOT_COVERED
    take_back_undo(engine, report.undo)
    assert state(engine) is before is State.CURRENT


# --- protection -----------------------------------------------------------------------------------------------------


def test_no_undoing_brings_a_protected_home_back(either: Engine) -> None:
    """Neither of the order's own event, unless a privacy officer says so, nor of one before it."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    pull(either, protected(event="p1"))
    assert take_back(either, "p1").conflicts["order_stays"] == 1
    assert take_back(either, "e1").conflicts["hidden"] == 1
    assert mirror(either).protected
    assert Field.ADDRESS not in either.held()
    assert not [f for f in either.facts() if f.fact.field is Field.ADDRESS and f.fact.value]


def test_a_privacy_officer_lifts_an_order_of_somebody_else(either: Engine) -> None:
    """Then the person is looked up again: nothing was kept meanwhile."""
    watched(either)
    pull(either, protected(event="p1"))
    report = take_back(either, "p1", lift=True)
    assert not mirror(either).protected
    either.follow()
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    take_back_undo(either, report.undo)
    assert mirror(either).protected
    assert Field.ADDRESS not in either.held()


def test_undoing_the_end_of_an_order_removes_the_home_again(either: Engine) -> None:
    """P3: in the same transaction, everywhere; taking that back lifts an order and needs to be said so."""
    watched(either)
    pull(either, protected(event="p1"))
    pull(either, protected(event="p2", active=False, recorded=START, to=NEW))
    assert either.held()[Field.ADDRESS] == NEW
    report = take_back(either, "p2")
    assert mirror(either).protected
    assert Field.ADDRESS not in either.held()
    assert not [f for f in either.facts() if f.fact.field is Field.ADDRESS and f.fact.value]
    assert take_back_undo(either, report.undo).conflicts["order_stays"] == 1
    assert mirror(either).protected


# --- holds ----------------------------------------------------------------------------------------------------------


def test_a_restricted_customer_does_not_change(either: Engine) -> None:
    """I11: an undoing leaves that customer as it is and says so; lifted, it is asked for once more."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    register = either.parts.registers["clinic"]
    place_hold(either.parts, register, "42", HoldKind.RESTRICTION, by="liisa", reason="disputed")
    either.deliver()
    before = everything(either)
    report = take_back(either, "e1")
    assert (report.facts, report.conflicts) == (0, {"restricted": 1})
    assert everything(either) == before
    lift_hold(either.parts, register, "42", HoldKind.RESTRICTION, by="liisa", reason="settled")
    take_back(either, "e1")
    assert either.held()[Field.ADDRESS] == OLD


def test_what_a_run_had_parked_is_undone_once_it_is_applied(engine: Engine) -> None:
    """A run takes back what was applied; what waits then is decided as ever, and can be taken back by itself."""
    watched(engine)
    register = engine.parts.registers["clinic"]
    place_hold(engine.parts, register, "42", HoldKind.OBJECTION, by="liisa", reason="asked")
    pull(engine, moved(NEW, event="e1"))
    undo(engine.parts, run_target(engine.parts, "vtj", START, START), by="liisa", reason="wrong file")
    lift_hold(engine.parts, register, "42", HoldKind.OBJECTION, by="liisa", reason="asked")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    take_back(engine, "e1")
    assert engine.held()[Field.ADDRESS] == OLD


def test_what_is_locked_is_written_when_that_is_lifted(engine: Engine) -> None:
    """An undoing is a person's; what follows from it in the register waits all the same."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    register = engine.parts.registers["clinic"]
    place_hold(engine.parts, register, "42", HoldKind.LOCK, name=Field.ADDRESS, by="liisa", reason="asked")
    assert take_back(engine, "e1").conflicts == {"on_hold": 1}
    assert engine.held()[Field.ADDRESS] == NEW
    lift_hold(engine.parts, register, "42", HoldKind.LOCK, name=Field.ADDRESS, by="liisa", reason="asked")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD


# --- one decision ---------------------------------------------------------------------------------------------------


def waiting(engine: Engine) -> int:
    """Bring an uncertain match, and return its review."""
    watched(engine)
    pull(engine, moved(NEW, identity=uncertain(), event="u1"), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    return review.id


def review_state(engine: Engine, review: int) -> ReviewState:
    """Return where a review stands."""
    with engine.store.snapshot() as work:
        return work.review(review).state


def test_a_decision_is_undone_with_what_followed_from_it(either: Engine) -> None:
    """The review says so, the facts count no longer, and nothing automatic decides it again."""
    review = waiting(either)
    before = everything(either)
    decide_review(either.parts, review, same=True, by="liisa", reason="asked")
    either.deliver()
    after = everything(either)
    assert either.held()[Field.ADDRESS] == NEW
    either.clock.move(minutes=1)
    report = undo(either.parts, decision_target(either.parts, review), by="pekka", reason="namesake")
    either.deliver()
    assert review_state(either, review) is ReviewState.UNDONE
    assert everything(either)[0] == before[0]
    resync_feed(either.parts, either.parts.feeds["posti"])
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    take_back_undo(either, report.undo)
    assert review_state(either, review) is ReviewState.SAME
    assert everything(either) == after


def test_a_no_that_was_undone_is_decided_again_by_a_resync(engine: Engine) -> None:
    """Its payload is gone: the provider has to tell it once more."""
    review = waiting(engine)
    decide_review(engine.parts, review, same=False, by="liisa", reason="")
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    with engine.store.snapshot() as work:
        assert work.reviews() == ()
    report = undo(engine.parts, decision_target(engine.parts, review), by="liisa", reason="too quick")
    assert report.undo
    assert review_state(engine, review) is ReviewState.UNDONE
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    with engine.store.snapshot() as work:
        (anew,) = work.reviews()
    decide_review(engine.parts, anew.id, same=True, by="liisa", reason="")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_what_nobody_decided_is_no_decision(engine: Engine) -> None:
    """An open review is not undone, and what does not exist is not found."""
    review = waiting(engine)
    for wrong in (lambda: decision_target(engine.parts, review), lambda: decision_target(engine.parts, 1)):
        with pytest.raises(NotFound):
            wrong()
    register = engine.parts.registers["clinic"]
    for key, event in (("nobody", "aa"), ("42", "zz"), ("42", "")):
        with pytest.raises(NotFound):
            update_target(engine.parts, register, key, event)
    with pytest.raises(NotFound):
        undo_target(engine.parts, 1)
    with pytest.raises(NotFound):
        run_target(engine.parts, "nobody", START, START)


# --- one run --------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(either: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give an engine with five customers of whom all have moved, undone two at a time."""
    monkeypatch.setattr("sync.undoing.BATCH", 2)
    for number in range(4):
        either.add(str(number), name=PersonName(f"Koe{number}", "Aino"), national_id=IDS[number])
    either.load()
    either.clock.move(hours=1)
    keys = ["42", *"0123"]
    people = {key: mirror(either, key).national_id for key in keys}
    pull(either, *(moved(NEW, event=f"m{k}", national_id=id_) for k, id_ in people.items()), feed="posti")
    return either


def test_a_run_is_undone_for_everybody(town: Engine) -> None:
    """In parts, each one transaction; asked for once more, there is nothing left to do."""
    keys = ["42", *"0123"]
    assert {town.held(key)[Field.ADDRESS] for key in keys} == {NEW}
    after = {key: everything(town, key) for key in keys}
    target = run_target(town.parts, "posti", town.clock.now(), town.clock.now())
    assert len(list(try_undo(town.parts, target))) == 5
    town.clock.move(minutes=1)
    report = undo(town.parts, target, by="liisa", reason="wrong file")
    town.deliver()
    assert (report.customers, report.done) == (5, True)
    assert {town.held(key)[Field.ADDRESS] for key in keys} == {OLD}
    assert undo(town.parts, target, by="liisa", reason="wrong file").facts == 0
    take_back_undo(town, report.undo)
    assert {key: everything(town, key) for key in keys} == after
    verify_chain(town.store)


def test_an_interrupted_run_goes_on_under_its_own_number(town: Engine) -> None:
    """Stopped after the first part, the same command does the rest; one undoing takes all of it back."""
    target = run_target(town.parts, "posti", START, town.clock.now())
    answers = iter([False, True])
    first = undo(replace(town.parts, stopping=lambda: next(answers)), target, by="liisa", reason="x")
    assert (first.customers, first.done) == (2, False)
    second = undo(town.parts, target, by="liisa", reason="x")
    assert (second.customers, second.done, second.undo) == (3, True, first.undo)
    town.deliver()
    assert {town.held(key)[Field.ADDRESS] for key in "0123"} == {OLD}
    assert take_back_undo(town, first.undo).customers == 5
    assert {town.held(key)[Field.ADDRESS] for key in "0123"} == {NEW}


def test_a_run_is_what_came_between_two_moments(town: Engine) -> None:
    """What came before or after, from another feed, or by a person's decision, stays."""
    since = town.clock.now()
    town.clock.move(hours=1)
    pull(town, moved(THIRD, on="2026-11-05", event="later", national_id=MAIJA_ID), feed="posti")
    undo(town.parts, run_target(town.parts, "posti", since, since), by="liisa", reason="x")
    town.deliver()
    assert town.held("42")[Field.ADDRESS] == THIRD
    assert town.held("0")[Field.ADDRESS] == OLD
    early = run_target(town.parts, "posti", since.replace(year=2020), since.replace(year=2021))
    assert list(try_undo(town.parts, early)) == []


# --- what is told ---------------------------------------------------------------------------------------------------


def test_the_past_is_told_as_it_was_known(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """As known before the undoing the new address held; afterwards the old one; and the story tells both."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    then = engine.clock.now().isoformat()[:16]
    engine.clock.move(hours=2)
    take_back(engine, "e1")

    def shown(*options: str) -> Any:
        capsys.readouterr()
        assert ajantasa(engine, "customer", "show", "42", "--json", *options) == Exit.OK
        return json.loads(capsys.readouterr().out)["values"]["address"]["printed"]

    assert "Vanhakuja" in shown()
    assert "Rantatie" in shown("--known-at", then + "+00:00")
    capsys.readouterr()
    assert ajantasa(engine, "customer", "provenance", "42", "--field", "address") == Exit.OK
    told = capsys.readouterr().out
    assert "It does not count: it was undone on 21 Nov 2026" in told
    assert "Decided by: liisa. Reason: wrong person." in told


def test_the_commands_tell_before_they_do(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run changes nothing and holds no value; a reason is needed; the list tells who and why."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    event = event_of(engine, "e1")[:12]
    facts = len(engine.facts())
    capsys.readouterr()
    assert ajantasa(engine, "undo", "update", "42", event, "--dry-run") == Exit.OK
    told = capsys.readouterr().out
    assert "Address: goes back to what DVV (population register) said from 1 May 2001" in told
    assert "Rantatie" not in told
    assert "Vanhakuja" not in told
    assert len(engine.facts()) == facts
    assert ajantasa(engine, "undo", "update", "42", event) == Exit.USAGE
    assert ajantasa(engine, "undo", "update", "42", "ffff", "--dry-run") == Exit.NOT_FOUND
    capsys.readouterr()
    assert ajantasa(engine, "undo", "update", "42", event, "--reason", "typo", "--by", "liisa", "--json") == Exit.OK
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["facts"] > 0, done["fields"]["address"], done["done"]) == (True, {"back": 1}, True)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert ajantasa(engine, "undo", "list", "--json") == Exit.OK
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["kind"], row["by"], row["reason"], row["done"]) == ("update", "liisa", "typo", True)
    assert ajantasa(engine, "undo", "undo", str(row["id"]), "--reason", "was right") == Exit.OK
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert ajantasa(engine, "undo", "list") == Exit.OK


def test_a_run_and_a_decision_are_undone_by_command(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """With the plan told customer by customer first."""
    review = waiting(engine)
    decide_review(engine.parts, review, same=True, by="liisa", reason="")
    engine.deliver()
    assert ajantasa(engine, "undo", "decision", str(review), "--reason", "namesake") == Exit.OK
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    engine.clock.move(hours=1)
    pull(engine, moved(NEW, event="e1"))
    capsys.readouterr()
    days = ("--since", "2026-11-21", "--until", "2026-11-21")
    assert ajantasa(engine, "undo", "run", "vtj", *days, "--dry-run", "--json") == Exit.OK
    plan, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert plan["key"] == "42"
    assert summary["dry_run"] is True
    assert ajantasa(engine, "undo", "run", "vtj", *days, "--reason", "broken page") == Exit.OK
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    assert ajantasa(engine, "undo", "run", "nobody", *days, "--dry-run") == Exit.NOT_FOUND
    assert ajantasa(engine, "undo", "run", "vtj", "--since", "soon", "--until", "now", "--dry-run") == Exit.USAGE


def test_what_is_no_longer_kept_does_not_come_back(engine: Engine) -> None:
    """Retention took the value that held before: the register's address goes, and the plan says why."""
    watched(engine)
    pull(engine, moved(NEW, event="e1"))
    engine.clock.move(days=900)
    forget_previous_values(engine.parts, engine.clock.now().replace(year=2028))
    report = take_back(engine, "e1")
    assert report.conflicts == {"not_kept": 1}
    assert Field.ADDRESS not in engine.held()


def test_an_undone_notice_may_be_cancelled(engine: Engine) -> None:
    """The provider's own cancellation changes nothing more."""
    watched(engine)
    pull(engine, posti(NEW, notice_id="n1", event="e1"), feed="posti")
    take_back(engine, "e1", "posti")
    pull(engine, cancellation(), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD


def test_nobody_else_is_touched(engine: Engine) -> None:
    """Of a notice by which several move, one customer's update is undone."""
    engine.add("44", national_id=AINO_ID, name=PersonName("Koe", "Aino"))
    engine.load()
    pull(
        engine,
        moved(NEW, event="n1#1", joint_notice="n1"),
        moved(NEW, event="n1#2", joint_notice="n1", national_id=AINO_ID),
        feed="posti",
    )
    take_back(engine, "n1#1", "posti")
    assert engine.held("42")[Field.ADDRESS] == OLD
    assert engine.held("44")[Field.ADDRESS] == NEW


def test_a_name_change_is_undone_with_its_calling_name(engine: Engine) -> None:
    """The register's own spelling of the name comes back, calling name and all."""
    called = PersonName("Meikäläinen", "Maija Liisa", "Liisa")
    engine.register.put("42", {Field.NAME: called})
    engine.load()
    watched(engine)
    engine.clock.move(days=2)
    renamed = Fact(Field.NAME, FactKind.SET, PersonName("Virtanen", "Maija Liisa"), PartialDate(2026, 11, 22))
    pull(engine, Change("e1", "e1", Identity(MAIJA_ID), (renamed,), recorded_at=START))
    assert engine.held()[Field.NAME] != called
    take_back(engine, "e1")
    assert engine.held()[Field.NAME] == called


def test_the_chain_binds_a_mark(either: Engine) -> None:
    """Which fact it names, by whom and why: whoever alters one of them is seen."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    take_back(either, "e1")
    with either.store.snapshot() as work:
        assert work.compare_facts(lambda *_: None).altered_count == 0
    for column, value in (("about", 1), ("undo", 1), ("decided_by", "'x'")):
        with either.store.begin() as work:
            db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
            db.exec_driver_sql(f"UPDATE fact SET {column} = {value} WHERE about IS NOT NULL AND field = 'address'")
            assert work.compare_facts(lambda *_: None).altered_count == 1


def test_an_undoing_is_erased_with_the_person(either: Engine) -> None:
    """Marks are facts; of the undoing stays who did one and when, without reason or customer."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    report = take_back(either, "e1")
    customer = mirror(either)
    with either.store.begin() as work:
        work.erase(customer.id)
        work.audit("test", "erased", either.clock.now(), {})
        work.commit()
    with either.store.snapshot() as work:
        (left,) = work.undos()
        assert (left.id, left.by, left.reason, left.target) == (report.undo, "liisa", "", {"register": "clinic"})
        assert work.marks_of(report.undo, 0, 10) == {}


def test_what_was_not_delivered_yet_never_is(engine: Engine) -> None:
    """An update that is undone while the register cannot be reached leaves the queue; one that may have arrived is made good."""
    watched(engine)
    engine.register.unreachable = True
    engine.population.log.append(moved(NEW, event="e1"))
    engine.follow()
    take_back(engine, "e1")  # the register is not even asked
    engine.register.unreachable = False
    engine.clock.move(hours=2)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == OLD
    engine.register._fault = lambda _: Fault.ANSWER_LOST
    engine.population.log.append(moved(THIRD, on="2026-11-05", event="e2"))
    engine.follow()
    with pytest.raises(RegisterUnavailable):
        engine.deliver()
    engine.register._fault = lambda _: None
    engine.clock.move(hours=2)
    take_back(engine, "e2")
    assert engine.held()[Field.ADDRESS] == OLD


def test_a_match_through_somebody_who_moved_along_is_told(engine: Engine) -> None:
    """What one showed supported the other: whoever undoes one is told to look at the other."""
    add(engine, "1", "Olli", PartialDate(1980, 1, 2), phone=PHONE)
    add(engine, "2", "Liisa", PartialDate(1982, 3, 4))
    engine.load()
    bring(engine, line(OLLI, LIISA))
    with engine.store.snapshot() as work:
        stored = work.stored_facts(mirror(engine, "2").id)
    event = next(one.held.event for one in stored if one.held.origin == "posti")
    target = update_target(engine.parts, engine.parts.registers["clinic"], "2", event[:12])
    assert undo(engine.parts, target, by="liisa", reason="namesake").conflicts["companion"] == 1
    engine.deliver()
    assert engine.held("2")[Field.ADDRESS] == OLD
    assert engine.held("1")[Field.ADDRESS] != OLD


def test_retention_empties_what_was_undone_and_keeps_the_mark(either: Engine) -> None:
    """Two years later nobody can bring the value back; that it was undone, and why, is still told."""
    watched(either)
    pull(either, moved(NEW, event="e1"))
    report = take_back(either, "e1")
    either.clock.move(days=800)
    forget_previous_values(either.parts, either.clock.now() - timedelta(days=730))
    assert NEW not in {f.fact.value for f in either.facts()}
    take_back_undo(either, report.undo)
    assert either.held()[Field.ADDRESS] == OLD
    with either.store.snapshot() as work:
        told = [one.provenance.reason for one in work.stored_facts(mirror(either).id) if one.held.about]
    assert "wrong person" in told
