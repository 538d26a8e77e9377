"""Blocking keys: what two records share so that they are compared at all.

A person is found again although any one field is mistyped: every kind leaves out something that another has. The
store hashes `kind|text` with a secret key, so that neither tells anything about anybody there. A customer gets one
key of a kind at most; a change gets one for each of its names, addresses and readings, because it is not stored.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sync.matching.normalise.address import Place
from sync.matching.normalise.date import turned
from sync.matching.normalise.email import mailbox
from sync.matching.normalise.name import NameForms, sound
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import Customer, Identity

KINDS: tuple[str, ...] = (
    "phone",
    "email",
    "birth_given",  # birth date, a given name
    "birth_surname",  # birth date, how the surname sounds
    "unit_given",  # postcode, number, flat, initial of a given name
    "unit_surname",  # postcode, number, flat, how the surname sounds
    "number_name",  # house number, how the surname sounds, a given name: for a mistyped postcode or street
    "year_name",  # birth year, how the surname sounds, a given name: for a mistyped birth day
    "postcode_name",  # postcode, how the surname sounds, initial of a given name: for a mistyped number
    "name",  # how the surname sounds, a given name: only for customers without a birth date
)
"""Every kind, the narrowest first: the order in which a store that must stop early asks."""

_DAY_DIGITS, _YEAR_DIGITS = 8, 4


@dataclass(frozen=True, slots=True)
class BlockingKey:
    """One thing that records may share.

    Attributes:
        kind: one of `KINDS`.
        text: what is shared, folded. Personal: to be hashed before it is stored.
        location: made from where the person lives; never made for a protected customer (trust rule P6).
    """

    kind: str
    text: str
    location: bool


def customer_keys(customer: Customer) -> frozenset[BlockingKey]:
    """Return the keys under which a customer is stored, nine at most."""
    return prepared_customer_keys(prepare_customer(customer))


def identity_keys(identity: Identity) -> frozenset[BlockingKey]:
    """Return the keys under which to look for whom a change is about."""
    return prepared_identity_keys(prepare_identity(identity))


def prepared_customer_keys(customer: Prepared) -> frozenset[BlockingKey]:
    """Return the keys of a customer that is prepared already."""
    keys = list(_contact_keys(customer))
    home = customer.places[0] if customer.places else None
    for name in customer.names:
        surname, given = sound(name.surname_folded), name.head
        keys += _birth_keys(surname, given, customer.birth_date)
        keys += _name_keys(surname, given, customer.birth_date)
        keys += _location_keys(surname, given, home) if home else ()
    if customer.birth_date:
        keys = [key for key in keys if key.kind != "name"]
    return frozenset(keys)


def prepared_identity_keys(change: Prepared) -> frozenset[BlockingKey]:
    """Return the keys of an identity that is prepared already."""
    keys = set(_contact_keys(change))
    for surname, given in set(_readings(change.names)):
        keys.update(_birth_keys(surname, given, change.birth_date))
        keys.update(_birth_keys(surname, given, turned(change.birth_date) or ""))
        keys.update(_name_keys(surname, given, change.birth_date))
        for home in change.places:
            keys.update(_location_keys(surname, given, home))
    return frozenset(keys)


def _readings(names: Iterable[NameForms]) -> Iterator[tuple[str, str]]:
    """Give every surname's sound with every given name: parts of double names, and the two swapped, besides."""
    for name in names:
        given_names = dict.fromkeys((name.head, *name.given_folded))
        for surname in {name.surname_folded, *name.surname_parts}:
            for given in given_names:
                yield sound(surname), given
                if given:
                    yield sound(given), surname


def _contact_keys(person: Prepared) -> Iterator[BlockingKey]:
    if person.phone:
        yield BlockingKey("phone", person.phone, location=False)
    if person.email:
        yield BlockingKey("email", mailbox(person.email), location=False)


def _birth_keys(surname: str, given: str, birth_date: str) -> Iterator[BlockingKey]:
    if len(birth_date) == _DAY_DIGITS:
        if given:
            yield BlockingKey("birth_given", f"{birth_date}|{given}", location=False)
        if surname:
            yield BlockingKey("birth_surname", f"{birth_date}|{surname}", location=False)


def _name_keys(surname: str, given: str, birth_date: str) -> Iterator[BlockingKey]:
    if surname and given:
        yield BlockingKey("name", f"{surname}|{given}", location=False)
        if birth_date:
            yield BlockingKey("year_name", f"{birth_date[:_YEAR_DIGITS]}|{surname}|{given}", location=False)


def _location_keys(surname: str, given: str, home: Place) -> Iterator[BlockingKey]:
    if home.postcode and surname and given:
        yield BlockingKey("postcode_name", f"{home.postcode}|{surname}|{given[0]}", location=True)
    if home.number and surname and given:
        yield BlockingKey("number_name", f"{home.number}|{surname}|{given}", location=True)
    if home.postcode and home.number:
        door = f"{home.postcode}|{home.number}|{home.flat}"
        if given:
            yield BlockingKey("unit_given", f"{door}|{given[0]}", location=True)
        if surname:
            yield BlockingKey("unit_surname", f"{door}|{surname}", location=True)
