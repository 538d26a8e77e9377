"""Sex, where both sides tell it."""

from sync.matching.compare.level import DIFFERENT, EQUAL, MISSING, Level

LEVELS: tuple[Level, ...] = (EQUAL, DIFFERENT)


def compare_sex(change: str, customer: str) -> Level:
    """Compare two sexes by their first letter in small letters; both spellings come from one register's words."""
    if not change or not customer:
        return MISSING
    return EQUAL if change == customer else DIFFERENT
