"""What surnames and given names have in common: how near two words are, and names put into each other's column."""

from rapidfuzz.distance import OSA, JaroWinkler

from sync.matching.compare.level import DIFFERENT, EQUAL, FAINT, MISSING, SECOND_NAME, SIMILAR, SIMILAR_HIGH, Level
from sync.matching.normalise.name import NameForms

_SHORTEST_FOR_A_SLIP = 4
"""Below it, one letter makes another name: Ari and Aki."""
SHORT = 3
"""Letters of a word in which one slip leaves it alike; in a shorter one it leaves next to nothing: Li and Lu."""
_NEAR = frozenset({EQUAL, SIMILAR_HIGH, SECOND_NAME})
_FROM_THE_LEAST: tuple[Level, ...] = (MISSING, DIFFERENT, FAINT, SIMILAR, SECOND_NAME, SIMILAR_HIGH, EQUAL)
_RANK = {level: rank for rank, level in enumerate(_FROM_THE_LEAST)}
ALMOST, ALIKE, FAINTLY = 0.94, 0.85, 0.67
"""Jaro-Winkler similarities from which on two words are one slip apart, alike, faintly alike."""


def nearness(one: str, other: str) -> Level:
    """Return how near two folded words are: one slip, alike, faintly alike, or different."""
    alike: float = JaroWinkler.similarity(one, other, score_cutoff=FAINTLY)
    if not alike:
        return DIFFERENT
    shorter = min(len(one), len(other))
    slip = alike >= ALMOST or OSA.distance(one, other, score_cutoff=1) <= 1
    if slip and shorter >= _SHORTEST_FOR_A_SLIP:
        return SIMILAR_HIGH
    return SIMILAR if alike >= ALIKE or (slip and shorter >= SHORT) else FAINT


def compare_swapped(change: NameForms, customer: NameForms) -> Level | None:
    """Compare each side's surname with the other's given name: the level of the lesser, None when neither is near."""
    one = _crossed(change.surname_folded, customer)
    other = _crossed(customer.surname_folded, change)
    if one not in _NEAR and other not in _NEAR:
        return None
    return min(one, other, key=_RANK.__getitem__)


def _crossed(surname: str, other: NameForms) -> Level:
    if not surname or not other.given_folded:
        return MISSING
    if surname == other.head or surname == "".join(other.given_folded):
        return EQUAL
    if surname in other.given_set:
        return SECOND_NAME
    return nearness(surname, other.head)
