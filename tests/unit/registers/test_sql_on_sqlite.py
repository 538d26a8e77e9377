"""The `sql` adapter on SQLite files: what a table may look like, and what may go wrong with it."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.registers.sql import SqlRegister, SqlRegisterSettings
from sync.errors import RegisterUnavailable
from sync.model import Address, Field, PartialDate, Text
from sync.ports.register import AddressStatus, Conflict, Record, Rejected, UnreadableRecord, Written
from tests.contract.register_kit import changed, keys_since, readable, value, write_to
from tests.contract.test_sql_register import FixedClock

Make = Callable[..., SqlRegister]
COLUMNS = {"surname": "sukunimi", "street_line": "osoite", "phone": "puhelin"}
TABLE = "id INTEGER PRIMARY KEY, sukunimi TEXT, osoite TEXT, puhelin VARCHAR(20), muutettu DATETIME, versio INTEGER"


class Database:
    """A SQLite file, worked on behind the adapter's back."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.connection = sqlite3.connect(file, isolation_level=None)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def row(self, key: object) -> dict[str, object]:
        cursor = self.connection.execute("SELECT * FROM asiakas WHERE id = ?", (key,))
        return dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))


class TickingClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty database."""
    database = Database(tmp_path / "asiakkaat.db")
    yield database
    database.connection.close()


@pytest.fixture
def make(database: Database) -> Iterator[Make]:
    """Give a function that makes the adapter on that database."""
    made: list[SqlRegister] = []

    def make(**settings: object) -> SqlRegister:
        clock = settings.pop("clock", FixedClock())
        usual = {"url": f"sqlite:///{database.file}?timeout=0.05", "table": "asiakas", "key": "id", "columns": COLUMNS}
        made.append(SqlRegister(SqlRegisterSettings(**usual | settings), clock=clock))
        return made[-1]

    yield make
    for register in made:
        register.close()


def insert(database: Database, key: int, time: str | None) -> None:
    """Add a row changed at this time."""
    written = "NULL" if time is None else f"'{time}'"
    database.run(f"INSERT INTO asiakas (id, sukunimi, muutettu) VALUES ({key}, 'Virtanen', {written})")


# Reading


def test_times_in_several_spellings_lose_nothing(database: Database, make: Make) -> None:
    """A table to which several programs write times in their own ways is still read without loss."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    spellings = ["2026-11-21 10:00:00", "2026-11-21 10:00:00.5", "2026-11-21T10:00:00", "2026-11-21T10:00:00+00:00"]
    for key, time in enumerate(spellings * 2, start=1):
        insert(database, key, time)
    register = make(updated_at="muutettu", chunk_size=2, overlap_seconds=0)
    chunks = list(register.changed_since(None))
    assert {record.key for chunk in chunks for record in chunk.records} == set("12345678")
    insert(database, 9, "2026-11-21 11:00:00")
    insert(database, 10, "2026-11-21T11:00:00")
    assert keys_since(register, chunks[-1].mark) >= {"9", "10"}


def test_a_transaction_that_shows_late_is_not_missed(database: Database, make: Make) -> None:
    """A row whose time has passed already when it appears comes with the next pass, if it is within the overlap."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    insert(database, 1, "2026-11-21 10:00:00")
    register = make(updated_at="muutettu")
    mark = list(register.changed_since(None))[-1].mark
    insert(database, 2, "2026-11-21 09:59:10")
    insert(database, 3, "2026-11-21 09:50:00")
    assert keys_since(register, mark) == {"1", "2"}


def test_the_overlap_counts_from_the_beginning_of_a_pass(database: Database, make: Make) -> None:
    """However long a pass takes, what showed late while it went on is not missed."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    for key in (1, 2, 3):
        insert(database, key, "2026-11-21 10:00:00")
    register = make(updated_at="muutettu", chunk_size=2)
    reading = register.changed_since(None)
    next(reading)
    insert(database, 4, "2026-11-21 10:30:00")
    (*_, last) = reading
    insert(database, 5, "2026-11-21 09:59:30")
    assert "5" in keys_since(register, last.mark)


