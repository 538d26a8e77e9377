"""Undoing what came to a field that was empty, or whose value had ended: no older home comes in its place."""

from dataclasses import replace

from sync.model import Fact, FactKind, Field, PartialDate
from tests.harness import START, Engine, moved
from tests.integration.undoing import OVER, take_back
from tests.integration.whole_way import NEW, OLD, THIRD, cancellation, posti, pull, watched


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
