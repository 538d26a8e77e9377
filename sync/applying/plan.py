"""What a change means for the customer it is about: which facts to keep, and which outcome to record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from sync.applying.counting import counted
from sync.applying.same import Same, same_value
from sync.applying.survivorship import NOTHING, FieldState, active, hidden, resolve_all, unkept
from sync.model import (
    ORDERS,
    STANDING_FIELDS,
    Change,
    Fact,
    FactKind,
    Field,
    HeldFact,
    Outcome,
    PartialDate,
    Source,
)

_DATED = frozenset({FactKind.SET, FactKind.RETURNED})


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who delivered the change.

    Attributes:
        feed: name of the feed.
        source: the kind of speaker.
        clear_by_contract: it never delivers a protected person (trust rule P2).
    """

    feed: str
    source: Source
    clear_by_contract: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a change.

    Attributes:
        facts: to be kept.
        outcome: the disposition.
        reason: snake_case code of why.
        purge: fields that a protection order begins to hide: remove every value of them.
        look_up: an order or a ban has ended: what was not kept meanwhile must be asked for again.
        states: what holds after it, of the fields that it bears on; it says nothing of the others.
    """

    facts: tuple[HeldFact, ...]
    outcome: Outcome
    reason: str
    purge: frozenset[Field] = frozenset()
    look_up: bool = False
    states: Mapping[Field, FieldState] = field(default_factory=dict, compare=False, repr=False)


def _no_id() -> int:
    return 0


def plan(
    change: Change,
    held: Sequence[HeldFact],
    speaker: Speaker,
    *,
    event: str,
    notice: str,
    now: datetime,
    today: date,
    same: Same = same_value,
    new_id: Callable[[], int] = _no_id,
) -> Plan:
    """Decide what a change does to a customer about whom `held` is known; `new_id` gives each fact its own id.

    Protection comes first (trust rules P3, P5): while an order stands after this change, none of its locations is
    kept. Under an update ban its locations are not kept either; the change is parked, and the ban's end has the
    person looked up again.
    """
    said = _statements(change, speaker)
    evidence_only = bool(change.facts) and not said
    fresh = [_hold(fact, change, speaker, event, notice, now, new_id()) for fact in said]
    in_play = {h.fact.field for h in fresh}.union(ORDERS)
    held = [h for h in held if h.fact.field in in_play]
    before = resolve_all(held, today, same)
    orders = _after(before, held, [h for h in fresh if h.fact.field in ORDERS], today, same)
    hides, hid = hidden(orders), hidden(before)
    not_kept = unkept(orders)
    kept = [h for h in fresh if h.fact.field not in not_kept]
    after = _after(orders, held, [h for h in kept if h.fact.field not in ORDERS], today, same)
    planned = partial(Plan, tuple(kept), states=after)
    if _differs(before, after, same):
        reason = _reason(fresh) if hid == hides else "protection"
        return planned(Outcome.APPLIED, reason, purge=hides - hid, look_up=_lifted(before, orders))
    if evidence_only:
        return planned(Outcome.REFUSED, "evidence_only")
    if any(h.fact.field in not_kept - hides for h in fresh):
        return planned(Outcome.PARKED, "update_ban")
    told = [h for h in kept if not _found_no_order(h)]
    if any(_confirms(h, after, same) for h in told):
        return planned(Outcome.NO_CHANGE, "confirmed")
    if len(kept) < len(fresh):
        return planned(Outcome.REFUSED, "protected")
    if told:
        again = counted([*held, *told], same)[len(held) :]
        return planned(Outcome.SUPERSEDED, "undone" if all(h.undone for h in again) else "older")
    return planned(Outcome.NO_CHANGE, "nothing_said")


def cancel(held: Sequence[HeldFact], notice: str, today: date, same: Same = same_value) -> Plan:
    """Decide what taking a notice back does: its facts never held. An order that it ended is in force again (P3)."""
    before = resolve_all(held, today, same)
    after = resolve_all([replace(h, cancelled=True) if h.notice == notice else h for h in held], today, same)
    outcome = Outcome.APPLIED if _differs(before, after, same) else Outcome.NO_CHANGE
    hides, hid = hidden(after), hidden(before)
    return Plan((), outcome, "cancelled", purge=hides - hid, look_up=_lifted(before, after), states=after)


def _statements(change: Change, speaker: Speaker) -> list[Fact]:
    """Everything the change says as facts, protection among them."""
    said = list(change.facts)
    if speaker.source is Source.RETURNED_MAIL:
        said = [fact for fact in said if fact.kind is FactKind.RETURNED]
    if change.protection:
        # Its expiry date is kept to be shown, never acted upon (P12).
        order = change.protection
        said[:0] = [Fact(each, FactKind.SET, order.active, valid_until=order.until) for each in order.orders]
    of_the_person = change.protection and not change.protection.only
    if (
        not of_the_person
        and (change.complete or speaker.clear_by_contract)
        and speaker.source is not Source.RETURNED_MAIL
    ):
        # Nothing was said of an order where one would have been: known to be clear, not cleared.
        said.append(Fact(Field.PROTECTION, FactKind.CONFIRMED, value=False))
    return said


def _hold(fact: Fact, change: Change, speaker: Speaker, event: str, notice: str, now: datetime, id_: int) -> HeldFact:
    if fact.kind in _DATED and fact.valid_from is None and fact.field not in STANDING_FIELDS:
        fact = replace(fact, valid_from=change.effective or _since_written(fact, change, now))
    return HeldFact(
        fact=fact,
        source=speaker.source,
        origin=speaker.feed,
        learned_at=now,
        recorded_at=change.recorded_at or now,
        event=event,
        notice=notice,
        id=id_,
    )


def _since_written(fact: Fact, change: Change, now: datetime) -> PartialDate | None:
    """Date a new national id, which holds since it was written down: undated, it would lose to one that staff typed before."""
    return PartialDate.of((change.recorded_at or now).date()) if fact.field is Field.NATIONAL_ID else None


def _after(
    before: dict[Field, FieldState], held: Sequence[HeldFact], fresh: Sequence[HeldFact], today: date, same: Same
) -> dict[Field, FieldState]:
    """Return the states after some more facts: only theirs are worked out anew."""
    fields = {h.fact.field for h in fresh}
    return before | resolve_all((h for h in (*held, *fresh) if h.fact.field in fields), today, same)


def _lifted(before: Mapping[Field, FieldState], after: Mapping[Field, FieldState]) -> bool:
    """Tell whether an order hides less than before, or a ban has ended."""
    unbanned = active(before, Field.UPDATE_BAN) and not active(after, Field.UPDATE_BAN)
    return unbanned or bool(hidden(before) - hidden(after))


def _differs(before: dict[Field, FieldState], after: dict[Field, FieldState], same: Same) -> bool:
    return any(
        not _same(field, before.get(field, NOTHING), state, same)
        for field, state in after.items()
        if state is not before.get(field)
    )


def _same(field: Field, one: FieldState, other: FieldState, same: Same) -> bool:
    """Tell whether a person would call both states the same: by their values, not by who said them last."""
    if field in STANDING_FIELDS:
        return (one.value is True) is (other.value is True)
    if (one.until, one.returned_on) != (other.until, other.returned_on) or len(one.later) != len(other.later):
        return False
    ahead = list(zip((one.coming, *one.later), (other.coming, *other.later), strict=True))
    pairs = [(one.current, other.current), (one.ended, other.ended), *ahead]
    return all(_same_claim(field, a, b, same) for a, b in pairs) and all(_same_start(a, b) for a, b in ahead)


def _same_start(one: HeldFact | None, other: HeldFact | None) -> bool:
    return one is other or (one is not None and other is not None and one.fact.valid_from == other.fact.valid_from)


def _same_claim(field: Field, one: HeldFact | None, other: HeldFact | None, same: Same) -> bool:
    if one is None or other is None:
        return one is other
    return same(field, one.fact.value, other.fact.value)


def _reason(fresh: Sequence[HeldFact]) -> str:
    return "returned" if fresh and all(h.fact.kind is FactKind.RETURNED for h in fresh) else "newer"


def _found_no_order(held: HeldFact) -> bool:
    return held.fact.field is Field.PROTECTION and held.fact.kind is FactKind.CONFIRMED


def _confirms(held: HeldFact, after: dict[Field, FieldState], same: Same) -> bool:
    value = after.get(held.fact.field, NOTHING).value
    says = held.fact.kind in (FactKind.SET, FactKind.CORRECTED, FactKind.CONFIRMED)
    return says and value is not None and same(held.fact.field, held.fact.value, value)
