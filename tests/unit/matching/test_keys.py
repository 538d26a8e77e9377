"""Blocking keys find a person again, and tell nothing of where a protected one lives."""

from dataclasses import replace

import pytest
from hypothesis import example, given

from sync.matching.keys import (
    LOCATION_KINDS,
    WIDE_KINDS,
    change_keys,
    customer_keys,
    is_location,
    kind_of,
)
from sync.matching.prepared import MOST_ADDRESSES, prepare_customer, prepare_identity
from sync.model import LOCATION_FIELDS, Customer, Identity
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

NARROW = {"phone", "email", "birth_name", "year_name", "day_name", "unit", "number_name", "postcode_name"} | {
    "name",
    "undated_name",
}
"""Kinds that large registers have, too."""

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


def shared(change: Identity, person: Customer, *, wide: bool = False) -> set[str]:
    """Return the kinds of keys that both have."""
    both = change_keys(prepare_identity(change), wide=wide) & customer_keys(prepare_customer(person), wide=wide)
    return set(map(kind_of, both))


def kept(person: Customer, *, wide: bool = True) -> set[str]:
    """Return the keys under which a customer is stored."""
    return customer_keys(prepare_customer(person), wide=wide)


@pytest.mark.parametrize("field", MISTYPED)
@pytest.mark.parametrize("with_birth_date", [True, False])
def test_one_typing_error_hides_nobody(field: str, with_birth_date: bool) -> None:
    """Name and old address, with or without a birth date, find the person although one field is wrong."""
    change = replace(identity(birth_date=born() if with_birth_date else None), **MISTYPED[field])
    assert shared(change, customer())


@pytest.mark.parametrize("field", ["surname", "given name", "birth day", "birth year"])
def test_one_typing_error_hides_nobody_whose_address_is_unknown(field: str) -> None:
    """Name and birth date alone find the person although one of them is wrong."""
    assert shared(replace(identity(addresses=()), **MISTYPED[field]), customer(protected=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": (name("Amna Maija Vittanen"),)},
        {"names": (name("Anna Maija Vittanen"),), "birth_date": born("1925-01-31"), "addresses": ()},
        {"birth_date": born("1925-01-31"), "addresses": (home("Koulukatu 8", "90100", "Oulu"),)},
    ],
)
def test_in_a_small_register_several_errors_hide_nobody(wrong: dict[str, object]) -> None:
    """Wide keys find whoever has errors in two fields or three."""
    assert shared(replace(identity(), **wrong), customer(), wide=True)


def test_everything_in_place_shares_every_kind() -> None:
    """The keys of the two sides are made alike; wide ones come on top."""
    change = identity(phone="040 1234567", email="Anna@example.org")
    person = customer(phone="+358401234567", email="anna@EXAMPLE.org")
    assert shared(change, person) == NARROW - {"name", "undated_name", "number_name"}
    assert shared(change, person, wide=True) == (NARROW | WIDE_KINDS) - {"undated_name"}


def test_names_alone_find_whose_birth_date_is_not_known() -> None:
    """On either side; whoever has another one, in year and day, is looked for in a small register only."""
    alone = identity(addresses=())
    undated = replace(alone, birth_date=None)
    assert shared(alone, customer(birth_date=None)) == {"undated_name"}
    assert shared(undated, customer()) == {"name"} == shared(undated, customer(birth_date=None))
    another = customer(birth_date=born("1949-02-28"))
    assert shared(alone, another) == set()
    assert "name" in shared(alone, another, wide=True)


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
    assert "birth_name" in shared(identity(addresses=()), customer(birth_date=None, national_id=ID))


def test_day_and_month_swapped_finds_the_person() -> None:
    """A small register is asked for both readings of the date; in a large one the year finds them."""
    change, person = identity(birth_date=born("1952-03-10"), addresses=()), customer(birth_date=born("1952-10-03"))
    assert "birth_name" in shared(change, person, wide=True)
    assert shared(change, person) == {"year_name"}


@given(any_customers)
def test_a_customer_has_few_keys_each_of_a_known_kind(person: Customer) -> None:
    """Because each is stored: seven for the person, four for each address; wide ones only where they were asked for."""
    places = len(prepare_customer(person).places)
    narrow, wide = kept(person, wide=False), kept(person)
    assert len(narrow) <= 7 + 4 * places
    assert narrow <= wide
    assert {kind_of(key) for key in wide} <= NARROW | WIDE_KINDS
    assert {kind_of(key) for key in narrow} <= NARROW
    assert {kind_of(key) for key in wide - narrow} <= WIDE_KINDS
    assert all(key.encode() for key in wide)


@given(any_customers)
def test_a_protected_customer_has_no_key_of_a_place(person: Customer) -> None:
    """Neither marked as one, nor one that another address would change."""
    hidden = replace(person, hidden=LOCATION_FIELDS)
    moved = customer(
        name=person.name,
        birth_date=person.birth_date,
        phone=person.phone,
        email=person.email,
        protected=True,
        # Which country's numbers are meant is read from it; all else about it is not.
        address=home("Koulukatu 8", "90100", "Oulu") if person.address else None,
    )
    assert not any(is_location(key) for key in kept(hidden))
    assert kept(hidden) == kept(moved)


@given(any_customers)
@example(customer())
def test_a_key_is_marked_as_one_of_a_place_exactly_when_it_hangs_on_the_address(person: Customer) -> None:
    """A store that purges by the mark leaves nothing of where the person lives, and nothing else goes."""
    seen = replace(person, hidden=frozenset())
    away = replace(seen, values={field: value for field, value in seen.values.items() if field not in LOCATION_FIELDS})
    assert {key for key in kept(seen) if is_location(key)} == kept(seen) - kept(away)
    assert {kind_of(key) for key in kept(seen) - kept(away)} <= LOCATION_KINDS


@given(any_identities)
def test_keys_of_a_change_are_bounded(change: Identity) -> None:
    """Whatever a provider sends, a look-up stays small."""
    assert len(change_keys(prepare_identity(change), wide=True)) < 1_000


def test_an_ordinary_change_asks_for_few_keys() -> None:
    """Each of them costs a look-up."""
    assert len(change_keys(prepare_identity(identity(phone="040 1234567")), wide=False)) <= 18
    crowded = identity(addresses=tuple(home(f"Rantatie {number}") for number in range(1, 99)))
    assert len(prepare_identity(crowded).places) == MOST_ADDRESSES
