"""Which facts count: what a person has undone does not, and an undoing that was undone says nothing.

Facts are append-only, so that undoing adds a mark that names the fact. A mark can be named by another one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sync.applying.same import Same, same_value
from sync.model import STANDING_FIELDS, FactKind, HeldFact

_NOT_STORED_YET = 1 << 63


def counted(facts: Iterable[HeldFact], same: Same = same_value) -> list[HeldFact]:
    """Return the facts, with `undone` on those that do not count; of one field or of all.

    Nor does what the same feed says once more after a fact that was undone: a replay under another event id must not undo
    a person's decision. Of orders that is not so: one that is given again is in force again.
    """
    facts = list(facts)
    if not any(held.fact.kind is FactKind.UNDONE for held in facts):
        return facts
    marks = standing_marks(facts)
    if not marks:
        return facts
    undone = [held for held in facts if held.id in marks and held.fact.kind is not FactKind.UNDONE]
    return [replace(held, undone=held.id in marks or any(repeats(held, one, same) for one in undone)) for held in facts]


def standing_marks(facts: Iterable[HeldFact]) -> dict[int, HeldFact]:
    """Return, by the id of each fact or mark that a person undid, the mark that says so; marks without force left out."""
    naming: dict[int, list[HeldFact]] = defaultdict(list)
    for held in facts:
        if held.fact.kind is FactKind.UNDONE and held.about:
            naming[held.about].append(held)

    def has_force(mark: HeldFact) -> bool:
        return not any(has_force(other) for other in naming.get(mark.id, ()))

    return {about: mark for about, marks in naming.items() for mark in marks if has_force(mark)}


def repeats(held: HeldFact, undone: HeldFact, same: Same = same_value) -> bool:
    """Tell whether a fact says again what the same feed had said in one that was undone."""
    one, other = held.fact, undone.fact
    if one.field in STANDING_FIELDS or undone.purged or _learned(held) <= _learned(undone):
        return False
    alike = (one.field, one.kind, held.origin, one.valid_from, one.valid_until)
    return (
        alike == (other.field, other.kind, undone.origin, other.valid_from, other.valid_until)
        and same(one.field, one.value, other.value)
        and same(one.field, one.wrong, other.wrong)
    )


def marks_on(facts: Sequence[HeldFact], same: Same = same_value) -> dict[int, HeldFact]:
    """Return, by id, which mark keeps each fact from counting: the one about it, or about what it repeats."""
    marks = standing_marks(facts)
    undone = [held for held in facts if held.id in marks and held.fact.kind is not FactKind.UNDONE]
    found = dict(marks)
    for held in facts:
        for one in undone:
            if held.id not in found and repeats(held, one, same):
                found[held.id] = marks[one.id]
    return found


def _learned(held: HeldFact) -> tuple[datetime, int]:
    return held.learned_at, held.id or _NOT_STORED_YET
