"""Given names: all of them against the one in use, initials, other order, slips.

Siblings and parents share second names and have names that differ in a letter. So what two names share beyond the
name that a person is called by counts for nothing, and nearness is told apart from sameness by its level.
"""

from sync.matching.compare.level import (
    ALL_EQUAL,
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    FAINT,
    FIRST_NAME,
    INITIAL,
    MISSING,
    NICKNAME,
    SECOND_NAME,
    SIMILAR,
    SIMILAR_HIGH,
    Level,
)
from sync.matching.compare.names import nearness
from sync.matching.normalise.name import NameForms
from sync.matching.normalise.no_name import NO_GIVEN_NAMES, is_letter
from sync.matching.normalise.romanisation import romanised

LEVELS: tuple[Level, ...] = (
    ALL_EQUAL,
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    NICKNAME,
    SIMILAR_HIGH,
    SECOND_NAME,
    FIRST_NAME,
    INITIAL,
    SIMILAR,
    FAINT,
    DIFFERENT,
)


def compare_given_names(change: NameForms, customer: NameForms) -> Level:
    """Compare the given names of two persons."""
    if not change.given_folded or not customer.given_folded:
        return MISSING
    if change.given == customer.given:
        return ALL_EQUAL if len(change.given) > 1 else EQUAL
    if _is_calling_name(change, customer) or _is_calling_name(customer, change):
        return EQUAL
    if change.given_set <= customer.given_set or customer.given_set <= change.given_set:
        same = change.head == customer.head or change.given_set == customer.given_set
        return EQUAL_FOLDED if same else SECOND_NAME
    if _written_together(change) == _written_together(customer) or _agree_by_initials(change, customer):
        return EQUAL_FOLDED
    if change.head == customer.head:
        return FIRST_NAME if _contradict(change, customer) else SIMILAR_HIGH
    if romanised(change.head) == romanised(customer.head):
        return EQUAL_ROMANISED
    if change.head in NO_GIVEN_NAMES or customer.head in NO_GIVEN_NAMES:
        return MISSING
    level = _initials_level(change.head, customer.head) or nearness(change.head, customer.head)
    return FIRST_NAME if level == SIMILAR_HIGH and _contradict(change, customer) else level


def _contradict(change: NameForms, customer: NameForms) -> bool:
    """Tell whether both have further names, and not one of them fits: mother Maria Tuula and daughter Maria Liisa."""
    # Asked about every namesake, here and below: plain loops, because generators take twice as long.
    if len(change.given_folded) == 1 or len(customer.given_folded) == 1:
        return False
    for one in change.given_folded[1:]:
        for other in customer.given_folded[1:]:
            if one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]):
                return False
            if nearness(one, other) == SIMILAR_HIGH:
                return False
    return True


def _is_calling_name(one: NameForms, other: NameForms) -> bool:
    return len(one.given) == 1 and one.given[0] == other.calling


def _written_together(name: NameForms) -> str:
    return "".join(name.given_folded)


def _agree_by_initials(change: NameForms, customer: NameForms) -> bool:
    """Tell whether "Matti J" stands for "Matti Juhani": the same head, and every name its like on the other side."""
    return change.head == customer.head and (
        _abbreviates(change.given_folded, customer.given_folded)
        or _abbreviates(customer.given_folded, change.given_folded)
    )


def _abbreviates(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return all(not (name not in long and (len(name) > 1 or all(full[0] != name for full in long))) for name in short)


def _initials_level(one: str, other: str) -> Level | None:
    """Return the level of a lone initial against a name; None when neither is an initial.

    A letter that does not fit may be that of another given name, so it never makes two names differ.
    """
    if min(len(one), len(other)) > 1:
        return None
    if one[0] == other[0]:
        return INITIAL
    return MISSING if is_letter(one) or is_letter(other) else DIFFERENT