def test_a_quiet_table_is_not_read_over_and_over(database: Database, make: Make) -> None:
    """Rows that all changed at one time come again until nothing can show late any more, and then no longer."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    for key in (1, 2, 3):
        insert(database, key, "2026-11-21 10:00:00")
    clock = TickingClock()
    register = make(clock=clock, updated_at="muutettu")
    found: list[set[str]] = []
    mark = None
    for seconds in (0, 100, 21, 1, 0, 0):
        clock.time += timedelta(seconds=seconds)
        chunks = list(register.changed_since(mark))
        found.append({record.key for chunk in chunks for record in chunk.records})
        mark = chunks[-1].mark
    assert found == [{"1", "2", "3"}] * 4 + [set()] * 2
    insert(database, 4, "2026-11-21 10:00:01")
    assert keys_since(register, mark) == {"4"}


def test_a_table_with_a_row_in_the_future_never_settles(database: Database, make: Make) -> None:
    """However long the newest time stays the same, it says nothing when it lies in the future."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    insert(database, 1, "2099-01-01 00:00:00")
    clock = TickingClock()
    register = make(clock=clock, updated_at="muutettu")
    mark = None
    for _ in range(3):
        mark = list(register.changed_since(mark))[-1].mark
        clock.time += timedelta(hours=1)
    insert(database, 2, f"{clock.time - timedelta(hours=1, seconds=30):%Y-%m-%d %H:%M:%S}")
    assert "2" in keys_since(register, mark)


def test_a_row_dated_into_the_future_hides_nothing(database: Database, make: Make) -> None:
    """After a row of the year 2099 the changes of today still come."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    insert(database, 1, "2099-01-01 00:00:00")
    register = make(updated_at="muutettu")
    mark = list(register.changed_since(None))[-1].mark
    insert(database, 2, "2026-12-01 12:00:00")
    assert "2" in keys_since(register, mark)


def test_a_time_that_is_none_is_told_and_hides_nothing(database: Database, make: Make) -> None:
    """A row whose time cannot be read is named; as nothing tells what is new, everything is read again."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    insert(database, 1, "2026-11-21 10:00:00")
    insert(database, 2, "zzz")
    register = make(updated_at="muutettu")
    (chunk,) = register.changed_since(None)
    assert UnreadableRecord("2", "muutettu", "not_a_time") in chunk.records
    assert keys_since(register, chunk.mark) == {"1", "2"}


def test_rows_without_a_time_come_each_time(database: Database, make: Make) -> None:
    """Rows that were never changed have no time in some registers; they are read at every pass, in chunks."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    for key in range(1, 8):
        insert(database, key, None if key % 2 else "2026-11-21 10:00:00")
    register = make(updated_at="muutettu", chunk_size=2, overlap_seconds=0)
    chunks = list(register.changed_since(None))
    assert max(len(chunk.records) for chunk in chunks) == 2
    assert [record.key for chunk in chunks for record in chunk.records] == ["1", "3", "5", "7", "2", "4", "6"]
    assert {"1", "3", "5", "7"} <= keys_since(register, chunks[-1].mark)


@pytest.mark.parametrize("size", [1, 2, 9, 10])
@pytest.mark.parametrize("times", [{}, {"updated_at": "muutettu"}])
def test_each_row_comes_once_in_a_pass(database: Database, make: Make, size: int, times: dict[str, str]) -> None:
    """No row comes twice while nothing changes, down to chunks of one."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    for key in range(1, 10):
        insert(database, key, f"2026-11-21 10:00:0{key // 4}")
    chunks = list(make(chunk_size=size, **times).changed_since(None))
    assert [record.key for chunk in chunks for record in chunk.records] == [str(key) for key in range(1, 10)]


