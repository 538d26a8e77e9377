"""Levels of agreement, field by field."""

import pytest

from sync.matching.compare.address import compare_address
from sync.matching.compare.birth_date import compare_birth_date
from sync.matching.compare.email import compare_email
from sync.matching.compare.given_names import compare_given_names
from sync.matching.compare.level import Level
from sync.matching.compare.person import compare
from sync.matching.compare.phone import compare_phone
from sync.matching.compare.sex import compare_sex
from sync.matching.compare.surname import compare_surname
from sync.matching.normalise.address import Place, place
from sync.matching.normalise.name import name_forms
from sync.matching.prepared import prepare_customer, prepare_identity
from sync.model import Address, PersonName
from tests.unit.matching.people import customer, home, identity, name

TAMPERE = ("33540", "Tampere")


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Virtanen", "VIRTANEN", "equal"),
        ("Koe-Virtanen", "Koe Virtanen", "equal"),
        ("Mäkelä", "Makela", "equal_folded"),
        ("von Essen", "Essen", "equal_folded"),
        ("Shcherbakov", "Schtscherbakow", "equal_romanised"),
        ("Virtanen", "Virtnaen", "similar_high"),
        ("Koe-Virtanen", "Virtanen", "one_part"),
        ("Virtanen", "Virtala", "similar"),
        ("Aho", "Ahti", "faint"),
        ("Virtanen", "Korhonen", "different"),
        ("Virtanen", "", "missing"),
        ("Virtanen", "Unknown", "missing"),
        ("Unknown", "UNKNOWN", "equal"),
        ("Virtanen", "K", "missing"),
        ("李", "王", "different"),
    ],
)
def test_surnames(one: str, other: str, level: str) -> None:
    """Case, marks, particles, alphabets, parts and slips each have their level; a word for no name is none."""
    for a, b in ((one, other), (other, one)):
        assert compare_surname(name_forms(PersonName(a, "")), name_forms(PersonName(b, ""))) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Anna Maija", "ANNA MAIJA", "all_equal"),
        ("Anna", "ANNA", "equal"),
        ("Anna Maija", "Anna", "equal_folded"),
        ("Juha-Pekka", "Juhapekka", "equal_folded"),
        ("Päivi", "Paivi", "equal_folded"),
        ("Matti Juhani", "Matti J.", "equal_folded"),
        ("Juri", "Yuri", "equal_romanised"),
        ("Anna Maija", "Maija", "second_name"),
        ("Anna Maija", "Maija Anna", "equal_folded"),
        ("Anna Maija", "Anna Liisa", "first_name"),
        ("Anna Maija", "Anni Liisa", "first_name"),
        ("Anna Maija", "Anni", "similar_high"),
        ("Anna Maija", "Anna Maijja", "similar_high"),
        ("Anna M", "Anni Maija", "similar_high"),
        ("Kristiina", "Kristina", "similar_high"),
        ("Anna", "Anni", "similar_high"),
        ("Matti", "M.", "initial"),
        ("Kari", "Karita", "similar"),
        ("Ari", "Aki", "similar"),
        ("Li", "Lu", "different"),
        ("Anna Maria", "Liisa Maria", "different"),
        ("Matti", "J.", "missing"),
        ("伟", "芳", "different"),
        ("Anna", "", "missing"),
        ("Anna", "Baby", "missing"),
        ("Kyllikki", "Nina", "different"),
    ],
)
def test_given_names(one: str, other: str, level: str) -> None:
    """All against the one in use, order, initials and slips; a second name that both have besides counts for nothing."""
    for a, b in ((one, other), (other, one)):
        assert compare_given_names(name_forms(PersonName("", a)), name_forms(PersonName("", b))) == level


def test_the_calling_name_is_the_name() -> None:
    """Whoever is called by a second name is written with it."""
    known = name_forms(PersonName("Koe", "Anna Maija", "Maija"))
    assert compare_given_names(known, name_forms(PersonName("Koe", "Maija"))) == "equal"


