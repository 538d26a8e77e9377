# ruff: noqa: RUF001 - a dash is a dash in a sentence
"""What the desk reads, word for word."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sync.freshness.sentences import ASKING, advice, label, sentence
from sync.freshness.status import FieldStatus, State
from sync.model import Address, Field, PersonName, Text
from sync.model.address import Language

LANGUAGES: tuple[Language, ...] = ("fi", "sv", "en")
TOLD = (
    Field.NAME,
    Field.ADDRESS,
    Field.TEMPORARY_ADDRESS,
    Field.POSTAL_ADDRESS,
    Field.CONTACT_ADDRESS,
    Field.PHONE,
    Field.EMAIL,
)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def told(
    state: State,
    language: Language,
    field: Field = Field.ADDRESS,
    *,
    days: int | None = None,
    source: str | None = None,
    day: date | None = None,
) -> str:
    """Say the sentence of one field, confirmed so many days ago."""
    confirmed_at = None if days is None else NOW - timedelta(days=days)
    status = FieldStatus(field, state, confirmed_at, source, day)
    return sentence(status, language, asked_at=NOW, today=TODAY)


ADDRESS_SENTENCES = {
    State.CURRENT: (
        "Osoite varmistettu 3 pv sitten (Posti) – ei tarvitse kysyä",
        "Adressen bekräftad för 3 dagar sedan (Posti) – behöver inte frågas",
        "Address confirmed 3 days ago (Posti) – no need to ask",
    ),
    State.CHANGED: (
        "Osoite muuttui 12.11. – päivitetty",
        "Adressen ändrades 12.11 – uppdaterad",
        "Address changed 12 Nov – updated",
    ),
    State.COMING: ("Uusi osoite 1.12. alkaen", "Ny adress fr.o.m. 1.12", "New address from 1 Dec"),
    State.ASK: (
        "Ei varmistettu 14 kk:een – kysy",
        "Inte bekräftad på 14 mån – fråga",
        "Not confirmed for 14 months – please ask",
    ),
    State.NOT_COVERED: (
        "Ei automaattista päivitystä – kysy",
        "Uppdateras inte automatiskt – fråga",
        "Not updated automatically – please ask",
    ),
    State.CONFLICT: ("Kaksi eri tietoa – kysy", "Två olika uppgifter – fråga", "Two different values – please ask"),
    State.RETURNED: (
        "Posti palautunut 3.11. – kysy",
        "Posten i retur 3.11 – fråga",
        "Mail returned 3 Nov – please ask",
    ),
    State.CONTACT_ONLY: (
        "Käytä yhteysosoitetta. Älä lue ääneen.",
        "Använd kontaktadressen. Läs inte högt.",
        "Use the contact address. Do not read aloud.",
    ),
    State.ON_HOLD: (
        "Tieto tarkistettavana – älä muuta",
        "Uppgiften utreds – ändra inte",
        "Being checked – do not change",
    ),
    State.DECEASED: (
        "Älä ota yhteyttä – tarkista tiedot",
        "Kontakta inte – kontrollera uppgifterna",
        "Do not contact – check the record",
    ),
}
DETAILS = {
    State.CURRENT: {"days": 3, "source": "Posti"},
    State.CHANGED: {"day": date(2026, 11, 12)},
    State.COMING: {"day": date(2026, 12, 1)},
    State.ASK: {"days": 430},
    State.RETURNED: {"day": date(2026, 11, 3)},
}


@pytest.mark.parametrize("state", State)
def test_the_address_is_told_word_for_word(state: State) -> None:
    """Each state of the address has its agreed sentence in each language."""
    assert tuple(told(state, language, **DETAILS.get(state, {})) for language in LANGUAGES) == ADDRESS_SENTENCES[state]


@pytest.mark.parametrize(
    ("field", "state", "expected"),
    [
        (
            Field.PHONE,
            State.CURRENT,
            (
                "Puhelinnumero varmistettu 3 pv sitten (Posti) – ei tarvitse kysyä",
                "Telefonnumret bekräftat för 3 dagar sedan (Posti) – behöver inte frågas",
                "Phone number confirmed 3 days ago (Posti) – no need to ask",
            ),
        ),
        (
            Field.PHONE,
            State.ASK,
            (
                "Ei varmistettu 14 kk:een – kysy",
                "Inte bekräftat på 14 mån – fråga",
                "Not confirmed for 14 months – please ask",
            ),
        ),
        (
            Field.PHONE,
            State.RETURNED,
            (
                "Viesti ei mennyt perille 3.11. – kysy",
                "Meddelandet gick inte fram 3.11 – fråga",
                "Message not delivered 3 Nov – please ask",
            ),
        ),
        (
            Field.EMAIL,
            State.RETURNED,
            (
                "Sähköposti palautunut 3.11. – kysy",
                "E-posten i retur 3.11 – fråga",
                "E-mail returned 3 Nov – please ask",
            ),
        ),
        (
            Field.EMAIL,
            State.COMING,
            ("Uusi sähköpostiosoite 1.12. alkaen", "Ny e-postadress fr.o.m. 1.12", "New e-mail address from 1 Dec"),
        ),
        (
            Field.NAME,
            State.CHANGED,
            (
                "Nimi muuttui 12.11. – päivitetty",
                "Namnet ändrades 12.11 – uppdaterat",
                "Name changed 12 Nov – updated",
            ),
        ),
    ],
)
def test_other_fields_inflect(field: Field, state: State, expected: tuple[str, str, str]) -> None:
    """Fields other than the address keep gender and case right."""
    assert tuple(told(state, language, field, **DETAILS[state]) for language in LANGUAGES) == expected


@pytest.mark.parametrize(
    ("days", "fi", "sv", "en"),
    [
        (0, "tänään", "i dag", "today"),
        (1, "eilen", "i går", "yesterday"),
        (2, "2 pv sitten", "för 2 dagar sedan", "2 days ago"),
        (60, "60 pv sitten", "för 60 dagar sedan", "60 days ago"),
        (61, "2 kk sitten", "för 2 månader sedan", "2 months ago"),
        (430, "14 kk sitten", "för 14 månader sedan", "14 months ago"),
        (1096, "3 vuotta sitten", "för 3 år sedan", "3 years ago"),
    ],
)
def test_ages_grow_from_today_to_years(days: int, fi: str, sv: str, en: str) -> None:
    """An age is told as today, yesterday, days up to 60, months, and years from the third."""
    assert told(State.CURRENT, "fi", days=days) == f"Osoite varmistettu {fi} – ei tarvitse kysyä"
    assert told(State.CURRENT, "sv", days=days) == f"Adressen bekräftad {sv} – behöver inte frågas"
    assert told(State.CURRENT, "en", days=days) == f"Address confirmed {en} – no need to ask"


def test_an_age_in_months_never_goes_below_two() -> None:
    """Sixty-one days that hold one whole calendar month only are still two months, more than 60 days."""
    asked_at = datetime(2026, 8, 31, 12, tzinfo=UTC)
    status = FieldStatus(Field.ADDRESS, State.CURRENT, datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert sentence(status, "en", asked_at=asked_at - timedelta(days=1), today=asked_at.date()).count("60 days") == 1
    assert sentence(status, "en", asked_at=asked_at, today=asked_at.date()).count("2 months") == 1


@pytest.mark.parametrize(
    ("days", "fi", "sv", "en"),
    [
        (2, "2 pv:ään", "på 2 dagar", "for 2 days"),
        (45, "45 pv:ään", "på 45 dagar", "for 45 days"),
        (1500, "4 vuoteen", "på 4 år", "for 4 years"),
    ],
)
def test_what_is_stale_says_for_how_long(days: int, fi: str, sv: str, en: str) -> None:
    """A stale value's age is told in the form that "not confirmed" takes."""
    assert told(State.ASK, "fi", days=days) == f"Ei varmistettu {fi} – kysy"
    assert told(State.ASK, "sv", days=days) == f"Inte bekräftad {sv} – fråga"
    assert told(State.ASK, "en", days=days) == f"Not confirmed {en} – please ask"


