"""What the groups' fields mean."""

from typing import Any

import pytest

from adapters.providers.dvv.countries import alpha_2
from sync.model import Address, Fact, FactKind, Field, PartialDate, Precision, Text
from tests.unit.providers.dvv.wire_data import bad, base, change, day, group, home, page, parse


def only(*groups: Any) -> Fact:
    """Return the only fact of an element."""
    (fact,) = change(*groups).facts
    return fact


def address(*groups: Any) -> Address:
    """Return the address that the only fact tells."""
    value = only(*groups).value
    assert isinstance(value, Address)
    return value


def test_a_home_in_parts() -> None:
    """All parts of a home address are read, the flat without its zeros."""
    assert address(home()) == Address(
        street=Text(fi="Koivukuja", sv="Koivukuja-sv"),
        number="6a-6b",
        stairwell="A",
        flat="2",
        split_letter="a",
        postcode="64370",
        post_office=Text(fi="TESTILÄ", sv="TESTBY"),
        municipality="287",
    )


@pytest.mark.parametrize(("written", "flat"), [("002", "2"), ("010", "10"), ("000", None), (3, "3"), (None, None)])
def test_flat_numbers(written: Any, flat: str | None) -> None:
    """Leading zeros go, and 000 is no flat."""
    assert address(home(huoneistonumero=written)).flat == flat


@pytest.mark.parametrize(
    ("written", "street"),
    [
        ({"fi": "Koivukuja"}, Text(fi="Koivukuja")),
        ({"fi": "Koivukuja", "sv": None}, Text(fi="Koivukuja")),
        ({"sv": "Björkgränd"}, Text(sv="Björkgränd")),
        ("Koivukuja", Text(fi="Koivukuja")),
        ({"fi": "  Koivu \u00a0 kuja\n"}, Text(fi="Koivu kuja")),
        ({"fi": "A\u0308ijälä"}, Text(fi="Äijälä")),
    ],
)
def test_bilingual_texts(written: Any, street: Text) -> None:
    """Either language may be missing; blanks are single and letters composed."""
    assert address(home(katunimi=written)).street == street


@pytest.mark.parametrize("written", [7.5, True, [], {"fi": []}, {"fi": "a\u0000b"}, {"fi": "\ud800"}])
def test_what_is_no_text_is_bad(written: Any) -> None:
    """Anything but a text, and texts that no database takes, make a bad item."""
    assert bad(home(katunimi=written)).reason == "text_malformed"


@pytest.mark.parametrize("written", ["28", "2870", "ABC", None])
def test_a_municipality_is_three_digits(written: Any) -> None:
    """Any other code is left out."""
    assert address(home(kuntakoodi=written)).municipality is None


def test_an_address_that_says_nothing_is_bad() -> None:
    """A home without any content cannot be set."""
    assert bad(group("VAKINAINEN_KOTIMAINEN_OSOITE")).reason == "value_missing"


@pytest.mark.parametrize(
    ("line", "printed_fi", "printed_sv"),
    [
        ({"fi": "Koivukuja 12 B 4", "sv": "Björkgränd 12 B 4"}, "Koivukuja 12 B 4", "Björkgränd 12 B 4"),
        ({"fi": "Koivukuja 12 B 4", "sv": "Björkgränd 13"}, "Koivukuja 12 B 4", "Koivukuja 12 B 4"),
        ({"fi": "Vaasagatan 34 016"}, "Vaasagatan 34 16", "Vaasagatan 34 16"),
        ({"sv": "Björkgränd 3 A"}, "Björkgränd 3 A", "Björkgränd 3 A"),
        ({"fi": "PL 12", "sv": "PB 12"}, "PL 12", "PB 12"),
        ({"fi": "Poste restante"}, "Poste restante", "Poste restante"),
    ],
)
def test_postal_lines(line: Any, printed_fi: str, printed_sv: str) -> None:
    """A postal address is one line, taken apart where that loses nothing."""
    fact = only(group("KOTIMAINEN_POSTIOSOITE", postiosoite=line, postinumero="00100"))
    assert fact.field is Field.POSTAL_ADDRESS
    assert isinstance(fact.value, Address)
    assert fact.value.print("fi") == (printed_fi, "00100")
    assert fact.value.print("sv") == (printed_sv, "00100")


def test_a_postal_address_without_a_line() -> None:
    """Postcode and town alone are an address."""
    assert address(group("KOTIMAINEN_POSTIOSOITE", postinumero="00100")) == Address(postcode="00100")


