"""Which value holds is a function of what was said and the day, whatever the order in which it came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.applying.survivorship import FieldState, active, known_clear, resolve, resolve_all
from sync.model import Fact, FactKind, Field, HeldFact, PartialDate
from tests.unit.applying.histories import histories
from tests.unit.applying.said import (
    DVV,
    FOUND,
    MAIL,
    NOON,
    POST,
    STAFF,
    A,
    B,
    C,
    corrected,
    ended,
    said,
    withdrawn,
)

TODAY = date(2026, 11, 21)


def address(*facts: HeldFact, today: date = TODAY) -> FieldState:
    """Resolve the home address."""
    return resolve(Field.ADDRESS, facts, today)


def death(*facts: HeldFact) -> FieldState:
    """Resolve death from statements that were built about an address."""
    return resolve(Field.DEATH, [replace(h, fact=replace(h.fact, field=Field.DEATH)) for h in facts], TODAY)


# --- precedence ----------------------------------------------------------------------------------------------------


def test_the_newer_effective_date_wins_whenever_it_was_told() -> None:
    """I3: what holds from a later day stands, although the older one was written down later."""
    assert address(said(B, "2026-11-01"), said(A, "2020-01-01", hours=5)).value == B


@pytest.mark.parametrize(("high", "low"), [(STAFF, DVV), (DVV, POST), (POST, FOUND)])
def test_at_one_date_the_better_source_wins(high, low) -> None:
    """Staff outrank the population register, which outranks the postal operator; the register's past comes last."""
    assert address(said(A, "2026-11-01", source=high), said(B, "2026-11-01", source=low, hours=9)).value == A


def test_what_was_written_down_later_wins_among_equals() -> None:
    """One source that speaks twice of one day means the second."""
    assert address(said(B, "2026-11-01", hours=1), said(A, "2026-11-01")).value == B


def test_a_value_of_unknown_date_is_older_than_any_dated_one() -> None:
    """What stood in the register when we came yields to any statement with a date."""
    assert address(said(A, source=FOUND, hours=99), said(B, "1990-01-01", source=POST)).value == B


# --- future, ends ----------------------------------------------------------------------------------------------------


def test_a_future_value_waits_for_its_day() -> None:
    """The present value holds until then, and the state changes by itself on that day."""
    facts = (said(A, "2020-01-01"), said(B, "2026-12-01"))
    before, after = address(*facts), address(*facts, today=date(2026, 12, 1))
    assert (before.value, before.coming.fact.value, before.changes_on) == (A, B, date(2026, 12, 1))
    assert (after.value, after.coming, after.changes_on) == (B, None, None)


def test_of_two_values_for_one_future_day_the_better_is_coming() -> None:
    """What is announced is what will hold."""
    facts = (said(B, "2026-12-01", source=POST), said(C, "2026-12-01", hours=1), said(A, "2026-12-01"))
    assert address(*facts).coming.fact.value == C
    assert address(*facts, today=date(2026, 12, 1)).value == C


def test_what_comes_after_the_next_is_known_too() -> None:
    """Two announced moves are both kept in sight."""
    state = address(said(A, "2020-01-01"), said(C, "2027-01-01"), said(B, "2026-12-01"))
    assert state.coming.fact.value == B
    assert [held.fact.value for held in state.later] == [C]


def test_a_value_that_goes_on_is_not_coming() -> None:
    """Two providers name two days for one move: from the first on nothing is to come; after a pause it is."""
    facts = (said(A, "2020-01-01"), said(B, "2026-11-15"), said(B, "2026-12-01", source=POST))
    state = address(*facts)
    assert (state.value, state.coming, state.later) == (B, None, ())
    assert address(*facts, ended(B, "2026-11-25", hours=1)).coming is not None


def test_an_ended_value_with_nothing_after_it_is_ended() -> None:
    """It is neither current nor forgotten, and nothing confirms it."""
    state = address(said(A, "2020-01-01"), ended(A, "2026-11-10", hours=1))
    assert (state.current, state.ended.fact.value, state.confirmed_at) == (None, A, None)


def test_a_value_holds_on_its_last_day() -> None:
    """Ends are inclusive; the day after is when the state changes."""
    facts = (said(A, "2020-01-01"), ended(A, "2026-11-21", hours=1))
    state = address(*facts)
    assert (state.value, state.until, state.changes_on) == (A, TODAY, date(2026, 11, 22))
    assert address(*facts, today=date(2026, 11, 22)).current is None


