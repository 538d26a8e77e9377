"""Birth dates of a household: one person's is written down for another's."""

from collections.abc import Sequence

from sync.matching.compare.level import (
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    OF_HOUSEHOLD,
    SAME_HOUSE,
)
from sync.matching.compare.person import COMPARISONS, Findings

_BIRTH_DATE, _ADDRESS = (list(COMPARISONS).index(name) for name in ("birth_date", "address"))
_AT_HOME = frozenset({EQUAL, EQUAL_FOLDED, SAME_HOUSE})


def with_household(found: Sequence[Findings]) -> list[Findings]:
    """Tell birth dates that differ from those that are written down for somebody else of the household.

    Args:
        found: what was found of every customer whom one change may be about.
    """
    at_home = [one[_BIRTH_DATE] for one in found if one[_ADDRESS][0] in _AT_HOME]
    if len(at_home) < 2 or not any(level == DIFFERENT for level, _, _ in at_home):  # noqa: PLR2004
        return list(found)
    dates = [date for _, _, date in at_home if date]
    return [_of_household(one, dates) for one in found]


def _of_household(one: Findings, dates: Sequence[str]) -> Findings:
    level, change, customer = one[_BIRTH_DATE]
    if level != DIFFERENT or one[_ADDRESS][0] not in _AT_HOME:
        return one
    if change not in dates and dates.count(customer) == 1:
        return one
    return (*one[:_BIRTH_DATE], (OF_HOUSEHOLD, change, customer), *one[_BIRTH_DATE + 1 :])
