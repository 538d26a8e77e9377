"""Compares a change with a customer, field by field."""

from collections.abc import Mapping
from types import MappingProxyType

from sync.matching.compare import address, birth_date, email, given_names, phone, sex, surname
from sync.matching.compare.address import compare_address
from sync.matching.compare.birth_date import compare_birth_date
from sync.matching.compare.email import compare_email, named_apart
from sync.matching.compare.given_names import compare_given_names
from sync.matching.compare.level import ALL_EQUAL, DIFFERENT, FAINT, MISSING, SIMILAR, SWAPPED, Finding, Level
from sync.matching.compare.names import compare_swapped
from sync.matching.compare.phone import compare_phone
from sync.matching.compare.sex import compare_sex
from sync.matching.compare.surname import compare_surname
from sync.matching.normalise.name import NameForms
from sync.matching.prepared import Prepared

COMPARISONS: Mapping[str, tuple[Level, ...]] = MappingProxyType(
    {
        "surname": surname.LEVELS,
        "given_names": given_names.LEVELS,
        "birth_date": birth_date.LEVELS,
        "address": address.LEVELS,
        "phone": phone.LEVELS,
        "email": email.LEVELS,
        "sex": sex.LEVELS,
    }
)
"""Every comparison with its levels, from the most agreement to the least, in the order of `compare`."""

Findings = tuple[Finding, ...]
_WEAK = frozenset({DIFFERENT, FAINT, SIMILAR, MISSING})
_NO_NAME: Finding = (MISSING, "", "")
_SURNAME_RANK = {level: rank for rank, level in enumerate((*surname.LEVELS, MISSING))}
_GIVEN_RANK = {level: rank for rank, level in enumerate((*given_names.LEVELS, MISSING))}


def compare(change: Prepared, customer: Prepared) -> Findings:
    """Return what every comparison finds. National ids are no matter of weight (`decide`)."""
    surname_found, given_found = _names(change.names, customer.names)
    return (
        surname_found,
        given_found,
        (compare_birth_date(change.birth_date, customer.birth_date), change.birth_date, customer.birth_date),
        compare_address(change.places, customer.places),
        (compare_phone(change.phone, customer.phone), change.phone, customer.phone),
        (_email(change, customer), change.email, customer.email),
        (compare_sex(change.sex, customer.sex), "", ""),
    )


def _email(change: Prepared, customer: Prepared) -> Level:
    level = compare_email(change.email, customer.email)
    if level == SIMILAR and named_apart(change.email, customer.email, change.names, customer.names):
        return DIFFERENT
    return level


def _names(change: tuple[NameForms, ...], customer: tuple[NameForms, ...]) -> tuple[Finding, Finding]:
    """Compare surname and given names, each by the best of the person's names: people change both, one at a time."""
    if len(change) == 1 == len(customer):
        return _one_name(change[0], customer[0])
    pairs = [_one_name(one, other) for one in change for other in customer]
    if not pairs:
        return _NO_NAME, _NO_NAME
    return (
        min((pair[0] for pair in pairs), key=lambda found: _SURNAME_RANK[found[0]]),
        min((pair[1] for pair in pairs), key=lambda found: _GIVEN_RANK[found[0]]),
    )


def _one_name(change: NameForms, customer: NameForms) -> tuple[Finding, Finding]:
    level = compare_surname(change, customer)
    given = compare_given_names(change, customer)
    if level in _WEAK and given in _WEAK:
        crossed = compare_swapped(change, customer)
        if crossed is not None:
            # In each of the two columns one side holds what belongs there, and which side does not matter.
            return (SWAPPED, change.surname_folded or change.head, customer.surname_folded or customer.head), (
                crossed,
                change.head,
                customer.head,
            )
    if given == ALL_EQUAL:
        every = " ".join(change.given_folded)  # how common all of them together are, not the first alone
        return (level, change.surname_folded, customer.surname_folded), (given, every, every)
    return (level, change.surname_folded, customer.surname_folded), (given, change.head, customer.head)