def test_an_end_without_anything_that_began_says_nothing() -> None:
    """An end of a value that nobody set neither makes nor breaks a value."""
    assert address(ended(A, "2026-11-10")) == FieldState()
    assert address(said(B, "2020-01-01"), ended(A, "2026-11-10", hours=1)).value == B


def test_an_end_of_an_earlier_stay_does_not_end_the_present_one() -> None:
    """Somebody who moved back to an old address lives there."""
    assert address(said(A, "2026-11-10"), ended(A, "2015-06-01", hours=3)).value == A


def test_an_end_reaches_what_stood_in_the_register() -> None:
    """The register's value is older than everything that is told, also where we read it later."""
    state = address(said(A, source=FOUND, hours=500), ended(A, "2026-10-31"))
    assert (state.current, state.ended.fact.value) == (None, A)


def test_a_temporary_value_ends_by_itself() -> None:
    """A stay that names its last day is over after it."""
    stay = said(A, "2026-11-01", until="2026-11-30", field=Field.TEMPORARY_ADDRESS)
    assert resolve(Field.TEMPORARY_ADDRESS, [stay], TODAY).changes_on == date(2026, 12, 1)
    assert resolve(Field.TEMPORARY_ADDRESS, [stay], date(2026, 12, 1)).ended is stay


# --- people in the organisation ------------------------------------------------------------------------------------------


def test_a_stay_ends_although_staff_spelled_it_otherwise() -> None:
    """They could not say when it ends; typed again after its end, it goes on."""
    stay = said(A, "2026-11-01", until="2026-11-30", source=POST)
    spelled = replace(A, post_office=None)
    assert address(stay, said(spelled, "2026-11-10", source=STAFF, hours=200)).until == date(2026, 11, 30)
    again = said(spelled, "2026-12-05", source=STAFF, hours=800)
    assert address(stay, again, today=date(2026, 12, 10)).value == spelled


def test_a_field_that_staff_emptied_is_empty_at_once() -> None:
    """What they cleared today does not come back today, even if it began today."""
    assert address(said(A, "2020-01-01"), ended(None, "2026-11-21", source=STAFF, hours=480)).current is None
    assert address(said(A, "2026-11-21"), ended(None, "2026-11-21", source=STAFF, hours=480)).current is None


def test_what_is_older_than_staffs_emptying_stays_away_although_told_later() -> None:
    """A look-up that repeats an old value does not undo a person; a newer value does."""
    emptied = ended(None, "2026-11-21", source=STAFF, hours=480)
    assert address(emptied, said(A, "2020-01-01", hours=490)).current is None
    assert address(emptied, said(B, "2026-11-22", hours=500), today=date(2026, 11, 22)).value == B


def test_what_staff_type_after_emptying_stands() -> None:
    """Emptied at ten and typed at eleven is typed."""
    emptied = ended(None, "2026-11-21", source=STAFF, hours=480)
    assert address(emptied, said(A, "2026-11-21", source=STAFF, hours=481)).value == A


def test_of_two_edits_of_one_second_the_last_learned_stands() -> None:
    """Registers tell their time of change to the second."""
    one, two = said(A, "2026-11-21", source=STAFF, learned=1), said(B, "2026-11-21", source=STAFF, learned=2)
    assert address(one, two).value == address(two, one).value == B


# --- taking back ---------------------------------------------------------------------------------------------------------


def test_a_withdrawn_death_is_no_death() -> None:
    """The person lives; that the date was held once is known, so that the register can be cleared."""
    day = PartialDate(2026, 11, 2)
    state = death(said(day), withdrawn(None, hours=5))
    assert (state.current, state.taken_back) == (None, (day,))


def test_a_death_told_after_its_withdrawal_holds() -> None:
    """A withdrawal speaks of what was written down before it."""
    assert death(withdrawn(None), said(True, hours=1)).value is True


def test_a_withdrawal_reaches_what_stood_in_the_register() -> None:
    """A death that the clinic knew before we came is withdrawn too."""
    assert death(said(True, source=FOUND, hours=500), withdrawn(None)).current is None


