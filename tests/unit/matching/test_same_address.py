"""Whether two addresses are one place spelled otherwise."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sync.matching.normalise.address import areas_differ, place, same_address
from sync.matching.normalise.street import parse_street_line
from sync.model import Address, Text
from tests.unit.matching.people import any_addresses, home

SAME = [
    ("Rantatie 5 A 3", "RANTATIE 5 a 3"),
    ("Rantatie 5 A 3", "Rantat. 5 A 003"),
    ("Rantatie 5 A 3", "Rantatie 5A3"),
    ("Rantatie 12 as 34", "Rantatie 12 bst. 34"),
    ("Rantatie 6a", "Rantatie 6 A"),
    ("Rantatie 6 a B 12", "Rantatie 6a B 12"),
    ("Rantatie 10h5", "Rantatie 10 as. 5"),
    ("Kauppakatu 6a-6b", "Kauppak. 6a - 6b"),
    ("Kubagatan 20/22", "Kubag. 20-22"),
    ("Rantatie 5 c/o Koe", "Rantatie 5"),
    ("Öljymäki 11 C 3", "Oljymaki 11 C 3"),
    ("PL 12", "PB 12"),
    ("PL 12", "P.O. Box 12"),
    ("Poste restante", "POSTE RESTANTE"),
]
OTHER = [
    ("Rantatie 5 A 3", "Rantatie 5 A 4"),
    ("Rantatie 5 A 3", "Rantatie 5 B 3"),
    ("Rantatie 5 A 3", "Rantatie 5 A"),
    ("Rantatie 5", "Rantatie 7"),
    ("Rantatie 5", "Rantatie"),
    ("Rantakatu 5", "Rantatie 5"),
    ("Häkätie 5", "Hakätie 5"),
    ("Mannerheimintie 5 A 3", "Mannerheimvägen 5 A 3"),
    ("PL 12", "PL 13"),
    ("Rantatie 12", "PL 12"),
    ("Rantatie 5 c/o Koe", "Rantatie 5 c/o Virtanen"),
    ("Poste restante", "Rantatie 5"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_place_spelled_otherwise_is_the_same(one: str, other: str) -> None:
    """Spelling, case, abbreviations and the spread over fields make no other place."""
    assert same_address(home(one), home(other))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_place_is_not_the_same(one: str, other: str) -> None:
    """Any part that differs, and any doubt, makes another place."""
    assert not same_address(home(one), home(other))


def test_a_postcode_that_differs_makes_another_place() -> None:
    """Every town has a Rantatie."""
    assert not same_address(home(postcode="00100"), home(postcode="90100"))
    assert same_address(home(postcode="00100"), home(postcode="FI-00100"))


def test_the_post_office_counts_only_without_a_postcode() -> None:
    """Its name may stand in either language beside equal postcodes, and must agree where one is missing."""
    assert same_address(home(town="Helsinki"), home(town="HELSINGFORS"))
    assert same_address(home(postcode=None), home(town="HELSINKI"))
    assert not same_address(home(postcode=None), home(town="Helsingfors"))
    assert not same_address(home(postcode=None), home(town=None))
    assert not same_address(home(postcode=None, town=None), home())


def test_an_address_in_both_languages_equals_each_of_its_forms() -> None:
    """One form that agrees is enough."""
    both = replace(home("Mannerheimintie 5"), street=Text("Mannerheimintie", "Mannerheimvägen"))
    assert same_address(both, home("Mannerheimintie 5"))
    assert same_address(home("Mannerheimv. 5"), both)
    assert not same_address(both, home("Runebergsgatan 5"))


def test_the_country_must_not_differ() -> None:
    """Åland's own code is Finland's."""
    assert same_address(home(), replace(home(), country="AX"))
    assert same_address(home(), replace(home(), country=None))
    assert not same_address(home(), replace(home(), country="SE"))


def test_lines_that_read_alike_are_one_place() -> None:
    """Abroad, one provider has the town in a field of its own, another one in the last line."""
    apart = Address(lines=("Rue d'Austerlitz 115",), post_office=Text("69004 LYON"), country="FR")
    whole = Address(lines=("Rue d'Austerlitz 115", "69004 Lyon"), country="FR")
    assert same_address(apart, whole)
    assert same_address(replace(apart, postcode="69004", post_office=Text("Lyon")), whole)
    assert not same_address(apart, replace(whole, country="BE"))
    assert not same_address(apart, replace(whole, care_of="Koe"))
    assert not same_address(apart, replace(whole, lines=("Rue d'Austerlitz 115", "69005 Lyon")))


def test_parts_equal_the_line_they_print() -> None:
    """What a provider gives in parts is what a register holds as one line."""
    parts = Address(street=Text("Öljymäki"), number="10h5", flat="000", postcode="00100")
    assert same_address(parts, replace(parse_street_line("Öljymäki 10 as 5"), postcode="00100"))
    whole = Address(lines=("Öljymäki 10 5",), postcode="00100")
    assert same_address(parts, whole)


@settings(deadline=None)
@given(any_addresses)
def test_an_address_is_the_same_as_itself(address: Address) -> None:
    """Whatever it holds."""
    assert same_address(address, address)


@settings(deadline=None)
@given(any_addresses, any_addresses)
def test_sides_make_no_difference(one: Address, other: Address) -> None:
    """Either both ways or neither."""
    assert same_address(one, other) == same_address(other, one)


@settings(deadline=None)
@given(any_addresses)
def test_printing_and_reading_again_is_the_same_place(address: Address) -> None:
    """A register that holds the printed line holds the same address."""
    printed = replace(
        parse_street_line(address.street_line()), postcode=address.postcode, post_office=address.post_office
    )
    assert same_address(address, printed)


@settings(deadline=None)
@given(any_addresses, any_addresses, st.from_regex(r"[0-9]{1,6}", fullmatch=True), st.sampled_from(["00100", "12345"]))
def test_plain_postcodes_that_differ_are_never_one_place(one: Address, other: Address, first: str, second: str) -> None:
    """Whatever else the addresses say; so that nothing else of them need be looked at."""
    here, there = replace(one, postcode=first), replace(other, postcode=second)
    assume(first != second)
    assert areas_differ(place(here), place(there))
    assert not same_address(here, there)