def test_what_was_never_confirmed_says_so() -> None:
    """A value that nobody ever confirmed has no age, and the sentence says never."""
    assert told(State.ASK, "fi") == "Ei koskaan varmistettu – kysy"
    assert told(State.ASK, "sv", Field.NAME) == "Aldrig bekräftat – fråga"
    assert told(State.ASK, "en") == "Never confirmed – please ask"


def test_what_just_ended_is_not_called_stale() -> None:
    """A value to ask for although it was confirmed just now has ended; "not confirmed for 0 days" is never said."""
    assert told(State.ASK, "fi", days=0) == "Ei voimassa olevaa tietoa – kysy"
    assert told(State.ASK, "sv", days=1) == "Ingen gällande uppgift – fråga"
    assert told(State.ASK, "en", days=0) == "Nothing valid on record – please ask"


def test_a_day_of_another_year_has_its_year() -> None:
    """Dates carry the year only when it is not this year, as people of each language write it."""
    far = date(2027, 1, 1)
    assert told(State.COMING, "fi", day=far) == "Uusi osoite 1.1.2027 alkaen"
    assert told(State.COMING, "sv", day=far) == "Ny adress fr.o.m. 1.1.2027"
    assert told(State.COMING, "en", day=far) == "New address from 1 Jan 2027"


