"""Phone numbers in E.164."""

from rapidfuzz.distance import OSA

from sync.matching.compare.level import DIFFERENT, EQUAL, MISSING, SIMILAR, Level

LEVELS: tuple[Level, ...] = (EQUAL, SIMILAR, DIFFERENT)


def compare_phone(change: str, customer: str) -> Level:
    """Compare two numbers; one slip is only `similar`, because families buy numbers in a row."""
    if not change or not customer:
        return MISSING
    if change == customer:
        return EQUAL
    return SIMILAR if OSA.distance(change, customer, score_cutoff=1) <= 1 else DIFFERENT
