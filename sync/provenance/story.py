"""The story of one field: everything that was said of it, what became of each statement, and why.

A pure function of what is kept. It decides nothing: the engine's own order of claims tells which of them won, and by what.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial

from sync.applying.counting import marks_on
from sync.applying.history import Asking
from sync.applying.same import Same
from sync.applying.survivorship import begin, end_of, is_claim, rank, ranked, resolve, retracted_by
from sync.model import STANDING_FIELDS, FactKind, Field, HeldFact
from sync.ports.store import Delivery, DeliveryState, StoredFact

_DAY = timedelta(days=1)


class Standing(StrEnum):
    """What became of a statement, as known now."""

    HOLDS = "holds"
    COMING = "coming"  # will hold from a later day
    HELD = "held"  # held once; something followed, or it ended
    OUTRANKED = "outranked"  # never held: another statement for the same day ranks higher
    RETRACTED = "retracted"  # withdrawn or corrected: never held
    CANCELLED = "cancelled"  # its whole notice was taken back
    UNDONE = "undone"  # a person undid it, or it repeats what was undone
    FORGOTTEN = "forgotten"  # its value is no longer kept
    CONFIRMS = "confirms"  # says that a value holds, and brings none of its own
    SPEAKS = "speaks"  # ends or withdraws what others said
    UNDOES = "undoes"  # says that a statement does not count


class WinningRule(StrEnum):
    """By what a statement ranks above the one before it."""

    ONLY = "only"  # there is none before it
    NEWER_DATE = "newer_date"
    HIGHER_SOURCE = "higher_source"  # same date, source of higher precedence
    WRITTEN_LATER = "written_later"  # same date and kind of source
    LEARNED_LATER = "learned_later"  # nothing else tells them apart
    ORDER = "order"  # orders follow the moment of writing, and a provider's only a provider ends


@dataclass(frozen=True, slots=True)
class Carried:
    """A delivery that carried the value, or emptied the field."""

    id: int
    register: str
    state: DeliveryState
    created_at: datetime
    acknowledged_at: datetime | None
    reason: str

    @property
    def settled_at(self) -> datetime:
        """When it was acknowledged, or else made; UTC."""
        return self.acknowledged_at or self.created_at


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and what became of it.

    Attributes:
        stored: the fact with its provenance.
        standing: what became of it.
        first: the first day on which it held or will hold; None when it did not, or nobody knows since when. Of an order
            that is over no days are told: when it ended is told by what ended it.
        last: the last such day; None while it goes on.
        rule: by what it ranks above `over`; with OUTRANKED, by what `by` ranks above it.
        over: the statement that it replaced.
        by: the statement that replaced, outranked, retracted or undid it.
        late: it came after what replaced it.
        repeats: the statement whose value it says again, spelled otherwise perhaps; or that it undoes.
        agrees: with OUTRANKED, what outranks it says the same: its value held all the same.
        deliveries: which carried it, the oldest first.
    """

    stored: StoredFact
    standing: Standing
    first: date | None = None
    last: date | None = None
    rule: WinningRule | None = None
    over: HeldFact | None = None
    by: HeldFact | None = None
    late: bool = False
    repeats: HeldFact | None = None
    agrees: bool = False
    deliveries: tuple[Carried, ...] = ()

    @property
    def held(self) -> HeldFact:
        """The fact."""
        return self.stored.held


@dataclass(frozen=True, slots=True)
class Story:
    """Everything said of one field, the oldest first.

    Attributes:
        field: which.
        statements: in the order in which we learned them.
        emptied: deliveries that emptied the field.
    """

    field: Field
    statements: tuple[Statement, ...]
    emptied: tuple[Carried, ...] = ()


def stories(
    said: Sequence[StoredFact], deliveries: Sequence[Delivery], asking: Asking, same: Same
) -> tuple[Story, ...]:
    """Tell the story of every field of which anything was said."""
    fields = dict.fromkeys(one.held.fact.field for one in said)
    return tuple(
        _story(name, [one for one in said if one.held.fact.field is name], deliveries, asking, same)
        for name in Field
        if name in fields
    )


def _story(
    field: Field, said: Sequence[StoredFact], deliveries: Sequence[Delivery], asking: Asking, same: Same
) -> Story:
    tell = _Orders if field in STANDING_FIELDS else _Claims
    teller = tell(field, [one.held for one in said], asking, same)
    statements = tuple(teller.tell(one, _carrying(deliveries, field, one.held.id)) for one in said)
    return Story(field, statements, _carrying(deliveries, field, None))


def _carrying(deliveries: Iterable[Delivery], field: Field, fact: int | None) -> tuple[Carried, ...]:
    return tuple(
        Carried(d.id, d.register, d.state, d.created_at, d.acknowledged_at, d.reason)
        for d in deliveries
        if field in d.carried and d.carried[field] == fact
    )


class _Undoings:
    """Tells of what a person undid, and of the undoing."""

    def __init__(self, facts: Sequence[HeldFact], same: Same) -> None:
        self._by_id = {h.id: h for h in facts}
        self._marks = marks_on(facts, same)

    def others(self, facts: Iterable[HeldFact]) -> list[HeldFact]:
        """Return the facts that count, without the marks."""
        return [h for h in facts if h.id not in self._marks and h.fact.kind is not FactKind.UNDONE]

    def tell(self, stored: StoredFact, carried: tuple[Carried, ...]) -> Statement | None:
        """Say what became of a statement that was undone, or that undoes; None of any other."""
        held = stored.held
        of, by = self._by_id.get(held.about), self._marks.get(held.id)
        if by is not None:
            return Statement(stored, Standing.UNDONE, by=by, repeats=of, deliveries=carried)
        return Statement(stored, Standing.UNDOES, repeats=of) if held.fact.kind is FactKind.UNDONE else None