@pytest.mark.parametrize(
    ("one", "other", "levels"),
    [
        (PersonName("Virtanen", "Anna"), PersonName("Anna", "Virtanen"), ("swapped", "equal")),
        (PersonName("Virtanen", "Anna Maija"), PersonName("Anna", "Virtanen"), ("swapped", "equal")),
        (PersonName("Virtanen", "Anna"), PersonName("Maija", "Virtanen"), ("swapped", "different")),
        (PersonName("Virtanen", "Kristiina"), PersonName("Kristina", "Virtnaen"), ("swapped", "similar_high")),
        (PersonName("Virtanen", "Kristiina"), PersonName("Kristina", "Virtanen"), ("swapped", "similar_high")),
        (PersonName("Virtanen", ""), PersonName("", "Virtanen"), ("swapped", "missing")),
        (PersonName("Virtanen", "Anna"), PersonName("Korhonen", "Liisa"), ("different", "different")),
        (PersonName("Henrik", "Matti"), PersonName("Matti", "Matti"), ("different", "equal")),
    ],
)
def test_names_in_each_others_column(one: PersonName, other: PersonName, levels: tuple[Level, Level]) -> None:
    """Only where neither column tells anything as it stands; the lesser of the two agreements is the given name's."""
    a, b = (prepare_identity(identity())._replace(names=(name_forms(name),)) for name in (one, other))
    for found in (compare(a, b), compare(b, a)):
        assert (found[0][0], found[1][0]) == levels


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19521013", "19521013", "equal"),
        ("19521013", "195210", "same_month"),
        ("19521013", "19521031", "similar_high"),
        ("19521003", "19520310", "similar_high"),
        ("19521013", "18521013", "similar_high"),
        ("19521013", "1952", "same_year"),
        ("19521013", "19521027", "two_parts"),
        ("19521013", "19640527", "different"),
        ("19521013", "195211", "different"),
        ("19521013", "", "missing"),
    ],
)
def test_birth_dates(one: str, other: str, level: str) -> None:
    """As far as both are known; slips apart from other days, and those apart from days that share nothing."""
    assert compare_birth_date(one, other) == compare_birth_date(other, one) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (home("Rantatie 5 A 3"), home("Rantat. 5a3", town="HELSINGFORS"), "equal"),
        (home("Häkätie 5"), home("Hakatie 5"), "equal_folded"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 3", None, None), "equal_folded"),
        (home("Rantatie 5 A 3"), home("Rantatie 5"), "same_house"),
        (home("Rantatie 5 A 3"), home("Rantaite 5 A 3"), "same_house"),
        (home("Mannerheimintie 5 A 3"), home("Mannerheimvägen 5 A 3"), "same_house"),
        (home("Mannerheimintie 5 A 3"), home("Mannerheimvägen 5 A 3", "00101"), "same_house"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 3", "00200"), "same_house"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 4"), "same_street"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 B 3"), "same_street"),
        (home("Rantatie 5 A 3"), home("Rantatie 7", "00200"), "same_street"),
        (home("Rantatie 5 A 3"), home("Rantatie"), "same_house"),
        (home("Rantatie 5 A 3"), home("Koulukatu 8"), "same_area"),
        (home("Rantatie 5 A 3"), home("Koulukatu 8", town=None), "same_postcode"),
        (home("Rantatie 5 A 3"), home("Koulukatu 8", "00120"), "similar_postcode"),
        (home("Rantatie 5 A 3"), home("Koulukatu 5 A 3", "00930"), "same_town"),
        (home("Rantatie 5 A 3"), home("Koulukatu 5 A 3", None, None), "different"),
        (home("Rantatie 5 A 3"), home("Rantatie 5 A 3", *TAMPERE), "different"),
        (home("Rantatie 5 A 3"), home("Koulukatu 8", *TAMPERE), "different"),
    ],
)
def test_addresses(one: Address, other: Address, level: str) -> None:
    """One door, one door written otherwise, one house, one street, or no more than the area."""
    a, b = (place(one),), (place(other),)
    assert compare_address(a, b)[0] == compare_address(b, a)[0] == level


