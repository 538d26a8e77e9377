"""Two providers that name two addresses for one day: the desk is told, until somebody settles it."""

from datetime import timedelta

import pytest

from sync.freshness.accuracy import Accuracy
from sync.freshness.census import census
from sync.freshness.status import State
from sync.model import Field
from sync.noting import note_confirmed
from sync.provenance.story import Standing
from sync.recalling import past_of, stories_of
from sync.retention import forget
from tests.harness import START, Engine, moved, protected
from tests.integration.undoing import take_back, take_back_undo
from tests.integration.whole_way import NEW, THIRD, cancellation, pull, state, watched

ONE = moved(NEW, on="2026-11-10", event="one")
OTHER = moved(THIRD, on="2026-11-10", event="other", notice_id="n1")


@pytest.fixture
def torn(engine: Engine) -> Engine:
    """Give a customer of whom the register and the post name two homes from one day."""
    watched(engine)
    pull(engine, ONE)
    pull(engine, OTHER, feed="posti")
    return engine


@pytest.mark.parametrize("post_first", [False, True])
def test_two_values_of_one_day_are_a_conflict(engine: Engine, *, post_first: bool) -> None:
    """Whoever was first; the value is that of the higher source, and its column in the register says so too."""
    watched(engine)
    told = [(ONE, "vtj"), (OTHER, "posti")]
    for change, feed in reversed(told) if post_first else told:
        pull(engine, change, feed=feed)
    assert state(engine) is State.CONFLICT
    assert engine.held()[Field.ADDRESS] == NEW
    assert engine.register.read("42").status.state == "conflict"  # type: ignore[union-attr]  # the record is there
    counted = census(engine.parts, engine.parts.registers["clinic"])
    assert counted.accuracy == {Accuracy.CONFLICT: 1}


def test_a_customer_who_is_asked_settles_it(torn: Engine) -> None:
    """Whoever says at the desk that the value still holds."""
    torn.clock.move(hours=1)
    clinic = torn.parts.registers["clinic"]
    assert note_confirmed(torn.parts, clinic, "42", Field.ADDRESS, by="liisa") is State.CHANGED
    torn.deliver()
    assert torn.register.read("42").status.state == "changed"  # type: ignore[union-attr]  # the record is there


def test_staff_who_type_the_other_value_settle_it(torn: Engine) -> None:
    """Theirs is the newer date."""
    torn.clock.move(hours=1)
    torn.register.put("42", {Field.ADDRESS: THIRD})
    torn.load()
    assert state(torn) is not State.CONFLICT
    assert torn.held()[Field.ADDRESS] == THIRD


def test_whoever_said_otherwise_settles_it(torn: Engine) -> None:
    """By saying later what the other one says, or by taking the notice back."""
    pull(torn, moved(NEW, on="2026-11-10", event="again", recorded=START), feed="posti")
    assert state(torn) is State.CHANGED


def test_a_notice_that_is_taken_back_is_no_second_value(torn: Engine) -> None:
    """It never held."""
    pull(torn, cancellation(), feed="posti")
    assert state(torn) is State.CHANGED


def test_an_order_stands_above_two_values(torn: Engine) -> None:
    """Of a protected person it is not even told that there are two."""
    pull(torn, protected())
    assert state(torn) is State.CONTACT_ONLY


def test_an_undone_update_is_no_second_value(torn: Engine) -> None:
    """Either of them; and an undoing that is undone brings the conflict back."""
    report = take_back(torn, "other", "posti")
    assert state(torn) is State.CHANGED
    take_back_undo(torn, report.undo)
    assert state(torn) is State.CONFLICT
    take_back(torn, "one")
    assert (state(torn), torn.held()[Field.ADDRESS]) == (State.CHANGED, THIRD)


def test_what_is_told_of_the_past_and_of_where_a_value_comes_from_agrees(torn: Engine) -> None:
    """It was disputed from when both were known until it was settled; which of them holds was never in doubt."""
    clinic, before = torn.parts.registers["clinic"], torn.clock.now()
    torn.clock.move(hours=1)
    note_confirmed(torn.parts, clinic, "42", Field.ADDRESS, by="liisa")

    def disputed(**asked: object) -> bool:
        state = past_of(torn.parts, clinic, "42", **asked).fields[Field.ADDRESS].state  # type: ignore[arg-type]  # as named
        assert state.value == NEW
        return state.disputed

    assert disputed(known_at=before)
    assert not disputed()
    assert not disputed(known_at=before + timedelta(hours=1))
    (story,) = (one for one in stories_of(torn.parts, past_of(torn.parts, clinic, "42")) if one.field is Field.ADDRESS)
    (other,) = (one for one in story.statements if one.standing is Standing.OUTRANKED)
    assert other.held.fact.value == THIRD


def test_a_conflict_whose_other_value_is_forgotten_in_time_is_none_in_the_register_either(torn: Engine) -> None:
    """The desk computes its answer when asked; the register's column must not go on saying what the desk no longer says."""
    torn.clock.move(days=740)
    torn.load()
    assert torn.register.read("42").status.state == "conflict"  # type: ignore[union-attr]  # the record is there
    forget(torn.parts)
    torn.load()
    assert state(torn) is not State.CONFLICT
    assert torn.register.read("42").status.state == state(torn)  # type: ignore[union-attr]  # the record is there


def test_a_move_from_before_the_customer_confirmed_has_the_desk_ask(engine: Engine) -> None:
    """The notice may be somebody else's, or late: its date wins, and the customer who was asked on a later day is asked again."""
    watched(engine)
    clinic = engine.parts.registers["clinic"]
    assert note_confirmed(engine.parts, clinic, "42", Field.ADDRESS, by="liisa") is State.CURRENT
    pull(engine, OTHER, feed="posti")
    assert engine.held()[Field.ADDRESS] == THIRD
    assert state(engine) is State.CONFLICT
    assert engine.register.read("42").status.state == "conflict"  # type: ignore[union-attr]  # the record is there
    engine.clock.move(hours=1)
    assert note_confirmed(engine.parts, clinic, "42", Field.ADDRESS, by="liisa") is State.CHANGED
