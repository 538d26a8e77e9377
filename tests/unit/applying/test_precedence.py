"""Whose word counts among statements for one date, by default and as an organisation decides."""

from datetime import date

import pytest

from sync.applying.same import Same, same_value
from sync.applying.survivorship import resolve
from sync.model import Field, HeldFact, Source
from tests.unit.applying.said import DVV, FOUND, POST, STAFF, A, B, C, said

TODAY = date(2026, 11, 21)
POST_FIRST = Same(precedence={Field.ADDRESS: [POST, Source.CUSTOMER, STAFF, DVV]})


def holds(*facts: HeldFact, same: Same = same_value, field: Field = Field.ADDRESS) -> object:
    """Return the value that holds today."""
    return resolve(field, facts, TODAY, same).value


def test_of_one_date_the_source_decides() -> None:
    """By default the population register ranks above the postal operator; here it is the other way round."""
    facts = (said(A, "2026-11-01"), said(B, "2026-11-01", source=POST))
    assert holds(*facts) == holds(*facts[::-1]) == A
    assert holds(*facts, same=POST_FIRST) == holds(*facts[::-1], same=POST_FIRST) == B


def test_a_newer_date_wins_whoever_says_so() -> None:
    """In either order of sources."""
    facts = (said(A, "2026-11-02"), said(B, "2026-11-01", source=POST))
    assert holds(*facts) == holds(*facts, same=POST_FIRST) == A


def test_other_fields_keep_the_default() -> None:
    """An order is decided field by field."""
    facts = [said(v, "2026-11-01", source=s, field=Field.PHONE) for v, s in (("+35840111", DVV), ("+35840222", POST))]
    assert holds(*facts, same=POST_FIRST, field=Field.PHONE) == "+35840111"


@pytest.mark.parametrize("same", [same_value, POST_FIRST])
def test_what_stood_there_before_ranks_last(same: Same) -> None:
    """Whatever the order: nobody knows since when it holds."""
    assert holds(said(A, "2026-11-01", source=FOUND), said(B, "2026-11-01", source=POST), same=same) == B


@pytest.mark.parametrize("first", [0, 1])
def test_staff_and_provider_are_decided_by_dates_not_by_who_spoke_last(first: int) -> None:
    """What staff typed stands until a provider tells of something newer, and against what is older and comes later."""
    typed = said(A, "2026-11-10", source=STAFF, hours=1)
    older, newer = said(B, "2026-11-05", hours=2), said(C, "2026-11-15", hours=0)
    facts = [typed, older][:: 1 if first else -1]
    assert holds(*facts) == A
    assert holds(*facts, newer) == C
    assert holds(said(A, "2026-11-10", source=STAFF, hours=0), said(B, "2026-11-10", hours=5)) == A  # one date
