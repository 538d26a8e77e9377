"""The old address of a move against the register's."""

from rapidfuzz.distance import OSA, JaroWinkler

from sync.matching.compare.level import (
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    MISSING,
    SAME_AREA,
    SAME_HOUSE,
    SAME_POSTCODE,
    SAME_REGION,
    SAME_STREET,
    SAME_TOWN,
    SIMILAR_POSTCODE,
    Finding,
    Level,
)
from sync.matching.normalise.address import Place, areas_differ, same_area, same_door, same_street

LEVELS: tuple[Level, ...] = (
    EQUAL,
    EQUAL_FOLDED,
    SAME_HOUSE,
    SAME_STREET,
    SAME_AREA,
    SAME_POSTCODE,
    SIMILAR_POSTCODE,
    SAME_TOWN,
    SAME_REGION,
    DIFFERENT,
)
_RANK: dict[Level, int] = {level: rank for rank, level in enumerate((*LEVELS, MISSING))}
_ALIKE = 0.9
_NONE: Finding = (MISSING, "", "")


def compare_address(change: tuple[Place, ...], customer: tuple[Place, ...]) -> Finding:
    """Return the best level that any address of one side reaches with any of the other, and what they share."""
    if not change or not customer:
        return _NONE
    if len(change) == 1 == len(customer):
        return _compare(change[0], customer[0])
    return min((_compare(one, other) for one in change for other in customer), key=lambda found: _RANK[found[0]])


def _compare(one: Place, other: Place) -> Finding:
    """Compare two places: one door, one door written otherwise, one house, one street, or no more than the area."""
    if (one.streets or one.number) and (other.streets or other.number):
        level = _door(one, other)
        if level:
            value = house(one) if level != SAME_STREET else street(one)
            same = house(other) if level != SAME_STREET else street(other)
            return level, value, same
    return _area(one, other)


def house(one: Place) -> str:
    """Return what the inhabitants of one house share, for counting them."""
    return f"{one.postcode}|{min(one.folded, default='')}|{one.number}"


def street(one: Place) -> str:
    """Return what the inhabitants of one street share, for counting them."""
    return f"{one.postcode}|{min(one.folded, default='')}"


def _door(one: Place, other: Place) -> Level | None:
    apart = areas_differ(one, other)
    if apart and not _area_slipped(one, other):
        return None
    if same_door(one, other) and not apart:
        surely = one == other or (same_area(one, other) and not one.streets.isdisjoint(other.streets))
        return EQUAL if surely else EQUAL_FOLDED
    if one.number == other.number and _one_house(one, other):
        return SAME_HOUSE if one.number else SAME_STREET
    if same_street(one, other):
        return SAME_HOUSE if not (one.number and other.number) and not apart else SAME_STREET
    missing = not one.streets or not other.streets
    return SAME_HOUSE if missing and one.number == other.number and one.flat == other.flat and not apart else None


def _area(one: Place, other: Place) -> Finding:
    """Compare postcode, town and region."""
    same_town = not one.towns.isdisjoint(other.towns)
    if one.postcode and one.postcode == other.postcode:
        level: Level = SAME_AREA if same_town else SAME_POSTCODE
        return level, one.postcode, other.postcode
    if _postcodes_alike(one, other):
        return SIMILAR_POSTCODE, "", ""
    if same_town:
        return SAME_TOWN, "", ""
    if one.region and one.region == other.region:
        return SAME_REGION, "", ""
    known = (one.postcode and other.postcode) or (one.towns and other.towns) or (one.region and other.region)
    return (DIFFERENT, "", "") if known or ((one.streets or one.number) and (other.streets or other.number)) else _NONE


def _one_house(one: Place, other: Place) -> bool:
    """Tell whether it is one house with a flat left out, or one flat with its street in another language or mistyped."""
    if same_street(one, other):
        return _no_conflict(one.letters, other.letters) and _flats_agree(one.flat, other.flat)
    if {*one.folded, one.flat} == {*other.folded, other.flat}:
        return True  # a named house, put into the street's field
    if (one.letters, one.flat) != (other.letters, other.flat):
        return False
    return _streets_alike(one, other) or (bool(one.flat) and _postcodes_alike(one, other))


def _postcodes_alike(one: Place, other: Place) -> bool:
    return bool(one.postcode and other.postcode) and OSA.distance(one.postcode, other.postcode, score_cutoff=1) <= 1


def _flats_agree(one: str, other: str) -> bool:
    """Tell whether two flats may be one; the name of a house may be mistyped, a number not."""
    if _no_conflict(one, other):
        return True
    return one.isalpha() and other.isalpha() and JaroWinkler.similarity(one, other) >= _ALIKE


def _no_conflict(one: str, other: str) -> bool:
    return one == other or not (one and other)


def _streets_alike(one: Place, other: Place) -> bool:
    return any(JaroWinkler.similarity(a, b) >= _ALIKE for a in one.folded for b in other.folded)


def _area_slipped(one: Place, other: Place) -> bool:
    """Tell whether the town is the same in spite of another postcode, or unknown and the postcodes a digit apart."""
    if one.towns and other.towns:
        return not one.towns.isdisjoint(other.towns)
    return one.country == other.country and OSA.distance(one.postcode, other.postcode, score_cutoff=1) <= 1
