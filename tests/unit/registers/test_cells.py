"""Values of all the types that drivers give are read, and nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from adapters.registers.flat import FlatSettings, RowMapping, Unprintable, UnreadableCell
from adapters.registers.flat.cells import date_of, moment_of, print_date, text_of, yes_no_of
from sync.model import Field, PartialDate
from sync.ports.register import AddressStatus

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, None),
        ("  ", None),
        (" Maija ", "Maija"),
        (100, "100"),
        (Decimal("5.000"), "5"),
        (5.5, "5.5"),
        (True, "1"),
        (b"\xc3\x84mm\xc3\xa4l\xc3\xa4", "Ämmälä"),
    ],
)
def test_texts(raw: object, text: str | None) -> None:
    """Blanks around a text mean nothing; numbers read as they are written."""
    assert text_of(raw) == text


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (date(1952, 10, 13), (1952, 10, 13)),
        (datetime(1952, 10, 13, 0, 0), (1952, 10, 13)),
        ("1952-10-13", (1952, 10, 13)),
        ("1952-10-13 00:00:00", (1952, 10, 13)),
        ("1952-10-13T00:00:00.000Z", (1952, 10, 13)),
        ("13.10.1952", (1952, 10, 13)),
        ("3.1.1952", (1952, 1, 3)),
        ("10.1952", (1952, 10, None)),
        ("1952-10", (1952, 10, None)),
        ("1952", (1952, None, None)),
    ],
)
def test_dates(raw: object, parts: tuple[int, int | None, int | None]) -> None:
    """Date columns, ISO 8601 and the Finnish form are read, as much of a date as there is."""
    assert date_of(raw) == PartialDate(*parts)


@pytest.mark.parametrize(
    "raw", ["joskus", "31.2.1952", "13/10/1952", "19521013", "1952-13-01", "13.10.52", "0000-00-00"]
)
def test_what_is_no_date(raw: str) -> None:
    """Anything else is no date; the day is not guessed, and the error does not repeat the text."""
    with pytest.raises(ValueError) as caught:
        date_of(raw)
    assert raw not in str(caught.value)


@pytest.mark.parametrize("parts", [(1952, 10, 3), (1952, 10, None), (952, None, None)])
@pytest.mark.parametrize("form", ["iso", "d.m.yyyy"])
def test_dates_read_back(parts: tuple[int, int | None, int | None], form: str) -> None:
    """A date that was printed reads as the same date, in either form."""
    assert date_of(print_date(PartialDate(*parts), form)) == PartialDate(*parts)


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (True, True),
        (0, False),
        ("K", True),
        ("ei", False),
        ("Ja", True),
        (b"\x01", True),
        (b"\x00", False),
        (" ", None),
    ],
)
def test_yes_and_no(raw: object, answer: bool | None) -> None:
    """Booleans, numbers and the usual words of three languages are understood."""
    assert yes_no_of(raw) is answer


def test_own_words_for_yes_and_no_come_first() -> None:
    """What the settings say stands for yes or no, even if the word means the opposite elsewhere."""
    assert yes_no_of("E", yes="E", no="K") is True
    assert yes_no_of("k", yes="E", no="K") is False
    with pytest.raises(ValueError):
        yes_no_of("kuollut")


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        (datetime(2026, 11, 21, 12, 0), datetime(2026, 11, 21, 10, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), datetime(2026, 11, 21, 12, 0, tzinfo=UTC)),
        (date(2026, 11, 21), datetime(2026, 11, 20, 22, 0, tzinfo=UTC)),
        ("2026-11-21 12:00:00.5", datetime(2026, 11, 21, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2026-07-21T12:00:00Z", datetime(2026, 7, 21, 12, 0, tzinfo=UTC)),
        ("", None),
    ],
)
def test_moments(raw: object, moment: datetime | None) -> None:
    """Times come out in UTC; those that do not tell their zone are taken in the register's."""
    assert moment_of(raw, HELSINKI) == moment


