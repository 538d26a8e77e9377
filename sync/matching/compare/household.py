"""Birth dates of a household: what is written down for one of its members may be another's.

A date that differs speaks against the customer. It hardly does where it is known whose else it could be: forms are
filled in for a whole family, and one date is put down twice.
"""

from collections.abc import Sequence

from sync.matching.compare.level import DIFFERENT, EQUAL, EQUAL_FOLDED, OF_HOUSEHOLD, SAME_HOUSE
from sync.matching.compare.person import COMPARISONS, Findings

_BIRTH_DATE, _ADDRESS = (list(COMPARISONS).index(name) for name in ("birth_date", "address"))
_AT_HOME = frozenset({EQUAL, EQUAL_FOLDED, SAME_HOUSE})


def with_household(found: Sequence[Findings]) -> list[Findings]:
    """Tell birth dates that merely differ from those that somebody else of the household has.

    Args:
        found: of everybody whom one change may be about, in any order. Members of a household are those of them who
            live where the change says.
    """
    at_home = [one[_BIRTH_DATE] for one in found if one[_ADDRESS][0] in _AT_HOME]
    if len(at_home) == 1 or not any(level == DIFFERENT for level, _, _ in at_home):
        return list(found)
    dates = [customer for _, _, customer in at_home]
    return [_of_household(one, dates) if one[_ADDRESS][0] in _AT_HOME else one for one in found]


def _of_household(one: Findings, dates: Sequence[str]) -> Findings:
    level, change, customer = one[_BIRTH_DATE]
    if level != DIFFERENT or (change not in dates and dates.count(customer) == 1):
        return one
    return (*one[:_BIRTH_DATE], (OF_HOUSEHOLD, change, customer), *one[_BIRTH_DATE + 1 :])
