"""Birth dates, whole or partial, and slips in them."""

from rapidfuzz.distance import OSA

from sync.matching.compare.level import (
    DIFFERENT,
    EQUAL,
    MISSING,
    OF_HOUSEHOLD,
    SAME_MONTH,
    SAME_YEAR,
    SIMILAR_HIGH,
    TWO_PARTS,
    Level,
)
from sync.matching.normalise.date import is_slip, parts_agreeing

LEVELS: tuple[Level, ...] = (EQUAL, SAME_MONTH, SIMILAR_HIGH, SAME_YEAR, TWO_PARTS, OF_HOUSEHOLD, DIFFERENT)
_YEAR_DIGITS, _DAY_DIGITS = 4, 8


def compare_birth_date(change: str, customer: str) -> Level:
    """Compare two dates given as digits (`19521013`, `195210`, `1952`), each as far as it is known."""
    if not change or not customer:
        return MISSING
    if change == customer and len(change) == _DAY_DIGITS:
        return EQUAL
    known = min(len(change), len(customer))
    if change[:known] != customer[:known]:
        if is_slip(change, customer):
            return SIMILAR_HIGH
        near = known == _DAY_DIGITS and (
            parts_agreeing(change, customer) > 1 or OSA.distance(change, customer, score_cutoff=2) <= 2
        )
        return TWO_PARTS if near else DIFFERENT
    return SAME_YEAR if known == _YEAR_DIGITS else SAME_MONTH