def test_a_withdrawal_of_one_stay_leaves_another_alone() -> None:
    """The same address from another day is another statement."""
    assert address(said(A, "2026-11-01"), withdrawn(A, "2020-01-01", hours=1)).value == A


def test_a_withdrawn_value_gives_way_to_the_one_before() -> None:
    """The last value that was not taken back holds again."""
    assert address(said(A, "2020-01-01"), said(B, "2026-11-01"), withdrawn(B, hours=1)).value == A


def test_a_correction_replaces_what_never_held() -> None:
    """The corrected value holds, and the wrong one was taken back."""
    state = address(said(A, "2026-11-01"), corrected(A, B, "2026-11-01", hours=1))
    assert (state.value, state.taken_back) == (B, (A,))


def test_an_older_correction_comes_true_although_newer_in_date() -> None:
    """A correction to an earlier start yields to what began between the two."""
    facts = (said(A, "2026-10-20"), said(B, "2026-10-10"), corrected(A, A, "2026-10-01", hours=1))
    assert address(*facts).value == B


def test_a_correction_without_date_takes_the_place_of_what_it_corrects() -> None:
    """It does not sink below the value that was superseded long ago."""
    facts = (said(C, "1990-01-01"), said(A, "2020-01-01"), corrected(A, B, hours=1))
    state = address(*facts)
    assert (state.value, state.current.fact.valid_from) == (B, PartialDate(2020, 1, 1))


def test_a_correction_of_a_correction_takes_its_place_too() -> None:
    """Neither tells a day: what is right in the end holds since what was wrong in the beginning."""
    facts = (said(C, "1990-01-01"), said(A, "2020-01-01"), corrected(A, B, hours=1), corrected(B, A, hours=2))
    state = address(*facts)
    assert (state.value, state.current.fact.valid_from) == (A, PartialDate(2020, 1, 1))


def test_two_corrections_of_each_other_leave_one_value() -> None:
    """Written down at one moment, one of them stands; not neither."""
    facts = [said(A, "2026-11-01"), corrected(A, B, "2026-11-01", hours=1, event="x")]
    facts.append(corrected(B, A, "2026-11-01", hours=1, event="y"))
    assert address(*facts).value == A
    assert address(*reversed(facts)).value == A


def test_a_correction_of_the_spelling_is_no_news() -> None:
    """What the register had, spelled otherwise, was not changed by us."""
    spelled = replace(A, post_office=None, municipality="091")
    state = address(said(A, source=FOUND), said(A, "2020-01-01"), corrected(A, spelled, "2020-01-01", hours=1))
    assert state.changed_at is None


def test_a_cancelled_notice_never_held() -> None:
    """The value before it holds, and its own was taken back."""
    state = address(said(A, "2020-01-01"), said(B, "2026-11-01", cancelled=True))
    assert (state.value, state.taken_back) == (A, (B,))


def test_what_was_purged_says_nothing() -> None:
    """A value that nobody can read any more does not stand in the way of an older one that is told again."""
    gone = replace(said(None, "2026-11-01"), purged=True)
    assert address(gone, said(A, "2020-01-01", hours=5)).value == A
    assert address(gone) == FieldState()
    assert address(said(A, "2020-01-01"), replace(ended(None, "2026-11-10", hours=1), purged=True)).value == A


# --- confirmation ------------------------------------------------------------------------------------------------------


def test_repeating_a_value_confirms_it() -> None:
    """The last who said it, and when, is kept."""
    state = address(said(A, "2020-01-01"), said(A, "2020-01-01", source=POST, hours=5))
    assert (state.confirmed_by, state.confirmed_at) == ("posti", NOON + timedelta(hours=5))


def test_finding_a_value_in_the_register_confirms_nothing() -> None:
    """I14: that it stands there says nothing about when it was true."""
    assert address(said(A, source=FOUND)).confirmed_at is None


def test_a_provider_whose_clock_is_ahead_does_not_make_a_value_fresher() -> None:
    """I14: a confirmation is no younger than the moment on which it reached us."""
    assert address(said(A, "2020-01-01", hours=24 * 3650, learned=1)).confirmed_at == NOON + timedelta(hours=1)