class _Claims:
    """Tells what became of each statement about a field in which one value follows the other."""

    def __init__(self, field: Field, facts: Sequence[HeldFact], asking: Asking, same: Same) -> None:
        self._field, self._same, self._today = field, same, asking.today
        self._undoings = _Undoings(facts, same)
        self._valid = self._undoings.others([h for h in facts if not h.purged and not h.cancelled])
        # A value that is no longer kept has its days: what was there before it ended with it.
        self._gone = self._undoings.others([h for h in facts if h.purged and is_claim(h) and not h.cancelled])
        self._retracted = {
            h.id: by for h in self._valid if is_claim(h) and (by := retracted_by(field, h, self._valid, same))
        }
        standing = [h for h in self._valid if is_claim(h) and h.id not in self._retracted]
        self._ranked = ranked(field, standing, self._valid, same)
        self._place = {h.id: at for at, h in enumerate(self._ranked)}

    def tell(self, stored: StoredFact, carried: tuple[Carried, ...]) -> Statement:
        """Say what became of one statement."""
        held = stored.held
        if undone := self._undoings.tell(stored, carried):
            return undone
        if held.purged:
            return Statement(stored, Standing.FORGOTTEN, deliveries=carried)
        if held.cancelled:
            return Statement(stored, Standing.CANCELLED, deliveries=carried)
        if held.id in self._retracted:
            return Statement(stored, Standing.RETRACTED, by=self._retracted[held.id], deliveries=carried)
        if held.id in self._place:
            return self._claim(stored, carried)
        confirms = held.fact.kind is FactKind.CONFIRMED
        return Statement(stored, Standing.CONFIRMS if confirms else Standing.SPEAKS, repeats=self._spoken_of(held))

    def _claim(self, stored: StoredFact, carried: tuple[Carried, ...]) -> Statement:
        at = self._place[stored.held.id]
        claim = self._ranked[at]
        before = self._ranked[at - 1] if at else None
        after = self._ranked[at + 1] if at + 1 < len(self._ranked) else None
        known = before is not None and before.learned_at <= claim.learned_at
        again = before if before and known and self._same(self._field, before.fact.value, claim.fact.value) else None
        first = begin(claim)
        if after and begin(after) == first:
            late = claim.learned_at > after.learned_at
            rule, agrees = _rule(after, claim), self._same(self._field, after.fact.value, claim.fact.value)
            return Statement(
                stored, Standing.OUTRANKED, rule=rule, by=after, late=late, agrees=agrees, deliveries=carried
            )
        ends = [begin(after) - _DAY] if after else []
        ends += [begin(h) - _DAY for h in self._gone if after and first < begin(h) < begin(after)]
        ends += [end] if (end := end_of(self._field, claim, self._valid, self._same)) else []
        last = min(ends, default=None)
        standing = self._standing(first, last)
        return Statement(
            stored,
            standing,
            first=None if first == date.min else first,
            last=last,
            rule=_rule(claim, before),
            over=before,
            by=after if after and last == begin(after) - _DAY else None,
            late=standing is Standing.HELD and after is not None and claim.learned_at > after.learned_at,
            repeats=again,
            deliveries=carried,
        )

    def _standing(self, first: date, last: date | None) -> Standing:
        if first > self._today:
            return Standing.COMING
        return Standing.HELD if last is not None and last < self._today else Standing.HOLDS

    def _spoken_of(self, held: HeldFact) -> HeldFact | None:
        """Return the latest claim whose value is confirmed, ended or withdrawn; of those that we had by then, if any."""
        claims = [*(h for h in self._valid if h.id in self._retracted), *self._ranked]
        meant = [h for h in claims if held.fact.value is None or self._same(self._field, h.fact.value, held.fact.value)]
        by_then = [h for h in meant if h.learned_at <= held.learned_at]
        return max(by_then or meant, key=partial(rank, same=self._same), default=None)


class _Orders:
    """Tells what became of each statement about an order, which stands until an explicit end."""

    def __init__(self, field: Field, facts: Sequence[HeldFact], asking: Asking, same: Same) -> None:
        self._zone: tzinfo = asking.zone
        self._undoings = _Undoings(facts, same)
        current = resolve(field, facts, asking.today, same).current
        self._current = current.id if current else None

    def tell(self, stored: StoredFact, carried: tuple[Carried, ...]) -> Statement:
        """Say what became of one statement."""
        held = stored.held
        if undone := self._undoings.tell(stored, carried):
            return undone
        if held.cancelled:
            return Statement(stored, Standing.CANCELLED, deliveries=carried)
        if held.id == self._current:
            written = min(held.recorded_at, held.learned_at).astimezone(self._zone).date()
            return Statement(stored, Standing.HOLDS, first=written, rule=WinningRule.ORDER, deliveries=carried)
        if held.fact.kind in (FactKind.SET, FactKind.CORRECTED):
            return Statement(stored, Standing.HELD, deliveries=carried)
        confirms = held.fact.kind is FactKind.CONFIRMED
        return Statement(stored, Standing.CONFIRMS if confirms else Standing.SPEAKS, deliveries=carried)


def _rule(winner: HeldFact, loser: HeldFact | None) -> WinningRule:
    if loser is None:
        return WinningRule.ONLY
    if begin(winner) != begin(loser):
        return WinningRule.NEWER_DATE
    if winner.source is not loser.source:
        return WinningRule.HIGHER_SOURCE
    if winner.recorded_at != loser.recorded_at:
        return WinningRule.WRITTEN_LATER
    return WinningRule.LEARNED_LATER
