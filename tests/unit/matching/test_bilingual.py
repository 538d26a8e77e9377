"""Two languages' names of one street are one street, within its postcode."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.store.forms import from_bytes, to_bytes
from sync.matching.compare.address import compare_address
from sync.matching.normalise.address import place, same_address
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames, StreetPair, TownPair
from sync.matching.prepared import prepare_customer
from sync.model import Address, Text
from tests.unit.matching.people import any_addresses, customer, home

STREETS = [
    StreetPair("00100", "091", "Mannerheimintie", "Mannerheimvägen"),
    StreetPair("00100", "091", "Hämeentie", "Tavastvägen"),
    StreetPair("00100", "091", "Hakatie", "Hagvägen"),
    StreetPair("00100", "091", "Häkätie", "Burvägen"),
    StreetPair("00100", "091", "Kirkkotie", "Kyrkvägen"),
    StreetPair("00100", "091", "Kirkkokuja", "Kyrkvägen"),
    StreetPair("00250", "091", "Mannerheimintie", "Mannerheimvägen"),
    StreetPair("00250", "091", "Koulutie", "Skolvägen"),
    StreetPair("00250", "091", "Rantatie", "Rantatie"),
    StreetPair("20100", "853", "Koulutie", "Skolgatan"),
]
TOWNS = [
    TownPair("00100", "HELSINKI", "HELSINGFORS"),
    TownPair("00250", "HELSINKI", "HELSINGFORS"),
    TownPair("20100", "TURKU", "ÅBO"),
    TownPair("20100", "Turku", "Åbo"),
    TownPair("33100", "TAMPERE", "TAMMERFORS"),
    TownPair("64100", "KRISTIINA", "KRISTINESTAD"),
    TownPair("64200", "KRISTIINA", "KRISTINA"),
    TownPair("99999", "KOE", "KOE"),
]
NAMES = StreetNames.of(STREETS, TOWNS)

SAME = [
    ("Mannerheimintie 5 A 3", "Mannerheimvägen 5 A 3"),
    ("Mannerheimint. 5a3", "MANNERHEIMV. 5 A 003"),
    ("Hämeentie 5", "Tavastvagen 5"),
    ("Hameentie 5", "Tavastvagen 5"),
    ("Kirkkotie 5", "Kyrkvägen 5"),
    ("Kirkkokuja 5", "Kyrkv. 5"),
]
OTHER = [
    ("Mannerheimintie 5 A 3", "Mannerheimvägen 5 A 4"),
    ("Mannerheimintie 5 A 3", "Tavastvägen 5 A 3"),
    ("Kirkkotie 5", "Kirkkokuja 5"),
    ("Koulutie 5", "Skolvägen 5"),
    ("Häkätie 5", "Hagvägen 5"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_both_names_of_a_street_are_one_place(one: str, other: str) -> None:
    """However each of them is spelled, and in whatever direction it is asked."""
    a, b = home(one), home(other, town="HELSINGFORS")
    assert same_address(a, b, NAMES)
    assert same_address(b, a, NAMES)
    assert not same_address(a, b)
    levels = {compare_address((place(x, NAMES),), (place(y, NAMES),))[0] for x, y in ((a, b), (b, a))}
    assert levels <= {"equal", "equal_folded"}


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_streets_stay_apart(one: str, other: str) -> None:
    """Another door, another street, another postcode's street, and two streets that share a name are no equals."""
    a, b = home(one), home(other)
    assert not same_address(a, b, NAMES)
    assert not same_address(b, a, NAMES)


def test_one_side_that_knows_is_enough() -> None:
    """A customer whose form was made before the names were there is compared as well."""
    finnish, swedish = home("Mannerheimintie 5"), home("Mannerheimvägen 5")
    assert compare_address((place(finnish, NAMES),), (place(swedish),))[0] == "equal_folded"
    assert compare_address((place(finnish),), (place(swedish, NAMES),))[0] == "equal_folded"


def test_a_mistyped_name_in_the_other_language_is_one_house() -> None:
    """What is alike is looked for in both languages."""
    a, b = place(home("Mannerheimintie 5"), NAMES), place(home("Mannerheimvägne 5"), NAMES)
    assert compare_address((a,), (b,))[0] == "same_house"


def test_a_name_is_another_only_where_it_is() -> None:
    """The postcode says which street is meant; without it the municipality, or else the town, in either language."""
    swedish = NAMES.others("koulutie", "00250")
    assert swedish == {"skolvägen"}
    assert NAMES.others("koulutie", "20100") == {"skolgatan"}
    assert NAMES.others("koulutie", "00100") == frozenset()
    assert NAMES.others("koulutie", "00100", "853", ["turku"]) == frozenset()
    assert NAMES.others("koulutie", "", "091", ["turku"]) == {"skolvägen"}
    assert NAMES.others("koulutie", "", "", ["turku"]) == NAMES.others("koulutie", "", "", ["abo"]) == {"skolgatan"}
    assert NAMES.others("koulutie", "") == NAMES.others("koulutie", "", "999") == frozenset()


