"""The `sql` adapter on a real PostgreSQL: types, rights, locks and constraints of a grown-up database."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
import sqlalchemy as sa

from adapters.registers.sql import SqlRegister, SqlRegisterSettings
from adapters.registers.sql.database import _LOCK_WAIT
from sync.errors import RegisterUnavailable
from sync.model import Address, Field, PartialDate, Text
from sync.ports.register import AddressStatus, Record, Rejected, UnreadableRecord, Written
from tests.contract.register_kit import PERSON, chain, readable, value, write_to
from tests.contract.test_sql_register import FixedClock

Make = Callable[..., SqlRegister]
TABLE = "id INTEGER PRIMARY KEY, sukunimi VARCHAR(30), osoite VARCHAR(60), puhelin TEXT"
COLUMNS = {"surname": "sukunimi", "street_line": "osoite", "phone": "puhelin"}


@pytest.fixture
def database(postgres_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection to an empty database, behind the adapter's back."""
    plain = sa.make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


@pytest.fixture
def make(postgres_url: str, database: psycopg.Connection) -> Iterator[Make]:
    """Give a function that makes the adapter on that database."""
    made: list[SqlRegister] = []

    def make(**settings: object) -> SqlRegister:
        usual = {"url": postgres_url, "table": "asiakas", "key": "id", "columns": COLUMNS}
        made.append(SqlRegister(SqlRegisterSettings(**usual | settings), clock=FixedClock()))
        return made[-1]

    yield make
    for register in made:
        register.close()


def row(database: psycopg.Connection, table: str = "asiakas") -> tuple[object, ...]:
    """Return the one row of the table."""
    found = database.execute(f"SELECT * FROM {table}").fetchone()
    assert found is not None
    return found


def test_columns_of_many_types(database: psycopg.Connection, make: Make) -> None:
    """Keys, dates, booleans, padded texts and days are read and written as what they are, in a schema of their own."""
    key = uuid.UUID("6b0a7a3e-0c1f-4a53-9d1b-0f6c3d5b7e11")
    database.execute("CREATE SCHEMA potilas")
    database.execute(
        "CREATE TABLE potilas.asiakas (id UUID PRIMARY KEY, syntynyt DATE, kuollut DATE, vainaja BOOLEAN NOT NULL,"
        ' turvakielto BOOLEAN, "Katu" CHAR(20), numero SMALLINT, pnro CHAR(8), kunta NUMERIC(3), tila CHAR(12), pvm DATE)'
    )
    database.execute(
        "INSERT INTO potilas.asiakas VALUES (%s, '1952-10-13', NULL, false, true, 'Rantatie', 5, '00100', 91, NULL, NULL)",
        (key,),
    )
    register = make(
        schema="potilas",
        time_zone="Europe/Helsinki",
        columns={
            "birth_date": "syntynyt",
            "death_date": "kuollut",
            "deceased": "vainaja",
            "protection": "turvakielto",
            "street": "katu",
            "number": "numero",
            "postcode": "pnro",
            "municipality": "kunta",
            "address_status": "tila",
            "address_verified_at": "pvm",
        },
    )
    record = readable(register, str(key))
    home = Address(street=Text(fi="Rantatie"), number="5", postcode="00100", municipality="091")
    assert record.values == {
        Field.BIRTH_DATE: PartialDate(1952, 10, 13),
        Field.PROTECTION: True,
        Field.ADDRESS: home,
    }
    new_home = Address(street=Text(fi="Kuja"), number="12", postcode="33100", municipality="837")
    new = {Field.DEATH: PartialDate(2026, 11, 13), Field.PROTECTION: None, Field.ADDRESS: new_home}
    status = AddressStatus("deceased", datetime(2026, 11, 17, 23, 30, tzinfo=UTC), None)
    write = write_to(record, new, status=status)
    assert isinstance(register.write(write), Written)
    assert row(database, "potilas.asiakas") == (
        (
            key,
            date(1952, 10, 13),
            date(2026, 11, 13),
            True,
            None,
            "Kuja                ",
            12,
            "33100   ",
            837,
            "deceased    ",
            date(2026, 11, 18),
        )
    )
    before = row(database, "potilas.asiakas")
    assert isinstance(register.write(write), Written)
    assert row(database, "potilas.asiakas") == before
    assert isinstance(register.write(write_to(readable(register, str(key)), {Field.DEATH: None})), Written)
    assert row(database, "potilas.asiakas")[2:4] == (None, False)
    assert register.read("not a uuid") is None


