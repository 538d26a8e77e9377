"""Blocking keys find a person again, and tell nothing of where a protected one lives."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from sync.matching.keys import KINDS, customer_keys, identity_keys
from sync.model import Customer, Field, Identity
from tests.unit.matching.people import (
    ID,
    any_customers,
    any_identities,
    born,
    customer,
    home,
    identity,
    name,
)

MISTYPED = {
    "surname": {"names": (name("Anna Maija Vittanen"),)},
    "surname's first letter": {"names": (name("Anna Maija Birtanen"),)},
    "given name": {"names": (name("Amna Maija Virtanen"),)},
    "given name's first letter": {"names": (name("Snna Maija Virtanen"),)},
    "birth day": {"birth_date": born("1952-10-18")},
    "birth year": {"birth_date": born("1925-10-13")},
    "postcode": {"addresses": (home(postcode="00010"),)},
    "street": {"addresses": (home("Rntatie 5 A 3"),)},
    "number": {"addresses": (home("Rantatie 6 A 3"),)},
    "flat": {"addresses": (home("Rantatie 5 A 8"),)},
}


def shared(change: Identity, person: Customer) -> frozenset[str]:
    """Return the kinds of keys that both have."""
    return frozenset(key.kind for key in identity_keys(change) & customer_keys(person))


@pytest.mark.parametrize("field", MISTYPED)
@pytest.mark.parametrize("with_birth_date", [True, False])
def test_one_typing_error_hides_nobody(field: str, with_birth_date: bool) -> None:
    """Name and old address, with or without a birth date, find the person although one field is wrong."""
    change = replace(identity(birth_date=born() if with_birth_date else None), **MISTYPED[field])
    assert shared(change, customer())


@pytest.mark.parametrize("field", ["surname", "given name", "birth day"])
def test_one_typing_error_hides_nobody_whose_address_is_unknown(field: str) -> None:
    """Name and birth date alone find the person although one of them is wrong."""
    assert shared(replace(identity(addresses=()), **MISTYPED[field]), customer(protected=True))


def test_everything_in_place_shares_every_kind_but_the_last() -> None:
    """The keys of the two sides are made alike; `name` is only for records without a birth date."""
    change = identity(phone="040 1234567", email="Anna@example.org")
    assert shared(change, customer(phone="+358401234567", email="anna@EXAMPLE.org")) == set(KINDS) - {"name"}
    assert "name" in shared(change, customer(birth_date=None))


@pytest.mark.parametrize(
    "names",
    [
        (name("Anna Maija Koe"), name("Anna Maija Virtanen")),
        (name("Virtanen Anna"),),
        (name("Anna Koe-Virtanen"),),
        (name("Maija Virtanen"),),
        (name("Anna Maija Wirtanen"),),
    ],
)
def test_former_swapped_double_and_second_names_find_the_person(names: tuple[object, ...]) -> None:
    """A change is looked up under every reading of its names, with a birth date or with an address."""
    assert shared(identity(names=names, addresses=()), customer())
    assert shared(identity(names=names, birth_date=None), customer())


def test_a_birth_date_is_taken_from_the_national_id() -> None:
    """A register that holds only the id is found by a notice that tells only the date."""
    assert "birth_given" in shared(identity(addresses=()), customer(birth_date=None, national_id=ID))


def test_day_and_month_swapped_finds_the_person() -> None:
    """The change is looked up under both readings of its date."""
    assert "birth_given" in shared(identity(birth_date=born("1952-03-10")), customer(birth_date=born("1952-10-03")))


@settings(deadline=None)
@given(any_customers)
def test_a_customer_has_few_keys_each_of_a_known_kind(person: Customer) -> None:
    """Nine at most, one of a kind, because each is stored."""
    kinds = [key.kind for key in customer_keys(person)]
    assert len(kinds) == len(set(kinds)) <= 9
    assert set(kinds) <= set(KINDS)
    assert all(key.text.encode() for key in customer_keys(person))


@settings(deadline=None)
@given(any_customers)
def test_a_protected_customer_has_no_key_of_a_place(person: Customer) -> None:
    """Neither marked as one, nor one that another address would change."""
    hidden = replace(person, protected=True)
    moved = customer(
        name=person.name, birth_date=person.birth_date, phone=person.phone, email=person.email, protected=True
    )
    assert not any(key.location for key in customer_keys(hidden))
    assert customer_keys(hidden) == customer_keys(moved)


@settings(deadline=None)
@given(any_customers)
@example(customer())
def test_a_key_is_marked_as_one_of_a_place_exactly_when_it_hangs_on_the_address(person: Customer) -> None:
    """A store that purges by the mark leaves nothing of where the person lives, and nothing else goes."""
    seen = replace(person, protected=False)
    away = replace(seen, values={field: value for field, value in seen.values.items() if field != Field.ADDRESS})
    assert {key for key in customer_keys(seen) if key.location} == customer_keys(seen) - customer_keys(away)


@settings(deadline=None)
@given(any_identities)
def test_keys_of_a_change_are_bounded(change: Identity) -> None:
    """Whatever a provider sends, a look-up stays small."""
    assert len(identity_keys(change)) < 1_000
