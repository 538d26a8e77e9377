"""Which value of a field holds, given every fact that was ever said about it.

The state of a field is a function of the set of its facts and the day: nothing depends on the order in which they
arrived, so replays, resyncs and reordered feeds end in the same state.

Precedence (DESIGN section 6): the newer effective date wins; at the same date the source of higher precedence, then
what was written down later. A value whose date nobody knows is older than any dated one: so it is with everything
that stood in the register before we came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import dropwhile

from sync.applying.counting import counted
from sync.applying.doubt import denied, disputing, returned_on, told
from sync.applying.same import Same, same_value
from sync.model import (
    LOCATION_FIELDS,
    ORDERS,
    PROTECTS,
    STANDING_FIELDS,
    FactKind,
    FactValue,
    Field,
    HeldFact,
    PartialDate,
    Source,
    hides_of,
)

_EVIDENCE_ONLY = frozenset({Source.REGISTER, Source.RETURNED_MAIL})
"""Speakers whose repeating a value does not confirm it."""

_OURS = frozenset({Source.REGISTER, Source.STAFF, Source.CUSTOMER})
"""Speakers within the organisation."""

_RETRACTING = frozenset({FactKind.WITHDRAWN, FactKind.CORRECTED})
_CLAIMING = frozenset({FactKind.SET, FactKind.CORRECTED})
_SAYING = frozenset({FactKind.SET, FactKind.CORRECTED, FactKind.CONFIRMED})

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FieldState:
    """What holds of one field on one day.

    Attributes:
        current: the fact whose value holds; None when nothing does.
        ended: the fact that held last, when it has ended and nothing came after it.
        coming: the fact that will hold next, from a later day.
        later: what will hold after that, one fact for each day on which something begins.
        until: the last day on which the current value holds; None while no end is known.
        confirmed_at: when the current value was last said by a source whose word confirms; UTC.
        confirmed_by: name of the feed or register that said so.
        changed_at: when a provider's word made this value ours, UTC; None when the register had it before or staff did.
        taken_back: values that were held once and then withdrawn, corrected, cancelled or undone.
        returned_on: the day on which post, or a message, to the current value last came back; None when it did not since
            the value was last confirmed.
        disputed: somebody else says otherwise of the very day from which the current value holds, or a person has confirmed
            another one since, and nobody has settled it.
        changes_on: the next day on which this state changes by itself.
    """

    current: HeldFact | None = None
    ended: HeldFact | None = None
    coming: HeldFact | None = None
    later: tuple[HeldFact, ...] = ()
    until: date | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    changed_at: datetime | None = None
    taken_back: tuple[FactValue, ...] = ()
    returned_on: date | None = None
    disputed: bool = False
    changes_on: date | None = None

    @property
    def value(self) -> FactValue | None:
        """The value that holds, or None."""
        return self.current.fact.value if self.current else None


NOTHING = FieldState()


def resolve_all(facts: Iterable[HeldFact], today: date, same: Same = same_value) -> dict[Field, FieldState]:
    """Return the state of every field that anything was said about; `same` tells which values mean one thing."""
    by_field: dict[Field, list[HeldFact]] = {}
    for held in facts:
        by_field.setdefault(held.fact.field, []).append(held)
    return {field: resolve(field, said, today, same) for field, said in by_field.items()}


def resolve(field: Field, facts: Sequence[HeldFact], today: date, same: Same = same_value) -> FieldState:
    """Return the state of one field on that day."""
    if field in STANDING_FIELDS:
        return _standing(field, _readable(facts, same))
    # Most fields of most customers: said once, and for good. What follows would come to the same, ten times as slowly.
    if len(facts) == 1 and _holds_alone(facts[0], today):
        return _alone(facts[0])
    return _among(field, _readable(facts, same), today, same)


def _readable(facts: Sequence[HeldFact], same: Same) -> list[HeldFact]:
    # What nobody can read any more says nothing.
    return [h for h in counted(facts, same) if not h.purged and h.fact.kind is not FactKind.UNDONE]


def _holds_alone(held: HeldFact, today: date) -> bool:
    """Tell whether a fact beside which there is no other is a plain claim that has begun and has no end."""
    fact = held.fact
    if fact.kind is not FactKind.SET or fact.valid_until or held.source is Source.RETURNED_MAIL:
        return False
    return not (held.cancelled or held.undone or held.purged) and begin(held) <= today


def _alone(held: HeldFact) -> FieldState:
    confirms = held.source not in _EVIDENCE_ONLY
    return FieldState(
        current=held,
        confirmed_at=told(held) if confirms else None,
        confirmed_by=held.origin if confirms else None,
        changed_at=None if held.source in (Source.REGISTER, Source.STAFF) else held.learned_at,
    )


def _among(field: Field, facts: Sequence[HeldFact], today: date, same: Same) -> FieldState:
    """Return the state of a field of which several things were said."""
    said = [held for held in facts if not held.cancelled and not held.undone]
    # Returned mail makes stale and never changes a value, whatever else its sender may say.
    valid = [held for held in said if held.source is not Source.RETURNED_MAIL]
    # Asked about every field of every change: most facts only claim something, and then nothing is compared with them.
    retracting = [held for held in valid if held.fact.kind in _RETRACTING]
    standing = [h for h in valid if is_claim(h) and not (retracting and retracted_by(field, h, retracting, same))]
    claims = ranked(field, standing, valid, same)
    stand = set(map(id, standing))
    taken_back = [h.fact.value for h in facts if _may_claim(h) and h.fact.value is not None and id(h) not in stand]
    begun = [h for h in claims if begin(h) <= today]
    later = tuple({begin(h): h for h in claims if begin(h) > today}.values())  # of one day, the last in rank
    winner = begun[-1] if begun else None
    ahead = tuple(dropwhile(lambda held: _goes_on(field, winner, held, valid, same), later))
    end = end_of(field, winner, valid, same) if winner else None
    over = winner is not None and end is not None and end < today
    current = None if over else winner
    stated = [h for h in valid if id(h) in stand or not is_claim(h)]
    saying = _saying(field, current, stated, same) if current else []
    # One whose clock was ahead once does not stand in the way of all who speak after it.
    confirmed = max(saying, key=lambda h: (told(h), h.origin, h.learned_at), default=None)
    others = disputing(field, current, begun, saying, same) if current else []
    disputed = [until for h in others if (until := end_of(field, h, valid, same)) is None or until >= today]
    days = [begin(later[0]) if later else None, _after(end, today), *(_after(until, today) for until in disputed)]
    return FieldState(
        current=current,
        ended=winner if over else None,
        coming=ahead[0] if ahead else None,
        later=ahead[1:],
        until=end if current else None,
        # A provider whose clock is ahead does not make a value fresher than the day on which it told us.
        confirmed_at=told(confirmed) if confirmed else None,
        confirmed_by=confirmed.origin if confirmed else None,
        changed_at=_changed_at(field, current, begun, same) if current else None,
        returned_on=returned_on(field, current, confirmed, said, same) if current else None,
        taken_back=tuple(sorted(taken_back, key=repr)),
        disputed=bool(disputed) or (current is not None and denied(field, current, stated, saying, same)),
        changes_on=min((day for day in days if day), default=None),
    )


def _goes_on(field: Field, winner: HeldFact | None, later: HeldFact, facts: Sequence[HeldFact], same: Same) -> bool:
    """Tell whether a claim for a day to come says only what holds until then: two providers name two days of one move."""
    if winner is None or not same(field, winner.fact.value, later.fact.value):
        return False
    end = end_of(field, winner, facts, same)
    return end is None or end >= begin(later) - _DAY


def active(states: Mapping[Field, FieldState], field: Field) -> bool:
    """Tell whether a standing order (protection, ban) is in force."""
    return states.get(field, NOTHING).value is True


def hidden(states: Mapping[Field, FieldState]) -> frozenset[Field]:
    """Return the fields that the protection orders in force hide (trust rules P3, P10)."""
    in_force = [order for order in PROTECTS if order in states and active(states, order)]
    return hides_of(in_force) if in_force else frozenset()  # asked several times of everybody, and true of few


def frozen(states: Mapping[Field, FieldState]) -> frozenset[Field]:
    """Return the fields that no program may update: the person has banned updates of where they are."""
    return LOCATION_FIELDS if active(states, Field.UPDATE_BAN) else frozenset()


def unkept(states: Mapping[Field, FieldState]) -> frozenset[Field]:
    """Return the fields of which no news is kept: an order hides them, or a ban freezes them."""
    return frozen(states) or hidden(states)


def known_clear(states: Mapping[Field, FieldState]) -> bool:
    """Tell whether some source has said that there is no protection order (trust rule P2)."""
    return states.get(Field.PROTECTION, NOTHING).value is False


def _standing(field: Field, facts: Sequence[HeldFact]) -> FieldState:
    """Orders follow the moment of writing down. At one moment the order outranks its end.

    What a provider ordered, only its own word ends (trust rule P12): neither a tick taken out of the register nor what another
    one says of its own orders does. A ban on marketing or on handing data on is the person's own, who may tell the
    organisation otherwise.
    """
    said = [h for h in facts if not h.cancelled and not h.undone]
    explicit = [h for h in said if h.fact.kind is not FactKind.CONFIRMED]
    # A statement that merely found no order (CONFIRMED False) counts only where nobody ever spoke of one.
    found = max((h for h in said if h.fact.kind is FactKind.CONFIRMED), key=_written, default=None)
    said_by: dict[str, list[HeldFact]] = {}  # by whom; our own as one
    for h in sorted(explicit, key=_written):
        said_by.setdefault("" if h.source in _OURS else h.origin, []).append(h)
    last_of = {who: _last(words) for who, words in said_by.items()}
    in_force = [h for who, h in last_of.items() if who and field in ORDERS and _orders(h)]
    last = max(in_force or last_of.values(), key=_written, default=found)
    if last is None or last.fact.kind in (FactKind.ENDED, FactKind.WITHDRAWN):
        return FieldState()
    return FieldState(current=last, confirmed_at=told(last), confirmed_by=last.origin)


def _last(words: Sequence[HeldFact]) -> HeldFact:
    """Return the last word of one speaker, whose words are in the order of writing down.

    An end that claims a later time than that of its arrival speaks of no order that was written down after it had come: the
    provider's clock was ahead.
    """
    if _orders(words[-1]):
        return words[-1]
    after: list[HeldFact] = []
    for held in reversed(words):
        if not _orders(held):
            after.append(held)
        elif all(told(end) < held.recorded_at and end.learned_at < held.learned_at for end in after):
            return held
    return words[-1]


def _orders(held: HeldFact | None) -> bool:
    return held is not None and held.fact.kind not in (FactKind.ENDED, FactKind.WITHDRAWN) and held.fact.value is True


def _written(held: HeldFact) -> tuple[bool, datetime, bool, str, str]:
    """Order by the moment of writing down; nobody knows it of what stood in the register when we came."""
    return held.source is not Source.REGISTER, held.recorded_at, _orders(held), held.event, held.fact.kind


def is_claim(held: HeldFact) -> bool:
    """Tell whether it says that a value holds, or did, rather than something about another fact's value."""
    return held.fact.kind in _CLAIMING