def test_a_region_is_the_least_that_two_places_share() -> None:
    """Where towns and postcodes say nothing, or something else."""
    here, there = (place(home("", None, town))._replace(region="wa") for town in ("Perth", "Albany"))
    bare = here._replace(towns=frozenset())
    assert compare_address((here,), (there,))[0] == compare_address((here,), (bare,))[0] == "same_region"
    assert compare_address((here,), (there._replace(region="nsw"),))[0] == "different"
    assert compare_address((here,), (bare._replace(region="", postcode="90100"),))[0] == "missing"


def test_what_is_shared_can_be_looked_up() -> None:
    """House, street or postcode of both sides, so that it can be told how many live there."""
    here = place(home("Rantatie 5 A 3"))

    def values(other: Address) -> tuple[str, str]:
        return compare_address((here,), (place(other),))[1:]

    assert values(home("Rantatie 5")) == ("00100|rantatie|5", "00100|rantatie|5")
    assert values(home("Rantatie 5 A 3", "00200")) == ("00100|rantatie|5", "00200|rantatie|5")
    assert values(home("Rantatie 9")) == ("00100|rantatie", "00100|rantatie")
    assert values(home("Koulukatu 8")) == ("00100", "00100")
    assert values(home("Koulukatu 8", *TAMPERE)) == ("", "")


def test_the_best_of_several_addresses_counts() -> None:
    """People are registered at one of the places where they lived; none at all is missing."""
    there, elsewhere = place(home()), place(home("Koulukatu 8", *TAMPERE))
    nowhere: tuple[Place, ...] = ()
    assert compare_address((elsewhere, there), (there,))[0] == "equal"
    assert compare_address(nowhere, (there,)) == ("missing", "", "")


def test_phones_emails_and_sexes() -> None:
    """The same, the same box, a slip, another, none."""
    assert [compare_phone("+358401234567", other) for other in ("+358401234567", "+358401234568", "+358501", "")] == [
        *("equal", "similar", "different", "missing")
    ]
    others = ("anna@example.org", "anna+x@example.org", "ana@example.org", "koe@example.org", "")
    assert [compare_email("anna@example.org", other) for other in others] == [
        *("equal", "equal_folded", "similar", "different", "missing")
    ]
    assert [compare_sex("f", other) for other in ("f", "m", "")] == ["equal", "different", "missing"]


@pytest.mark.parametrize(
    ("email", "of", "other", "level"),
    [
        ("anja.koe@example.org", "Anja Koe", "anna.koe@example.org", "different"),
        ("anna.koe1@example.org", "Anna Koe", "anna.koe2@example.org", "different"),
        ("a.koe@example.org", "Aija Koe", "b.koe@example.org", "different"),
        ("anna.koe@example.org", "Anna Koe", "anna.koe@example.com", "different"),
        ("anna.koe@posti.example", "Anna Koe", "anna.koe@postl.example", "similar"),
        ("aana.koe@example.org", "Anna Koe", "anna.koe@example.org", "similar"),
        ("perho7@example.org", "Anna Koe", "perho1@example.org", "similar"),
    ],
)
def test_mailboxes_that_say_their_bearers_names_are_not_alike(email: str, of: str, other: str, level: str) -> None:
    """They differ as the names do, or by the number that tells namesakes apart; a slip that no name explains is one."""
    change = prepare_identity(identity(names=(name(of),), email=email))
    assert compare(change, prepare_customer(customer(name=name("Anna Koe"), email=other)))[5][0] == level


def test_everything_is_compared_in_one_go() -> None:
    """Each comparison in its place, with the values whose rarity counts."""
    change = prepare_identity(identity(phone="040 1234567", email="anna@example.org"))
    found = compare(change, prepare_customer(customer(phone="+358401234567", email="anna@example.org")))
    assert found == (
        ("equal", "virtanen", "virtanen"),
        ("all_equal", "anna maija", "anna maija"),
        ("equal", "19521013", "19521013"),
        ("equal", "00100|rantatie|5", "00100|rantatie|5"),
        ("equal", "+358401234567", "+358401234567"),
        ("equal", "anna@example.org", "anna@example.org"),
        ("missing", "", ""),
    )
