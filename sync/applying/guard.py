"""What is too much to be true: a feed that ends far more than it ever has, or makes somebody into somebody else.

Pure functions. `sync.guarding` counts and pauses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from sync.applying.same import Same
from sync.applying.survivorship import NOTHING, FieldState, resolve_all
from sync.matching.normalise.ids import birth_date_of, sex_of
from sync.matching.normalise.text import words
from sync.model import Change, FactKind, Field, HeldFact, PartialDate, PersonName

IDENTITY_CHANGES = "identity_changes"
"""Reason of a review: the change would alter two of family name, birth date and sex."""

_CLAIMS = frozenset({FactKind.SET, FactKind.CORRECTED})
_LOST = (Field.ADDRESS, Field.DEATH)
"""Fields by which somebody loses an address, or dies."""
_WHO = (Field.NAME, Field.BIRTH_DATE, Field.NATIONAL_ID)
_ENDING = frozenset({FactKind.ENDED, FactKind.WITHDRAWN})
_AHEAD = timedelta(days=366)
"""How far ahead an end or a death is looked for; what registers write for "no end known" is centuries away."""


class GuardKind(StrEnum):
    """What a feed may do too much of."""

    ENDED_ADDRESSES = "ended_addresses"  # customers who have no home address any more
    DEATHS = "deaths"  # customers who are dead now
    IDENTITY_CHANGES = "identity_changes"  # changes of two of family name, birth date and sex: each a review
    EMPTIED = "emptied"  # customers of whom it had spoken, and whom it does not know any more


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is too much, for one feed.

    Attributes:
        floor: so many customers a day never are, however small the register.
        share: of the register's customers, from which on a day is too much, unless the record says otherwise.
        times_record: so many times as many as on any day before are too much.
        identity_floor: as `floor`, for identity changes.
        identity_share: as `share`, for identity changes.
        lost_share: of the customers of whom the feed had spoken, asked for in one run, who may be unknown to it now.
    """

    floor: int = 25
    share: float = 0.01
    times_record: float = 5.0
    identity_floor: int = 5
    identity_share: float = 0.001
    lost_share: float = 0.5

    def least(self, kind: GuardKind) -> int:
        """Return how many never are too much."""
        return self.identity_floor if kind is GuardKind.IDENTITY_CHANGES else self.floor

    def most(self, kind: GuardKind, customers: int, record: int) -> int:
        """Return how many customers a day may be.

        Args:
            kind: of what.
            customers: how many the register has; for EMPTIED, how many were asked for of whom the feed had spoken.
            record: the most on any day before on which no guard tripped.
        """
        share = {GuardKind.IDENTITY_CHANGES: self.identity_share, GuardKind.EMPTIED: self.lost_share}
        by_share = int(customers * share.get(kind, self.share))
        return max(self.least(kind), by_share, int(record * self.times_record))


def ends(
    before: Mapping[int, Sequence[HeldFact]],
    after: Mapping[int, Sequence[HeldFact]],
    feed: str,
    today: date,
    same: Same,
    *,
    asked: bool,
    states: Mapping[int, Mapping[Field, FieldState]] = MappingProxyType({}),
) -> dict[GuardKind, int]:
    """Count the customers who lose their address, and those who die, by what a page says of them.

    Args:
        before: what was held of each customer before the page.
        after: the same, with what the page says.
        feed: the feed.
        today: the day in the register's time zone.
        same: tells which values mean one thing.
        asked: the page answers a look-up. What a feed says of somebody for the first time then is no burst: many
            people of an old register are dead, and it has to be said once.
        states: what holds today of some of them after the page, by a caller who has it.
    """
    found = dict.fromkeys((GuardKind.ENDED_ADDRESSES, GuardKind.DEATHS), 0)
    for id_, held in after.items():
        had = before.get(id_, ())
        if not _may_end(had, held) or (asked and not any(h.origin == feed for h in had)):
            continue
        known = states.get(id_)
        now = _states(held, today, same) if known is None else {f: known.get(f, NOTHING) for f in _LOST}
        days = _at_both(held, now, today, same)
        lost = [day for day, now in days.items() if now[Field.ADDRESS].current is None]
        dead = [day for day, now in days.items() if _dead(now)]
        then = {day: _states(had, day, same) for day in {*lost, *dead}}
        found[GuardKind.ENDED_ADDRESSES] += any(then[day][Field.ADDRESS].current is not None for day in lost)
        found[GuardKind.DEATHS] += any(not _dead(then[day]) for day in dead)
    return {kind: count for kind, count in found.items() if count}


