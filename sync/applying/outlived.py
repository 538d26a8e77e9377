"""Which values nobody needs any more: they hold no longer, and have not for longer than they may be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sync.applying.same import Same, same_value
from sync.applying.settle import ENDS_EMPTY
from sync.applying.survivorship import FieldState, resolve
from sync.model import STANDING_FIELDS, FactKind, FactValue, Field, HeldFact

_CLAIMS = frozenset({FactKind.SET, FactKind.CORRECTED})


@dataclass(frozen=True, slots=True)
class Outlived:
    """What may go, by the ids of facts.

    Attributes:
        whole: facts whose value goes.
        wrong: corrections whose value holds, and whose wrong value goes.
    """

    whole: tuple[int, ...] = ()
    wrong: tuple[int, ...] = ()


def outlived(facts: Sequence[HeldFact], before: datetime, today: date, same: Same = same_value) -> Outlived:
    """Find the values of one customer that had been superseded before that moment.

    A value that holds, will hold, or was the last to hold stays, with everything that says the same; and so does
    whatever keeps another value from coming back: emptying a fact never changes what holds.
    """
    by_field: dict[Field, list[HeldFact]] = {}
    for held in facts:
        if not held.purged and held.fact.field not in STANDING_FIELDS:
            by_field.setdefault(held.fact.field, []).append(held)
    found = [
        _of_field(field, said, before, today, same) for field, said in by_field.items() if _may_hold_some(field, said)
    ]
    return Outlived(
        tuple(sorted(id_ for one in found for id_ in one.whole)),
        tuple(sorted(id_ for one in found for id_ in one.wrong)),
    )


def _may_hold_some(field: Field, facts: Sequence[HeldFact]) -> bool:
    return len(facts) > 1 or field in ENDS_EMPTY or facts[0].fact.wrong is not None


def _of_field(field: Field, facts: list[HeldFact], before: datetime, today: date, same: Same) -> Outlived:
    now = resolve(field, facts, today, same)
    old = [held for held in facts if held.learned_at < before]
    needed = _values(field, now) + _values(field, resolve(field, old, before.date(), same))

    def is_needed(value: FactValue | None) -> bool:
        return value is not None and any(same(field, value, other) for other in needed)

    # A correction that tells no day has it from what it corrects, and that may be another one.
    undated = [h.fact for h in facts if h.fact.kind is FactKind.CORRECTED and not h.fact.valid_from and h.fact.wrong]
    while dating := [fact.wrong for fact in undated if is_needed(fact.value) and not is_needed(fact.wrong)]:
        needed += dating
    whole = {h.id for h in old if _has_any(h) and not is_needed(h.fact.value)}
    while True:
        left = [h.fact.value for h in facts if h.fact.kind in _CLAIMS and h.id not in whole]
        holding_back = {h.id for h in facts if h.id in whole and _holds_back(field, h, left, same)}
        if not holding_back:
            break
        whole -= holding_back
    wrong = {h.id for h in old if h.id not in whole and h.fact.wrong is not None and not is_needed(h.fact.wrong)}
    wrong = {h.id for h in old if h.id in wrong and not _holds_back(field, h, left, same)}
    if _gist(field, resolve(field, [h for h in facts if h.id not in whole], today, same)) != _gist(field, now):
        return Outlived()
    return Outlived(tuple(whole), tuple(wrong))


def _values(field: Field, state: FieldState) -> list[FactValue | None]:
    last = None if field in ENDS_EMPTY else state.ended
    return [held.fact.value for held in (state.current, last, state.coming, *state.later) if held]


def _has_any(held: HeldFact) -> bool:
    return held.fact.value is not None or held.fact.wrong is not None


def _holds_back(field: Field, held: HeldFact, left: Sequence[FactValue | None], same: Same) -> bool:
    """Tell whether this fact takes back, or ends, a value that is kept."""
    if held.fact.kind is FactKind.CORRECTED:
        target = held.fact.wrong
    elif held.fact.kind in (FactKind.WITHDRAWN, FactKind.ENDED):
        target = held.fact.value
    else:
        return False
    return target is None or any(same(field, target, value) for value in left)


def _gist(field: Field, state: FieldState) -> tuple[object, ...]:
    held = [state.current, state.coming, *state.later, None if field in ENDS_EMPTY else state.ended]
    claims = [(h.fact.value, h.fact.valid_from) if h else None for h in held]
    # Since when it is ours may be told otherwise when what held between is gone: no news any more, for years.
    return (*claims, state.until, state.confirmed_at, state.confirmed_by, state.returned_on)
