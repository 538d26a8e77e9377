"""Where reading goes on: the traps of times, zones and marks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from adapters.registers.sql.layout import Column, Kind, Layout
from adapters.registers.sql.position import Phase, Position, beyond, border_of, inside, since
from adapters.registers.sql.writing import locking

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(seconds=60)
TABLE = sa.table("asiakas", sa.column("id", sa.Integer), sa.column("muutettu", sa.DateTime), sa.column("nimi", sa.Text))
KEY = Column(TABLE.c.id, Kind.NUMBER)
TIME = Column(TABLE.c.muutettu, Kind.TIME)
ZONED = Column(TABLE.c.muutettu, Kind.TIME, zoned=True)
DAY = Column(TABLE.c.muutettu, Kind.DATE)
TEXT = Column(TABLE.c.muutettu, Kind.TEXT)


def layout(updated_at: Column | None) -> Layout:
    """Lay out a table with or without times."""
    return Layout(TABLE, KEY, None, updated_at, {"surname": Column(TABLE.c.nimi, Kind.TEXT)})


@pytest.mark.parametrize(
    ("column", "newest", "bound"),
    [
        (TIME, datetime(2026, 11, 21, 10, 0), "2026-11-21T09:59:00"),
        (ZONED, datetime(2026, 11, 21, 10, 0, tzinfo=HELSINKI), "2026-11-21T07:59:00+00:00"),
        (DAY, date(2026, 11, 21), "2026-11-20"),
        (TEXT, "2026-11-21 10:00:00", "2026-11-21 09:59:00"),
        (TEXT, "2026-11-21T10:00:00.5", "2026-11-21 09:59:00"),
        (TEXT, "2026-11-21T10:00:00Z", "2026-11-20 11:59:00"),
        (TEXT, "joskus", None),
        (TIME, None, None),
    ],
)
def test_a_pass_begins_an_overlap_before_the_newest_time(column: Column, newest: object, bound: str | None) -> None:
    """The bound is written as the column writes times; texts that tell their zone are covered by a day more."""
    assert since(column, newest, HELSINKI, NOW, MINUTE) == bound


def test_a_time_in_the_future_does_not_hide_the_present() -> None:
    """One row dated 2099 must not make every change until then invisible."""
    assert since(TIME, datetime(2099, 1, 1), UTC, NOW, MINUTE) == "2026-11-21T11:59:00"


def test_the_hour_that_autumn_repeats_is_read_whole() -> None:
    """A later change may bear an earlier time then: 03:10 comes after 03:50."""
    bound = since(TIME, datetime(2026, 10, 25, 3, 50), HELSINKI, NOW, MINUTE)
    assert bound == "2026-10-25T02:49:00"
    assert since(TEXT, "2026-10-25 03:50:00", HELSINKI, NOW, MINUTE) == "2026-10-25 02:49:00"


def test_the_same_time_is_the_same_second() -> None:
    """Fractions are rounded differently by databases and drivers, so that they do not part rows."""
    assert border_of(TIME, datetime(2026, 11, 21, 10, 0, 0, 3333)) == "2026-11-21T10:00:00"
    assert border_of(TEXT, "2026-11-21 10:00:00.33") == "2026-11-21 10:00:00.33"


def test_nothing_is_beyond_the_end_of_time() -> None:
    """A row dated to the last second that there is ends the reading instead of breaking it."""
    assert isinstance(beyond(TIME, "9999-12-31T23:59:59"), sa.False_)
    assert "asiakas.muutettu >= :" in str(inside(TIME, "9999-12-31T23:59:59"))


@pytest.mark.parametrize(
    "mark",
    [
        "",
        "{}",
        "[]",
        "5",
        "null",
        "kissa",
        '{"phase": "sideways"}',
        '{"phase": "inside", "border": "joskus"}',
        '{"phase": "inside", "border": 5}',
        '{"phase": "all", "key": "3"}',
        '{"phase": "untimed", "key": "x"}',
        '{"wrong": 1}',
    ],
)
def test_a_mark_of_another_making_begins_again(mark: str) -> None:
    """A mark that this table cannot have made reads everything, which is safe."""
    assert Position.of_mark(mark, layout(TIME)) == Position()


def test_a_mark_of_a_table_with_times_is_none_without_them() -> None:
    """When the settings gain or lose the time of change, reading begins again."""
    mark = Position(Phase.INSIDE, border="2026-11-21T10:00:00", key="7").mark()
    assert Position.of_mark(mark, layout(TIME)).key == "7"
    assert Position.of_mark(mark, layout(None)) == Position()


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        (postgresql.dialect(), "FOR UPDATE"),
        (mysql.dialect(), "FOR UPDATE"),
        (oracle.dialect(), "FOR UPDATE"),
        (mssql.dialect(), "WITH (UPDLOCK, ROWLOCK)"),
        (sqlite.dialect(), "FROM asiakas"),
    ],
)
def test_each_database_locks_in_its_own_words(dialect: sa.Dialect, words: str) -> None:
    """The row is locked while it is compared; SQLite has no words for it and locks the file."""
    text = str(locking(layout(TIME)).compile(dialect=dialect))
    assert words in text
    assert ("FOR UPDATE" in text) == (words == "FOR UPDATE")
