"""Birth dates of a household: what is written down for one of its members may be another's.

A date that differs speaks against the customer. It hardly does where it is known whose else it could be: forms are
filled in for a whole family, and one date is put down twice.
"""

from collections.abc import Sequence

from sync.matching.compare.level import (
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    FAINT,
    OF_HOUSEHOLD,
    SAME_HOUSE,
    SIMILAR,
)
from sync.matching.compare.person import COMPARISONS, Findings

_GIVEN_NAMES, _BIRTH_DATE, _ADDRESS = (
    list(COMPARISONS).index(name) for name in ("given_names", "birth_date", "address")
)
_AT_HOME = frozenset({EQUAL, EQUAL_FOLDED, SAME_HOUSE})
_SOMEBODY_ELSE = frozenset({SIMILAR, FAINT, DIFFERENT})
"""Given names of whom the change is hardly about. A father whose name the son bears may be meant himself."""


def with_household(found: Sequence[Findings]) -> list[Findings]:
    """Tell birth dates that merely differ from those that somebody else of the household has.

    Args:
        found: of everybody whom one change may be about, in any order. Members of a household are those of them who
            live where the change says.
    """
    dates = [one[_BIRTH_DATE][2] for one in found if _is_somebody_else(one)]
    if not dates:
        return list(found)
    return [_of_household(one, dates) for one in found]


def _is_somebody_else(one: Findings) -> bool:
    return one[_ADDRESS][0] in _AT_HOME and one[_GIVEN_NAMES][0] in _SOMEBODY_ELSE


def _of_household(one: Findings, dates: Sequence[str]) -> Findings:
    level, change, customer = one[_BIRTH_DATE]
    if level != DIFFERENT or one[_ADDRESS][0] not in _AT_HOME:
        return one
    if change not in dates and dates.count(customer) == _is_somebody_else(one):
        return one
    return (*one[:_BIRTH_DATE], (OF_HOUSEHOLD, change, customer), *one[_BIRTH_DATE + 1 :])
