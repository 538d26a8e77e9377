"""The old address of a move against the register's."""

from rapidfuzz.distance import JaroWinkler

from sync.matching.compare.level import DIFFERENT, EQUAL, EQUAL_FOLDED, MISSING, ORDER, SIMILAR, SIMILAR_HIGH, Level
from sync.matching.normalise.address import Place, areas_differ, same_area, same_door, same_street

LEVELS: tuple[Level, ...] = ORDER
_RANK = {level: rank for rank, level in enumerate((*ORDER, MISSING))}
_ALIKE = 0.9


def compare_address(change: tuple[Place, ...], customer: tuple[Place, ...]) -> Level:
    """Return the best level that any address of one side reaches with any of the other."""
    if not change or not customer:
        return MISSING
    if len(change) == 1 == len(customer):
        return _compare(change[0], customer[0])
    return min((_compare(one, other) for one in change for other in customer), key=_RANK.__getitem__)


def _compare(one: Place, other: Place) -> Level:
    """Compare two places: one door, one door written otherwise, one house, one postcode, or nothing in common."""
    if areas_differ(one, other):
        return SIMILAR_HIGH if one.number and same_door(one, other) and _area_slipped(one, other) else DIFFERENT
    if same_door(one, other):
        surely = one == other or (same_area(one, other) and not one.streets.isdisjoint(other.streets))
        return EQUAL if surely else EQUAL_FOLDED
    if one.number and one.number == other.number and _one_house(one, other):
        return SIMILAR_HIGH
    return SIMILAR if one.postcode and one.postcode == other.postcode else DIFFERENT


def _one_house(one: Place, other: Place) -> bool:
    """Tell whether it is one house with a flat left out, or one flat with its street in another language or mistyped."""
    if same_street(one, other):
        return _no_conflict(one.letters, other.letters) and _no_conflict(one.flat, other.flat)
    same_unit = (one.letters, one.flat) == (other.letters, other.flat)
    return same_unit and (bool(one.flat) or _streets_alike(one, other))


def _no_conflict(one: str, other: str) -> bool:
    return one == other or not (one and other)


def _streets_alike(one: Place, other: Place) -> bool:
    return any(JaroWinkler.similarity(a, b) >= _ALIKE for a in one.folded for b in other.folded)


def _area_slipped(one: Place, other: Place) -> bool:
    """Tell whether the town is the same in spite of another postcode, or unknown and the postcodes a digit apart."""
    if one.towns and other.towns:
        return not one.towns.isdisjoint(other.towns)
    wrong = sum(a != b for a, b in zip(one.postcode, other.postcode, strict=False))
    return one.country == other.country and len(one.postcode) == len(other.postcode) and wrong == 1
