"""Addresses go into columns and come back printing the same, however few columns there are."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.registers.flat import FlatSettings, RowMapping
from adapters.registers.flat.names import ADDRESS_PARTS, ADDRESS_PREFIXES
from sync.model import Address, Field, Text

HOME = Address(
    street=Text(fi="Öljymäki", sv="Oljeberget"),
    number="11",
    stairwell="C",
    flat="3",
    split_letter="a",
    postcode="00950",
    post_office=Text(fi="HELSINKI", sv="HELSINGFORS"),
    municipality="091",
)
WHOLE = ("street_line", "post_line")
PARTS = ("street", "number", "stairwell", "flat", "postcode", "post_office")


def mapping(*parts: str, prefix: str = "", **more: object) -> RowMapping:
    """Map these parts to columns of the same name."""
    return RowMapping(FlatSettings(columns={prefix + part: prefix + part for part in parts}, **more))


def printed(rows: RowMapping, address: Address | None, field: Field = Field.ADDRESS) -> dict[str, object]:
    """Print an address into its columns."""
    return dict(rows.print({field: address}, None))


def read(rows: RowMapping, row: dict[str, object], field: Field = Field.ADDRESS) -> Address | None:
    """Read the address from its columns."""
    value = rows.values(row).get(field)
    assert value is None or isinstance(value, Address)
    return value


def test_an_address_is_printed_into_its_parts() -> None:
    """Each part goes into its own column; the letter of a divided flat has none and goes with the flat."""
    assert printed(mapping(*PARTS, "municipality"), HOME) == {
        "street": "Öljymäki",
        "number": "11",
        "stairwell": "C",
        "flat": "3 a",
        "postcode": "00950",
        "post_office": "HELSINKI",
        "municipality": "091",
    }


def test_an_address_is_printed_into_whole_lines() -> None:
    """Street line and post line are printed as on an envelope, in the register's language."""
    rows = mapping(*WHOLE, language="sv")
    assert printed(rows, HOME) == {"street_line": "Oljeberget 11 C 3 a", "post_line": "00950 HELSINGFORS"}


def test_a_part_without_a_column_joins_the_one_before() -> None:
    """Stairwell and flat are not lost where only street and number are mapped."""
    rows = mapping("street", "number")
    assert printed(rows, HOME) == {"street": "Öljymäki", "number": "11 C 3 a"}
    assert read(rows, printed(rows, HOME)) == replace(
        HOME, street=Text(fi="Öljymäki"), postcode=None, post_office=None, municipality=None
    )


def test_a_new_address_leaves_no_part_of_the_old_one() -> None:
    """Parts that the new address does not have are emptied, the municipality and the country among them."""
    rows = mapping(*PARTS, "municipality", "country", "care_of", "po_box")
    row = printed(rows, Address(street=Text(fi="Rantatie"), number="5", country=None))
    assert {part for part, text in row.items() if text is None} == set(row) - {"street", "number"}


def test_a_box_takes_the_street_where_it_has_no_column() -> None:
    """A post-office box stands in its own column, or else where the street is written, in the register's language."""
    box = Address(po_box="12", postcode="00101")
    assert printed(mapping(*PARTS, language="sv"), box)["street"] == "PB 12"
    assert printed(mapping(*PARTS, "po_box"), box) | {"po_box": "12", "street": None} == printed(
        mapping(*PARTS, "po_box"), box
    )
    assert read(mapping(*PARTS), printed(mapping(*PARTS), box)) == box


def test_free_lines_stand_where_the_street_is_written() -> None:
    """A foreign address keeps its lines, and its country where that is mapped."""
    abroad = Address(lines=("Flat 2", "12 High Street"), post_office=Text(fi="London"), country="GB")
    rows = mapping(*PARTS, "country")
    row = printed(rows, abroad)
    assert (row["street"], row["number"], row["country"]) == ("Flat 2, 12 High Street", None, "GB")
    back = read(rows, row)
    assert back is not None
    assert back.print() == abroad.print()


def test_other_addresses_have_columns_of_their_own() -> None:
    """The prefix of the names tells which address is meant; the home address stays alone."""
    rows = mapping(*WHOLE, prefix="contact_")
    row = printed(rows, HOME, Field.CONTACT_ADDRESS)
    assert row == {"contact_street_line": "Öljymäki 11 C 3 a", "contact_post_line": "00950 HELSINKI"}
    assert rows.fields == {Field.CONTACT_ADDRESS}
    assert set(ADDRESS_PREFIXES) == {field for field in Field if field.endswith("address")}


@pytest.mark.parametrize(
    ("line", "postcode", "town"),
    [
        ("00100 HELSINKI", "00100", "HELSINKI"),
        ("FI-33100  Tampere", "FI-33100", "Tampere"),
        ("111 22 Stockholm", "111 22", "Stockholm"),
        ("91100 II", "91100", "II"),
        ("Tampere", None, "Tampere"),
        ("00100", "00100", None),
    ],
)
def test_a_post_line_is_taken_apart(line: str, postcode: str | None, town: str | None) -> None:
    """Postcode and town come apart, also where one of them is missing."""
    address = read(mapping("post_line"), {"post_line": line})
    assert address is not None
    assert (address.postcode, address.post_office) == (postcode, Text(fi=town) if town else None)


