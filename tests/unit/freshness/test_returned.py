"""Returned mail is evidence: it makes a value doubtful until somebody confirms it, and never changes one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.applying.survivorship import resolve
from sync.freshness.state import Judgement
from sync.freshness.status import State
from sync.model import FactKind, FactValue, Field, HeldFact
from tests.unit.applying.said import FOUND, MAIL, STAFF, A, B, ended, said, withdrawn
from tests.unit.freshness.test_state import CLEAR, COMING, DEAD, FOUND_HOME, HOME, ORDER, judged


def came_back(value: FactValue | None, on: str | None, *, hours: float = 48, field: Field = Field.ADDRESS) -> HeldFact:
    """Say that what was sent there came back on a day."""
    return said(value, on, kind=FactKind.RETURNED, source=MAIL, hours=hours, field=field)


RETURNED = came_back(A, "2026-11-03")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((HOME, RETURNED, CLEAR), State.RETURNED),
        ((HOME, came_back(None, "2026-11-03"), CLEAR), State.RETURNED),  # nobody said which address it was sent to
        ((HOME, came_back(A, None), CLEAR), State.RETURNED),
        ((FOUND_HOME, RETURNED, CLEAR), State.RETURNED),  # never confirmed by anybody
        ((HOME, FOUND_HOME, came_back(B, "2026-11-03"), CLEAR), State.CURRENT),  # it was sent somewhere else
        (
            (HOME, FOUND_HOME, RETURNED, said(A, kind=FactKind.CONFIRMED, hours=96), CLEAR),
            State.CURRENT,
        ),  # confirmed since
        ((HOME, FOUND_HOME, RETURNED, said(A, "2026-11-05", source=STAFF, hours=96), CLEAR), State.CURRENT),
        (
            (HOME, FOUND_HOME, came_back(A, "2026-10-20"), CLEAR),
            State.CURRENT,
        ),  # it came back before, and was told of later
        ((HOME, came_back(A, "2026-11-01", hours=1), CLEAR), State.RETURNED),  # on the same day, an hour later
        ((HOME, FOUND_HOME, came_back(A, "2026-11-01", hours=-1), CLEAR), State.CURRENT),
        ((HOME, RETURNED, said(B, "2026-11-04", hours=72), CLEAR), State.CHANGED),  # a new address since
        ((HOME, RETURNED, COMING, CLEAR), State.COMING),  # which explains it
        ((HOME, RETURNED, ORDER), State.CONTACT_ONLY),
        ((HOME, RETURNED, DEAD), State.DECEASED),
    ],
)
def test_it_counts_after_the_last_confirmation_only(facts: tuple[HeldFact, ...], expected: State) -> None:
    """A later confirmation clears it, and it is about the value that it was sent to."""
    assert judged(*facts).state is expected


def test_the_sentence_tells_the_day_on_which_it_came_back() -> None:
    """The last one, where several did."""
    judgement = judged(HOME, RETURNED, came_back(A, "2026-11-07", hours=200), CLEAR)
    assert judgement == Judgement(State.RETURNED, HOME.recorded_at, "vtj", date(2026, 11, 7))


def test_a_bounced_e_mail_makes_the_e_mail_doubtful() -> None:
    """The address is not touched by it."""
    mail = said("maija@example.com", "2020-01-01", field=Field.EMAIL)
    bounced = came_back("maija@example.com", "2026-11-03", field=Field.EMAIL)
    facts = (HOME, FOUND_HOME, mail, bounced, CLEAR)
    assert judged(*facts, field=Field.EMAIL).state is State.RETURNED
    assert judged(*facts).state is State.CURRENT


ANYTHING = st.builds(
    lambda kind, value, since, until, hours: said(value, since, kind=kind, until=until, hours=hours, source=MAIL),
    st.sampled_from(FactKind),
    st.sampled_from([A, B, None]),
    st.sampled_from([None, "2026-11-03", "2027-01-01"]),
    st.sampled_from([None, "2026-11-10"]),
    st.integers(-100, 400),
)
SAID = st.sampled_from(
    [HOME, FOUND_HOME, said(B, "2026-11-02"), ended(A, "2026-11-01"), withdrawn(B, hours=2), said(A, source=FOUND)]
)


@given(st.lists(SAID, max_size=4), st.lists(ANYTHING, max_size=4))
def test_returned_mail_never_changes_a_value(facts: list[HeldFact], evidence: list[HeldFact]) -> None:
    """Whatever it says: what holds, what will hold, until when and by whom it was confirmed stay as they were."""
    without = resolve(Field.ADDRESS, facts, date(2026, 11, 21))
    state = resolve(Field.ADDRESS, [*facts, *evidence], date(2026, 11, 21))
    for name in ("current", "ended", "coming", "later", "until", "confirmed_at", "confirmed_by", "changes_on"):
        assert getattr(state, name) == getattr(without, name)
    assert state.taken_back == without.taken_back
    assert not [held for held in (state.current, state.coming) if held and held.source is MAIL]
