"""What became of each statement, and by what."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings

from sync.applying.same import same_value
from sync.applying.survivorship import resolve
from sync.model import STANDING_FIELDS, FactKind, Field, HeldFact
from sync.ports.store import DeliveryState
from sync.provenance.sentences import tell_statement
from sync.provenance.story import Standing, WinningRule, stories
from tests.unit.applying.said import DVV, FOUND, NOON, POST, STAFF, A, B, C, corrected, ended, said, withdrawn
from tests.unit.applying.test_survivorship import histories
from tests.unit.provenance.telling import ASKING, delivery, numbered, statement, teller, told, whole_past


def test_one_value_follows_the_other() -> None:
    """Each held until the day before the next, and the last one holds."""
    first, second = told(said(A, "2020-01-01"), said(B, "2026-11-01", hours=1)).statements
    assert (first.standing, first.first, first.last) == (Standing.HELD, date(2020, 1, 1), date(2026, 10, 31))
    assert (second.standing, second.first, second.last) == (Standing.HOLDS, date(2026, 11, 1), None)
    assert first.by is not None
    assert (first.by.id, first.rule, second.rule) == (2, WinningRule.ONLY, WinningRule.NEWER_DATE)


def test_the_rule_is_the_first_thing_in_which_two_differ() -> None:
    """Date, then source, then the moment of writing down, then of learning."""
    old = said(A, "2026-11-01", source=POST)
    assert statement(2, old, said(B, "2026-11-01")).rule is WinningRule.HIGHER_SOURCE
    assert statement(2, old, said(B, "2026-11-01", source=POST, hours=1)).rule is WinningRule.WRITTEN_LATER
    assert statement(2, old, said(B, "2026-11-01", source=POST, learned=1)).rule is WinningRule.LEARNED_LATER
    assert statement(2, said(A, source=FOUND), said(B, "1990-01-01")).rule is WinningRule.NEWER_DATE


def test_what_ranks_lower_for_the_same_day_never_held() -> None:
    """It names what outranked it, and by what."""
    lost = statement(1, said(A, "2026-11-01", source=POST), said(B, "2026-11-01"))
    assert (lost.standing, lost.rule, lost.first) == (Standing.OUTRANKED, WinningRule.HIGHER_SOURCE, None)
    assert lost.by is not None
    assert lost.by.fact.value == B


def test_what_is_outranked_by_the_same_value_held_all_the_same() -> None:
    """Two providers tell one move, or one tells it twice: nothing is told that never held."""
    for source in (POST, DVV):
        told_twice = statement(1, said(A, "2026-11-01", source=source), said(A, "2026-11-01", hours=1))
        assert (told_twice.standing, told_twice.agrees) == (Standing.OUTRANKED, True)
        assert not any("never held" in sentence for sentence in tell_statement(told_twice, teller()))


def test_nothing_is_repeated_that_was_said_later() -> None:
    """What ranks below it may have come after it."""
    assert statement(1, said(A, "2026-11-01"), said(A, "2026-11-01", source=POST, hours=5)).repeats is None
    again = statement(1, said(A, "2026-11-01"), said(A, "2026-11-01", source=POST, hours=-5)).repeats
    assert again is not None


def test_what_is_spoken_of_was_there_by_then() -> None:
    """Neither a confirmation nor an emptied field speaks of what came after it."""
    claim, later = said(A, "2020-01-01"), said(A, "2026-11-01", source=POST, hours=50)
    for spoken in (said(A, kind=FactKind.CONFIRMED, hours=1), ended(None, "2026-11-02", source=STAFF, hours=1)):
        told_of = statement(2, claim, spoken, later).repeats
        assert told_of is not None
        assert told_of.id == 1


def test_what_is_forgotten_still_had_its_days() -> None:
    """A value that came back did not hold while another did that is no longer kept."""
    gone = replace(said(None, "2015-01-01"), purged=True)
    facts = (said(A, "2010-01-01"), gone, said(A, "2020-01-01", hours=5))
    assert [statement(n, *facts).last for n in (1, 3)] == [date(2014, 12, 31), None]


def test_an_older_value_that_comes_late_is_history() -> None:
    """It held on its days, and that it came late is told."""
    late = statement(2, said(B, "2026-11-01"), said(A, "2020-01-01", hours=5))
    assert (late.standing, late.late, late.last) == (Standing.HELD, True, date(2026, 10, 31))


def test_what_was_taken_back_names_what_did_it() -> None:
    """A withdrawal, a correction, a whole notice."""
    facts = (said(A, "2020-01-01"), said(B, "2026-11-01"), withdrawn(B, hours=1), corrected(A, C, hours=2))
    first, second, third, fourth = told(*facts).statements
    assert [one.by.id for one in (first, second) if one.by] == [4, 3]
    assert {first.standing, second.standing} == {Standing.RETRACTED}
    assert (third.standing, third.repeats and third.repeats.id) == (Standing.SPEAKS, 2)
    assert (fourth.standing, fourth.first) == (Standing.HOLDS, date(2020, 1, 1))
    assert statement(1, said(A, "2020-01-01", cancelled=True)).standing is Standing.CANCELLED


def test_what_is_forgotten_and_what_is_coming() -> None:
    """Both are told of, without a guess."""
    facts = (replace(said(None, "2010-01-01"), purged=True), said(A, "2027-01-01"))
    gone, coming = told(*facts).statements
    assert (gone.standing, gone.first, coming.standing) == (Standing.FORGOTTEN, None, Standing.COMING)


def test_an_end_ends_and_a_confirmation_confirms() -> None:
    """Each names the claim that it speaks of."""
    facts = (said(A, "2020-01-01"), said(A, kind=FactKind.CONFIRMED, hours=1), ended(A, "2026-11-10", hours=2))
    claim, confirmed, end = told(*facts).statements
    assert (claim.standing, claim.last, claim.by) == (Standing.HELD, date(2026, 11, 10), None)
    assert (confirmed.standing, confirmed.repeats and confirmed.repeats.id) == (Standing.CONFIRMS, 1)
    assert (end.standing, end.repeats and end.repeats.id) == (Standing.SPEAKS, 1)


def test_a_delivery_belongs_to_the_fact_that_it_carried() -> None:
    """In the state in which it is; what it emptied is the field's."""
    made = [
        delivery(9, DeliveryState.ACKNOWLEDGED, {Field.ADDRESS: 2}),
        delivery(10, DeliveryState.PENDING, {Field.ADDRESS: None}),
        delivery(11, DeliveryState.PENDING, {Field.PHONE: 2}),
    ]
    story = told(said(A, "2020-01-01"), said(B, "2026-11-01", source=STAFF), deliveries=made)
    assert [[one.id for one in s.deliveries] for s in story.statements] == [[], [9]]
    assert story.statements[1].deliveries[0].acknowledged_at == NOON + timedelta(days=1, hours=1)
    assert [one.id for one in story.emptied] == [10]