@pytest.mark.parametrize(
    ("field", "new", "reason"),
    [
        (Field.DEATH, PartialDate(2026, 11), "not_a_whole_date"),
        (Field.ADDRESS, Address(street=Text(fi="Rantatie"), number="5 B"), "not_a_number"),
        (Field.ADDRESS, Address(street=Text(fi="Rantatie"), number="99999"), "value_not_accepted"),
    ],
)
def test_values_that_a_type_cannot_hold(
    database: psycopg.Connection, make: Make, field: Field, new: Address | PartialDate, reason: str
) -> None:
    """What has no form in the column's type is rejected for good."""
    database.execute("CREATE TABLE asiakas (id INTEGER PRIMARY KEY, kuollut DATE, katu TEXT, numero SMALLINT)")
    database.execute("INSERT INTO asiakas VALUES (1)")
    register = make(columns={"death_date": "kuollut", "street": "katu", "number": "numero"})
    assert register.write(write_to(readable(register, "1"), {field: new})) == Rejected(reason)
    assert row(database) == (1, None, None, None)


def test_a_date_of_no_calendar_does_not_stop_its_neighbours(database: psycopg.Connection, make: Make) -> None:
    """A date that the driver itself cannot read makes one record unreadable."""
    database.execute("CREATE TABLE asiakas (id INTEGER PRIMARY KEY, puhelin TEXT, kuollut DATE, muutettu TIMESTAMPTZ)")
    database.execute(
        "INSERT INTO asiakas SELECT n, n::text, CASE n WHEN 4 THEN 'infinity' END::date, '2026-11-20T08:00Z'"
        " FROM generate_series(1, 7) n"
    )
    register = make(columns={"phone": "puhelin", "death_date": "kuollut"}, updated_at="muutettu", chunk_size=3)
    chunks = list(register.changed_since(None))
    records = {record.key: record for chunk in chunks for record in chunk.records}
    assert records.pop("4") == UnreadableRecord("4", "kuollut", "not_readable")
    assert {key: value(record, Field.PHONE) for key, record in records.items()} == {key: key for key in "123567"}
    assert register.read("4") == UnreadableRecord("4", "kuollut", "not_readable")


@pytest.mark.parametrize(
    ("column", "new", "reason"),
    [
        ("puhelin TEXT UNIQUE", "2", "not_unique"),
        ("puhelin TEXT UNIQUE DEFERRABLE INITIALLY DEFERRED", "2", "not_unique"),
        ("puhelin TEXT CHECK (puhelin <> '3')", "3", "constraint"),
        ("puhelin TEXT DEFAULT '2' REFERENCES asiakas (puhelin)", "3", "reference"),
        ("puhelin VARCHAR(3)", "1234", "value_too_long"),
        ("puhelin TEXT", "\x00", "value_not_accepted"),
        ("puhelin TEXT", "\ud800", "value_not_accepted"),
        ("puhelin TEXT, EXCLUDE (puhelin WITH =)", "2", "constraint"),
    ],
)
def test_constraints_reject_for_good(
    database: psycopg.Connection, make: Make, column: str, new: str, reason: str
) -> None:
    """What the table does not allow is rejected with its kind, even at the commit, and the row stays as it is."""
    unique = "puhelin TEXT UNIQUE, viite TEXT REFERENCES asiakas (puhelin)" if reason == "reference" else column
    database.execute(f"CREATE TABLE asiakas (id INTEGER PRIMARY KEY, {unique})")
    database.execute("INSERT INTO asiakas (id, puhelin) VALUES (1, '1'), (2, '2')")
    register = make(columns={"phone": "viite" if reason == "reference" else "puhelin"})
    assert register.write(write_to(readable(register, "1"), {Field.PHONE: new})) == Rejected(reason)
    assert database.execute("SELECT puhelin FROM asiakas WHERE id = 1").fetchone() == ("1",)


def test_a_trigger_may_refuse(database: psycopg.Connection, make: Make) -> None:
    """A register's own rule that says no is a rejection."""
    database.execute(f"CREATE TABLE asiakas ({TABLE})")
    database.execute("INSERT INTO asiakas (id) VALUES (1)")
    database.execute(
        "CREATE FUNCTION ei() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'lukittu'; END $$"
    )
    database.execute("CREATE TRIGGER t BEFORE UPDATE ON asiakas FOR EACH ROW EXECUTE FUNCTION ei()")
    register = make()
    result = register.write(write_to(readable(register, "1"), {Field.PHONE: "2"}))
    assert result == Rejected("refused_by_register")