@pytest.mark.parametrize(
    ("fields", "country", "lines"),
    [
        ({"valtiokoodi": "233"}, "EE", ("Kase 1",)),
        ({"valtiokoodi": 8}, "AL", ("Kase 1",)),
        ({"valtiokoodi": "233", "valtionimi": "Viro"}, "EE", ("Kase 1",)),
        ({"valtiokoodi": "998", "valtionimi": "Atlantis"}, None, ("Kase 1", "Atlantis")),
        ({"valtiokoodi": "998"}, None, ("Kase 1",)),
        ({"valtiokoodi": "810"}, None, ("Kase 1", "810")),
        ({}, None, ("Kase 1",)),
    ],
)
def test_addresses_abroad(fields: Any, country: str | None, lines: tuple[str, ...]) -> None:
    """A foreign address is lines, a town, and a country where ISO 3166 knows the code."""
    fact = only(group("VAKINAINEN_ULKOMAINEN_OSOITE", lahiosoite="Kase 1", paikkakunta="10111 TALLINN", **fields))
    assert fact.field is Field.ADDRESS
    assert fact.value == Address(lines=lines, post_office=Text(fi="10111 TALLINN"), country=country)


def test_a_postal_address_abroad_has_two_lines() -> None:
    """The extra line follows the first."""
    wire = {"postiosoite": "Box 1", "postiosoiteLisarivi": "Unit 2", "postitoimipaikka": "OSLO", "valtiokoodi": "578"}
    assert address(group("ULKOMAINEN_POSTIOSOITE", **wire)) == Address(
        lines=("Box 1", "Unit 2"), post_office=Text(fi="OSLO"), country="NO"
    )
    assert bad(group("ULKOMAINEN_POSTIOSOITE", valtiokoodi="998")).reason == "value_missing"


def test_the_country_table_is_whole() -> None:
    """All 249 assigned codes are there, each once."""
    codes = [alpha_2(f"{number:03}") for number in range(1000)]
    known = [code for code in codes if code]
    assert len(known) == len(set(known)) == 249
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in known)
    assert [alpha_2(code) for code in ("246", "752", "578", "840", "826", "004", "894")] == [
        "FI", "SE", "NO", "US", "GB", "AF", "ZM",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "date", "precision"),
    [
        (day("1965-11-21"), PartialDate(1965, 11, 21), Precision.DAY),
        (day("1965-11-01", "KUUKAUSI"), PartialDate(1965, 11), Precision.MONTH),
        (day("1965-01-01", "VUOSI"), PartialDate(1965), Precision.YEAR),
        (day("1965", "VUOSI"), PartialDate(1965), Precision.YEAR),
    ],
)
def test_dates_are_as_precise_as_they_say(written: Any, date: PartialDate, precision: Precision) -> None:
    """The parts that the precision leaves open are left out."""
    value = only(group("SYNTYMAPAIVA", syntymapv=written)).value
    assert value == date
    assert isinstance(value, PartialDate)
    assert value.precision is precision


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (day("1965-11-21", "TUNTI"), "date_precision_unknown"),
        ({"arvo": "1965-11-21", "tarkkuus": ["PAIVA"]}, "date_precision_unknown"),
        ({"arvo": "1965-11-21"}, "date_precision_unknown"),
        (day("1965-11"), "date_malformed"),
        (day("1965", "KUUKAUSI"), "date_malformed"),
        (day("1965-02-30"), "date_malformed"),
        (day("21.11.1965"), "date_malformed"),
        ({"tarkkuus": "PAIVA"}, "date_malformed"),
        ("1965-11-21", "date_malformed"),
        (None, "value_missing"),
    ],
)
def test_other_dates_are_bad(written: Any, reason: str) -> None:
    """No date is guessed."""
    assert bad(group("SYNTYMAPAIVA", syntymapv=written)).reason == reason


@pytest.mark.parametrize(
    ("written", "reason"), [("kuutamo", "email_malformed"), ("", "value_missing"), (None, "value_missing")]
)
def test_e_mail(written: Any, reason: str) -> None:
    """An e-mail address is taken as written, if it is one."""
    fields: dict[str, Any] = {
        "sahkopostiosoite": "kuutamo@example.fi",
        "lajikoodi": "MAISTRAATTI",
        "alkupv": day("2020-01-01"),
    }
    assert only(group("SAHKOPOSTIOSOITE", **fields)) == Fact(
        Field.EMAIL, FactKind.SET, "kuutamo@example.fi", PartialDate(2020, 1, 1)
    )
    assert bad(group("SAHKOPOSTIOSOITE", **{**fields, "sahkopostiosoite": written})).reason == reason


def test_other_groups_are_counted_and_passed_over() -> None:
    """What we do not read is counted by its name; a name that is none does not leak into the count."""
    first = [group("KOTIKUNTA"), group("AIDINKIELI"), group("Kuutamo Testilä")]
    told = parse(page({"henkilotunnus": "131052-901X", "tietoryhmat": [*first, group("KOTIKUNTA")]}))
    assert told.ignored == {"KOTIKUNTA": 2, "AIDINKIELI": 1, "UNNAMED": 1}


def test_base_data_is_set() -> None:
    """Groups without an attribute are the current state, and an address ended before the look-up is ended."""
    told = base(home(None), group("SYNTYMAPAIVA", None, syntymapv=day("1952-10-13")))
    assert [fact.kind for fact in told.facts] == [FactKind.SET, FactKind.SET]
    assert (told.complete, told.effective, told.recorded_at) == (True, None, None)
