"""A register's accuracy in few words."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.freshness.accuracy import Accuracy, accuracy
from sync.freshness.state import Judgement
from sync.freshness.status import State

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.CURRENT, Accuracy.FRESH),
        (State.CHANGED, Accuracy.FRESH),
        (State.COMING, Accuracy.FRESH),
        (State.ASK, Accuracy.STALE),
        (State.RETURNED, Accuracy.STALE),
        (State.NOT_COVERED, Accuracy.NOT_COVERED),
        (State.CONFLICT, Accuracy.CONFLICT),
        (State.CONTACT_ONLY, Accuracy.WITHHELD),
        (State.ON_HOLD, Accuracy.WITHHELD),
        (State.DECEASED, Accuracy.WITHHELD),
    ],
)
def test_every_state_has_its_word(state: State, expected: Accuracy) -> None:
    """Of a value that was confirmed yesterday."""
    assert accuracy(Judgement(state, NOW - timedelta(days=1)), YEAR, NOW) is expected


def test_all_states_are_judged() -> None:
    """None is forgotten when one is added."""
    assert {accuracy(Judgement(state), YEAR, NOW) for state in State} == set(Accuracy) - {Accuracy.AGEING}


@pytest.mark.parametrize(("days", "expected"), [(273, Accuracy.FRESH), (274, Accuracy.AGEING)])
def test_a_confirmation_ages(days: int, expected: Accuracy) -> None:
    """When three quarters of its limit have passed; a doubtful value does not become better by it."""
    confirmed = NOW - timedelta(days=days)
    assert accuracy(Judgement(State.CURRENT, confirmed), YEAR, NOW) is expected
    assert accuracy(Judgement(State.CONFLICT, confirmed), YEAR, NOW) is Accuracy.CONFLICT