def test_changed_at_is_utc(database: Database, make: Make) -> None:
    """Times that do not tell their zone are taken in the register's."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    insert(database, 1, "2026-11-21 10:00:00")
    register = make(updated_at="muutettu", time_zone="Europe/Helsinki")
    assert readable(register, "1").changed_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_keys_are_told_apart_exactly(database: Database, make: Make) -> None:
    """A database that finds `a1` and `A1` equal does not make us read or write another's record."""
    database.run(f"CREATE TABLE asiakas ({TABLE.replace('INTEGER PRIMARY KEY', 'TEXT COLLATE NOCASE')})")
    database.run("INSERT INTO asiakas (id, puhelin) VALUES ('A1', '1')")
    register = make()
    assert register.read("a1") is None
    record = readable(register, "A1")
    assert register.write(write_to(Record("a1", None, record.values), {Field.PHONE: "2"})) == Conflict(None)


@pytest.mark.parametrize("key", ["x", "", "9" * 30, "\x00", "1.0", "\ud800"])
def test_keys_that_cannot_exist_are_no_record(database: Database, make: Make, key: str) -> None:
    """Whatever is typed as a key, there is just no such record."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    insert(database, 1, None)
    assert make().read(key) is None


def test_a_key_shared_by_rows_is_refused(database: Database, make: Make) -> None:
    """Two rows under one key can be neither read nor written as one record, and the check tells of them."""
    database.run(f"CREATE TABLE asiakas ({TABLE.replace(' PRIMARY KEY', '')})")
    database.run(*["INSERT INTO asiakas (id, puhelin) VALUES (1, '1')"] * 2, "INSERT INTO asiakas (id) VALUES (NULL)")
    register = make()
    assert register.read("1") == UnreadableRecord("1", "id", "key_not_unique")
    write = write_to(Record("1", None, {Field.PHONE: "1"}), {Field.PHONE: "2"})
    assert register.write(write) == Rejected("key_not_unique")
    assert register.check() == [
        "key: some rows have none; they are not read",
        "key: some rows share theirs; they are not written",
    ]


# Writing


def test_a_collation_does_not_make_old_values_equal(database: Database, make: Make) -> None:
    """Where the database takes `RANTATIE 5` for `Rantatie 5`, we do not."""
    database.run(f"CREATE TABLE asiakas ({TABLE.replace('osoite TEXT', 'osoite TEXT COLLATE NOCASE')})")
    database.run("INSERT INTO asiakas (id, osoite) VALUES (1, 'Rantatie 5')")
    register = make()
    write = write_to(readable(register, "1"), {Field.ADDRESS: Address(street=Text(fi="Kuja"), number="1")})
    database.run("UPDATE asiakas SET osoite = 'RANTATIE 5'")
    assert isinstance(register.write(write), Conflict)
    assert database.row(1)["osoite"] == "RANTATIE 5"


def test_times_too_coarse_for_two_edits_do_not_overwrite(database: Database, make: Make) -> None:
    """Two edits within one second have the same time of change; the old values still show the second one."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    database.run("INSERT INTO asiakas (id, puhelin, muutettu) VALUES (1, '1', '2026-11-21 10:00:00')")
    register = make(updated_at="muutettu")
    write = write_to(readable(register, "1"), {Field.PHONE: "3"})
    database.run("UPDATE asiakas SET puhelin = '2'")
    assert isinstance(register.write(write), Conflict)