def dated(field: Field, claim: HeldFact, facts: Sequence[HeldFact], same: Same = same_value) -> HeldFact:
    """Give a correction without a date the date of what it corrects, which may be such a correction itself."""
    if not _is_undated_correction(claim):
        return claim
    dates, followed, seen = [], [claim], {id(claim)}
    while followed:
        by = followed.pop()
        for other in facts:
            if id(other) in seen or not is_claim(other) or _before(by, other):
                continue
            if same(field, other.fact.value, by.fact.wrong):
                seen.add(id(other))
                dates += [other.fact.valid_from] if other.fact.valid_from else []
                followed += [other] if _is_undated_correction(other) else []
    if not dates:
        return claim
    return replace(claim, fact=replace(claim.fact, valid_from=max(dates, key=lambda day: (day.first_day(), str(day)))))


def ranked(field: Field, claims: Sequence[HeldFact], facts: Sequence[HeldFact], same: Same) -> list[HeldFact]:
    """Order claims, each with the date that it has by everything else that is said; of those that have begun, the last holds."""
    known = [dated(field, h, facts, same) for h in claims]
    coarse = any(_is_coarse(h.fact.valid_from) for h in known)
    return sorted(
        [_to_the_day(field, h, known, same) for h in known] if coarse else known, key=partial(rank, same=same)
    )


