"""Surnames: former and double ones, particles and slips."""

from sync.matching.compare.level import EQUAL, EQUAL_FOLDED, MISSING, SIMILAR_HIGH, Level
from sync.matching.compare.names import nearness
from sync.matching.normalise.name import NameForms

LEVELS: tuple[Level, ...] = (EQUAL, EQUAL_FOLDED, SIMILAR_HIGH, "similar", "different")


def compare_surname(change: NameForms, customer: NameForms) -> Level:
    """Compare two surnames; one part of a double name counts as nearly the name."""
    if not change.surname_folded or not customer.surname_folded:
        return MISSING
    if change.surname == customer.surname:
        return EQUAL
    if change.surname_folded == customer.surname_folded:
        return EQUAL_FOLDED
    if not change.surname_parts.isdisjoint(customer.surname_parts):
        return SIMILAR_HIGH
    return nearness(change.surname_folded, customer.surname_folded)
