"""Families in the register: who lives with whom, and how alike they are."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from zlib import crc32

from sync.matching.compare.address import house
from sync.matching.compare.household import with_household
from sync.matching.compare.level import ALL_EQUAL, EQUAL, EQUAL_FOLDED, EQUAL_ROMANISED, SIMILAR_HIGH
from sync.matching.compare.person import Findings, compare
from sync.matching.prepared import Prepared

LARGEST = 10
"""Customers of one door beyond which it is an institution, no household."""

_SAME_GIVEN_NAME = frozenset({ALL_EQUAL, EQUAL, EQUAL_FOLDED, EQUAL_ROMANISED, SIMILAR_HIGH})
_SAME_BIRTH_DATE = frozenset({EQUAL, SIMILAR_HIGH})


class Homes:
    """Groups customers by door: of a large register every n-th door, so that households stay whole."""

    def __init__(self, every: int = 1) -> None:
        self.every = every  # one of so many doors is known, so that whatever is counted here counts so often
        self._members: dict[str, list[Prepared]] = defaultdict(list)
        self._seen = 0

    @property
    def relatives(self) -> float:
        """How many other members of a customer's household are customers, on average."""
        related = sum(len(members) * (len(members) - 1) for members in self.households())
        return related * self.every / self._seen if self._seen else 0.0

    def add(self, person: Prepared) -> None:
        """Note where a customer lives."""
        self._seen += 1
        home = person.places[0] if person.places else None
        if home is None or not home.streets or not home.number:
            return
        door = f"{house(home)}|{home.letters}|{home.flat}"
        if not crc32(door.encode("utf-8", "surrogatepass")) % self.every:
            self._members[door].append(person)

    def pairs(self, most: int, find: Callable[[Prepared, Prepared], Findings] = compare) -> Iterator[Findings]:
        """Compare members of one household with each other; whoever looks like one person twice is left out."""
        for members in self.households():
            for found in _pairs(members, find):
                yield found
                most -= 1
                if not most:
                    return

    def households(self) -> Iterator[Sequence[Prepared]]:
        """Return the members of each household of which more than one is a customer."""
        return (members for members in self._members.values() if 1 < len(members) <= LARGEST)


def _pairs(members: Sequence[Prepared], find: Callable[[Prepared, Prepared], Findings]) -> Iterator[Findings]:
    """Compare each pair once, as if the one were looked for among the others."""
    for at, one in enumerate(members):
        others = {number: find(one, other) for number, other in enumerate(members) if number != at}
        apart = {number: found for number, found in others.items() if not looks_like_one(found)}
        for number, found in zip(apart, with_household(list(apart.values())), strict=True):
            if number > at:
                yield found


def looks_like_one(findings: Findings) -> bool:
    """Tell whether two records are probably one person: registers hold people twice."""
    return findings[1][0] in _SAME_GIVEN_NAME and findings[2][0] in _SAME_BIRTH_DATE
