"""Whether two values say the same thing, spelled otherwise; and whose word ranks above whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.matching.normalise.address import same_address
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames
from sync.matching.normalise.email import canonical_email
from sync.matching.normalise.phone import canonical_phone
from sync.matching.normalise.text import words
from sync.model import Address, FactValue, Field, PersonName, Source

_REMEMBERED = 10_000
"""Pairs of addresses: a page's worth, and more."""

Precedence = Mapping[Field, Sequence[Source]]
"""By field, whose word ranks above whose on one date, the highest first; the default order for fields that are not named."""


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """How an organisation judges what was said: which values mean the same, and whose word ranks above whose.

    Attributes:
        streets: what is known of streets in both languages.
        precedence: where the organisation decided otherwise than `Source.precedence`.
        compared: addresses that were compared, and whether they are one place; None where that is not remembered.
    """

    streets: StreetNames = NO_STREETS
    precedence: Precedence = field(default_factory=dict)
    compared: dict[tuple[int, int], tuple[Address, Address, bool]] | None = field(default=None, repr=False)

    def __call__(self, field: Field, one: FactValue | None, other: FactValue | None, /) -> bool:
        """Tell whether both values of a field mean the same; nothing equals only nothing."""
        if one is other:
            return True
        if one is None or other is None:
            return False
        if isinstance(one, Address) and isinstance(other, Address):
            return self._one_place(one, other)
        if one == other:
            return True
        if isinstance(one, PersonName) and isinstance(other, PersonName):
            return _same_name(one, other)
        if isinstance(one, str) and isinstance(other, str):
            if field is Field.PHONE:
                return (canonical_phone(one) or one) == (canonical_phone(other) or other)
            if field is Field.EMAIL:
                return (canonical_email(one) or one) == (canonical_email(other) or other)
        return False

    def _one_place(self, one: Address, other: Address) -> bool:
        if self.compared is None:
            return one == other or same_address(one, other, self.streets)
        found = self.compared.get((id(one), id(other)))
        if found is None:
            if len(self.compared) >= _REMEMBERED:
                self.compared.clear()
            # Both are kept with the answer: as long as they live, nothing else has their identity.
            found = one, other, one == other or same_address(one, other, self.streets)
            self.compared[id(one), id(other)] = found
        return found[2]

    def rank(self, field: Field, source: Source) -> int:
        """Return whose word counts among facts of one date; the lower wins."""
        order = self.precedence.get(field)
        return order.index(source) if order and source in order else source.precedence


same_value = Same()
"""Knows no streets, and ranks sources by default."""


def same_by(streets: StreetNames, precedence: Precedence | None = None) -> Same:
    """Return the judgement that knows these streets in both languages, and this order of sources.

    It remembers which addresses it has compared: those of one customer are compared several times when a change is applied.
    """
    return Same(streets, precedence or {}, {})


def _same_name(one: PersonName, other: PersonName) -> bool:
    """A register that keeps only some of the given names says the same as one that keeps them all."""
    if words(one.surname) != words(other.surname):
        return False
    few, many = sorted((words(one.given_names).split(), words(other.given_names).split()), key=len)
    return set(few) <= set(many) if few else not many
