"""Addresses in the spelling of their country, and of no country that is told."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.matching.normalise.address import place, same_address
from sync.matching.normalise.street import parse_street_line
from sync.matching.normalise.street_name import canonical_street
from sync.model import Address, Text
from tests.unit.matching.test_street import EXAMPLES

COUNTRIES = ["GB", "IE", "US", "CA", "AU", "NZ", "FR", "DE", "NL", "NO", "DK", "EE", "SE", "PL", "TH", "FI", None]

SAME = [
    ("GB", "12 High Street", "12 High St."),
    ("GB", "Flat 3, 12 High Street", "12 High St, Flat 3"),
    ("GB", "Flat 3, Rose House, 12 High Street", "Flat 3 12 High St"),
    ("GB", "12a Saint Johns Road", "12A St John's Rd"),
    ("GB", "P.O. Box 12", "PO Box 12"),
    ("AU", "Unit 4/12 Smith Street", "4/12 Smith St"),
    ("AU", "U4/12 Smith Street", "Unit 4, 12 Smith St"),
    ("AU", "12 Smith Circuit", "12 SMITH CCT"),
    ("AU", "12 Smith Place", "12 Smith Pl"),
    ("AU", "12 St Georges Terrace", "No. 12 St Georges Tce"),
    ("NZ", "12-14 Smith Crescent", "12 - 14 Smith Cres"),
    ("US", "12345 N Main St Apt 5", "12345 North Main Street, #5"),
    ("US", "12 Main St NW", "12 Main Street Northwest"),
    ("US", "12 5th Ave Apt B", "12 5th Avenue Suite B"),
    ("CA", "5-123 Main Street", "123 Main St Unit 5"),
    ("FR", "12 bis, rue de la Paix", "12bis r. de la Paix"),
    ("FR", "12 avenue de la Gare", "12, av. de la Gare"),
    ("DE", "Hauptstraße 5 A", "Hauptstr. 5a"),
    ("DE", "Berliner Straße 5, Wohnung 3", "Berliner Str. 5 Whg. 3"),
    ("NL", "Dorpsstraat 12", "Dorpsstr. 12"),
    ("NO", "Storgata 5B", "Storgt. 5 B"),
    ("NO", "Kirkeveien 5", "Kirkev. 5"),
    ("DK", "Vestergade 12, 3. tv.", "Vesterg. 12 3.tv"),
    ("EE", "Pärnu maantee 5-12", "Pärnu mnt 5 krt 12"),
    ("EE", "Pikk tänav 5", "Pikk 5"),
    ("SE", "Storgatan 5 lgh 1102", "Storg. 5, lgh 1102"),
    ("TH", "12 Sukhumvit Road", "12 Sukhumvit Rd"),
    (None, "12 Smith Street", "12 smith st"),
    (None, "4/12 Smith Street", "Unit 4, 12 Smith St"),
    (None, "12 Smith Circuit Apt 4", "Apt 4, 12 Smith Cct"),
    (None, "Rantatie 5 A 3", "Rantat. 5a3"),
]
OTHER = [
    ("GB", "12 High Street", "12 High Road"),
    ("GB", "12 High Street", "Flat 3, 12 High Street"),
    ("AU", "4/12 Smith Street", "12/4 Smith Street"),
    ("US", "12 N Main St", "12 S Main St"),
    ("US", "12 E Street", "12 East Street"),
    ("DK", "Vestergade 12, 3. tv", "Vestergade 12, 3. th"),
    ("EE", "Pärnu mnt 5-12", "Pärnu tn 5-12"),
    ("DE", "Hauptstr. 5", "Hauptweg 5"),
    (None, "12 Smith Court", "12 Smith Close"),
]


def at(line: str, country: str | None, postcode: str = "12345") -> Address:
    """Return an address of one free line."""
    return Address(lines=(line,), country=country, postcode=postcode)


@pytest.mark.parametrize(("country", "one", "other"), SAME)
def test_one_place_spelled_otherwise_is_the_same(country: str | None, one: str, other: str) -> None:
    """The number on either side, the flat in front or behind, types written short."""
    assert same_address(at(one, country), at(other, country))
    assert place(at(one, country)) == place(at(other, country))


@pytest.mark.parametrize(("country", "one", "other"), OTHER)
def test_another_place_is_not_the_same(country: str | None, one: str, other: str) -> None:
    """Another type, direction, flat or side of the stairs."""
    assert not same_address(at(one, country), at(other, country))


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (at("4/12 Smith St", "AU"), Address(Text("Smith Street"), "12", flat="4")),
        (at("4/12 Smith St", "AU"), Address(Text("Smith Street"), "4/12")),
        (at("4/12 Smith St", None), Address(Text("smith street"), "4/12", flat=None)),
        (at("12 Smith St Apt 5", "US"), Address(Text("smith street"), "12", flat="apt 5")),
        (at("12 Smith St Apt 5", None), Address(Text("smith street"), "12", flat="unit 5")),
        (at("12 Smith St Apt B", None), Address(Text("smith street"), "12", flat="b")),
        (at("5-123 Main St", "CA"), Address(Text("main street"), "5-123")),
        (at("Pikk 5-12", "EE"), Address(Text("Pikk"), "5-12")),
        (at("Kuubankatu 20/22", None), Address(Text("Kuubankatu"), "20/22")),
        (at("12 Rosebank", None), Address(Text("rosebank"), "12")),
        (at("100 FM 2431", None), Address(Text("fm 2431"), "100")),
    ],
)
def test_parts_equal_the_line(line: Address, parts: Address) -> None:
    """What one register holds in columns is what another holds as a line."""
    parts = replace(parts, country=line.country, postcode=line.postcode)
    assert place(parts) == place(line)


@pytest.mark.parametrize(
    ("flat", "letters", "number"),
    [("3", "", "3"), ("as 3", "", "3"), ("B 3", "b", "3"), ("as. B 3", "b", "3"), ("# 3", "", "3"), ("B", "b", "")],
)
def test_a_flat_that_stands_with_more_than_its_number(flat: str, letters: str, number: str) -> None:
    """Words go, and a stairwell beside it is one."""
    found = place(Address(Text("Rantatie"), "12", flat=flat))
    assert (found.number, found.letters, found.flat) == ("12", letters, number)


@pytest.mark.parametrize("line", EXAMPLES)
def test_a_finnish_line_is_the_same_without_its_country(line: str) -> None:
    """Nothing that is understood of other countries is understood in it."""
    home, unknown = (place(Address(lines=(line,), country=country)) for country in ("FI", None))
    assert unknown._replace(country="FI") == home


def test_several_lines_abroad_are_one() -> None:
    """A flat on a line of its own belongs to the street below; what is no street stays as it is."""
    assert same_address(replace(at("", "GB"), lines=("Flat 3", "12 High St")), at("Flat 3, 12 High Street", "GB"))
    assert place(replace(at("", "GB"), lines=("Rose Cottage", "Mill Lane"))).streets == {"rosecottagemilllane"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SE-114 55", "11455"),
        ("D-10115", "10115"),
        ("12345-6789", "12345"),
        ("sw1a 1aa", "SW1A1AA"),
        ("LV-1010", "1010"),
        ("1012 AB", "NL-1012AB"),
    ],
)
def test_a_postcode_is_the_same_with_its_country_before_it(one: str, other: str) -> None:
    """And without blanks, in small letters; of an American one the first five digits."""
    assert place(Address(postcode=one)).postcode == place(Address(postcode=other)).postcode


def test_british_postcodes_stay_apart() -> None:
    """Their letters are no country's."""
    assert place(Address(postcode="B33 8TH")).postcode != place(Address(postcode="M33 8TH")).postcode


