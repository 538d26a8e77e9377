"""What held on a day, as known at a moment, in two times that do not mix."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.applying.history import Asking, Recalled, known_by, recall
from sync.applying.outlived import outlived
from sync.applying.survivorship import resolve_all
from sync.model import Field, HeldFact
from tests.harness import HELSINKI
from tests.unit.applying.said import FOUND, NOON, A, B, C, corrected, ended, said, withdrawn
from tests.unit.applying.test_survivorship import histories

NOW = NOON + timedelta(days=40)
TODAY = NOW.astimezone(HELSINKI).date()
DAYS = [date(2019, 1, 1), date(2020, 6, 1), date(2026, 11, 1), date(2026, 11, 12), date(2026, 12, 2), TODAY]


def asking(day: date | str = TODAY, known: datetime = NOW) -> Asking:
    """Ask at NOW about a day, as known at a moment."""
    return Asking(date.fromisoformat(day) if isinstance(day, str) else day, known, NOW, HELSINKI)


def held(*facts: HeldFact, day: date | str = TODAY, known: float | None = None, field: Field = Field.ADDRESS) -> object:
    """Return the value that held, or "forgotten"; the moment of knowing is given in hours after noon of 1 November."""
    moment = NOW if known is None else NOON + timedelta(hours=known)
    found = recall(facts, asking(day, moment)).get(field, Recalled())
    return "forgotten" if found.forgotten else found.state.value


def test_a_day_and_a_moment_of_knowing_are_two_things() -> None:
    """A move that we learned late held from its day on, and we did not know it."""
    facts = (said(A, "2020-01-01"), said(B, "2026-11-02", hours=72))
    assert held(*facts, day="2026-11-03") == B
    assert held(*facts, day="2026-11-03", known=71) == A
    assert held(*facts, day="2026-11-01", known=73) == A
    assert held(*facts, day="2026-11-01", known=-1) is None


def test_a_correction_changes_the_past_and_not_what_we_knew() -> None:
    """What never held did not hold on any day, and we thought that it did."""
    facts = (said(A, "2020-01-01"), corrected(A, B, "2020-01-01", hours=5))
    assert held(*facts, day="2021-01-01") == B
    assert held(*facts, day="2021-01-01", known=4) == A


def test_a_notice_taken_back_was_standing_before() -> None:
    """Until we learned of the cancellation."""
    notice = said(B, "2026-11-01", cancelled=True)
    facts = (said(A, "2020-01-01"), replace(notice, cancelled_at=NOON + timedelta(hours=5)))
    assert held(*facts) == A
    assert held(*facts, known=5) == A
    assert held(*facts, known=4) == B


def test_an_order_holds_from_the_day_on_which_it_was_written_down() -> None:
    """Not before, although the fact has no date of its own; and not before we knew it."""
    facts = (said(True, field=Field.PROTECTION, hours=48), said(False, field=Field.PROTECTION, hours=96))  # type: ignore[arg-type]
    at = {"field": Field.PROTECTION}
    assert held(*facts, day="2026-11-02", **at) is None
    assert held(*facts, day="2026-11-03", **at) is True
    assert held(*facts, day="2026-11-05", **at) is False
    assert held(*facts, day="2026-11-05", known=95, **at) is True


def test_what_is_no_longer_kept_is_said_to_be_forgotten() -> None:
    """On the days on which it may have held; where something kept outranks it, that held."""
    facts = (replace(said(None, "2020-01-01"), purged=True), said(C, "2023-01-01", hours=1))
    assert held(*facts, day="2021-01-01") == "forgotten"
    assert held(*facts, day="2024-01-01") == C
    assert held(*facts, day="2024-01-01", known=0) == "forgotten"
    assert held(*facts, day="2019-01-01") is None


def test_a_stay_that_is_forgotten_is_over_on_its_last_day() -> None:
    """Its dates are still known."""
    stay = replace(said(None, "2020-06-01", until="2020-08-31", field=Field.TEMPORARY_ADDRESS), purged=True)
    assert held(stay, day="2020-08-31", field=Field.TEMPORARY_ADDRESS) == "forgotten"
    assert held(stay, day="2020-09-01", field=Field.TEMPORARY_ADDRESS) is None


def test_what_stood_above_what_is_left_is_not_passed_over() -> None:
    """B was above A and is gone, and so is whatever took it back: nobody can tell whether A held."""
    facts = (said(A, "2020-01-01"), replace(said(None, "2022-01-01"), purged=True))
    assert held(*facts, day="2021-01-01") == A
    assert held(*facts, day="2023-01-01") == "forgotten"
    assert held(*facts) == A  # the engine's own answer


def test_a_correction_that_lost_its_date_is_not_placed_in_time() -> None:
    """It held from the day of the value that it corrected, and that is no longer kept."""
    facts = (replace(said(None, "2020-01-01"), purged=True), said(C, "2023-01-01", hours=2))
    lost = corrected(A, C, hours=1)
    assert held(*facts, replace(lost, fact=replace(lost.fact, wrong=None)), day="2019-01-01") == "forgotten"


@given(histories())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_today_as_known_now_is_the_current_state(facts: Sequence[HeldFact]) -> None:
    """Field by field, whatever was said, orders too."""
    orders = [replace(h, fact=replace(h.fact, field=Field.PROTECTION, value=h.fact.value == A)) for h in facts]
    everything = [*facts, *orders]
    found = recall(everything, asking())
    assert {name: one.state for name, one in found.items()} == resolve_all(everything, TODAY)
    assert not [name for name, one in found.items() if one.forgotten]


@given(histories())
@settings(max_examples=100, derandomize=True, deadline=None)
def test_before_the_first_fact_nothing_is_known(facts: Sequence[HeldFact]) -> None:
    """Of any field, on any day."""
    first = min(h.learned_at for h in facts) - timedelta(microseconds=1)
    assert [recall(facts, asking(day, first)) for day in DAYS] == [{}] * len(DAYS)


@given(histories(), st.data(), st.sampled_from(DAYS))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_knowing_more_never_changes_what_was_known(facts: Sequence[HeldFact], data: st.DataObject, day: date) -> None:
    """Neither do facts that come later, nor notices that are taken back later."""
    moment = NOON + timedelta(hours=data.draw(st.integers(0, 3)))
    then = [replace(h, cancelled=False) for h in facts if h.learned_at <= moment]
    later = [h for h in facts if h.learned_at > moment]
    back = [replace(h, cancelled=True, cancelled_at=moment + timedelta(seconds=1)) for h in then]
    gone = data.draw(st.lists(st.booleans(), min_size=len(then), max_size=len(then)))
    since = [b if g else h for h, b, g in zip(then, back, gone, strict=True)]
    assert known_by([*since, *later], moment) == tuple(then)
    assert recall([*since, *later], asking(day, moment)) == recall(then, asking(day, moment))


@given(histories(), st.integers(0, 4), st.sampled_from(DAYS), st.sampled_from([0.0, 1.5, 2.5, None]))
@settings(max_examples=1500, derandomize=True, deadline=None)
def test_forgetting_changes_no_answer_but_to_forgotten(
    facts: Sequence[HeldFact], hours: int, day: date, known: float | None
) -> None:
    """Of no day, as known at no moment, is another value told than before retention, nor is none told for one."""
    numbered = [replace(h, id=n) for n, h in enumerate(facts, 1)]
    gone = outlived(numbered, NOON + timedelta(hours=hours), TODAY)
    after = [_emptied(h, gone.whole, gone.wrong) for h in numbered]
    if (now := held(*after, day=day, known=known)) != "forgotten":
        assert now == held(*numbered, day=day, known=known)


def _emptied(fact: HeldFact, whole: Sequence[int], wrong: Sequence[int]) -> HeldFact:
    if fact.id in whole:
        return replace(fact, fact=replace(fact.fact, value=None, wrong=None), purged=True)
    return replace(fact, fact=replace(fact.fact, wrong=None)) if fact.id in wrong else fact


@pytest.mark.parametrize("moment", [NOON - timedelta(hours=1), NOON, NOW])
def test_what_stood_in_the_register_is_known_from_its_reading_on(moment: datetime) -> None:
    """It holds on every day, and we knew nothing of it before we read it."""
    fact = said(A, source=FOUND)
    expected = A if moment >= NOON else None
    assert (
        held(fact, ended(B, "2026-11-01"), withdrawn(C), day="1990-01-01", known=(moment - NOON) / timedelta(hours=1))
        == expected
    )
