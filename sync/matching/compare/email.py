"""E-mail addresses in canonical form."""

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from sync.matching.compare.level import DIFFERENT, EQUAL, EQUAL_FOLDED, MISSING, SIMILAR, Level
from sync.matching.normalise.email import host_of_own_name, mailbox
from sync.matching.normalise.name import NameForms

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


def named_apart(change: str, customer: str, names: Iterable[NameForms], others: Iterable[NameForms]) -> bool:
    """Tell whether two addresses that are one slip apart are what one host makes of two bearers' own names.

    anja.koe@ and anna.koe@ belong to Anja and to Anna, and anna.koe1@ and anna.koe2@ to two of the name of Anna Koe.
    """
    host = host_of_own_name(change, names)
    return bool(host) and host == host_of_own_name(customer, others)
