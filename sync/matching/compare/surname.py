"""Surnames: former and double ones, particles and slips."""

from sync.matching.compare.level import (
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    FAINT,
    MISSING,
    ONE_PART,
    SIMILAR,
    SIMILAR_HIGH,
    SWAPPED,
    Level,
)
from sync.matching.compare.names import nearness
from sync.matching.normalise.name import NameForms
from sync.matching.normalise.no_name import NO_SURNAMES, is_letter
from sync.matching.normalise.romanisation import romanised

LEVELS: tuple[Level, ...] = (
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    SWAPPED,
    SIMILAR_HIGH,
    ONE_PART,
    SIMILAR,
    FAINT,
    DIFFERENT,
)


def compare_surname(change: NameForms, customer: NameForms) -> Level:
    """Compare two surnames."""
    if not change.surname_folded or not customer.surname_folded:
        return MISSING
    if change.surname == customer.surname:
        return EQUAL
    if change.surname_folded == customer.surname_folded:
        return EQUAL_FOLDED
    if romanised(change.surname_folded) == romanised(customer.surname_folded):
        return EQUAL_ROMANISED
    if is_no_surname(change.surname_folded) or is_no_surname(customer.surname_folded):
        return MISSING
    near = nearness(change.surname_folded, customer.surname_folded)
    if near != SIMILAR_HIGH and not change.surname_parts.isdisjoint(customer.surname_parts):
        return ONE_PART
    return near


def is_no_surname(surname: str) -> bool:
    """Tell whether a folded surname stands for one that nobody knew, or is no more than a letter."""
    return surname in NO_SURNAMES or is_letter(surname)