def rows(*names: str, **more: object) -> RowMapping:
    """Map these names to columns of the same name."""
    return RowMapping(FlatSettings(columns={name: name for name in names}, **more))


def test_a_date_of_death_tells_of_a_death() -> None:
    """With its day a death is that day, without it is yes; no death is absent, whatever stands for no."""
    both = rows("death_date", "deceased")
    assert both.values({"death_date": "13.11.2026", "deceased": 0}) == {Field.DEATH: PartialDate(2026, 11, 13)}
    assert both.values({"death_date": None, "deceased": 1}) == {Field.DEATH: True}
    assert both.values({"death_date": None, "deceased": 0}) == {}
    assert both.values({"death_date": None, "deceased": None}) == {}


def test_a_death_is_printed_into_what_there_is() -> None:
    """A withdrawn death empties the day and says no; a death without a day needs a column that can say yes."""
    both = rows("death_date", "deceased")
    assert both.print({Field.DEATH: PartialDate(2026, 11)}, None) == {
        "death_date": PartialDate(2026, 11),
        "deceased": True,
    }
    assert both.print({Field.DEATH: True}, None) == {"death_date": None, "deceased": True}
    assert both.print({Field.DEATH: None}, None) == {"death_date": None, "deceased": False}
    with pytest.raises(Unprintable) as caught:
        rows("death_date").print({Field.DEATH: True}, None)
    assert caught.value.reason == "day_of_death_unknown"


def test_protection_is_yes_no_or_unknown() -> None:
    """No protection is a value; an empty column says nothing."""
    one = rows("protection")
    assert one.values({"protection": "E"}) == {Field.PROTECTION: False}
    assert one.values({"protection": None}) == {}
    assert one.text(True) == "1"
    assert rows("protection", yes="K", no="E").text(False) == "E"


def test_an_unreadable_cell_names_column_and_reason_only() -> None:
    """The error holds our name and a code, and no other error with the value hangs on to it."""
    with pytest.raises(UnreadableCell) as caught:
        rows("birth_date").values({"birth_date": "joskus ennen sotia"})
    assert (caught.value.name, caught.value.reason) == ("birth_date", "not_a_date")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("deceased", "ehkä", "neither_yes_nor_no"),
        ("municipality", "Helsinki", "not_a_municipality_code"),
        ("address_verified_at", "eilen", "not_a_time"),
        ("surname", b"\xff\xfe", "not_readable"),
        ("phone", float("nan"), "not_readable"),
    ],
)
def test_reasons(name: str, raw: object, reason: str) -> None:
    """Each kind of column has its own reason."""
    with pytest.raises(UnreadableCell) as caught:
        rows(name, "email").cell(name, raw)
    assert caught.value.reason == reason


def test_national_ids_are_read_without_blanks_in_capitals() -> None:
    """However staff typed it, an id has one spelling."""
    assert rows("national_id").values({"national_id": " 131052-904a "}) == {Field.NATIONAL_ID: "131052-904A"}


def test_status_keeps_to_the_mapped_columns_and_whole_seconds() -> None:
    """Only mapped status columns are printed, and fractions of a second, which columns round, are left out."""
    some = rows("email", "address_status", "address_verified_at", time_zone="Europe/Helsinki")
    status = AddressStatus("current", datetime(2026, 11, 18, 9, 30, 0, 777, tzinfo=UTC), "vtj")
    row = some.print({}, status)
    assert row == {"address_status": "current", "address_verified_at": datetime(2026, 11, 18, 9, 30, tzinfo=UTC)}
    assert some.text(row["address_verified_at"]) == "2026-11-18 11:30:00"
    raws = {name: some.text(cell) for name, cell in row.items()}
    assert some.status(raws) == AddressStatus("current", datetime(2026, 11, 18, 9, 30, tzinfo=UTC), None)
    assert some.status({"address_status": None, "address_verified_at": None}) is None