HARD = [
    "\x00",
    "12 \ud800",
    "\u05d0\u05d1 12 \u202eabc",
    "1/" * 5_000,
    "12 " + "x, " * 3_000,
    "Flat " * 60,
    "12, " * 90,
]
PIECES = (
    "12 4/12 5-12 12a Flat Unit U4 # 3 , . / - St Street Rd N tn mnt str rue bis katu 2. linja Apt B tv High c/o Koe"
)
lines = st.lists(st.sampled_from(PIECES.split()), max_size=7).map(" ".join)


@settings(deadline=None)
@given(st.text() | st.text(st.characters()) | st.sampled_from(HARD) | lines, st.sampled_from(COUNTRIES))
def test_no_text_breaks_an_address_of_any_country(text: str, country: str | None) -> None:
    """Whatever is written, in whatever field, a place comes out that equals itself."""
    for address in (
        Address(lines=(text,), country=country),
        Address(Text(text or "x"), number=text, flat=text, country=country, postcode=text),
        Address(Text(text or "x"), number="12", stairwell=text, country=country),
    ):
        assert place(address) == place(replace(address))
        assert same_address(address, address)
    assert parse_street_line(text, country or "") == parse_street_line(text, country or "")


@settings(deadline=None)
@given(st.text() | st.text(st.characters()) | lines, st.sampled_from(COUNTRIES))
def test_a_canonical_name_is_its_own(text: str, country: str | None) -> None:
    """In every country."""
    once = canonical_street(text, country or "")
    assert canonical_street(once, country or "") == once