def _may_end(before: Sequence[HeldFact], after: Sequence[HeldFact]) -> bool:
    """Tell whether anything was said that could end an address or a life; most pages say nothing of the kind."""
    known = set(map(id, before))
    return any(
        held.cancelled
        or held.fact.field is Field.DEATH
        or (held.fact.field is Field.ADDRESS and (held.fact.kind in _ENDING or held.fact.valid_until is not None))
        for held in after
        if id(held) not in known
    )


def _at_both(
    held: Sequence[HeldFact], now: Mapping[Field, FieldState], today: date, same: Same
) -> dict[date, Mapping[Field, FieldState]]:
    """Return what holds today, which is known, and what will a year ahead.

    What is said today and comes true by itself later is counted today: nobody asks a guard then.
    """
    ahead = today + _AHEAD
    turns = any(state.changes_on and state.changes_on <= ahead for state in now.values())
    return {today: now, ahead: _states(held, ahead, same) if turns else now}


def _states(facts: Iterable[HeldFact], today: date, same: Same) -> Mapping[Field, FieldState]:
    return dict.fromkeys(_LOST, NOTHING) | resolve_all((h for h in facts if h.fact.field in _LOST), today, same)


def _dead(states: Mapping[Field, FieldState]) -> bool:
    return states[Field.DEATH].value not in (None, False)


def may_change_identity(change: Change, held: Sequence[HeldFact]) -> bool:
    """Tell whether a change could alter two of family name, birth date and sex; a new national id tells the latter two.

    Most say what was always said, and are not worth a plan of their own.
    """
    if not any(fact.field in _WHO for fact in change.facts):
        return False
    told: dict[Field, set[object]] = {}
    for fact in (*(f for f in change.facts if f.kind in _CLAIMS), *(h.fact for h in held)):
        if fact.field in _WHO and fact.value is not None:
            value = words(fact.value.surname) if isinstance(fact.value, PersonName) else fact.value
            told.setdefault(fact.field, set()).add(value)
    several = {field for field, values in told.items() if len(values) > 1}
    return Field.NATIONAL_ID in several or {Field.NAME, Field.BIRTH_DATE} <= several


def identity_changes(held: Sequence[HeldFact], fresh: Sequence[HeldFact], today: date, same: Same) -> frozenset[str]:
    """Return which of family name, birth date and sex of a customer would become others by what is said.

    A person marries, a birth date is corrected along with the national id, sex is corrected: one at a time. Two at once
    are somebody else, as far as a program can tell.
    """
    changed: set[str] = set()
    for day in (today, today + _AHEAD):
        then, now = (_identity([*held, *more], day, same) for more in ((), fresh))
        changed.update(what for (what, one), (_, other) in zip(then, now, strict=True) if _other(one, other))
    return frozenset(changed)


def _identity(facts: Iterable[HeldFact], today: date, same: Same) -> list[tuple[str, object]]:
    states = resolve_all((h for h in facts if h.fact.field in _WHO), today, same)
    name, born, id_ = (states.get(field, NOTHING).value for field in _WHO)
    told_by_id = id_ if isinstance(id_, str) else ""
    return [
        ("family_name", words(name.surname) if isinstance(name, PersonName) else None),
        ("birth_date", born),
        ("birth_date", birth_date_of(told_by_id)),
        ("sex", sex_of(told_by_id)),
    ]


def _other(one: object, other: object) -> bool:
    if isinstance(one, PartialDate) and isinstance(other, PartialDate):
        return not (str(one).startswith(str(other)) or str(other).startswith(str(one)))
    return one is not None and other is not None and one != other
