"""How common each value is in the register."""

from collections import Counter
from collections.abc import Callable, Mapping

from sync.matching.compare.address import house, street
from sync.matching.model import Frequencies
from sync.matching.normalise.address import Place
from sync.matching.prepared import Prepared
from sync.matching.train.households import Homes

RARE = 5
"""Values that fewer persons have are pooled: together they say how common a rare value is, and tell of nobody."""
_UNSEEN = 0.2
"""Others of the same value that are reckoned with although none was seen."""
_BELIEF = 1_000
_LEAST = 0.01
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

    def tables(self, digest: Callable[[str, str], str], homes: Homes) -> Mapping[str, Frequencies]:
        """Return the share of each value that is not rare, by keyed hash.

        Args:
            digest: keyed hash of a table's value.
            homes: who lives with whom: they are no strangers to each other, so what they share is left out.
        """
        within: dict[str, Counter[str]] = {table: Counter() for table in self._counts}
        for members in homes.households():
            of_home = Census()
            for person in members:
                of_home.add(person)
            for table, counts in of_home._counts.items():
                for value, count in counts.items():
                    if count > 1:
                        within[table][value] += count * (count - 1)
        return {
            table: _table(table, counts, within[table], homes.every, digest)
            for table, counts in self._counts.items()
            if counts
        }


def _table(
    table: str, counts: Counter[str], within: Counter[str], every: int, digest: Callable[[str, str], str]
) -> Frequencies:
    total = counts.total()
    limit = max(RARE, _OUTSTANDING * total / len(counts)) if table == "birth_date" else RARE
    rare = {value: count for value, count in counts.items() if count < limit}
    related = every * sum(shared for value, shared in within.items() if value in rare)
    # How many others, of other households, whoever has a rare value shares it with.
    seen = max(sum(count * (count - 1) for count in rare.values()) - related, 0)
    bearers = sum(rare.values())
    others = seen / max(bearers, 1) + max(_UNSEEN * _BELIEF / (bearers + _BELIEF), _LEAST)
    pairs = sum(count * (count - 1) for count in counts.values()) - every * within.total()
    return Frequencies(
        shares={digest(table, value): count / total for value, count in counts.items() if count >= limit},
        rare=others / total,
        average=min(1.0, (max(pairs, 0) + _UNSEEN) / (total * max(total - 1, 1))),
    )
