"""How right a field is, in the words in which a register's accuracy is told."""

from datetime import datetime, timedelta
from enum import StrEnum

from sync.freshness.state import Judgement
from sync.freshness.status import State

_AGES_AFTER = 0.75
"""Share of its limit after which a confirmation ages: there is time left to ask before it is stale."""


class Accuracy(StrEnum):
    """Whether a field can be relied on."""

    FRESH = "fresh"  # nobody needs to ask
    AGEING = "ageing"  # the same, and three quarters of the limit have passed since it was confirmed
    STALE = "stale"  # not confirmed within its limit, ended, or what was sent there came back
    NOT_COVERED = "not_covered"  # nobody watches
    CONFLICT = "conflict"  # two values, or an open review
    WITHHELD = "withheld"  # protected, restricted or deceased: not judged


_OF_STATE = {
    State.ASK: Accuracy.STALE,
    State.RETURNED: Accuracy.STALE,
    State.NOT_COVERED: Accuracy.NOT_COVERED,
    State.CONFLICT: Accuracy.CONFLICT,
    State.CONTACT_ONLY: Accuracy.WITHHELD,
    State.ON_HOLD: Accuracy.WITHHELD,
    State.DECEASED: Accuracy.WITHHELD,
}


def accuracy(judged: Judgement, limit: timedelta, now: datetime) -> Accuracy:
    """Say how right a field is.

    Args:
        judged: its state.
        limit: how long a confirmation of it is good for.
        now: the moment of asking, UTC.
    """
    known = _OF_STATE.get(judged.state)
    if known is not None:
        return known
    aged = judged.confirmed_at is not None and now - judged.confirmed_at > limit * _AGES_AFTER
    return Accuracy.AGEING if aged else Accuracy.FRESH