def test_the_whole_past_holds_every_standing() -> None:
    """So that what the formats are tried on leaves nothing out but what is outranked."""
    found = {one.standing for story in whole_past() for one in story.statements}
    assert found == set(Standing) - {Standing.OUTRANKED}


@given(histories())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_what_holds_is_what_the_engine_holds(facts: Sequence[HeldFact]) -> None:
    """The one statement that holds, and the ones that are coming, are the engine's, value by value and day by day."""
    stored = numbered(facts)
    (story,) = stories(stored, [], ASKING, same_value)
    state = resolve(Field.ADDRESS, [one.held for one in stored], ASKING.today)
    holds = [one for one in story.statements if one.standing is Standing.HOLDS]
    assert [one.held.id for one in holds] == ([state.current.id] if state.current else [])
    coming = sorted((one.first, one.held.id) for one in story.statements if one.standing is Standing.COMING)
    ahead = [h.id for h in (state.coming, *state.later) if h]
    at = len(coming) - len(ahead)
    assert [id_ for _, id_ in coming[at:]] == ahead
    values = {one.held.id: one.held.fact.value for one in story.statements}
    assert all(values[id_] == state.value for _, id_ in coming[:at])  # what goes on is no news


@given(histories())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_on_every_day_it_was_the_one_that_the_engine_would_have_held(facts: Sequence[HeldFact]) -> None:
    """The days on which a statement held are those on which the engine's answer is that statement."""
    stored = numbered(facts)
    (story,) = stories(stored, [], ASKING, same_value)
    for day in (date(2019, 1, 1), date(2020, 1, 1), date(2026, 11, 1), date(2026, 11, 16), date(2026, 12, 16)):
        current = resolve(Field.ADDRESS, [one.held for one in stored], day).current
        held = [
            one.held.id
            for one in story.statements
            if one.standing in (Standing.HELD, Standing.HOLDS, Standing.COMING)
            and (one.first or date.min) <= day <= (one.last or date.max)
        ]
        assert held == ([current.id] if current else [])


@given(histories())
@settings(max_examples=100, derandomize=True, deadline=None)
def test_of_orders_the_standing_one_holds(facts: Sequence[HeldFact]) -> None:
    """As the engine says."""
    orders = [replace(h, fact=replace(h.fact, field=Field.PROTECTION, value=h.fact.value == A)) for h in facts]
    stored = numbered(orders)
    (story,) = stories(stored, [], ASKING, same_value)
    assert story.field in STANDING_FIELDS
    current = resolve(Field.PROTECTION, [one.held for one in stored], ASKING.today).current
    holds = [one.held.id for one in story.statements if one.standing is Standing.HOLDS]
    assert holds == ([current.id] if current else [])
