"""Whether two values say the same thing, spelled otherwise; and whose word ranks above whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.matching.normalise.address import same_address
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames
from sync.matching.normalise.email import canonical_email
from sync.matching.normalise.phone import canonical_phone
from sync.matching.normalise.text import words
from sync.model import Address, FactValue, Field, PersonName, Source

Precedence = Mapping[Field, Sequence[Source]]
"""By field, whose word ranks above whose on one date, the highest first; the default order for fields that are not named."""


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """How an organisation judges what was said: which values mean the same, and whose word ranks above whose.

    Attributes:
        streets: what is known of streets in both languages.
        precedence: where the organisation decided otherwise than `Source.precedence`.
    """

    streets: StreetNames = NO_STREETS
    precedence: Precedence = field(default_factory=dict)

    def __call__(self, field: Field, one: FactValue | None, other: FactValue | None, /) -> bool:
        """Tell whether both values of a field mean the same; nothing equals only nothing."""
        if one is other:
            return True
        if one is None or other is None:
            return False
        if one == other:
            return True
        if isinstance(one, Address) and isinstance(other, Address):
            return same_address(one, other, self.streets)
        if isinstance(one, PersonName) and isinstance(other, PersonName):
            return _same_name(one, other)
        if isinstance(one, str) and isinstance(other, str):
            if field is Field.PHONE:
                return (canonical_phone(one) or one) == (canonical_phone(other) or other)
            if field is Field.EMAIL:
                return (canonical_email(one) or one) == (canonical_email(other) or other)
        return False

    def rank(self, field: Field, source: Source) -> int:
        """Return whose word counts among facts of one date; the lower wins."""
        order = self.precedence.get(field)
        return order.index(source) if order and source in order else source.precedence


same_value = Same()
"""Knows no streets, and ranks sources by default."""


def same_by(streets: StreetNames, precedence: Precedence | None = None) -> Same:
    """Return the judgement that knows these streets in both languages, and this order of sources."""
    return Same(streets, precedence or {}) if streets or precedence else same_value


def _same_name(one: PersonName, other: PersonName) -> bool:
    """A register that keeps only some of the given names says the same as one that keeps them all."""
    if words(one.surname) != words(other.surname):
        return False
    few, many = sorted((words(one.given_names).split(), words(other.given_names).split()), key=len)
    return set(few) <= set(many) if few else not many