def test_a_name_of_two_streets_gives_both() -> None:
    """Which of them is meant the name alone does not tell."""
    assert NAMES.others("kyrkvägen", "00100") == {"kirkkotie", "kirkkokuja"}
    assert NAMES.others("kirkkotie", "00100") == {"kyrkvägen"}


def test_a_name_without_its_marks_is_found_unless_it_is_a_street_itself() -> None:
    """Hakatie is meant where there is one, and "Tavastvagen" is nothing but Tavastvägen."""
    assert NAMES.others("tavastvagen", "00100") == {"hämeentie"}
    assert NAMES.others("hakatie", "00100") == {"hagvägen"}
    assert NAMES.others("haketie", "00100") == frozenset()


def test_a_town_is_one_in_either_language() -> None:
    """Where a postcode is missing; a Finnish name with two Swedish ones makes no single town of them."""
    helsinki, helsingfors = home(postcode=None), home(town="Helsingfors")
    assert same_address(helsinki, helsingfors, NAMES)
    assert not same_address(helsinki, home(postcode=None, town="Åbo"), NAMES)
    assert same_address(home("PL 12", None, "Tampere"), home("PB 12", None, "TAMMERFORS"), NAMES)
    assert not same_address(home(postcode=None, town="Kristinestad"), home(postcode=None, town="Kristina"), NAMES)


def test_nothing_is_translated_abroad() -> None:
    """A Swedish postcode may look like a Finnish one."""
    abroad = replace(home("Mannerheimintie 5"), country="SE")
    assert place(abroad, NAMES) == place(abroad)
    unknown = replace(home("Mannerheimintie 5"), country=None)
    assert place(unknown, NAMES).also == {"mannerheimvägen"}


def test_names_that_do_not_differ_are_not_kept() -> None:
    """Only what has two names takes room."""
    assert NAMES.others("rantatie", "00250") == frozenset()
    assert not any("rantatie" in text for pair in NAMES.pairs.values() for text in pair)
    assert not NO_STREETS
    assert not StreetNames.of([], [TownPair("99999", "KOE", "KOE")])


def test_the_order_of_rows_makes_no_difference() -> None:
    """A postcode that comes up again is added to."""
    turned = StreetNames.of(STREETS[::2] + STREETS[1::2], TOWNS[::-1])
    for pair in STREETS:
        for name in (pair.fi.lower(), pair.sv.lower()):
            assert turned.others(name, pair.postcode) == NAMES.others(name, pair.postcode)
    assert turned.towns == NAMES.towns


def test_a_kept_form_remembers_the_other_name() -> None:
    """What is kept beside a record reads back as it was made."""
    person = customer(address=home("Mannerheimintie 5"))
    made = prepare_customer(person, NAMES)
    assert made.places[0].also == {"mannerheimvägen"}
    assert from_bytes(to_bytes(made)) == made


known_streets = st.sampled_from([name for pair in STREETS for name in (pair.fi, pair.sv)])
units = st.sampled_from(["", " 5", " 5 A 3", " 6a-6b", " 12 bst. 34", " 10h5"])
codes = st.sampled_from(["00100", "00250", "20100", "FI-00100"])


@settings(deadline=None)
@given(st.sampled_from(STREETS), units, st.sampled_from(["Helsinki", "Helsingfors", None]))
def test_bilingual_pairs_are_equal(pair: StreetPair, unit: str, town: str | None) -> None:
    """Every pair of names, with every spelling of the unit."""
    a = Address(street=Text(pair.fi), postcode=pair.postcode)
    b = Address(street=Text(sv=pair.sv), postcode=pair.postcode)
    assert same_address(a, b, NAMES)
    a, b = home(pair.fi + unit, pair.postcode, town), home(pair.sv + unit, pair.postcode, "HELSINGFORS")
    assert same_address(a, b, NAMES) or not unit


@settings(deadline=None)
@given(any_addresses, any_addresses)
def test_names_make_no_two_places_one_that_share_no_street(one: Address, other: Address) -> None:
    """Sides make no difference, and what was the same without names is the same with them."""
    assert same_address(one, other, NAMES) == same_address(other, one, NAMES)
    assert same_address(one, other, NAMES) or not same_address(one, other)
    assert same_address(one, one, NAMES)


@settings(deadline=None)
@given(st.text() | st.text(st.characters()), st.text(), st.text())
def test_no_text_breaks_the_names(text: str, postcode: str, town: str) -> None:
    """Neither looked up nor looked through."""
    NAMES.others(text, "00100")
    names = StreetNames.of([StreetPair(postcode, "", text, town)], [TownPair(postcode, town, text)])
    names.others(text, postcode)
    assert place(Address(street=Text(text or "x"), postcode=postcode), names)
