"""What casts doubt on the value that holds: post came back, others say otherwise of the same day, the customer did so later."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sync.applying.same import Same
from sync.model import FactKind, Field, HeldFact, Source

_PEOPLE = frozenset({Source.STAFF, Source.CUSTOMER})


def told(held: HeldFact) -> datetime:
    """Return when it was said, UTC; a provider whose clock is ahead has said nothing after we learned it."""
    return min(held.recorded_at, held.learned_at)


def disputing(
    field: Field, current: HeldFact, begun: Sequence[HeldFact], saying: Sequence[HeldFact], same: Same
) -> list[HeldFact]:
    """Return what others claim of the very day from which the value holds, unless it is settled.

    Of what has no date, nobody knows whether it is about the same day. Settled is what a person, or whoever claimed
    otherwise, said later for the value that holds.

    Args:
        field: the field.
        current: the claim whose value holds.
        begun: every claim that stands and has begun.
        saying: everybody's words for the value that holds.
        same: tells which values mean one thing.
    """
    first = current.fact.valid_from
    if first is None or len(begun) == 1:
        return []
    others = [
        other
        for other in begun
        if other.origin != current.origin
        and other.fact.valid_from is not None
        and other.fact.valid_from.first_day() == first.first_day()
        and not same(field, other.fact.value, current.fact.value)
    ]
    return [other for other in others if not any(_settles(word, other) for word in saying)]


def denied(field: Field, current: HeldFact, stated: Sequence[HeldFact], saying: Sequence[HeldFact], same: Same) -> bool:
    """Tell whether a person has confirmed another value since the one that holds began, and nobody has settled it.

    The customer said at the desk that a home still held; what comes in later and claims another one from before that day wins
    by its date, but one of the two is wrong. Of a value without a date nobody knows what it began before.
    """
    first = current.fact.valid_from
    if first is None:
        return False
    words = [
        h
        for h in stated
        if h.fact.kind is FactKind.CONFIRMED
        and h.source in _PEOPLE
        and told(h).date() >= first.first_day()
        and not same(field, h.fact.value, current.fact.value)
    ]
    return any(not any(_settles(later, word) for later in saying) for word in words)


def _settles(word: HeldFact, other: HeldFact) -> bool:
    return (word.source in _PEOPLE or word.origin == other.origin) and told(word) > told(other)


def returned_on(
    field: Field, current: HeldFact, confirmed: HeldFact | None, said: Iterable[HeldFact], same: Same
) -> date | None:
    """Return the day on which something sent to the current value last came back, unless it was confirmed since."""
    about = [
        _came_back(h)
        for h in said
        if h.fact.kind is FactKind.RETURNED
        and (h.fact.value is None or same(field, h.fact.value, current.fact.value))
        and (confirmed is None or _came_back_after(h, confirmed))
    ]
    return max(about, default=None)


def _came_back(held: HeldFact) -> date:
    """Return the day on which it came back; that of writing it down where the source tells no day."""
    day = held.fact.valid_from
    return day.first_day() if day and day.day else told(held).date()


def _came_back_after(held: HeldFact, confirmed: HeldFact) -> bool:
    """Tell whether it came back after a confirmation; on one day, by the moment of writing down."""
    moment = told(confirmed)
    day = _came_back(held)
    return day > moment.date() or (day == moment.date() and held.recorded_at > confirmed.recorded_at)
