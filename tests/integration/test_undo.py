"""Undoing one update, the whole way: from the command to the clinic's own table, and back again."""

from dataclasses import replace

import pytest

from adapters.registers.memory import Fault
from sync.applying.survivorship import resolve_all
from sync.errors import RegisterUnavailable
from sync.freshness.status import State
from sync.model import Change, Fact, FactKind, Field, Identity, PartialDate, PersonName
from sync.resync import resync_customer, resync_feed
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, base, home, moved
from tests.integration.undoing import everything, take_back, take_back_undo
from tests.integration.whole_way import CORRECTED_ID, NEW, OLD, THIRD, cancellation, mirror, posti, pull, state, watched
from tests.simulation.chain import verify_chain


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