def _to_the_day(field: Field, claim: HeldFact, others: Sequence[HeldFact], same: Same) -> HeldFact:
    """Give a date that tells only the month, or the year, the first day within it that another one tells of the same value."""
    since = claim.fact.valid_from
    if since is None or not _is_coarse(since):
        return claim
    named = [h.fact.valid_from for h in others if h.fact.valid_from and same(field, h.fact.value, claim.fact.value)]
    days = [d for d in named if not _is_coarse(d) and since.first_day() <= d.first_day() <= since.last_day()]
    if not days:
        return claim
    return replace(claim, fact=replace(claim.fact, valid_from=min(days, key=PartialDate.first_day)))


def _is_coarse(day: PartialDate | None) -> bool:
    return day is not None and day.day is None


def _is_undated_correction(held: HeldFact) -> bool:
    return held.fact.kind is FactKind.CORRECTED and held.fact.valid_from is None and held.fact.wrong is not None


def _before(other: HeldFact, claim: HeldFact) -> bool:
    """Tell whether something was written down before a claim was made, and therefore cannot speak of it.

    What stood in the register when we came is older than everything that anybody tells us.
    """
    return claim.source is not Source.REGISTER and other.recorded_at < claim.recorded_at


def retracted_by(field: Field, claim: HeldFact, facts: Sequence[HeldFact], same: Same = same_value) -> HeldFact | None:
    """Return what retracts a claim: its value was withdrawn or corrected at a later writing."""
    for other in facts:
        fact = other.fact
        if other is claim or _before(other, claim):
            continue
        if fact.kind is FactKind.WITHDRAWN and (fact.value is None or same(field, fact.value, claim.fact.value)):
            if fact.valid_from in (None, claim.fact.valid_from) or claim.fact.valid_from is None:
                return other
        elif fact.kind is FactKind.CORRECTED and _corrects(field, other, claim, same):
            return other
    return None