def test_only_columns_that_differ_are_written(database: Database, make: Make) -> None:
    """A column that holds its new value already is not touched, nor is its spelling."""
    database.run(f"CREATE TABLE asiakas ({TABLE}, postinumero INTEGER, katu TEXT, kuollut TEXT)")
    database.run("INSERT INTO asiakas (id, postinumero, katu, kuollut) VALUES (1, 100, 'Rantatie 5', '13.11.2026')")
    database.run(
        "CREATE TABLE loki (mita TEXT)",
        "CREATE TRIGGER t AFTER UPDATE OF postinumero, kuollut ON asiakas BEGIN INSERT INTO loki VALUES ('x'); END",
    )
    register = make(columns={"postcode": "postinumero", "street_line": "katu", "death_date": "kuollut"})
    record = readable(register, "1")
    new = Address(street=Text(fi="Kuja"), number="1", postcode="00100")
    result = register.write(write_to(record, {Field.ADDRESS: new, Field.DEATH: PartialDate(2026, 11, 13)}))
    assert isinstance(result, Written)
    assert value(result.record, Field.ADDRESS) == new
    assert database.connection.execute("SELECT count(*) FROM loki").fetchone() == (0,)


def test_version_and_time_are_kept_where_nobody_else_does(database: Database, make: Make) -> None:
    """The version is counted up by one, from nothing too, and the time is written as the one before it."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    database.run(
        "INSERT INTO asiakas (id, muutettu) VALUES (1, '2026-11-21T10:00:00Z'), (2, '2026-11-21 10:00:00.000'), (3, NULL)"
    )
    ours = {"version_is_maintained_by": "ajantasa", "updated_at_is_maintained_by": "ajantasa"}
    register = make(updated_at="muutettu", version="versio", time_zone="Europe/Helsinki", **ours)
    for key in ("1", "2", "3"):
        assert isinstance(register.write(write_to(readable(register, key), {Field.PHONE: "1"})), Written)
    assert [database.row(key)["muutettu"] for key in (1, 2, 3)] == [
        "2026-12-01T12:00:00Z",
        "2026-12-01 14:00:00.000000",
        "2026-12-01 14:00:00",
    ]
    assert [database.row(key)["versio"] for key in (1, 2, 3)] == [1, 1, 1]


def test_empty_stays_empty_text_where_null_is_not_allowed(database: Database, make: Make) -> None:
    """A column that must not be NULL is emptied with the empty text, and reads as empty."""
    database.run("CREATE TABLE asiakas (id INTEGER PRIMARY KEY, sukunimi TEXT NOT NULL, osoite TEXT, puhelin TEXT)")
    database.run("INSERT INTO asiakas VALUES (1, 'Virtanen', 'Rantatie 5', '1')")
    register = make()
    result = register.write(write_to(readable(register, "1"), {Field.NAME: None, Field.ADDRESS: None}))
    assert isinstance(result, Written)
    assert database.row(1) == {"id": 1, "sukunimi": "", "osoite": None, "puhelin": "1"}
    assert result.record.values == {Field.PHONE: "1"}


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("puhelin TEXT UNIQUE", "not_unique"),
        ("puhelin TEXT CHECK (puhelin <> '2')", "constraint"),
        ("puhelin VARCHAR(0)", "value_too_long"),
        ("puhelin INTEGER", "not_a_number"),
    ],
)
def test_constraints_reject_for_good(database: Database, make: Make, column: str, reason: str) -> None:
    """What the table does not allow is rejected with its kind, and the row stays as it is."""
    definition = TABLE.replace("puhelin VARCHAR(20)", column)
    database.run(f"CREATE TABLE asiakas ({definition})")
    database.run("INSERT INTO asiakas (id) VALUES (1)", "INSERT INTO asiakas (id) VALUES (2)")
    if reason == "not_unique":
        database.run("UPDATE asiakas SET puhelin = '2' WHERE id = 2")
    register = make()
    before = database.row(1)
    new = "2a" if reason == "not_a_number" else "2"
    assert register.write(write_to(readable(register, "1"), {Field.PHONE: new})) == Rejected(reason)
    assert database.row(1) == before


def test_a_trigger_may_refuse(database: Database, make: Make) -> None:
    """A register's own rule that says no is a rejection."""
    database.run(
        f"CREATE TABLE asiakas ({TABLE})",
        "INSERT INTO asiakas (id) VALUES (1)",
        "CREATE TRIGGER t BEFORE UPDATE ON asiakas BEGIN SELECT RAISE(ABORT, 'potilas Virtanen on lukittu'); END",
    )
    register = make()
    result = register.write(write_to(readable(register, "1"), {Field.PHONE: "2"}))
    assert result == Rejected("refused_by_register")