@pytest.mark.parametrize(
    ("text", "code"), [("fi", "FI"), ("Suomi", "FI"), ("SWEDEN", "SE"), ("Absurdistan", None), (None, "FI")]
)
def test_countries_are_read_as_codes(text: str | None, code: str | None) -> None:
    """Codes and the neighbours' names are known; none is the register's own country, anything else is unknown."""
    address = read(mapping("street_line", "country"), {"street_line": "Rantatie 5", "country": text})
    assert address is not None
    assert address.country == code


def test_a_country_alone_is_no_address() -> None:
    """Registers fill the country in for everybody; it does not say where anybody is."""
    assert read(mapping(*PARTS, "country"), {**dict.fromkeys(PARTS), "country": "FI"}) is None


def test_numbers_get_their_zeros_back() -> None:
    """A postcode or municipality kept as a number is read as it is written on paper."""
    rows = mapping("street_line", "postcode", "municipality")
    address = read(rows, {"street_line": "Rantatie 5", "postcode": 100, "municipality": 91})
    assert address is not None
    assert (address.postcode, address.municipality) == ("00100", "091")


def test_a_line_in_the_street_column_is_taken_apart() -> None:
    """Where the other parts are empty, the street's column may hold the whole line."""
    address = read(mapping(*PARTS), {**dict.fromkeys(PARTS), "street": "Rantatie 5 A as. 3"})
    assert address == Address(street=Text(fi="Rantatie"), number="5", stairwell="A", flat="3")


words = st.text("abdeghijklmnoprstuvyäöÅÄÖ", min_size=2, max_size=8)
streets = st.builds("{}{}".format, words, st.sampled_from(["katu", "tie", "kuja", " väg", "gatan", "polku"]))
texts = st.builds(Text, fi=streets, sv=st.none() | streets)
units = st.one_of(
    st.just((None, None, None, None)),
    st.tuples(
        st.one_of(st.integers(1, 999).map(str), st.sampled_from(["5-7", "6a", "6a-6b", "12b"])),
        st.none() | st.sampled_from("ABCKÖ"),
        st.integers(1, 250).map(str),
        st.none() | st.sampled_from("abc"),
    ),
    st.tuples(st.integers(1, 999).map(str), st.none() | st.sampled_from("ABCKÖ"), st.none(), st.none()),
)
towns = st.builds(Text, fi=words, sv=st.none() | words)


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    """Draw an address as a provider gives it."""
    number, stairwell, flat, split = draw(units)
    address = Address(
        street=draw(texts),
        number=number,
        stairwell=stairwell,
        flat=flat,
        split_letter=split,
        postcode=draw(st.none() | st.from_regex("[0-9]{5}", fullmatch=True)),
        post_office=draw(st.none() | towns),
        municipality=draw(st.none() | st.integers(1, 999).map("{:03d}".format)),
        country=draw(st.sampled_from(["FI", "SE", "NO"])),
        care_of=draw(st.none() | words),
    )
    if draw(st.booleans()):
        return address
    box = draw(st.booleans())
    plain = replace(address, street=None, number=None, stairwell=None, flat=None, split_letter=None)
    if box:
        return replace(plain, po_box=draw(st.integers(1, 9999).map(str)))
    return replace(plain, lines=tuple(draw(st.lists(words, min_size=1, max_size=2))))


STREETS = [("street_line",)] + [
    ("street", *some) for size in range(4) for some in combinations(("number", "stairwell", "flat"), size)
]
POSTS = [(), ("post_line",), ("postcode",), ("postcode", "post_office")]
EXTRAS = [part for part in ADDRESS_PARTS if part in {"municipality", "country", "care_of", "po_box"}]


@settings(max_examples=400, deadline=None)
@given(
    address=addresses(),
    street=st.sampled_from(STREETS),
    post=st.sampled_from(POSTS),
    extras=st.sets(st.sampled_from(EXTRAS)),
    language=st.sampled_from(["fi", "sv"]),
)
def test_what_was_written_prints_the_same(
    address: Address, street: tuple[str, ...], post: tuple[str, ...], extras: set[str], language: str
) -> None:
    """Whatever is mapped, reading back what was written gives an address that prints into the same columns."""
    rows = mapping(*street, *post, *extras, language=language)
    row = printed(rows, address)
    back = read(rows, row)
    assert back is not None
    assert printed(rows, back) == row
    assert back.street_line(language) == address.street_line(language)
    if post in {("post_line",), ("postcode", "post_office")}:
        assert back.post_line(language) == address.post_line(language)
    if "country" in extras:
        assert back.country == address.country
    if "care_of" in extras:
        assert back.care_of == address.care_of