def _corrects(field: Field, other: HeldFact, claim: HeldFact, same: Same) -> bool:
    if not same(field, other.fact.wrong, claim.fact.value):
        return False
    if claim.source in _OURS and same(field, other.fact.value, claim.fact.value):
        return False  # only its date, or its spelling, was corrected: the register had it right
    # Two corrections of each other at one moment: the one that ranks higher stands, not neither.
    mutual = claim.fact.kind is FactKind.CORRECTED and same(field, claim.fact.wrong, other.fact.value)
    return not (mutual and other.recorded_at == claim.recorded_at and rank(other, same) < rank(claim, same))


def end_of(field: Field, claim: HeldFact, facts: Sequence[HeldFact], same: Same = same_value) -> date | None:
    """Return the last day on which the claim holds, the earliest that anybody named after it was made."""
    ends = [claim.fact.valid_until.last_day()] if claim.fact.valid_until else _ends_told(field, claim, facts, same)
    for other in facts:
        fact = other.fact
        if fact.kind is not FactKind.ENDED or not (fact.value is None or same(field, fact.value, claim.fact.value)):
            continue
        day = fact.valid_until.last_day() if fact.valid_until else other.recorded_at.date()
        if begin(claim) > day:
            continue
        if other.source in _OURS:
            # Somebody emptied the field: at once, and for whatever is older than that, whenever we are told of it.
            if claim.source not in _OURS or not _before(other, claim):
                ends.append(day - _DAY)
        elif not _before(other, claim):
            ends.append(day)
    return min(ends, default=None)


def _ends_told(field: Field, claim: HeldFact, facts: Sequence[HeldFact], same: Same) -> list[date]:
    """Return until when others said what staff typed while it held: a register has no place for the end of a stay."""
    if claim.source not in _OURS or not claim.fact.valid_from:
        return []
    named = [(h, h.fact.valid_until.last_day()) for h in facts if is_claim(h) and h.fact.valid_until]
    return [day for h, day in named if begin(h) <= begin(claim) <= day and same(field, h.fact.value, claim.fact.value)]


def _saying(field: Field, winner: HeldFact, facts: Sequence[HeldFact], same: Same) -> list[HeldFact]:
    """Return everybody's words for the value that holds."""
    return [
        h
        for h in facts
        if h.source not in _EVIDENCE_ONLY and h.fact.kind in _SAYING and same(field, h.fact.value, winner.fact.value)
    ]


def _changed_at(field: Field, winner: HeldFact, claims: Sequence[HeldFact], same: Same) -> datetime | None:
    saying: list[HeldFact] = []
    for held in reversed(claims):  # the last to have begun first
        if same(field, held.fact.value, winner.fact.value):
            saying.append(held)
        elif saying and held.learned_at < min(h.learned_at for h in saying):
            break  # another value held until then: whoever said this one before that said it of an earlier time
    if any(h.source in (Source.REGISTER, Source.STAFF) for h in saying):
        return None
    return min(h.learned_at for h in saying)


def _may_claim(held: HeldFact) -> bool:
    return is_claim(held) and held.source is not Source.RETURNED_MAIL


def begin(held: HeldFact) -> date:
    """Return the first day on which it holds; of what has no date, the first day there is."""
    return held.fact.valid_from.first_day() if held.fact.valid_from else date.min


def rank(held: HeldFact, same: Same = same_value) -> tuple[date, int, datetime, str, datetime]:
    """Order claims; of those that have begun, the last one holds."""
    # Edits of one second in the register have no event; what we learned last is the last of them.
    return begin(held), -same.rank(held.fact.field, held.source), held.recorded_at, held.event, held.learned_at


def _after(end: date | None, today: date) -> date | None:
    """Return the day after the end, if that is still to come."""
    if end is None or end < today or end == date.max:
        return None
    return date.fromordinal(end.toordinal() + 1)
