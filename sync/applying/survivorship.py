"""Which value of a field holds, given every fact that was ever said about it.

The state of a field is a function of the set of its facts and the day: nothing depends on the order in which they
arrived, so replays, resyncs and reordered feeds end in the same state.

Precedence (DESIGN section 6): the newer effective date wins; at the same date the source of higher precedence, then
what was written down later. A value whose date nobody knows is older than any dated one: so it is with everything
that stood in the register before we came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sync.applying.same import same_value
from sync.model import FactKind, FactValue, Field, HeldFact, Source

_EVIDENCE_ONLY = frozenset({Source.REGISTER, Source.RETURNED_MAIL})
"""Speakers whose repeating a value does not confirm it."""

STANDING_FIELDS = frozenset({Field.PROTECTION, Field.UPDATE_BAN, Field.MARKETING_BAN, Field.DISCLOSURE_BAN})
"""Orders that hold from the moment they are written down until an explicit end: an expiry date is not acted upon."""


@dataclass(frozen=True, slots=True)
class FieldState:
    """What holds of one field on one day.

    Attributes:
        current: the fact whose value holds; None when nothing does.
        ended: the fact that held last, when it has ended and nothing came after it.
        coming: the fact that will hold next, from a later day.
        confirmed_at: when the current value was last said by a source whose word confirms; UTC.
        confirmed_by: name of the feed or register that said so.
        changed_at: when a provider's word made this value ours, UTC; None when the register had it before or staff did.
        taken_back: values that were held once and then withdrawn, corrected or cancelled.
        changes_on: the next day on which this state changes by itself.
    """

    current: HeldFact | None = None
    ended: HeldFact | None = None
    coming: HeldFact | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    changed_at: datetime | None = None
    taken_back: tuple[FactValue, ...] = ()
    changes_on: date | None = None

    @property
    def value(self) -> FactValue | None:
        """The value that holds, or None."""
        return self.current.fact.value if self.current else None


NOTHING = FieldState()


def resolve_all(facts: Iterable[HeldFact], today: date) -> dict[Field, FieldState]:
    """Return the state of every field that anything was said about."""
    by_field: dict[Field, list[HeldFact]] = {}
    for held in facts:
        by_field.setdefault(held.fact.field, []).append(held)
    return {field: resolve(field, said, today) for field, said in by_field.items()}


def resolve(field: Field, facts: Sequence[HeldFact], today: date) -> FieldState:
    """Return the state of one field on that day."""
    if field in STANDING_FIELDS:
        return _standing(facts)
    valid = [held for held in facts if not held.cancelled]
    claims = sorted((h for h in valid if _sets(h) and not _retracted(field, h, valid)), key=_rank)
    taken_back = tuple(h.fact.value for h in facts if _sets(h) and h.fact.value is not None and h not in claims)
    begun = [h for h in claims if _begin(h) <= today]
    ahead = [h for h in claims if _begin(h) > today]
    winner = begun[-1] if begun else None
    coming = min(ahead, key=lambda h: (_begin(h), *_rank(h)[1:]), default=None)
    end = _end(field, winner, valid) if winner else None
    over = winner is not None and end is not None and end < today
    days = [day for day in (_begin(coming) if coming else None, _after(end, today)) if day]
    confirmed = None if winner is None or over else _confirmation(field, winner, valid)
    return FieldState(
        current=None if over else winner,
        ended=winner if over else None,
        coming=coming,
        confirmed_at=confirmed.recorded_at if confirmed else None,
        confirmed_by=confirmed.origin if confirmed else None,
        changed_at=None if winner is None or over else _changed_at(field, winner, claims),
        taken_back=taken_back,
        changes_on=min(days, default=None),
    )


def active(states: Mapping[Field, FieldState], field: Field) -> bool:
    """Tell whether a standing order (protection, ban) is in force."""
    return states.get(field, NOTHING).value is True


def known_clear(states: Mapping[Field, FieldState]) -> bool:
    """Tell whether some source has said that there is no protection order (trust rule P2)."""
    return states.get(Field.PROTECTION, NOTHING).value is False


def _standing(facts: Sequence[HeldFact]) -> FieldState:
    """Orders follow the moment of writing down. At one moment the order outranks its end."""
    said = [h for h in facts if not h.cancelled]
    explicit = [h for h in said if h.fact.kind is not FactKind.CONFIRMED]
    # A statement that merely found no order (CONFIRMED False) counts only where nobody ever spoke of one.
    last = max(explicit or said, key=lambda h: (h.recorded_at, h.fact.value is True, h.event), default=None)
    if last is None or last.fact.kind in (FactKind.ENDED, FactKind.WITHDRAWN):
        return FieldState()
    return FieldState(current=last, confirmed_at=last.recorded_at, confirmed_by=last.origin)


def _sets(held: HeldFact) -> bool:
    return held.fact.kind in (FactKind.SET, FactKind.CORRECTED)


def _retracted(field: Field, claim: HeldFact, facts: Sequence[HeldFact]) -> bool:
    """A claim is retracted when its value was withdrawn or corrected at a later writing."""
    for other in facts:
        fact = other.fact
        if other.recorded_at < claim.recorded_at or other is claim:
            continue
        if fact.kind is FactKind.WITHDRAWN and (fact.value is None or same_value(field, fact.value, claim.fact.value)):
            if fact.valid_from in (None, claim.fact.valid_from) or claim.fact.valid_from is None:
                return True
        elif fact.kind is FactKind.CORRECTED and same_value(field, fact.wrong, claim.fact.value):
            return True
    return False


def _end(field: Field, claim: HeldFact, facts: Sequence[HeldFact]) -> date | None:
    """Return the last day on which the claim holds, the earliest that anybody named after it was made."""
    ends = [claim.fact.valid_until.last_day()] if claim.fact.valid_until else []
    for other in facts:
        fact = other.fact
        if fact.kind is not FactKind.ENDED or other.recorded_at < claim.recorded_at:
            continue
        if fact.value is None or same_value(field, fact.value, claim.fact.value):
            day = fact.valid_until.last_day() if fact.valid_until else other.recorded_at.date()
            if day >= _begin(claim):
                ends.append(day)
    return min(ends, default=None)


def _confirmation(field: Field, winner: HeldFact, facts: Sequence[HeldFact]) -> HeldFact | None:
    saying = (FactKind.SET, FactKind.CORRECTED, FactKind.CONFIRMED)
    said = [
        h
        for h in facts
        if h.source not in _EVIDENCE_ONLY
        and h.fact.kind in saying
        and same_value(field, h.fact.value, winner.fact.value)
    ]
    return max(said, key=lambda h: (h.recorded_at, h.origin), default=None)


def _changed_at(field: Field, winner: HeldFact, claims: Sequence[HeldFact]) -> datetime | None:
    saying = [h for h in claims if same_value(field, h.fact.value, winner.fact.value)]
    if any(h.source in (Source.REGISTER, Source.STAFF) for h in saying):
        return None
    return min(h.learned_at for h in saying)


def _begin(held: HeldFact) -> date:
    return held.fact.valid_from.first_day() if held.fact.valid_from else date.min


def _rank(held: HeldFact) -> tuple[date, int, datetime, str]:
    return _begin(held), -held.source.precedence, held.recorded_at, held.event


def _after(end: date | None, today: date) -> date | None:
    """Return the day after the end, if that is still to come."""
    if end is None or end < today or end == date.max:
        return None
    return date.fromordinal(end.toordinal() + 1)
