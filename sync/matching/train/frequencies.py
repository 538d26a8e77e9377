"""How common each value is in the register."""

from collections import Counter
from collections.abc import Callable, Mapping

from sync.matching.compare.address import house, street
from sync.matching.model import Frequencies
from sync.matching.normalise.address import Place
from sync.matching.prepared import Prepared

RARE = 5
"""Values that fewer persons have are pooled: together they say how common a rare value is, and tell of nobody."""
_UNSEEN = 0.2
"""Others of the same value that are reckoned with although none was seen."""
_DAY_DIGITS = 8
_OUTSTANDING = 3
"""A birth date is kept only when it is so many times commoner than the average: the first of January of refugees."""


class Census:
    """Counts values, one customer at a time."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {
            table: Counter()
            for table in (
                "surname",
                "given_name",
                "given_names",
                "birth_date",
                "house",
                "street",
                "postcode",
                "phone",
                "email",
            )
        }

    def add(self, person: Prepared) -> None:
        """Count a customer's values."""
        counts = self._counts
        for table, value in (("phone", person.phone), ("email", person.email)):
            if value:
                counts[table][value] += 1
        if len(person.birth_date) == _DAY_DIGITS:
            counts["birth_date"][person.birth_date] += 1
        for name in person.names[:1]:
            if name.surname_folded:
                counts["surname"][name.surname_folded] += 1
            if name.head:
                counts["given_name"][name.head] += 1
            if len(name.given_folded) > 1:
                counts["given_names"][" ".join(name.given_folded)] += 1
        for home in person.places[:1]:
            self._add_home(home)

    def _add_home(self, home: Place) -> None:
        if home.postcode:
            self._counts["postcode"][home.postcode] += 1
        if home.streets:
            self._counts["street"][street(home)] += 1
            if home.number:
                self._counts["house"][house(home)] += 1

    def tables(self, digest: Callable[[str, str], str]) -> Mapping[str, Frequencies]:
        """Return the share of each value that is not rare, by keyed hash."""
        return {table: _table(table, counts, digest) for table, counts in self._counts.items() if counts}


def _table(table: str, counts: Counter[str], digest: Callable[[str, str], str]) -> Frequencies:
    total = counts.total()
    limit = max(RARE, _OUTSTANDING * total / len(counts)) if table == "birth_date" else RARE
    rare = [count for count in counts.values() if count < limit]
    # How many others whoever has a rare value shares it with.
    others = sum(count * (count - 1) for count in rare) / sum(rare) if rare else 0.0
    return Frequencies(
        shares={digest(table, value): count / total for value, count in counts.items() if count >= limit},
        rare=(others + _UNSEEN) / total,
        average=min(
            1.0, (sum(count * (count - 1) for count in counts.values()) + _UNSEEN) / (total * max(total - 1, 1))
        ),
    )
