"""Which two names, a Finnish and a Swedish one, are one street's or one town's: postcode by postcode.

The names come from the postal operator's lists, which the store keeps. Only what differs is held in memory, one text a
postcode: a street's other name is looked for in it, in a fifth of the room that a table of them would take.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Self

from sync.matching.normalise.street_name import canonical_street
from sync.matching.normalise.text import fold

# One letter for one, so that a text without marks has every name where the marked one has it.
_MARKS = str.maketrans("åäöæøéèüáàóšžõ", "aaoaoeeuaaoszo")


@dataclass(frozen=True, slots=True)
class StreetPair:
    """One street's two names.

    Attributes:
        postcode: five digits.
        municipality: three-digit code (Statistics Finland).
        fi: the Finnish name, as written.
        sv: the Swedish name, as written.
    """

    postcode: str
    municipality: str
    fi: str
    sv: str


@dataclass(frozen=True, slots=True)
class TownPair:
    """The two names of a postal town or municipality that a postcode belongs to; they may be the same."""

    postcode: str
    fi: str
    sv: str


@dataclass(frozen=True, slots=True, eq=False)
class StreetNames:
    """The names of streets and towns in the other language. Made by `of`; compared by identity.

    Attributes:
        pairs: for each postcode its pairs of canonical names, a line for each pair with a tab between, and the same without marks.
        postcodes: the postcodes with such pairs of a municipality's code and of a town's folded name.
        towns: the Finnish names of a town by its Swedish one, all folded.
    """

    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    postcodes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    towns: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, streets: Iterable[StreetPair], towns: Iterable[TownPair]) -> Self:
        """Bring names as they are written into the form in which they are looked up.

        Args:
            streets: in the order of their postcodes, so that never more than one postcode's are held as they were.
            towns: in any order.
        """
        pairs: dict[str, tuple[str, str]] = {}
        places: dict[str, set[str]] = {}
        for postcode, group in groupby(streets, key=attrgetter("postcode")):
            lines = {pairs[postcode][0].strip("\n")} if postcode in pairs else set()
            for pair in group:
                fi, sv = canonical_street(pair.fi), canonical_street(pair.sv)
                if fi and sv and fi != sv:
                    lines.add(f"{fi}\t{sv}")
                    places.setdefault(pair.municipality, set()).add(postcode)
            if lines:
                pairs[postcode] = _text(lines)
        swedish: dict[str, set[str]] = {}
        for town in towns:
            fi, sv = fold(town.fi), fold(town.sv)
            if fi and sv and fi != sv:
                swedish.setdefault(fi, set()).add(sv)
            if town.postcode in pairs:
                for name in filter(None, (fi, sv)):
                    places.setdefault(name, set()).add(town.postcode)
        return cls(pairs, {place: tuple(sorted(known)) for place, known in places.items()}, _finnish(swedish))

    def __bool__(self) -> bool:
        """Tell whether anything is known."""
        return bool(self.pairs or self.towns)

    def others(self, street: str, postcode: str, municipality: str = "", towns: Iterable[str] = ()) -> frozenset[str]:
        """Return the names of a street in the other language; several where it is not told which is meant.

        Args:
            street: canonical name.
            postcode: where it is; empty when that is not known.
            municipality: its code; asked only without a postcode.
            towns: folded names of the postal town; asked only without either.
        """
        if postcode:
            return frozenset(self._across(street, postcode))
        places = (municipality,) if municipality else towns
        codes = {code for place in places for code in self.postcodes.get(place, ())}
        return frozenset(name for code in codes for name in self._across(street, code))

    def finnish_towns(self, towns: frozenset[str]) -> frozenset[str]:
        """Return the towns, and the Finnish names of those that are Swedish."""
        more = [self.towns[town] for town in towns if town in self.towns]
        return towns.union(*more) if more else towns

    def _across(self, street: str, postcode: str) -> list[str]:
        known = self.pairs.get(postcode)
        if known is None:
            return []
        marked, plain = known
        if street.translate(_MARKS) not in plain:
            return []  # most streets of most places: one look
        found = list(_facing(marked, marked, street))
        # Written without its marks, a name may stand for one that has them; not where it is a street itself.
        return found if found or not street.isascii() else list(_facing(plain, marked, street))


NO_STREETS = StreetNames()
"""Nothing was imported."""


def _text(lines: set[str]) -> tuple[str, str]:
    marked = "\n".join(("", *sorted(lines), ""))
    plain = marked.translate(_MARKS)
    return marked, marked if plain == marked else plain


def _facing(searched: str, named: str, street: str) -> Iterator[str]:
    """Give, from one text, what faces a name that stands at the same place of the other, on either side of a line."""
    at = searched.find(f"\n{street}\t")
    while at >= 0:
        begin = at + len(street) + 2
        yield named[begin : named.index("\n", begin)]
        at = searched.find(f"\n{street}\t", begin)
    at = searched.find(f"\t{street}\n")
    while at >= 0:
        yield named[named.rindex("\n", 0, at) + 1 : at]
        at = searched.find(f"\t{street}\n", at + 1)


def _finnish(swedish: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """Turn Swedish names of Finnish ones round.

    A Finnish name with several Swedish ones is left out: through it, two towns would be taken for one.
    """
    found: dict[str, set[str]] = {}
    for fi, names in swedish.items():
        if len(names) == 1:
            found.setdefault(next(iter(names)), set()).add(fi)
    return {sv: frozenset(names) for sv, names in found.items()}
