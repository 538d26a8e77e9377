"""Two values of one day: who says otherwise than what holds, and who settles it."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from sync.applying.survivorship import FieldState, resolve
from sync.model import FactKind, Field, HeldFact, Source
from tests.unit.applying.said import DVV, FOUND, POST, STAFF, A, B, C, corrected, ended, said, undone, withdrawn

TODAY = date(2026, 11, 21)
DAY = "2026-11-10"
HELD = said(A, DAY, event="a")
OTHER = said(B, DAY, source=POST, hours=1, event="b")
TYPED = said(A, DAY, source=STAFF, hours=2)
CONFIRMED = said(A, kind=FactKind.CONFIRMED, source=POST, hours=2)
ASKED = replace(said(A, kind=FactKind.CONFIRMED, source=STAFF, hours=2), source=Source.CUSTOMER)


def address(*facts: HeldFact, today: date = TODAY) -> FieldState:
    """Return the state of the address, which is the same in whatever order the facts came."""
    state, *others = [resolve(Field.ADDRESS, each, today) for each in permutations(facts)]
    assert all(each == state for each in others)
    return state


@pytest.mark.parametrize(
    "facts",
    [
        (HELD, OTHER),
        (HELD, OTHER, said(A, source=FOUND)),
        (HELD, OTHER, replace(ASKED, recorded_at=OTHER.recorded_at)),  # not later
        (HELD, OTHER, replace(CONFIRMED, source=DVV, origin="vtj")),  # whose value it was before
        (HELD, OTHER, replace(CONFIRMED, source=FOUND, origin="clinic")),  # nobody's word
        (HELD, OTHER, replace(CONFIRMED, cancelled=True)),
        (HELD, OTHER, TYPED, said(B, DAY, source=POST, hours=3, event="again")),  # said once more
        (HELD, OTHER, ended(B, "2026-11-21", hours=2)),  # its last day is today
        (HELD, OTHER, withdrawn(C, hours=2)),
        (HELD, OTHER, said(C, "2026-12-01")),
        (said(A, "2026-11"), said(B, "2026-11-01", source=POST)),
        (TYPED, said(B, DAY, hours=3)),  # written down after staff typed theirs
    ],
)
def test_two_values_of_one_day_are_disputed(facts: tuple[HeldFact, ...]) -> None:
    """As long as nobody has settled it; which of them holds is the same as ever."""
    state = address(*facts)
    assert state.disputed
    assert state.value == A


@pytest.mark.parametrize(
    "facts",
    [
        (HELD, said(B, "2026-11-09", source=POST)),  # of another day
        (HELD, replace(OTHER, source=DVV, origin="vtj"), said(A, DAY, hours=2)),  # the same speaker, who thought again
        (HELD, said(B, DAY, event="b")),  # the same speaker, in one breath
        (HELD, said(replace(A, number="01"), DAY, source=POST)),  # the same, spelled otherwise
        (HELD, said(B, source=FOUND)),
        (said(A, source=FOUND), said(B, source=POST)),  # of no day at all
        (HELD, OTHER, TYPED),
        (HELD, OTHER, CONFIRMED),
        (HELD, OTHER, ASKED),
        (HELD, OTHER, said(A, "2026-11-11", source=POST, hours=2)),
        (HELD, OTHER, said(A, "2026-11-15")),
        (HELD, OTHER, corrected(B, A, hours=2)),
        (HELD, OTHER, withdrawn(B, hours=2, source=POST)),
        (HELD, OTHER, ended(B, "2026-11-20", hours=2)),
        (HELD, replace(OTHER, cancelled=True)),
        (HELD, replace(OTHER, purged=True)),
        (HELD, replace(OTHER, id=7), undone(7, hours=2)),
    ],
)
def test_what_is_settled_or_does_not_stand_is_not_disputed(facts: tuple[HeldFact, ...]) -> None:
    """By a later word of a person, or of whoever said otherwise; or by a newer date."""
    assert not address(*facts).disputed


def test_a_clock_that_was_ahead_does_not_keep_a_dispute_open() -> None:
    """What was said is not later than when we learned it."""
    ahead = replace(OTHER, recorded_at=said(B, hours=24 * 365).recorded_at)
    assert address(HELD, ahead).disputed
    assert not address(HELD, ahead, ASKED).disputed


def test_a_dispute_is_over_when_the_other_value_is() -> None:
    """On the day that was announced; and nothing is disputed of what has ended itself."""
    stay = said(B, DAY, until="2026-11-25", source=POST)
    assert address(HELD, stay).changes_on == date(2026, 11, 26)
    assert address(HELD, stay, today=date(2026, 11, 25)).disputed
    assert not address(HELD, stay, today=date(2026, 11, 26)).disputed
    assert not address(HELD, OTHER, ended(None, "2026-11-15", hours=2)).disputed


def test_two_values_of_a_coming_day_are_disputed_when_it_comes() -> None:
    """Until then what holds is what held."""
    facts = (said(C, "2020-01-01"), HELD, OTHER)
    assert not address(*facts, today=date(2026, 11, 9)).disputed
    assert address(*facts, today=date(2026, 11, 10)).disputed


_ASKED_OF_A = replace(said(A, kind=FactKind.CONFIRMED, source=STAFF, hours=24 * 11), source=Source.CUSTOMER)
"""Said on 12 November."""
_MOVED = said(B, DAY, source=POST, hours=24 * 12, event="b")
"""Told on 13 November: there since the 10th."""


def test_a_move_from_before_a_customers_word_is_doubted() -> None:
    """Its date is the newer one, so that it holds; but the customer stood at the desk two days later and said otherwise."""
    state = address(said(A, "2026-11-01"), _ASKED_OF_A, _MOVED)
    assert (state.value, state.disputed) == (B, True)


@pytest.mark.parametrize(
    "facts",
    [
        (said(A, "2026-11-01"), _ASKED_OF_A, replace(_MOVED, fact=said(B, "2026-11-13").fact)),  # moved since
        (said(A, "2026-11-01"), replace(_ASKED_OF_A, source=DVV), _MOVED),  # nobody who could be asked
        (said(A, "2026-11-01"), replace(_ASKED_OF_A, cancelled=True), _MOVED),
        (said(A, "2026-11-01"), replace(_ASKED_OF_A, fact=said(B, kind=FactKind.CONFIRMED).fact), _MOVED),
        (said(A, "2026-11-01"), _ASKED_OF_A, _MOVED, replace(CONFIRMED, fact=said(B, kind=FactKind.CONFIRMED).fact,
         source=Source.CUSTOMER, recorded_at=_MOVED.recorded_at, learned_at=_MOVED.learned_at)),  # asked again
        (said(A, "2026-11-01"), _ASKED_OF_A, said(B, source=POST, hours=24 * 12)),  # of no day
    ],
)  # fmt: skip
def test_a_customers_word_doubts_nothing_else(facts: tuple[HeldFact, ...]) -> None:
    """What began later, and what they have agreed to since."""
    assert not address(*facts).disputed
