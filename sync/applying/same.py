"""Whether two values say the same thing, spelled otherwise."""

from functools import partial
from typing import Protocol

from sync.matching.normalise.address import same_address
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames
from sync.matching.normalise.email import canonical_email
from sync.matching.normalise.phone import canonical_phone
from sync.matching.normalise.text import words
from sync.model import Address, FactValue, Field, PersonName


class Same(Protocol):
    """Tells whether both values of a field mean the same: `same_value`, with or without what is known of streets."""

    def __call__(self, field: Field, one: FactValue | None, other: FactValue | None, /) -> bool:
        """Tell it; nothing equals only nothing."""
        ...


def same_by(streets: StreetNames) -> Same:
    """Return the comparison that knows these streets in both languages."""
    return partial(same_value, streets=streets) if streets else same_value


def same_value(
    field: Field, one: FactValue | None, other: FactValue | None, /, streets: StreetNames = NO_STREETS
) -> bool:
    """Tell whether both values of a field mean the same; nothing equals only nothing."""
    if one is other:
        return True
    if one is None or other is None:
        return False
    if one == other:
        return True
    if isinstance(one, Address) and isinstance(other, Address):
        return same_address(one, other, streets)
    if isinstance(one, PersonName) and isinstance(other, PersonName):
        return _same_name(one, other)
    if isinstance(one, str) and isinstance(other, str):
        if field is Field.PHONE:
            return (canonical_phone(one) or one) == (canonical_phone(other) or other)
        if field is Field.EMAIL:
            return (canonical_email(one) or one) == (canonical_email(other) or other)
    return False


def _same_name(one: PersonName, other: PersonName) -> bool:
    """A register that keeps only some of the given names says the same as one that keeps them all."""
    if words(one.surname) != words(other.surname):
        return False
    few, many = sorted((words(one.given_names).split(), words(other.given_names).split()), key=len)
    return set(few) <= set(many) if few else not many