def test_rights_to_the_mapped_columns_are_enough(database: psycopg.Connection, make: Make) -> None:
    """SELECT and UPDATE of the mapped columns is all that is ever asked; the check names a column without them."""
    database.execute(f"CREATE TABLE asiakas ({TABLE}, salaisuus TEXT)")
    database.execute("INSERT INTO asiakas (id, sukunimi) VALUES (1, 'Virtanen')")
    database.execute("DROP ROLE IF EXISTS ajantasa_koe")
    database.execute("CREATE ROLE ajantasa_koe LOGIN")
    try:
        database.execute("GRANT SELECT (id, sukunimi, osoite, puhelin), UPDATE (osoite) ON asiakas TO ajantasa_koe")
        url = sa.make_url(make()._settings.address().get_secret_value()).set(username="ajantasa_koe")
        register = make(url=url.render_as_string(hide_password=False))
        assert register.check() == [
            "columns.surname: the database does not let this column be updated",
            "columns.phone: the database does not let this column be updated",
        ]
        home = Address(street=Text(fi="Rantatie"), number="5")
        assert isinstance(register.write(write_to(readable(register, "1"), {Field.ADDRESS: home})), Written)
        with pytest.raises(RegisterUnavailable):
            register.write(write_to(readable(register, "1"), {Field.PHONE: "2"}))
        secret = make(url=url.render_as_string(hide_password=False), columns={"phone": "salaisuus"})
        assert secret.check() == ["columns.phone: the database does not let this column be read"]
        register.close()
        secret.close()
    finally:
        database.execute("DROP OWNED BY ajantasa_koe")
        database.execute("DROP ROLE ajantasa_koe")


def test_a_record_that_somebody_holds_is_tried_again_later(
    database: psycopg.Connection, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row locked by a person's open form holds up its own update, and no other."""
    monkeypatch.setitem(_LOCK_WAIT, "postgresql", "SET LOCAL lock_timeout = '50ms'")
    database.execute(f"CREATE TABLE asiakas ({TABLE})")
    database.execute("INSERT INTO asiakas (id) VALUES (1), (2)")
    register = make()
    write = write_to(readable(register, "1"), {Field.PHONE: "2"})
    with database.transaction():
        database.execute("SELECT * FROM asiakas WHERE id = 1 FOR UPDATE")
        with pytest.raises(RegisterUnavailable):
            register.write(write)
        assert isinstance(register.write(write_to(readable(register, "2"), {Field.PHONE: "2"})), Written)
    assert isinstance(register.write(write), Written)


def test_a_lost_connection_is_made_again(database: psycopg.Connection, make: Make) -> None:
    """After the server threw everybody out, the next call simply works."""
    database.execute(f"CREATE TABLE asiakas ({TABLE})")
    database.execute("INSERT INTO asiakas (id) VALUES (1)")
    register = make()
    assert isinstance(register.read("1"), Record)
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    assert isinstance(register.read("1"), Record)


def test_errors_hold_nothing_of_the_statement(database: psycopg.Connection, make: Make) -> None:
    """The driver's error, which quotes statement and values, does not hang on to ours."""
    database.execute(f"CREATE TABLE asiakas ({TABLE})")
    database.execute("INSERT INTO asiakas (id) VALUES (1)")
    register = make()
    write = write_to(readable(register, "1"), {Field.ADDRESS: PERSON[Field.ADDRESS]})
    database.execute("ALTER TABLE asiakas RENAME COLUMN osoite TO katu")
    with pytest.raises(RegisterUnavailable) as caught:
        register.write(write)
    assert chain(caught.value) == [caught.value]
    assert "asiakas" not in str(caught.value)


def test_microseconds_at_the_border_lose_nothing(database: psycopg.Connection, make: Make) -> None:
    """Rows of one second, whose keys are in no order of time, all come, and each once in a pass."""
    database.execute("CREATE TABLE asiakas (id INTEGER PRIMARY KEY, puhelin TEXT, muutettu TIMESTAMP)")
    database.execute(
        "INSERT INTO asiakas SELECT n, n::text, timestamp '2026-11-20 08:00' + ((n * 37 % 100) * interval '40 ms')"
        " FROM generate_series(1, 100) n"
    )
    register = make(columns={"phone": "puhelin"}, updated_at="muutettu", chunk_size=7)
    keys = [record.key for chunk in register.changed_since(None) for record in chunk.records]
    assert sorted(keys, key=int) == [str(number) for number in range(1, 101)]


def test_a_table_that_changes_shape_is_looked_up_again(database: psycopg.Connection, make: Make) -> None:
    """After a column was renamed, one call fails and the next one finds it, if the settings still name it."""
    database.execute(f"CREATE TABLE asiakas ({TABLE})")
    database.execute("INSERT INTO asiakas (id, puhelin) VALUES (1, '1')")
    register = make()
    assert isinstance(register.read("1"), Record)
    database.execute('ALTER TABLE asiakas RENAME COLUMN puhelin TO "PUHELIN"')
    with pytest.raises(RegisterUnavailable):
        register.read("1")
    assert readable(register, "1").values == {Field.PHONE: "1"}
