"""Families in the register: who lives with whom, and how alike they are."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from zlib import crc32

from sync.matching.compare.address import house
from sync.matching.compare.level import ALL_EQUAL, EQUAL, EQUAL_FOLDED, EQUAL_ROMANISED, SIMILAR_HIGH
from sync.matching.compare.person import Findings, compare
from sync.matching.prepared import Prepared

LARGEST = 10
"""Customers of one door beyond which it is an institution, no household."""

FEW = 0.02
"""Below so many household members a customer, doors tell too little, and surnames within an area are counted."""

_SAME_SURNAME = 0.62
"""Share of household members who bear one surname (measured on the made-up town and the sandbox: 0.56 to 0.66)."""
_LEAST = 0.01
_SAME_GIVEN_NAME = frozenset({ALL_EQUAL, EQUAL, EQUAL_FOLDED, EQUAL_ROMANISED, SIMILAR_HIGH})
_SAME_BIRTH_DATE = frozenset({EQUAL, SIMILAR_HIGH})


class Homes:
    """Groups customers by door: of a large register every n-th door, so that households stay whole."""

    def __init__(self, every: int = 1) -> None:
        self._every = every
        self._members: dict[str, list[Prepared]] = defaultdict(list)
        self._people = 0
        self._areas: Counter[str] = Counter()
        self._families: Counter[str] = Counter()
        self._surnames: Counter[str] = Counter()

    def add(self, person: Prepared) -> None:
        """Note where a customer lives."""
        home = person.places[0] if person.places else None
        door = f"{house(home)}|{home.letters}|{home.flat}" if home and home.streets and home.number else ""
        place = door or (home.postcode or min(home.towns, default="") if home else "")
        if crc32(place.encode("utf-8", "surrogatepass")) % self._every:
            return
        self._people += 1
        if door:
            self._members[door].append(person)
        surname = person.names[0].surname_folded if person.names else ""
        area = (home.postcode or min(home.towns, default="")) if home else ""
        if surname:
            self._surnames[surname] += 1
            if area:
                self._areas[area] += 1
                self._families[f"{area}|{surname}"] += 1

    def pairs(self, most: int) -> Iterator[Findings]:
        """Compare members of one household with each other; whoever looks like one person twice is left out."""
        for members in self._households():
            for one, other in combinations(members, 2):
                found = compare(one, other)
                if not looks_like_one(found):
                    yield found
                    most -= 1
                    if not most:
                        return

    def others(self) -> float | None:
        """Return how many other members of a customer's household are customers; None where nothing tells."""
        related = sum(len(members) * (len(members) - 1) for members in self._households())
        if self._people and related / self._people > FEW:
            return related / self._people
        return self._clustered()

    def _clustered(self) -> float | None:
        """Count by how much one surname comes together in one area more often than by chance."""
        people = self._areas.total()
        if not people:
            return None
        chance = sum((count / self._surnames.total()) ** 2 for count in self._surnames.values())
        expected = chance * sum(count * (count - 1) for count in self._areas.values())
        observed = sum(count * (count - 1) for count in self._families.values())
        return max((observed - expected) / people / _SAME_SURNAME, _LEAST)

    def _households(self) -> Iterator[Sequence[Prepared]]:
        return (members for members in self._members.values() if 1 < len(members) <= LARGEST)


def looks_like_one(findings: Findings) -> bool:
    """Tell whether two records are probably one person: registers hold people twice."""
    return findings[1][0] in _SAME_GIVEN_NAME and findings[2][0] in _SAME_BIRTH_DATE
