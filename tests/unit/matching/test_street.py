"""Taking a delivery line apart."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.matching.normalise.street import parse_street_line
from sync.model import Address, Text

EXAMPLES = {
    "Öljymäki 11 C 3": "Öljymäki|11|C|3|",
    "Öljymäki 11 C 3 a": "Öljymäki|11|C|3|a",
    "Rantatie 5": "Rantatie|5|||",
    "Mannerheimint. 5 A 3": "Mannerheimint.|5|A|3|",
    "Kauppakatu 6a-6b B 12": "Kauppakatu|6a-6b|B|12|",
    "Kauppakatu 6a - 6b B 12": "Kauppakatu|6a-6b|B|12|",
    "Kauppakatu 6 a B 12": "Kauppakatu|6a|B|12|",
    "Kauppakatu 6a": "Kauppakatu|6a|||",
    "Kauppakatu 6a 12": "Kauppakatu|6a||12|",
    "Kauppakatu 6 a": "Kauppakatu|6|A||",
    "Kauppakatu 6A 12": "Kauppakatu|6|A|12|",
    "kauppakatu 5a3": "kauppakatu|5|A|3|",
    "Kauppakatu 5\u20137": "Kauppakatu|5-7|||",
    "Kuubankatu 20/22": "Kuubankatu|20/22|||",
    "Vaasagatan 34 016": "Vaasagatan|34||16|",
    "Rantatie 12 000": "Rantatie|12|||",
    "Rantatie , 5": "Rantatie|5|||",
    "Rantatie 10h5": "Rantatie|10||5|",
    "Rantatie 10 H 5": "Rantatie|10|H|5|",
    "Rantatie 12 as 34": "Rantatie|12||34|",
    "Rantatie 12 B as. 34": "Rantatie|12|B|34|",
    "Rantatie 12 bst. 34": "Rantatie|12||34|",
    "Rantatie 12 rappu B huoneisto 3": "Rantatie|12|B|3|",
    "Rantatie 12 lgh 34": "Rantatie|12||34|",
    "Rantatie 12 huon. 34": "Rantatie|12||34|",
    "Rantatie 12 B, as 34": "Rantatie|12|B|34|",
    "Rantatie 12 as. nro 34": "Rantatie|12||34|",
    "Rantatie 12 B-rappu as 34": "Rantatie|12|B|34|",
    "Rantatie 12 B rappu 34": "Rantatie|12|B|34|",
    "Rantatie 12 porras B 34": "Rantatie|12|B|34|",
    "Strandvägen 12 trappa B bostad 34": "Strandvägen|12|B|34|",
    "Strandvägen 12 B-trappan lägenhet 34": "Strandvägen|12|B|34|",
    "2. linja 5 A": "2. linja|5|A||",
    "III linja": "III linja||||",
    "III linja 5 A 3": "III linja|5|A|3|",
    "A. Petreliuksen katu 3": "A. Petreliuksen katu|3|||",
    "Öljymäki": "Öljymäki||||",
}
WHOLE = [
    "Poste restante",
    "Rantatie 5, 00100 Helsinki",
    "Lepola, Rantatie 5",
    "Rantatie 123456",
    "10h5",
    "C/O Koe Rantatie 5",
    "P.O. Box 12",
    "PL, 12",
    f"{'Katu' * 74} 5a3",
    "Box 12",
]


def parts(address: Address) -> str:
    """Print the parts with bars between them."""
    street = address.street.text() if address.street else None
    unit = (street, address.number, address.stairwell, address.flat, address.split_letter)
    return "|".join(part or "" for part in unit)


@pytest.mark.parametrize(("line", "expected"), EXAMPLES.items())
def test_a_line_is_taken_apart(line: str, expected: str) -> None:
    """Street, number, stairwell, flat and split letter are found in every common spelling."""
    assert parts(parse_street_line(line)) == expected


@pytest.mark.parametrize("line", WHOLE)
def test_what_cannot_be_taken_apart_stays_whole(line: str) -> None:
    """A line that is no street and number keeps its text."""
    assert parse_street_line(line) == Address(lines=(line,))


@pytest.mark.parametrize("line", ["PL 12", "PB 12", "pl12", "P.L. 12", "Postilokero 12"])
def test_a_box_is_known_in_both_languages(line: str) -> None:
    """A post-office box is its number, however it is called."""
    assert parse_street_line(line) == Address(po_box="12")


@pytest.mark.parametrize("line", ["c/o Koe, Rantatie 5", "Rantatie 5 c/o Koe", "Rantatie 5, C/O Koe"])
def test_care_of_is_split_off(line: str) -> None:
    """Whom it is sent care of is no part of the place."""
    assert parse_street_line(line) == Address(care_of="Koe", street=Text(fi="Rantatie"), number="5")


@pytest.mark.parametrize("line", ["", "   ", "\x00", "\u200f"])
def test_a_line_of_nothing_is_an_empty_address(line: str) -> None:
    """Blanks and invisible characters are no address."""
    assert parse_street_line(line) == Address()


WORDS = "Rantatie Katu 2. 5 05 12 6a 6a-6b - / A b as bst. h h5 # , . c/o rappu PL 000 Koe \u017f \u2013 \u0661 tr. linja a3 A3 nro rappu, -rappu lgh"
pieces = st.sampled_from(WORDS.split(" "))
lines = st.lists(pieces, max_size=7).flatmap(
    lambda words: st.sampled_from([" ", ""]).map(lambda blank: blank.join(words))
)


@settings(deadline=None)
@given(lines | st.text() | st.text(st.characters(categories=["Cs", "Cc", "Cf", "Nd", "Lu", "Zs", "Mn"])))
def test_printing_and_parsing_again_changes_nothing(line: str) -> None:
    """The printed line of a parsed line is parsed to the same address, whatever was written."""
    once = parse_street_line(line)
    assert parse_street_line(once.street_line()) == replace(once, care_of=None)


@pytest.mark.parametrize("country", ["FI", "", "GB", "DK", "EE"])
def test_a_line_of_any_length_is_taken(country: str) -> None:
    """Ten thousand characters are neither cut nor slow."""
    for line in ["1 " * 5_000, "a" * 10_000, "c/o " * 2_500, "Katu 5 " + "a" * 10_000, "12 " + "a " * 5_000]:
        assert parse_street_line(line, country) == Address(lines=(line,))
