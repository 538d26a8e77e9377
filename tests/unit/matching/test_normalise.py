"""Names, texts, dates, phones and e-mail addresses in comparable form."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.matching.normalise.address import place
from sync.matching.normalise.date import digits, is_slip, turned
from sync.matching.normalise.email import canonical_email, mailbox
from sync.matching.normalise.ids import birth_date_of, comparable_id
from sync.matching.normalise.name import fold_name, name_forms, sound
from sync.matching.normalise.phone import canonical_phone, comparable_phone
from sync.matching.normalise.street_name import canonical_street, folded_street
from sync.matching.normalise.text import clean, fold, words
from sync.model import Address, PartialDate, PersonName, Text

HARD = [
    "\x00",
    "a\x00b",
    "x" * 10_000,
    "ä " * 5_000,
    "\u05d0\u05d1 12 \u202eabc",
    "\ud800",
    "a\udfffb",
    "e\u0301\u0301",
    "\u0301",
    "\u0301\u0302 \u05b0",
    "mailto:mailto:a@b.fi",
    "\u1112\u044c\u1161",
    "\u0149",
]
TEXT_FORMS: list[Callable[[str], str | None]] = [
    *(clean, words, fold, fold_name, canonical_street),
    *(comparable_id, lambda text: canonical_phone(text) or "", lambda text: canonical_email(text) or ""),
    *(comparable_phone, lambda text: comparable_phone(text, "")),
]


@pytest.mark.parametrize("form", TEXT_FORMS)
@settings(deadline=None)
@given(st.text() | st.text(st.characters()) | st.sampled_from(HARD))
def test_no_text_breaks_a_form_and_a_form_is_its_own(form: Callable[[str], str], text: str) -> None:
    """Whatever is written, a form comes out, and taking the form of a form changes nothing."""
    once = form(text)
    assert form(once) == once


@settings(deadline=None)
@given(st.text() | st.text(st.characters()) | st.sampled_from(HARD))
def test_no_text_breaks_names_and_addresses(text: str) -> None:
    """Names and addresses of anything can be compared."""
    forms = name_forms(PersonName(text, text, text))
    sound(forms.surname_folded)
    for address in (
        Address(lines=(text, text)),
        Address(street=Text(sv=text or "x"), number=text, stairwell=text, flat=text),
    ):
        assert place(address) == place(address)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mäkelä", "Makela"),
        ("Mäkelä", "MAEKELAE"),
        ("Ma\u0308kela\u0308", "mäkelä"),
        ("Öster-Åkman", "Oster Akman"),
        ("Møller", "Möller"),
        ("O'Koe", "O\u2019KOE"),
    ],
)
def test_a_name_typed_with_other_letters_folds_to_the_same(one: str, other: str) -> None:
    """Marks left out, written as "ae", decomposed, capitals, hyphens: one folded name."""
    assert fold_name(one) == fold_name(other)


def test_particles_stay_in_the_name_and_leave_the_folded_form() -> None:
    """A name with "von" and one without fold to one surname; a name of particles alone keeps them."""
    assert name_forms(PersonName("von Essen", "")).surname == "von essen"
    assert name_forms(PersonName("von Essen", "")).surname_folded == "essen"
    assert name_forms(PersonName("De La", "")).surname_folded == "dela"


@pytest.mark.parametrize("other", ["wirtanen", "virtannen", "virtaneen", "vrtanen", "virtnaen"])
def test_slips_in_vowels_and_doubled_letters_keep_the_sound(other: str) -> None:
    """The phonetic code survives what people commonly mistype."""
    assert sound(other) == sound("virtanen")
    assert sound("korhonen") != sound("virtanen")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mannerheimint.", "MANNERHEIMINTIE"),
        ("Mannerheimin t", "Mannerheimintie"),
        ("Kauppak.", "Kauppakatu"),
        ("Vasag.", "Vasagatan"),
        ("Mannerheimv.", "Mannerheimvägen"),
        ("A. Petrelius gata", "A. Petreliusgatan"),
        ("A. Petreliuksen katu", "A.Petreliuksenkatu"),
        ("III linja", "3. linja"),
        ("Toinen linja", "2. linja"),
    ],
)
def test_a_street_written_short_is_the_street(one: str, other: str) -> None:
    """Abbreviated types, blanks, capitals and ordinals make no other street."""
    assert canonical_street(one) == canonical_street(other)


def test_marks_on_letters_part_streets_until_they_are_folded() -> None:
    """The unfolded form keeps ä, ö and å."""
    assert canonical_street("Häkätie") != canonical_street("Hakatie")
    assert folded_street(canonical_street("Häkätie")) == "hakatie"


@pytest.mark.parametrize("other", ["19521031", "19531013", "19521003", "19520113", "20521013", "19251013"])
def test_a_slip_of_the_pen_is_known(other: str) -> None:
    """Two neighbouring digits swapped, one digit wrong, another century."""
    assert is_slip("19521013", other)
    assert is_slip(other, "19521013")


def test_day_and_month_may_be_swapped() -> None:
    """Where it gives another date."""
    assert turned("19520310") == "19521003"
    assert is_slip("19520310", "19521003")
    assert turned("19521013") is None
    assert turned("19521010") is None
    assert turned("195210") is None


@pytest.mark.parametrize("other", ["19640527", "19521204", "1952"])
def test_another_day_is_no_slip(other: str) -> None:
    """Two digits that differ are another day."""
    assert not is_slip("19521013", other)


def test_a_date_gives_the_digits_that_are_known() -> None:
    """As many as its precision."""
    assert [digits(PartialDate(1952, 10, 3)), digits(PartialDate(952, 1)), digits(PartialDate(52))] == [
        "19521003",
        "095201",
        "0052",
    ]


@pytest.mark.parametrize(
    "text", ["+358 40 123 4567", "040-1234567", "(040) 1234567", "00358401234567", "+358401234567"]
)
def test_a_number_is_e164(text: str) -> None:
    """Numbers without a country code are Finnish."""
    assert canonical_phone(text) == "+358401234567"


@pytest.mark.parametrize("text", ["", "koe", "12", "+", "+3584012345678901234567", "1" * 10_000])
def test_what_cannot_be_a_number_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert canonical_phone(text) is None


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("070-123 45 67", "SE", "+46701234567"),
        ("070-123 45 67", "se", "+46701234567"),
        ("(404) 555-1234", "US", "+14045551234"),
        ("+46 (0)70 123 45 67", "", "+46701234567"),
        ("0046701234567", "", "+46701234567"),
        ("070-123 45 67", "", None),
        ("070-123 45 67", "XX", None),
    ],
)
def test_a_number_without_country_code_belongs_to_the_region(text: str, region: str, number: str | None) -> None:
    """Where no region is known, only a country code makes it a number."""
    assert canonical_phone(text, region) == number


def test_what_is_no_number_is_compared_by_its_digits() -> None:
    """Equal digits are evidence although no exchange would put the call through; too few of them are none."""
    assert comparable_phone("02 1234-5678", "") == comparable_phone("(02) 12345678", "") == "0212345678"
    assert comparable_phone("040 1234567") == "+358401234567"
    assert [comparable_phone(text) for text in ("", "koe", "1234", "9" * 300)] == [""] * 4


def test_what_stands_round_an_email_is_left_out() -> None:
    """The name shown, the scheme, a full stop."""
    for text in ("Anna Koe <Anna@example.org>", "mailto:anna@example.org", "anna@example.org.", "<anna@example.org>"):
        assert canonical_email(text) == "anna@example.org"


def test_marks_that_no_letter_composes_with_stay_in_the_word() -> None:
    """A stress mark, or a vowel sign of another script, parts no word."""
    assert words("Ивано\u0301в") == "ивано\u0301в"
    assert words("\u0939\u093f\u0928\u094d\u0926\u0940") == "\u0939\u093f\u0928\u094d\u0926\u0940"
    assert fold("Ивано\u0301в") == "иванов"


def test_an_email_is_compared_without_case_and_its_box_without_tags() -> None:
    """Dots are nothing only where the host ignores them."""
    assert canonical_email(" Anna.Koe@Example.ORG ") == "anna.koe@example.org"
    assert mailbox("anna.koe+x@example.org") == "anna.koe@example.org"
    assert mailbox("anna.koe+x@googlemail.com") == mailbox("annakoe@gmail.com")
    assert [canonical_email(text) for text in ("koe", "@example.org", "a@b@c.org", "a b@c.org")] == [None] * 4


def test_an_id_tells_the_birth_date() -> None:
    """The century comes from the sign; a foreign id tells nothing."""
    assert birth_date_of("131052-9052") == PartialDate(1952, 10, 13)
    assert birth_date_of("131052+9052") == PartialDate(1852, 10, 13)
    assert birth_date_of("131005A913L") is None
    assert birth_date_of("13105290512") is None
