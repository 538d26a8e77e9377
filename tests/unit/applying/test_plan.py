"""What a change does to the customer it is about: which facts are kept, and which outcome is recorded."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.applying.plan import Plan, Speaker, cancel, plan
from sync.applying.survivorship import resolve_all
from sync.model import (
    LOCATION_FIELDS,
    Change,
    Fact,
    FactKind,
    Field,
    HeldFact,
    Identity,
    Outcome,
    PartialDate,
    Protection,
    Source,
)
from tests.unit.applying.histories import histories
from tests.unit.applying.said import A, B, C, said

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TODAY = date(2026, 11, 21)
VTJ = Speaker("vtj", Source.POPULATION_REGISTER)
POSTI = Speaker("posti", Source.POSTAL_OPERATOR, clear_by_contract=True)
SINCE = PartialDate(2026, 11, 1)
HELD = (said(A, "2020-01-01"),)


def planned(*facts: Fact, held: tuple[HeldFact, ...] = HELD, speaker: Speaker = VTJ, **change: Any) -> Plan:
    """Plan a change that was written down this morning."""
    change.setdefault("recorded_at", NOW)
    told = Change("e", "p", Identity(), facts, **change)
    return plan(told, held, speaker, event="h", notice="n", now=NOW, today=TODAY)


def to(value: Any, since: PartialDate | None = SINCE, **more: Any) -> Fact:
    """Say that somebody lives there."""
    return Fact(Field.ADDRESS, more.pop("kind", FactKind.SET), value, since, **more)


ON, OFF = Protection(active=True, code="TURVAKIELTO"), Protection(active=False, code="TURVAKIELTO")
PROTECTED = (*HELD, said(True, field=Field.PROTECTION))
BANNED = (*HELD, said(True, field=Field.UPDATE_BAN))


@pytest.mark.parametrize(
    ("fact", "outcome", "reason"),
    [
        (to(B), Outcome.APPLIED, "newer"),
        (to(B, PartialDate(2026, 12, 1)), Outcome.APPLIED, "newer"),
        (to(B, PartialDate(2019)), Outcome.SUPERSEDED, "older"),
        (to(A, PartialDate(2020, 1, 1)), Outcome.NO_CHANGE, "confirmed"),
        (to(A, kind=FactKind.CONFIRMED), Outcome.NO_CHANGE, "confirmed"),
        (to(A, PartialDate(2020, 1, 1), valid_until=PartialDate(2026, 12, 31)), Outcome.APPLIED, "newer"),
        (to(A, None, kind=FactKind.ENDED, valid_until=PartialDate(2026, 12, 31)), Outcome.APPLIED, "newer"),
        (to(C, None, kind=FactKind.ENDED, valid_until=PartialDate(2026, 10, 31)), Outcome.SUPERSEDED, "older"),
        (to(A, None, kind=FactKind.WITHDRAWN), Outcome.APPLIED, "newer"),
        (to(B, wrong=A, kind=FactKind.CORRECTED), Outcome.APPLIED, "newer"),
    ],
)
def test_the_outcome_says_what_became_of_it(fact: Fact, outcome: Outcome, reason: str) -> None:
    """Applied alters what we hold or will hold; the rest confirms, or is history. It is kept in any case."""
    result = planned(fact)
    assert (result.outcome, result.reason, len(result.facts)) == (outcome, reason, 1)


def test_a_second_announcement_alters_the_future() -> None:
    """A move for a later day than the next one, and another date for the next one, are applied."""
    held = (*HELD, said(B, "2026-12-01"))
    assert planned(to(C, PartialDate(2027, 1, 1)), held=held).outcome is Outcome.APPLIED
    assert planned(to(B, PartialDate(2026, 12, 2)), held=held).outcome is Outcome.APPLIED
    assert planned(to(B, PartialDate(2026, 12, 1)), held=held).outcome is Outcome.SUPERSEDED


def test_an_empty_change_says_nothing() -> None:
    """It changes nothing; a look-up that finds nobody protected makes the person known to be clear."""
    assert (planned().outcome, planned().reason) == (Outcome.NO_CHANGE, "nothing_said")
    found = planned(complete=True)
    assert [(h.fact.field, h.fact.kind) for h in found.facts] == [(Field.PROTECTION, FactKind.CONFIRMED)]
    assert found.outcome is Outcome.NO_CHANGE


def test_an_old_address_of_a_speaker_without_protected_people_is_still_old() -> None:
    """That the person is known to be clear does not make a stale address a confirmation."""
    assert planned(to(B, PartialDate(2019)), speaker=POSTI).outcome is Outcome.SUPERSEDED


def test_a_fact_without_a_day_takes_that_of_the_change() -> None:
    """Where the provider says when it happened once for all."""
    assert planned(to(B, None), effective=SINCE).facts[0].fact.valid_from == SINCE


def test_what_the_provider_did_not_date_is_dated_by_its_arrival() -> None:
    """The moment of writing down is then the moment of learning."""
    assert planned(to(B), recorded_at=None).facts[0].recorded_at == NOW


def test_an_order_keeps_no_location_of_its_own_event() -> None:
    """P5: protection first; the purge follows."""
    result = planned(to(B), protection=ON)
    assert [h.fact.field for h in result.facts] == [Field.PROTECTION]
    assert (result.outcome, result.reason, result.purge, result.look_up) == (
        Outcome.APPLIED,
        "protection",
        LOCATION_FIELDS,
        False,
    )


def test_while_an_order_stands_no_location_is_kept() -> None:
    """The change is refused, unless it says something else too."""
    assert planned(to(B), held=PROTECTED) == Plan((), Outcome.REFUSED, "protected")
    both = planned(to(B), Fact(Field.PHONE, FactKind.SET, "+358401234567", SINCE), held=PROTECTED)
    assert (both.outcome, [h.fact.field for h in both.facts]) == (Outcome.APPLIED, [Field.PHONE])


def test_an_order_about_one_address_hides_that_one_alone() -> None:
    """P10: the home is told; the temporary address beside it is not kept, and what was known of it goes."""
    order = Protection(True, "fortrolig", only=frozenset({Field.TEMPORARY_ADDRESS}))
    stay = Fact(Field.TEMPORARY_ADDRESS, FactKind.SET, C, SINCE)
    result = planned(to(B), stay, protection=order)
    assert {h.fact.field for h in result.facts} == {Field.TEMPORARY_ADDRESS_PROTECTION, Field.ADDRESS}
    assert (result.outcome, result.purge) == (Outcome.APPLIED, {Field.TEMPORARY_ADDRESS})
    wider = planned(protection=ON, held=(*HELD, *result.facts))
    assert wider.purge == LOCATION_FIELDS - {Field.TEMPORARY_ADDRESS}


def test_an_order_that_is_told_again_purges_once() -> None:
    """The second word confirms."""
    again = planned(held=PROTECTED, protection=ON)
    assert (again.outcome, again.purge) == (Outcome.NO_CHANGE, frozenset())


def test_an_older_order_does_not_undo_a_newer_end() -> None:
    """Orders follow the moment of writing down."""
    held = (*HELD, said(False, field=Field.PROTECTION, hours=24 * 30))
    assert planned(protection=ON, held=held).purge == frozenset()


def test_when_an_order_ends_its_own_address_counts_and_the_rest_is_asked_for() -> None:
    """What was not kept meanwhile must be looked up."""
    result = planned(to(B), held=PROTECTED, protection=OFF)
    assert (result.outcome, result.look_up, result.purge) == (Outcome.APPLIED, True, frozenset())
    assert {h.fact.field for h in result.facts} == {Field.PROTECTION, Field.ADDRESS}


def test_an_expiry_date_is_kept_and_not_acted_upon() -> None:
    """P12."""
    order = Protection(active=True, code="TURVAKIELTO", until=PartialDate(2026, 11, 2))
    (fact,) = planned(protection=order).facts
    assert fact.fact.valid_until == PartialDate(2026, 11, 2)
    assert planned(to(B), held=(*HELD, fact)).outcome is Outcome.REFUSED


def test_a_ban_parks_locations_and_nothing_else() -> None:
    """A new phone number is none of its business."""
    assert planned(to(B), held=BANNED).outcome is Outcome.PARKED
    phone = planned(Fact(Field.PHONE, FactKind.SET, "+358401234567", SINCE), held=BANNED)
    assert phone.outcome is Outcome.APPLIED


def test_the_end_of_a_ban_has_the_person_looked_up() -> None:
    """Whatever was parked meanwhile."""
    assert planned(Fact(Field.UPDATE_BAN, FactKind.ENDED, True), held=BANNED).look_up is True


def test_cancelling_tells_whether_it_changed_anything() -> None:
    """A notice whose value was superseded already leaves things as they are."""
    current, past = said(B, "2026-11-01"), said(C, "2010-01-01")
    marked = [HeldFact(h.fact, h.source, h.origin, h.learned_at, h.recorded_at, notice="n") for h in (current, past)]
    today = date(2026, 11, 21)
    assert cancel([*HELD, marked[0]], "n", today).outcome is Outcome.APPLIED
    assert cancel([*HELD, marked[1]], "n", today).outcome is Outcome.NO_CHANGE


@settings(max_examples=300, derandomize=True, deadline=None)
@given(histories(), histories(), st.sampled_from([None, ON, OFF]), st.booleans())
def test_what_holds_after_it_is_what_all_facts_together_say(
    held: list[HeldFact], news: list[HeldFact], order: Protection | None, banned: bool
) -> None:
    """Nobody need work it out again: of every field that the change bears on, with the facts that are kept."""
    known = (*held, *(BANNED if banned else PROTECTED)[1:], said("040", field=Field.PHONE))
    made = planned(*(one.fact for one in news), held=known, protection=order)
    everything = resolve_all([*known, *made.facts], TODAY)
    assert {fact.fact.field for fact in made.facts} <= made.states.keys()
    assert made.states == {field: state for field, state in everything.items() if field in made.states}


@settings(max_examples=100, derandomize=True, deadline=None)
@given(histories())
def test_what_holds_after_a_cancellation_is_what_is_left_says(held: list[HeldFact]) -> None:
    """Of every field."""
    known = [replace(one, notice="n" if number % 2 else "") for number, one in enumerate(held)]
    left = [replace(one, cancelled=one.cancelled or one.notice == "n") for one in known]
    assert cancel(known, "n", TODAY).states == resolve_all(left, TODAY)


def test_each_fact_has_an_id_of_its_own() -> None:
    """A delivery names the facts that it carries before they are written."""
    numbers = iter(range(7, 99))
    change = Change("e", "p", Identity(), (to(B), Fact(Field.PHONE, FactKind.SET, "040")), recorded_at=NOW)
    made = plan(change, HELD, VTJ, event="h", notice="n", now=NOW, today=TODAY, new_id=lambda: next(numbers))
    assert [held.id for held in made.facts] == [7, 8]