def test_a_register_may_tidy_what_it_is_given(database: Database, make: Make) -> None:
    """A trigger that writes in capitals is let be, and the record tells how it reads now."""
    database.run(
        f"CREATE TABLE asiakas ({TABLE})",
        "INSERT INTO asiakas (id) VALUES (1)",
        "CREATE TRIGGER t AFTER UPDATE ON asiakas BEGIN UPDATE asiakas SET osoite = upper(osoite); END",
    )
    register = make()
    new = {Field.ADDRESS: Address(street=Text(fi="Kuja"), number="1")}
    result = register.write(write_to(readable(register, "1"), new))
    assert isinstance(result, Written)
    assert value(result.record, Field.ADDRESS) == Address(street=Text(fi="KUJA"), number="1")


def test_a_register_that_keeps_something_else_has_rejected(database: Database, make: Make) -> None:
    """A trigger that puts the old value back is found out, and nothing of the write stays."""
    database.run(
        f"CREATE TABLE asiakas ({TABLE})",
        "INSERT INTO asiakas (id, sukunimi, puhelin) VALUES (1, 'Virtanen', '1')",
        "CREATE TRIGGER t AFTER UPDATE ON asiakas BEGIN UPDATE asiakas SET puhelin = '1'; END",
    )
    register = make()
    new = {Field.PHONE: "2", Field.NAME: None}
    assert register.write(write_to(readable(register, "1"), new)) == Rejected("changed_by_register")
    assert database.row(1)["sukunimi"] == "Virtanen"


def test_an_unreadable_record_is_not_written(database: Database, make: Make) -> None:
    """What cannot be read cannot be compared, so that it is not overwritten either."""
    database.run(f"CREATE TABLE asiakas ({TABLE}, syntynyt TEXT)", "INSERT INTO asiakas (id, syntynyt) VALUES (1, '?')")
    register = make(columns=COLUMNS | {"birth_date": "syntynyt"})
    assert register.read("1") == UnreadableRecord("1", "syntynyt", "not_a_date")
    assert register.write(write_to(Record("1", None, {}), {Field.PHONE: "2"})) == Rejected("record_unreadable")


def test_texts_that_have_no_encoding_are_rejected(database: Database, make: Make) -> None:
    """A broken character is no reason to try again for ever."""
    database.run(f"CREATE TABLE asiakas ({TABLE})", "INSERT INTO asiakas (id) VALUES (1)")
    register = make()
    result = register.write(write_to(readable(register, "1"), {Field.PHONE: "\ud800"}))
    assert result == Rejected("value_not_accepted")


def test_a_status_day_is_no_difference(database: Database, make: Make) -> None:
    """A status time kept as a day is found to be there already when it is written again."""
    database.run(f"CREATE TABLE asiakas ({TABLE}, tila TEXT, pvm TEXT)", "INSERT INTO asiakas (id) VALUES (1)")
    register = make(columns=COLUMNS | {"address_status": "tila", "address_verified_at": "pvm"})
    status = AddressStatus("current", datetime(2026, 11, 18, 9, 30, 0, 5, tzinfo=UTC), "vtj")
    write = write_to(readable(register, "1"), {}, status=status)
    assert isinstance(register.write(write), Written)
    before = database.row(1)
    assert before["pvm"] == "2026-11-18 09:30:00"
    assert isinstance(register.write(write), Written)
    assert not changed(before, database.row(1))


# Trouble


def test_a_missing_file_is_not_made(database: Database, make: Make) -> None:
    """A wrong path is an unreachable register, not a new and empty one."""
    away = database.file.with_name("muualla.db")
    with pytest.raises(RegisterUnavailable):
        make(url=f"sqlite:///{away}").read("1")
    assert not away.exists()


