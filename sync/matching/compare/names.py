"""What surnames and given names have in common: how near two words are, and names put into each other's column."""

from rapidfuzz.distance import OSA, JaroWinkler

from sync.matching.compare.level import DIFFERENT, SIMILAR, SIMILAR_HIGH, Level
from sync.matching.normalise.name import NameForms

_SHORTEST_FOR_A_SLIP = 4
"""Below it, one letter makes another name: Ari and Aki."""
_ALMOST = 0.94
_ALIKE = 0.85


def nearness(one: str, other: str) -> Level:
    """Return how near two folded words are: one slip, alike, or different."""
    alike: float = JaroWinkler.similarity(one, other, score_cutoff=_ALIKE)
    if min(len(one), len(other)) >= _SHORTEST_FOR_A_SLIP and (
        alike >= _ALMOST or OSA.distance(one, other, score_cutoff=1) <= 1
    ):
        return SIMILAR_HIGH
    return SIMILAR if alike else DIFFERENT


def swapped(change: NameForms, customer: NameForms) -> bool:
    """Tell whether each side's surname stands among the other side's given names."""
    return (
        customer.surname_folded in change.given_set
        and change.surname_folded in customer.given_set
        and customer.surname_folded != change.surname_folded
    )
