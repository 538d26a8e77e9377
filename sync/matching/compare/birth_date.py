"""Birth dates, whole or partial, and slips in them."""

from sync.matching.compare.level import DIFFERENT, EQUAL, EQUAL_FOLDED, MISSING, SIMILAR, SIMILAR_HIGH, Level
from sync.matching.normalise.date import is_slip

LEVELS: tuple[Level, ...] = (EQUAL, EQUAL_FOLDED, SIMILAR_HIGH, SIMILAR, DIFFERENT)
_YEAR_DIGITS, _DAY_DIGITS = 4, 8


def compare_birth_date(change: str, customer: str) -> Level:
    """Compare two dates given as digits (`19521013`, `195210`, `1952`), each as far as it is known.

    `equal_folded` says that year and month agree, and `similar` that the year does, where one side knows no more;
    `similar_high` that one could be the other mistyped.
    """
    if not change or not customer:
        return MISSING
    known = min(len(change), len(customer))
    if change[:known] != customer[:known]:
        return SIMILAR_HIGH if is_slip(change, customer) else DIFFERENT
    if known == _DAY_DIGITS:
        return EQUAL
    return SIMILAR if known == _YEAR_DIGITS else EQUAL_FOLDED
