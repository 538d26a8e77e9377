"""The state of a field, from facts and the clock, at the moment of asking. Never set by hand, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sync.applying.survivorship import NOTHING, FieldState, frozen, hidden, known_clear
from sync.freshness.coverage import covered
from sync.freshness.policy import Policy
from sync.freshness.status import State
from sync.model import LOCATION_FIELDS, Field, Hold, HoldKind

_SAYS_NOTHING = frozenset({State.DECEASED, State.CONTACT_ONLY})
"""States that tell nothing of when the value was confirmed."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What else bears on a customer's fields.

    Attributes:
        watched_by: the feeds that watch this customer, since when.
        caught_up: when each feed last said that there was no more.
        under_review: an uncertain match about this customer waits for a person.
        holds: what keeps automation from this customer, or from a field.
    """

    watched_by: Mapping[str, datetime] = field(default_factory=dict)
    caught_up: Mapping[str, datetime | None] = field(default_factory=dict)
    under_review: bool = False
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state of one field, and what its sentence needs."""

    state: State
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    day: date | None = None


def address_state(states: Mapping[Field, FieldState], situation: Situation, policy: Policy, now: datetime) -> Judgement:
    """Judge the home address."""
    return judge(Field.ADDRESS, states, situation, policy, now)


def judge(
    name: Field, states: Mapping[Field, FieldState], situation: Situation, policy: Policy, now: datetime
) -> Judgement:
    """Judge one field. The first rule that fits wins: safety, then doubt, then news, then age."""
    held = states.get(name, NOTHING)
    confirmed = (held.confirmed_at, held.confirmed_by)
    if (above := _above_all(name, states, situation)) is not None:
        return Judgement(above, *(confirmed if above not in _SAYS_NOTHING else ()))
    if held.coming and may_tell(name, states, policy):
        return Judgement(State.COMING, *confirmed, day=_first_day(held))
    if held.returned_on is not None:
        return Judgement(State.RETURNED, *confirmed, day=held.returned_on)
    if held.current is None or held.confirmed_at is None:
        return Judgement(State.ASK if _watched(name, states, situation, policy, now) else State.NOT_COVERED, *confirmed)
    if not _watched(name, states, situation, policy, now):
        return Judgement(State.NOT_COVERED, *confirmed)
    if now - held.confirmed_at > policy.limit(name):
        return Judgement(State.ASK, *confirmed)
    if may_tell(name, states, policy) and _is_news(held, policy, now):
        return Judgement(State.CHANGED, *confirmed, day=_changed_on(held, policy))
    return Judgement(State.CURRENT, *confirmed)


def _above_all(name: Field, states: Mapping[Field, FieldState], situation: Situation) -> State | None:
    """Return the state that holds whoever watches: safety, rights, doubt; None for none."""
    if states.get(Field.DEATH, NOTHING).value not in (None, False):
        return State.DECEASED
    if name in LOCATION_FIELDS and name in hidden(states):
        return State.CONTACT_ONLY
    holds = {hold.kind for hold in situation.holds if hold.covers(name)}
    if HoldKind.RESTRICTION in holds:
        return State.ON_HOLD
    if situation.under_review or states.get(name, NOTHING).disputed:
        return State.CONFLICT
    return State.NOT_COVERED if holds or name in frozen(states) else None


def may_tell(name: Field, states: Mapping[Field, FieldState], policy: Policy) -> bool:
    """Tell whether history may be told: of a location, only of somebody known to be unprotected (P2, P7)."""
    if name not in LOCATION_FIELDS:
        return True
    return name not in hidden(states) and (policy.assume_clear or known_clear(states))


def untold(states: Mapping[Field, FieldState], policy: Policy) -> frozenset[Field]:
    """Return the fields of which no history may be told."""
    return frozenset(name for name in LOCATION_FIELDS if not may_tell(name, states, policy))


def _watched(
    name: Field, states: Mapping[Field, FieldState], situation: Situation, policy: Policy, now: datetime
) -> bool:
    return covered(name, states, situation.watched_by, situation.caught_up, policy, now)


def _is_news(held: FieldState, policy: Policy, now: datetime) -> bool:
    return held.changed_at is not None and now - held.changed_at <= policy.news


def _changed_on(held: FieldState, policy: Policy) -> date | None:
    """The day from which the value holds; where that is unknown or long past, the day on which we learned it."""
    if held.current is None or held.changed_at is None:
        return None
    learned = held.changed_at.astimezone(policy.zone).date()
    start = held.current.fact.valid_from
    if start is None or start.day is None or learned - start.first_day() > policy.news:
        return learned
    return start.first_day()


def _first_day(held: FieldState) -> date | None:
    return held.coming.fact.valid_from.first_day() if held.coming and held.coming.fact.valid_from else None
