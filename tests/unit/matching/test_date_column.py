"""Columns of birth dates in any order, and how far two dates agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.normalise.date import digits, parts_agreeing
from sync.matching.normalise.date_column import date_reader
from sync.model import PartialDate

DAY = PartialDate(1965, 2, 1)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (["19651013"], "19650201"),
        (["13101965"], "01021965"),
        (["10131965"], "02011965"),
        (["1965-10-13"], "1965-02-01"),
        (["1965-13-10"], "1965-01-02"),
        (["13.10.1965"], "1.2.1965"),
        (["13/10/1965"], "01/02/1965"),
        (["10/13/1965"], "02/01/1965"),
        (["01/02/1965"], "01/02/1965"),
        (["10/13/1965", "10/14/1965", "13/10/1965"], "02/01/1965"),
        (["651013"], "650201"),
        (["131065"], "010265"),
        (["13.10.65"], "1.2.65"),
        (["65-10-13"], "65-02-01"),
        (["13-Oct-1965"], "01-FEB-1965"),
        (["1965-10-13"], "1965-02-01T00:00:00Z"),
        (["1965-10-13"], "1965-02-01 00:00:00"),
        (["19651013"], "19650201.0"),
        ([], "19650201"),
    ],
)
def test_the_column_as_a_whole_tells_the_order(column: list[str], text: str) -> None:
    """One part above twelve tells the day; most values decide; a draw is read as Europe writes."""
    reader = date_reader([*column, "", "unknown", text])
    assert reader(text) == DAY
    assert reader.digits8(text) == "19650201"


@pytest.mark.parametrize(
    ("column", "text", "date"),
    [
        (["19651013"], "1965", PartialDate(1965)),
        (["19651013"], "196510", PartialDate(1965, 10)),
        (["19651013"], "201012", PartialDate(2010, 12)),
        (["196510", "198012"], "196502", PartialDate(1965, 2)),
        (["1965-10-13"], "1965-10", PartialDate(1965, 10)),
        (["13.10.1965"], "10.1965", PartialDate(1965, 10)),
        (["13.10.1965"], "00.10.1965", PartialDate(1965, 10)),
        (["13.10.1965"], "00.00.1965", PartialDate(1965)),
        (["19651013"], "19650000", PartialDate(1965)),
        (["19651013"], "19651340", PartialDate(1965)),
        (["19651013"], "19650231", PartialDate(1965, 2)),
        (["19651013"], "00000231", None),
        (["19651013"], "9651013", None),
        (["1965-10-13"], "10-13", None),
        (["1965-10-13"], "965-10-13", None),
        (["1965-10-13"], "koe", None),
        (["1965-10-13"], "", None),
    ],
)
def test_what_is_known_of_a_date_is_read(column: list[str], text: str, date: PartialDate | None) -> None:
    """The most precise date that is true; no date where not even the year is one."""
    assert date_reader([*column, text])(text) == date


@pytest.mark.parametrize(
    ("column", "text", "found"),
    [
        ("19651013", "19651340", "19651340"),
        ("13.10.1965", "40.13.1965", "19651340"),
        ("19651013", "19650000", ""),
        ("19651013", "1965", ""),
        ("19651013", "koe", ""),
    ],
)
def test_a_date_that_is_none_keeps_its_digits(column: str, text: str, found: str) -> None:
    """So that what was mistyped can be compared; nothing is made of parts that are not known."""
    assert date_reader([column, column])(text) != DAY
    assert date_reader([column, column]).digits8(text) == found


@pytest.mark.parametrize(
    "pattern", ["{0:04d}{1:02d}{2:02d}", "{2:02d}.{1:02d}.{0}", "{1}/{2}/{0}", "{0}-{1:02d}-{2:02d}"]
)
@given(days=st.lists(st.dates(min_value=DAY.first_day().replace(year=1900)), min_size=1, max_size=20))
def test_a_column_written_in_one_way_is_read_as_it_was_meant(pattern: str, days: list[object]) -> None:
    """As soon as one of its values can be read in one way only."""
    dates = [PartialDate(day.year, day.month, day.day) for day in days if day.year < 2100]  # type: ignore[attr-defined]
    told = [*dates, PartialDate(1965, 10, 13), *([PartialDate(1965, 10, 14)] * 20)]
    column = [pattern.format(day.year, day.month, day.day) for day in told]
    reader = date_reader(column)
    assert [reader(text) for text in column] == told
    assert [reader.digits8(text) for text in column] == [digits(day) for day in told]


@given(
    st.lists(st.text() | st.text("0123456789-./ T:"), max_size=5), st.text() | st.text("0123456789-./ T:", max_size=12)
)
def test_no_text_breaks_a_column(column: list[str], text: str) -> None:
    """Whatever stands in it, a reader comes out, and reads or does not."""
    reader = date_reader([*column, "\ud800", "\x00", "1" * 10_000])
    date, found = reader(text), reader.digits8(text)
    assert found == "" or len(found) == 8
    assert date is None or digits(date)[:4] == (found or digits(date))[:4]


@pytest.mark.parametrize(
    ("one", "other", "agreeing"),
    [
        ("19651013", "19651013", 3),
        ("19651013", "19651014", 2),
        ("19651013", "19661013", 2),
        ("19651013", "19651113", 2),
        ("19651013", "19661014", 1),
        ("19651013", "19801224", 0),
        ("19651013", "196510", 2),
        ("1965", "1965", 1),
        ("", "", 0),
        ("19651013", "", 0),
    ],
)
def test_parts_of_dates_that_agree_are_counted(one: str, other: str, agreeing: int) -> None:
    """Year, month, day; what is not known agrees with nothing."""
    assert parts_agreeing(one, other) == parts_agreeing(other, one) == agreeing