def test_a_clock_that_was_ahead_hides_no_later_confirmation() -> None:
    """I14: the last to reach us confirms, not the one that claims to be of next year."""
    ahead = said(A, "2020-01-01", hours=24 * 365, learned=0, source=POST)
    state = address(ahead, said(A, "2020-01-01", hours=48))
    assert (state.confirmed_by, state.confirmed_at) == ("vtj", NOON + timedelta(hours=48))


def test_what_was_withdrawn_confirms_nothing() -> None:
    """I14: the value is as fresh as what still says it."""
    again = said(A, "2026-11-01", hours=5)
    assert address(said(A, "2020-01-01"), again, withdrawn(A, "2026-11-01", hours=6)).confirmed_at == NOON


def test_what_the_register_had_already_is_no_change() -> None:
    """Only a provider's word that brought the value makes news."""
    assert address(said(A, source=FOUND), said(A, "2020-01-01")).changed_at is None
    assert address(said(B, source=FOUND), said(A, "2020-01-01", hours=2)).changed_at == NOON + timedelta(hours=2)


def test_moving_back_is_news() -> None:
    """What was held before, by whomever, held on: that it holds again was brought by a provider."""
    back = said(A, "2026-11-01", hours=9)
    assert address(said(A, source=FOUND), said(B, "2020-01-01"), back).changed_at == NOON + timedelta(hours=9)
    outranked = said(B, "2026-11-01", source=POST, hours=1)
    assert address(said(A, source=FOUND), outranked, back).changed_at == NOON + timedelta(hours=9)
    never = said(B, "2026-11-01", source=POST, hours=9)
    assert address(said(A, source=FOUND), never, back).changed_at is None


# --- orders ------------------------------------------------------------------------------------------------------------


def order(value: bool | None, **more) -> HeldFact:
    """Build a statement about a protection order."""
    return said(value, field=Field.PROTECTION, **more)


def protection(*facts: HeldFact) -> bool | None:
    """Tell whether an order stands; None when nobody knows."""
    states = resolve_all(facts, TODAY)
    return True if active(states, Field.PROTECTION) else False if known_clear(states) else None


def test_an_order_holds_until_its_explicit_end() -> None:
    """P12: an expiry date is shown, and not acted upon."""
    assert protection(order(True, until="2026-11-02")) is True
    assert protection(order(True), order(False, hours=1)) is False
    assert protection(order(False, hours=1), order(True, hours=2)) is True


def test_at_one_moment_the_order_outranks_its_end() -> None:
    """When in doubt, the person is protected."""
    assert protection(order(True, event="a"), order(False, event="b")) is True
    assert protection(order(False, event="b"), order(True, event="a")) is True


def test_an_end_from_the_future_ends_what_was_known_or_written_before_it_came() -> None:
    """P12: a provider's clock was ahead by nine hours; what begins after that end had come stands until an end of its own."""
    early, ahead = order(True, hours=-1), order(False, hours=9, learned=0)
    assert protection(early, ahead) is False
    assert protection(order(True, hours=-1, learned=1), ahead) is False
    again = order(True, hours=1)
    assert protection(early, ahead, again) is True
    assert protection(early, ahead, again, order(False, hours=2)) is False
    assert protection(early, ahead, again, order(False, hours=2), order(True, hours=3)) is True


def test_an_end_stands_although_our_own_clock_is_behind() -> None:
    """Order and end come in one page, or the wrong way round, to a machine that believes it is an hour earlier."""
    end = order(False, hours=0.9, learned=0)
    assert protection(order(True, hours=0.8, learned=0), end) is False
    assert protection(order(True, hours=-5, learned=0.1), end) is False


def test_an_order_stands_although_our_own_clock_was_set_back() -> None:
    """P1: it came after an end that it outranks, and seems to have come before it."""
    assert protection(order(True, hours=-1), order(False), order(True, hours=1, learned=-1)) is True


def test_finding_no_order_clears_nobody() -> None:
    """That a look-up mentions no order makes a person known to be clear only where nobody ever spoke of one."""
    found = order(False, kind=FactKind.CONFIRMED, hours=9)
    assert protection() is None
    assert protection(found) is False
    assert protection(order(True), found) is True


def test_an_empty_tick_box_in_the_register_is_no_end_of_an_order() -> None:
    """The clinic's own column was read after the order was written down, and knows nothing of it."""
    assert protection(order(True), order(False, source=FOUND, hours=9)) is True


