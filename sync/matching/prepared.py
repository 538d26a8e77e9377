"""A change's identity or a customer, brought into comparable form once, however often it is compared."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sync.matching.normalise.address import Place, place
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames
from sync.matching.normalise.date import digits
from sync.matching.normalise.email import canonical_email
from sync.matching.normalise.generation import generation
from sync.matching.normalise.ids import birth_date_of, comparable_id
from sync.matching.normalise.name import NameForms, name_forms
from sync.matching.normalise.phone import comparable_phone
from sync.model import LOCATION_FIELDS, Address, Customer, Field, Identity, PartialDate, PersonName

FORMS = "4"
"""Version of the forms below and of the blocking keys made from them. To be raised with every change of either:
stores then make theirs anew (`ajantasa db upgrade`)."""

_PLACES = sorted(LOCATION_FIELDS)
HOME_COUNTRY = "FI"
"""Where phone numbers without a country code are from, unless an address says otherwise."""
MOST_NAMES = 8
"""Names of one person that are looked at, the current one first."""
MOST_ADDRESSES = 4
"""Addresses of one person that are looked at, in the provider's order."""


class Prepared(NamedTuple):
    """One side of a comparison. Empty where there is nothing to compare.

    A tuple of texts, sets and tuples, because stores keep customers in this form and read every candidate of every change.

    Attributes:
        id: our own id of the customer; 0 for a change.
        ids: national ids, current and former, as they are compared.
        names: the current name first, then former ones.
        birth_date: digits, as far as the date is known.
        places: where the person is known to live or to have lived; empty for a protected customer.
        phone: E.164.
        email: canonical.
        sex: first letter of the source's word, small.
        generation: "junior", "senior" or the like; empty where the name does not say.
    """

    id: int
    ids: frozenset[str]
    names: tuple[NameForms, ...]
    birth_date: str
    places: tuple[Place, ...]
    phone: str
    email: str
    sex: str = ""
    generation: str = ""


def prepare_identity(identity: Identity, streets: StreetNames = NO_STREETS) -> Prepared:
    """Prepare whom a change is about."""
    ids = identity_ids(identity)
    return Prepared(
        id=0,
        ids=ids,
        names=tuple(name_forms(name) for name in identity.names[:MOST_NAMES]),
        birth_date=_birth_date(identity.birth_date, ids),
        places=_places(identity.addresses[:MOST_ADDRESSES], streets),
        phone=_phone(identity.phone, identity.addresses),
        email=_email(identity.email),
        generation=_generation(identity.names[:1]),
    )


def prepare_customer(customer: Customer, streets: StreetNames = NO_STREETS) -> Prepared:
    """Prepare a customer. Addresses that an order hides are left out, so that they can never be evidence (P6)."""
    ids = customer_ids(customer)
    homes = {field: value for field in _PLACES if isinstance(value := customer.values.get(field), Address)}
    names = (customer.name,) if customer.name else ()
    return Prepared(
        id=customer.id,
        ids=ids,
        names=tuple(map(name_forms, names)),
        birth_date=_birth_date(customer.birth_date, ids),
        places=_places([home for field, home in homes.items() if field not in customer.hidden], streets),
        phone=_phone(customer.phone, list(homes.values())),
        email=_email(customer.email),
        generation=_generation(names),
    )


def identity_ids(identity: Identity) -> frozenset[str]:
    """Return every national id that the change names, comparable."""
    return _ids(identity.national_id, *identity.former_ids)


def customer_ids(customer: Customer) -> frozenset[str]:
    """Return every national id that the customer has or had, comparable."""
    held = customer.values.get(Field.NATIONAL_ID)
    # A corrected id does not unmake the one in the register: changes still arrive under it.
    return _ids(customer.national_id, held if isinstance(held, str) else None, *customer.former_ids)


def _ids(*texts: str | None) -> frozenset[str]:
    return frozenset(filter(None, map(comparable_id, {text for text in texts if text})))


def _birth_date(date: PartialDate | None, ids: frozenset[str]) -> str:
    """Take the date given, or else the one that every Finnish id carries alike."""
    if date is not None:
        return digits(date)
    carried = {digits(born) for born in map(birth_date_of, ids) if born}
    return carried.pop() if len(carried) == 1 else ""


def _places(addresses: Iterable[Address], streets: StreetNames) -> tuple[Place, ...]:
    return tuple(found for found in (place(address, streets) for address in addresses) if not found.empty)


def _phone(text: str | None, homes: Sequence[Address]) -> str:
    """Read a number as people of the country dial it, where the person's own address tells the country."""
    if not text:
        return ""
    return comparable_phone(text, next((home.country for home in homes if home.country), HOME_COUNTRY))


def _generation(names: Sequence[PersonName]) -> str:
    return generation(names[0]) if names else ""


def _email(text: str | None) -> str:
    return (canonical_email(text) or "") if text else ""
