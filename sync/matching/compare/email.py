"""E-mail addresses in canonical form."""

from rapidfuzz.distance import OSA

from sync.matching.compare.level import DIFFERENT, EQUAL, EQUAL_FOLDED, MISSING, SIMILAR, Level
from sync.matching.normalise.email import mailbox

LEVELS: tuple[Level, ...] = (EQUAL, EQUAL_FOLDED, SIMILAR, DIFFERENT)


def compare_email(change: str, customer: str) -> Level:
    """Compare two addresses: the same, the same box, one slip apart, or different."""
    if not change or not customer:
        return MISSING
    if change == customer:
        return EQUAL
    if mailbox(change) == mailbox(customer):
        return EQUAL_FOLDED
    return SIMILAR if OSA.distance(change, customer, score_cutoff=1) <= 1 else DIFFERENT
