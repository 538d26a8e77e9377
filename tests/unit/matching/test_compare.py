"""Levels of agreement, field by field."""

import pytest

from sync.matching.compare.address import compare_address
from sync.matching.compare.birth_date import compare_birth_date
from sync.matching.compare.email import compare_email
from sync.matching.compare.given_names import compare_given_names
from sync.matching.compare.phone import compare_phone
from sync.matching.compare.surname import compare_surname
from sync.matching.normalise.address import place
from sync.matching.normalise.name import name_forms
from sync.model import Address, PersonName
from tests.unit.matching.people import home


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Virtanen", "VIRTANEN", "equal"),
        ("Koe-Virtanen", "Koe Virtanen", "equal"),
        ("Mäkelä", "Makela", "equal_folded"),
        ("von Essen", "Essen", "equal_folded"),
        ("Virtanen", "Virtnaen", "similar_high"),
        ("Koe-Virtanen", "Virtanen", "similar_high"),
        ("Virtanen", "Virtala", "similar"),
        ("Virtanen", "Korhonen", "different"),
        ("Aho", "Ahti", "different"),
        ("Virtanen", "", "missing"),
    ],
)
def test_surnames(one: str, other: str, level: str) -> None:
    """Case, marks, particles, parts and slips each have their level."""
    for a, b in ((one, other), (other, one)):
        assert compare_surname(name_forms(PersonName(a, "")), name_forms(PersonName(b, ""))) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Anna Maija", "ANNA MAIJA", "equal"),
        ("Anna Maija", "Anna", "equal_folded"),
        ("Anna Maija", "Maija", "equal_folded"),
        ("Anna Maija", "Maija Anna", "equal_folded"),
        ("Juha-Pekka", "Juhapekka", "equal_folded"),
        ("Päivi", "Paivi", "equal_folded"),
        ("Matti Juhani", "Matti J.", "equal_folded"),
        ("Anna Maija", "Anna Liisa", "similar_high"),
        ("Kristiina", "Kristina", "similar_high"),
        ("Matti", "M.", "similar"),
        ("Anna", "Anni", "similar_high"),
        ("Anna Maria", "Liisa Maria", "different"),
        ("Ari", "Aki", "different"),
        ("Matti", "J.", "different"),
        ("Anna", "", "missing"),
    ],
)
def test_given_names(one: str, other: str, level: str) -> None:
    """All against the one in use, other order, initials and slips; a shared second name counts for nothing."""
    for a, b in ((one, other), (other, one)):
        assert compare_given_names(name_forms(PersonName("", a)), name_forms(PersonName("", b))) == level


def test_the_calling_name_is_the_name() -> None:
    """Whoever is called by a second name is written with it."""
    known = name_forms(PersonName("Koe", "Anna Maija", "Maija"))
    assert compare_given_names(known, name_forms(PersonName("Koe", "Maija"))) == "equal"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19521013", "19521013", "equal"),
        ("19521013", "195210", "equal_folded"),
        ("19521013", "1952", "similar"),
        ("19521013", "19521031", "similar_high"),
        ("19521013", "19640527", "different"),
        ("19521013", "195211", "different"),
        ("19521013", "", "missing"),
    ],
)
def test_birth_dates(one: str, other: str, level: str) -> None:
    """As far as both are known; slips apart from other days."""
    assert compare_birth_date(one, other) == compare_birth_date(other, one) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (home("Rantatie 5 A 3"), home("Rantat. 5a3", town="HELSINGFORS"), "equal"),
        (home("Häkätie 5"), home("Hakatie 5"), "equal_folded"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 3", None, None), "equal_folded"),
        (home("Rantatie 5 A 3"), home("Rantatie 5"), "similar_high"),
        (home("Rantatie 5 A 3"), home("Rantaite 5 A 3"), "similar_high"),
        (home("Mannerheimintie 5 A 3"), home("Mannerheimvägen 5 A 3"), "similar_high"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 3", "00200"), "similar_high"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 4"), "similar"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 B 3"), "similar"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 B"), "similar"),
        (home("Rantatie 5 A 3"), home("Koulukatu 8"), "similar"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 3", "90100", "Oulu"), "different"),
        (home("Rantatie 5 A 3"), home("Koulukatu 8", "90100", "Oulu"), "different"),
    ],
)
def test_addresses(one: Address, other: Address, level: str) -> None:
    """One door, one door written otherwise, one house, one postcode, or nothing."""
    a, b = (place(one),), (place(other),)
    assert compare_address(a, b) == compare_address(b, a) == level


def test_the_best_of_several_addresses_counts() -> None:
    """People are registered at one of the places where they lived; none at all is missing."""
    there, elsewhere = place(home()), place(home("Koulukatu 8", "90100", "Oulu"))
    assert compare_address((elsewhere, there), (there,)) == "equal"
    assert compare_address((), (there,)) == "missing"


def test_phones_and_emails() -> None:
    """The same, the same box, a slip, another, none."""
    assert [compare_phone("+358401234567", other) for other in ("+358401234567", "+358401234568", "+358501", "")] == [
        *("equal", "similar", "different", "missing")
    ]
    others = ("anna@example.org", "anna+x@example.org", "ana@example.org", "koe@example.org", "")
    assert [compare_email("anna@example.org", other) for other in others] == [
        *("equal", "equal_folded", "similar", "different", "missing")
    ]