def test_a_locked_database_is_tried_again_later(database: Database, make: Make) -> None:
    """While somebody else writes, we do not."""
    database.run(f"CREATE TABLE asiakas ({TABLE})", "INSERT INTO asiakas (id) VALUES (1)")
    register = make()
    write = write_to(readable(register, "1"), {Field.PHONE: "2"})
    database.run("BEGIN IMMEDIATE")
    with pytest.raises(RegisterUnavailable):
        register.write(write)
    database.run("COMMIT")
    assert isinstance(register.write(write), Written)


def test_the_check_names_what_is_missing(database: Database, make: Make) -> None:
    """Every setting that names a column that is not there is told, and reading tells it too."""
    database.run(f"CREATE TABLE asiakas ({TABLE})")
    register = make(columns=COLUMNS | {"email": "sahkoposti"}, version="rivi", updated_at="versio")
    expected = [
        "version: the table has no such column",
        "columns.email: the table has no such column",
        "updated_at: the column holds neither times nor text",
    ]
    assert register.check() == expected
    with pytest.raises(RegisterUnavailable) as caught:
        register.read("1")
    assert "columns.email" in str(caught.value)


def test_the_check_names_a_missing_table(make: Make, database: Database) -> None:
    """A table that is not there is told as such."""
    database.run("CREATE TABLE muu (id INTEGER)")
    assert make().check() == ["table: there is no such table, or the account may not see it"]


def test_the_check_names_what_cannot_be_written(database: Database, make: Make) -> None:
    """Generated columns can be read and not written; the check finds out by trying, and leaves everything alone."""
    generated = TABLE.replace("puhelin VARCHAR(20)", "puhelin TEXT GENERATED ALWAYS AS ('1')")
    database.run(f"CREATE TABLE asiakas ({generated})", "INSERT INTO asiakas (id, versio) VALUES (1, 7)")
    register = make(version="sukunimi", columns={"phone": "puhelin"}, version_is_maintained_by="ajantasa")
    assert register.check() == [
        "columns.phone: the database does not let this column be updated",
        "version_is_maintained_by: only a whole number can be counted up",
    ]
    assert database.row(1)["versio"] == 7


def test_a_view_can_be_read(database: Database, make: Make) -> None:
    """A view will do for reading; the check tells that it cannot be written."""
    database.run(f"CREATE TABLE kanta ({TABLE})", "CREATE VIEW asiakas AS SELECT * FROM kanta")
    database.run("INSERT INTO kanta (id, puhelin) VALUES (1, '1')")
    register = make(columns={"phone": "puhelin"})
    assert readable(register, "1").values == {Field.PHONE: "1"}
    assert register.check() == ["columns.phone: the database does not let this column be updated"]
    assert make(columns={"phone": "puhelin"}, read_only=["phone"]).check() == []


def test_case_of_column_names_does_not_matter(database: Database, make: Make) -> None:
    """Names of columns are found whatever their case, as people write them down differently."""
    database.run(f"CREATE TABLE asiakas ({TABLE})", "INSERT INTO asiakas (id, puhelin) VALUES (1, '1')")
    assert readable(make(key="ID", columns={"phone": "Puhelin"}), "1").values == {Field.PHONE: "1"}


def test_another_address_has_its_own_columns(database: Database, make: Make) -> None:
    """The contact address is written without touching the home address."""
    database.run(
        f"CREATE TABLE asiakas ({TABLE}, yhteys TEXT)", "INSERT INTO asiakas (id, osoite) VALUES (1, 'Kuja 1')"
    )
    register = make(columns=COLUMNS | {"contact_street_line": "yhteys"})
    box = Address(po_box="12")
    result = register.write(write_to(readable(register, "1"), {Field.CONTACT_ADDRESS: box}))
    assert isinstance(result, Written)
    assert (database.row(1)["osoite"], database.row(1)["yhteys"]) == ("Kuja 1", "PL 12")