def test_what_happened_today_says_today() -> None:
    """A change or a return of today is told as today; a beginning keeps its date."""
    assert told(State.CHANGED, "fi", day=TODAY) == "Osoite muuttui tänään – päivitetty"
    assert told(State.RETURNED, "sv", day=TODAY) == "Posten i retur i dag – fråga"
    assert told(State.CHANGED, "en", day=TODAY) == "Address changed today – updated"
    assert told(State.COMING, "en", day=TODAY) == "New address from 21 Nov"


def test_a_sentence_without_details_is_whole() -> None:
    """A missing day or source leaves no gap behind."""
    assert told(State.CURRENT, "fi") == "Osoite varmistettu – ei tarvitse kysyä"
    assert told(State.CHANGED, "sv") == "Adressen ändrades – uppdaterad"
    assert told(State.COMING, "fi") == "Uusi osoite tulossa"
    assert told(State.RETURNED, "en") == "Mail returned – please ask"


def test_days_are_counted_where_the_asker_is() -> None:
    """A confirmation after local midnight is of today in the register's time zone."""
    helsinki = ZoneInfo("Europe/Helsinki")
    status = FieldStatus(Field.ADDRESS, State.CURRENT, datetime(2026, 11, 20, 23, 0, tzinfo=UTC))
    asked_at = datetime(2026, 11, 21, 9, 0, tzinfo=helsinki)
    assert "today" in sentence(status, "en", asked_at=asked_at, today=TODAY)
    assert "yesterday" in sentence(status, "en", asked_at=asked_at.astimezone(UTC), today=TODAY)


def test_a_clock_that_went_back_is_today() -> None:
    """A confirmation that lies ahead of the asker's clock is not told as a negative age."""
    assert told(State.CURRENT, "en", days=-2) == "Address confirmed today – no need to ask"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("field", TOLD)
@pytest.mark.parametrize("state", State)
def test_nothing_said_holds_a_value(state: State, field: Field, language: Language) -> None:
    """No sentence, advice or label holds the field's value, and none has a gap or a placeholder left."""
    value = {Field.PHONE: "+358401234567", Field.EMAIL: "x@example.org", Field.NAME: PersonName("Koe", "Aino")}.get(
        field, Address(street=Text("Rantatie", "Strandvägen"), number="5", postcode="00990")
    )
    status = FieldStatus(field, state, NOW - timedelta(days=100), "Posti", date(2026, 11, 3), value)
    said = (
        sentence(status, language, asked_at=NOW, today=TODAY),
        advice(status, language),
        label(field, language),
    )
    for text in said:
        assert text.strip() == text != ""
        assert not re.search(r"[{}]|  |Ranta|Strand|00990|Koe|Aino|\+358|example", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("field", TOLD)
def test_a_state_that_asks_comes_with_a_question(field: Field, language: Language) -> None:
    """Where the desk has to ask, the advice is an open question; elsewhere it is no question."""
    for state in State:
        assert advice(FieldStatus(field, state), language).endswith("?") == (state in ASKING)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_protected_customer_reads_the_same_in_every_field(language: Language) -> None:
    """The contact-only sentence names no order, no reason, no source and no date, whatever the field."""
    said = {
        told(State.CONTACT_ONLY, language, field, days=3, source="DVV", day=date(2026, 11, 3)) for field in TOLD
    } | {advice(FieldStatus(Field.ADDRESS, State.CONTACT_ONLY), language)}
    assert len(said) == 2
    assert not re.search(r"\d|DVV|turvakielto|spärr|skydd|suoj|protect", " ".join(said), re.IGNORECASE)


def test_the_question_about_the_address_is_open() -> None:
    """The desk asks where somebody lives, never whether they still live somewhere."""
    status = FieldStatus(Field.ADDRESS, State.ASK)
    assert [advice(status, language) for language in LANGUAGES] == [
        "Kysy: Missä asut nyt?",
        "Fråga: Var bor du nu?",
        "Ask: Where do you live now?",
    ]


def test_a_field_that_the_desk_is_never_told_about_is_refused() -> None:
    """Ids, dates and bans have no words here."""
    with pytest.raises(KeyError):
        label(Field.NATIONAL_ID, "fi")