def test_staff_do_not_end_what_a_provider_ordered() -> None:
    """P12: a tick taken out of the register leaves the order standing, until the provider ends it."""
    unticked = order(False, source=STAFF, hours=1)
    assert protection(order(True), unticked) is True
    assert protection(order(True), unticked, order(False, hours=2)) is False


def test_staff_set_and_end_an_order_of_their_own() -> None:
    """A person protected at the clinic's own word is protected until its word."""
    ticked = order(True, source=STAFF, hours=1)
    assert protection(order(False), ticked) is True
    assert protection(order(False), ticked, order(False, source=STAFF, hours=2)) is False
    assert protection(order(True, source=FOUND, hours=9), order(False, hours=1)) is False


# --- the order of arrival ------------------------------------------------------------------------------------------------


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_the_state_does_not_depend_on_the_order_of_arrival(facts: Sequence[HeldFact], random) -> None:
    """I4: any order of the same statements gives the same state."""
    shuffled = list(facts)
    random.shuffle(shuffled)
    for today in (TODAY, date(2026, 12, 20)):
        assert resolve(Field.ADDRESS, shuffled, today) == resolve(Field.ADDRESS, facts, today)


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_orders_do_not_depend_on_the_order_of_arrival(facts: Sequence[HeldFact], random) -> None:
    """I4 for standing orders."""
    orders = [
        replace(h, fact=Fact(Field.PROTECTION, h.fact.kind, h.fact.value in (A, B) if h.fact.value else None))
        for h in facts
    ]
    shuffled = list(orders)
    random.shuffle(shuffled)
    assert resolve(Field.PROTECTION, shuffled, TODAY) == resolve(Field.PROTECTION, orders, TODAY)


@given(histories())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_hearing_everything_twice_changes_nothing(facts: Sequence[HeldFact]) -> None:
    """I2: a repeated statement confirms, and that is all."""
    once, twice = (resolve(Field.ADDRESS, said, TODAY) for said in (facts, [*facts, *facts]))
    assert (once.value, once.confirmed_at, once.changes_on) == (twice.value, twice.confirmed_at, twice.changes_on)


@given(histories())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_state_changes_on_no_day_that_it_did_not_announce(facts: Sequence[HeldFact]) -> None:
    """Between today and the announced day nothing moves by itself."""
    state = resolve(Field.ADDRESS, facts, TODAY)
    until = state.changes_on or date(2027, 3, 1)
    for days in range((until - TODAY).days):
        then = resolve(Field.ADDRESS, facts, TODAY + timedelta(days=days))
        assert (then.value, then.disputed) == (state.value, state.disputed)


@given(histories())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_one_statement_says_the_same_beside_one_that_nobody_can_read(facts: Sequence[HeldFact]) -> None:
    """The short way for what was said once comes to what the long way comes to."""
    unreadable = said(A, purged=True)
    for held in [*facts, *(replace(held, source=MAIL) for held in facts)]:
        for today in (TODAY, date(2026, 12, 20)):
            assert resolve(Field.ADDRESS, [held], today) == resolve(Field.ADDRESS, [held, unreadable], today)


@pytest.mark.parametrize("since", ["2026-11", "2026"])
def test_a_month_or_a_year_is_the_first_day_in_it_that_another_one_names(since: str) -> None:
    """Two providers tell of one move, and one of them does not know the day: it is no move on the first of the month."""
    facts = [
        said(A, "2026-08-14"),
        said(B, since, source=POST),
        said(B, "2026-11-24"),
        said(B, "2026-11-29", source=MAIL),
    ]
    before, then = (resolve(Field.ADDRESS, facts, date(2026, 11, day)) for day in (23, 24))
    assert (before.value, before.changes_on, then.value) == (A, date(2026, 11, 24), B)
    assert before.coming
    assert before.coming.fact.valid_from == PartialDate(2026, 11, 24)


def test_a_month_is_no_day_of_another_month_or_value() -> None:
    """Where nobody tells the day, the value holds from the first one that it can be."""
    facts = [said(A, "2026-08-14"), said(B, "2026-11", source=POST), said(B, "2026-12-24"), said(C, "2026-11-24")]
    assert resolve(Field.ADDRESS, facts, date(2026, 11, 2)).value == B
