"""Undoing while an order, a restriction or staff's lock holds."""

from sync.holding import lift_hold, place_hold
from sync.model import Field, HoldKind
from sync.undoing import run_target, undo
from tests.harness import START, Engine, moved, protected
from tests.integration.undoing import everything, take_back, take_back_undo
from tests.integration.whole_way import NEW, OLD, mirror, pull, watched


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
