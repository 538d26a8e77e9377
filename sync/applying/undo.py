"""What undoing means for one customer: the marks to add, what holds afterwards, and what stands in the way.

A pure function. Nothing is deleted and no value is written anew: a fact that is marked does not count, and what holds is
worked out from the rest as it always is. Marking a mark takes the undoing back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sync.applying.counting import counted, standing_marks
from sync.applying.holding import restricted, withheld
from sync.applying.same import Same, same_value
from sync.applying.survivorship import (
    NOTHING,
    FieldState,
    active,
    end_of,
    frozen,
    hidden,
    resolve_all,
    retracted_by,
)
from sync.model import PROTECTS, Customer, Fact, FactKind, FactValue, Field, HeldFact, Hold, PartialDate, Source
from sync.ports.store import Delivery, DeliveryState

_BY_PEOPLE = frozenset({Source.STAFF, Source.CUSTOMER})


class Effect(StrEnum):
    """What becomes of a field."""

    BACK = "back"  # another value holds again
    EMPTY = "empty"  # nothing holds any more
    COMING = "coming"  # what holds stays, what was to come changes
    STAYS = "stays"  # what holds stays; a conflict says why


class Conflict(StrEnum):
    """What came later, or stands in the way."""

    REPLACED = "replaced"  # a later fact had replaced it already
    STAFF_EDITED = "staff_edited"  # staff, or the customer, said otherwise since: their value stands
    SAID_BY_OTHERS = "said_by_others"  # somebody else says the same, so that it still holds
    SAID_AGAIN = "said_again"  # the same feed said it again since; that does not count either
    TAKEN_BACK = "taken_back"  # its notice had been taken back by the provider
    NOT_KEPT = "not_kept"  # what held before is no longer kept, and cannot come back
    ORDER_STAYS = "order_stays"  # it brought a non-disclosure order; only a privacy officer lifts that
    HIDDEN = "hidden"  # of a place nothing is told: the person is protected, or may be
    RESTRICTED = "restricted"  # the customer is restricted (GDPR Art. 18): nothing is changed
    ON_HOLD = "on_hold"  # an objection, a lock or an update ban: it is written into the register when that is lifted
    COMPANION = "companion"  # it was matched through somebody who moved along: look at that one too


@dataclass(frozen=True, slots=True)
class FieldUndo:
    """What becomes of one field.

    Attributes:
        field: which.
        effect: what becomes of it.
        conflicts: what came later, or stands in the way.
        by: the source whose value holds afterwards; None where nothing does, or where nothing is told.
        origin: name of that feed or register; likewise.
        since: from when it holds; None where nobody knows, or where nothing is told.
    """

    field: Field
    effect: Effect
    conflicts: tuple[Conflict, ...] = ()
    by: Source | None = None
    origin: str = ""
    since: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What to do about one customer.

    Attributes:
        targets: the facts, or marks, that are to count no longer; none when there is nothing to undo.
        fields: what becomes of each field.
        conflicts: those that are about the whole customer.
        purge: fields that a non-disclosure order hides again: every value of them is removed.
        look_up: an order or a ban has ended: what was not kept meanwhile must be asked for again.
    """

    targets: tuple[HeldFact, ...] = ()
    fields: tuple[FieldUndo, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    purge: frozenset[Field] = frozenset()
    look_up: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan depends on, beside the facts.

    Attributes:
        today: the day in the register's time zone.
        now: the moment; UTC.
        register: name of the register, in whose name people undo.
        holds: what keeps automation from the customer.
        lift: a privacy officer wants an order lifted, too.
        untold: fields of which nothing may be told of a customer in this state (trust rules P2, P7).
    """

    today: date
    now: datetime
    register: str
    holds: Sequence[Hold] = ()
    lift: bool = False
    untold: frozenset[Field] = frozenset()


def plan_undo(
    held: Sequence[HeldFact], ids: Collection[int], around: Circumstances, same: Same = same_value
) -> UndoPlan:
    """Plan that these facts, or marks, count no longer. What a person has undone already is passed over."""
    marked = standing_marks(held)
    targets = [h for h in held if h.id in ids and h.id not in marked]
    if targets and restricted(around.holds):
        return UndoPlan(conflicts=(Conflict.RESTRICTED,))
    before = resolve_all(held, around.today, same)
    with_marks = [*held, *marks_for(targets, around)]
    after = resolve_all(with_marks, around.today, same)
    conflicts: list[Conflict] = []
    if hidden(before) - hidden(after) and not around.lift:
        # An order is never lifted by the way (trust rule P12).
        targets = [h for h in targets if h.fact.field not in PROTECTS]
        with_marks = [*held, *marks_for(targets, around)]
        after = resolve_all(with_marks, around.today, same)
        conflicts.append(Conflict.ORDER_STAYS)
    hid, hides = hidden(before), hidden(after)
    lifted = bool(hid - hides) or (active(before, Field.UPDATE_BAN) and not active(after, Field.UPDATE_BAN))
    weigh = _Weighing(targets, counted(with_marks, same), before, after, same, around, hides | around.untold)
    fields = tuple(weigh.of(name) for name in Field if any(h.fact.field is name for h in targets))
    return UndoPlan(tuple(targets), fields, tuple(conflicts), purge=hides - hid, look_up=lifted)


def marks_for(targets: Iterable[HeldFact], around: Circumstances) -> list[HeldFact]:
    """Return the marks that these count no longer."""
    return [
        HeldFact(
            Fact(target.fact.field, FactKind.UNDONE, None),
            Source.STAFF,
            around.register,
            learned_at=around.now,
            recorded_at=around.now,
            event=target.event,
            about=target.id,
        )
        for target in targets
    ]


class _Weighing:
    """Says what becomes of each field."""

    def __init__(
        self,
        targets: Sequence[HeldFact],
        facts: Sequence[HeldFact],
        before: Mapping[Field, FieldState],
        after: Mapping[Field, FieldState],
        same: Same,
        around: Circumstances,
        untold: frozenset[Field],
    ) -> None:
        self._on_hold = withheld(around.holds) | frozen(after)
        self._targets, self._facts, self._same, self._untold = targets, facts, same, untold
        self._before, self._after = before, after

    def of(self, name: Field) -> FieldUndo:
        """Say what becomes of one field."""
        if name in self._untold:
            return FieldUndo(name, Effect.STAYS, (Conflict.HIDDEN,))
        before, after = self._before.get(name, NOTHING), self._after.get(name, NOTHING)
        effect = self._effect(name, before, after)
        told = after.current
        return FieldUndo(
            name,
            effect,
            tuple(self._conflicts(name, before, after, effect)),
            told.source if told else None,
            told.origin if told else "",
            told.fact.valid_from if told else None,
        )

    def _effect(self, name: Field, before: FieldState, after: FieldState) -> Effect:
        if not self._same(name, before.value, after.value):
            return Effect.EMPTY if after.current is None else Effect.BACK
        ahead = [[(h.fact.value, h.fact.valid_from) for h in (s.coming, *s.later) if h] for s in (before, after)]
        return Effect.STAYS if ahead[0] == ahead[1] and before.until == after.until else Effect.COMING

    def _conflicts(self, name: Field, before: FieldState, after: FieldState, effect: Effect) -> Iterable[Conflict]:
        if name in self._on_hold:
            yield Conflict.ON_HOLD
        targets = {h.id for h in self._targets if h.fact.field is name}
        facts = [h for h in self._facts if h.fact.field is name]
        if any(h.undone and h.id and h.id not in targets and _is_news(h, facts, targets) for h in facts):
            yield Conflict.SAID_AGAIN
        if any(h.id in targets and h.cancelled for h in facts):
            yield Conflict.TAKEN_BACK
        if effect is Effect.EMPTY and any(h.purged for h in facts):
            yield Conflict.NOT_KEPT
        if effect is not Effect.STAYS or before.current is None:
            return
        if before.current.id in targets:
            yield Conflict.SAID_BY_OTHERS
        elif before.current.source in _BY_PEOPLE:
            yield Conflict.STAFF_EDITED
        elif after.current is not None:
            yield Conflict.REPLACED


def _is_news(held: HeldFact, facts: Iterable[HeldFact], targets: Collection[int]) -> bool:
    """Tell whether a fact counts no longer only because it repeats one of these."""
    return not any(mark.about == held.id for mark in facts if mark.fact.kind is FactKind.UNDONE) and any(
        one.id in targets and one.origin == held.origin for one in facts
    )


def as_it_was_called(
    customer: Customer, before: Sequence[HeldFact], after: Sequence[HeldFact], today: date
) -> Customer:
    """Return the mirror with the national ids that follow from what counts now, where something said counts no longer.

    Args:
        customer: the mirror.
        before: what was held before the undoing, or the taking back of a notice.
        after: the same, with its marks, or with what is cancelled.
        today: the day in the register's time zone.
    """
    name = Field.NATIONAL_ID
    old, new = (resolve_all([h for h in f if h.fact.field is name], today).get(name, NOTHING) for f in (before, after))
    told = [(h.fact.value, h.undone or h.cancelled) for h in counted(after) if h.fact.field is name]
    undone = {value for value, gone in told if gone} - {value for value, gone in told if not gone}
    if old.value == new.value:
        return replace(customer, former_ids=tuple(i for i in customer.former_ids if i not in undone))
    own, wanted = customer.values.get(name), new.value if isinstance(new.value, str) else None
    former = (*customer.former_ids, *((customer.national_id,) if customer.national_id else ()))
    kept = tuple(dict.fromkeys(i for i in former if i not in undone and i != (wanted or own)))
    return replace(customer, corrected_id=wanted if wanted != own else None, former_ids=kept)


def spelled(
    facts: Sequence[HeldFact],
    deliveries: Iterable[Delivery],
    states: Mapping[Field, FieldState],
    same: Same = same_value,
) -> dict[Field, HeldFact]:
    """Return the facts as which the register itself last had the values that hold.

    Going back must not leave another spelling behind than the one that stood there. What was learned after that had been
    replaced is news, and is written as it was said.
    """
    found: dict[Field, HeldFact] = {}
    for at, held in _stood(facts, deliveries):
        name, value = held.fact.field, held.fact.value
        current = states.get(name, NOTHING).current
        if value is not None and current is not None and same(name, value, current.fact.value):
            found[name] = held
        elif name in found and current is not None and at < current.learned_at:
            del found[name]
    return found


def last_stood(
    facts: Sequence[HeldFact],
    deliveries: Iterable[Delivery],
    states: Mapping[Field, FieldState],
    same: Same = same_value,
) -> dict[Field, FactValue]:
    """Return what the register last had of what counts, of fields of which nothing holds and something never did.

    Where what stands there now is to go, this is what would stand there had it never been said: mostly a value that has
    ended, and is stale. A field that somebody emptied is left out.
    """
    count = [h for h in counted(facts, same) if not (h.undone or h.cancelled)]
    found: dict[Field, FactValue] = {}
    for at, held in _stood(facts, deliveries):
        name, value = held.fact.field, held.fact.value
        of_field, ended = [h for h in count if h.fact.field is name], states.get(name, NOTHING).ended
        if not (_stands(held, of_field, same) or (ended and _held(held, at.date(), ended, of_field, same))):
            continue
        found.pop(name, None)  # emptied, or no longer kept
        if value is not None and states.get(name, NOTHING).current is None:
            found[name] = value
    return found


def _stands(stood: HeldFact, count: Sequence[HeldFact], same: Same) -> bool:
    """Tell whether the word by which something stood in the register counts, and nothing retracts it."""
    readable = [h for h in count if not h.purged]
    return any(
        h.id == stood.id and (stood.fact.value is None or not retracted_by(h.fact.field, h, readable, same))
        for h in count
    )


def _held(stood: HeldFact, since: date, ended: HeldFact, count: Sequence[HeldFact], same: Same) -> bool:
    """Tell whether what stood in the register since a day was then, or later, right by the word of what held last."""
    end = end_of(ended.fact.field, ended, [h for h in count if not h.purged], same)
    return same(ended.fact.field, stood.fact.value, ended.fact.value) and (end is None or end >= since)


def _stood(facts: Sequence[HeldFact], deliveries: Iterable[Delivery]) -> list[tuple[datetime, HeldFact]]:
    """Return what stood in the register, by the moment since when; of one moment, the last comes last."""
    by_id = {h.id: h for h in facts}
    ours = (h for h in facts if h.source in (Source.REGISTER, Source.STAFF) and h.fact.kind is not FactKind.UNDONE)
    stood = [(h.learned_at, h) for h in ours]
    for delivery in deliveries:
        if delivery.state is DeliveryState.ACKNOWLEDGED:
            at = delivery.acknowledged_at or delivery.created_at
            stood += [(at, by_id[id_]) for id_ in delivery.carried.values() if id_ in by_id]
    return sorted(stood, key=lambda one: one[0])
