"""How common each value is in the register."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sync.matching.compare.address import house, street
from sync.matching.model import Frequencies
from sync.matching.normalise.address import Place
from sync.matching.prepared import Prepared
from sync.matching.train.households import Homes

RARE = 5
"""Values that fewer persons have are pooled: together they say how common a rare value is, and tell of nobody."""
_UNSEEN = 0.2
"""Others of the same value that are reckoned with although none was seen."""
_ENOUGH = 1_000
"""Holders of rare values that halve this doubt: where thousands share nothing with strangers, the next will not."""
_LEAST_UNSEEN = 0.01
"""What stays of it: homes have new tenants, and numbers new owners."""
_NOBODY: Mapping[str, int] = MappingProxyType({})
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
            homes: who lives with whom. They are no strangers to each other: what they share tells nothing of strangers.
        """
        within = _within(homes)
        return {
            table: _table(table, counts, within.get(table, _NOBODY), digest)
            for table, counts in self._counts.items()
            if counts
        }

    def shared(self) -> Mapping[str, Mapping[str, int]]:
        """Return, by table and value, how many ordered pairs of persons share it."""
        return {
            table: {value: count * (count - 1) for value, count in counts.items() if count > 1}
            for table, counts in self._counts.items()
        }


def _within(homes: Homes) -> Mapping[str, Counter[str]]:
    """Return, by table and value, how many ordered pairs of members of one household share it."""
    within: dict[str, Counter[str]] = defaultdict(Counter)
    for members in homes.households():
        household = Census()
        for person in members:
            household.add(person)
        for table, values in household.shared().items():
            for value, pairs in values.items():
                within[table][value] += pairs * homes.every
    return within


def _table(
    table: str, counts: Counter[str], within: Mapping[str, int], digest: Callable[[str, str], str]
) -> Frequencies:
    total = counts.total()
    limit = max(RARE, _OUTSTANDING * total / len(counts)) if table == "birth_date" else RARE
    pairs = {value: count * (count - 1) - within.get(value, 0) for value, count in counts.items()}
    rare = [value for value, count in counts.items() if count < limit]
    bearers = sum(counts[value] for value in rare)
    # How many others, of other households, whoever has a rare value shares it with.
    others = max(sum(pairs[value] for value in rare), 0) / max(bearers, 1)
    unseen = max(_UNSEEN * _ENOUGH / (bearers + _ENOUGH), _LEAST_UNSEEN)
    return Frequencies(
        shares={digest(table, value): count / total for value, count in counts.items() if count >= limit},
        rare=(others + unseen) / total,
        average=min(1.0, (max(sum(pairs.values()), 0) + _UNSEEN) / (total * max(total - 1, 1))),
    )
