"""The `sql` adapter keeps the contract on real SQLite files and a real PostgreSQL, for several kinds of tables."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from adapters.registers.sql import SqlRegister, SqlRegisterSettings
from sync.model import Address, FactValue, Field, PersonName
from tests.contract.register_kit import RegisterKit, Values

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class FixedClock:
    """A clock that stands still, later than everything in the tables."""

    def now(self) -> datetime:
        return datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


class SqlKit(RegisterKit):
    """The kit's helpers for a table `asiakas`.

    Attributes:
        ddl: makes the table.
        settings: what differs from table to table.
    """

    engine: sa.Engine
    ddl: ClassVar[tuple[str, ...]]
    settings: ClassVar[dict[str, Any]]
    has_times: ClassVar[bool] = True
    counts_versions: ClassVar[bool] = False
    away: ClassVar[str]

    @pytest.fixture
    def url(self) -> str:
        """Give the URL of an empty database."""
        raise NotImplementedError

    @pytest.fixture
    def register(self, url: str) -> Iterator[SqlRegister]:
        """Give the adapter on an empty table."""
        self.ticks = 0
        self.engine = sa.create_engine(url)
        with self.engine.begin() as connection:
            for statement in self.ddl:
                connection.exec_driver_sql(statement)
        register = self.make(url)
        yield register
        register.close()
        self.engine.dispose()

    def test_the_check_finds_nothing(self, register: SqlRegister) -> None:
        """A table that goes along with its settings has nothing to be told, whether it has rows or not."""
        assert register.check() == []
        self.insert(["1"], {Field.PHONE: "+358401234567"})
        before = self.raw("1")
        assert register.check() == []
        assert self.raw("1") == before

    def make(self, url: str) -> SqlRegister:
        """Make the adapter."""
        settings = {"table": "asiakas", "key": "id", "chunk_size": self.chunk_size, "overlap_seconds": 0}
        return SqlRegister(SqlRegisterSettings(url=url, **settings, **self.settings), clock=FixedClock())

    def insert(self, keys: Iterable[str], values: Values) -> None:
        for key in keys:
            row = {"id": int(key), "muistio": "ei saa koskea", **self.row_of(values), **self.time()}
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            self.run(f"INSERT INTO asiakas ({names}) VALUES ({marks})", row)

    def edit(self, key: str, values: Values) -> None:
        self.ticks += 1
        row = {**self.row_of(values), **self.time()}
        assignments = [f"{name} = :{name}" for name in row]
        if self.counts_versions:
            assignments.append("versio = versio + 1")
        self.run(f"UPDATE asiakas SET {', '.join(assignments)} WHERE id = :id", {**row, "id": int(key)})

    def remove(self, key: str) -> None:
        self.run("DELETE FROM asiakas WHERE id = :id", {"id": int(key)})

    def spoil(self, key: str) -> None:
        self.run("UPDATE asiakas SET syntynyt = 'joskus' WHERE id = :id", {"id": int(key)})

    def raw(self, key: str) -> Mapping[str, object]:
        with self.engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT * FROM asiakas WHERE id = :id"), {"id": int(key)})
            return dict(rows.mappings().one())

    def unreachable(self) -> SqlRegister:
        return self.make(self.away)

    def refused(self) -> tuple[Field, FactValue]:
        return Field.EMAIL, "m" * 120 + "@posti.example"

    def time(self) -> dict[str, object]:
        """Return the time of the change being made, as the table holds it."""
        return {"muutettu": START + timedelta(seconds=self.ticks)} if self.has_times else {}

    def run(self, statement: str, row: Mapping[str, object]) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), row)

    def row_of(self, values: Values) -> dict[str, object]:
        """Print the kit's values into the table's columns."""
        row: dict[str, object] = {}
        for field, value in values.items():
            match field:
                case Field.NAME:
                    row |= self.name_row(value if isinstance(value, PersonName) else None)
                case Field.ADDRESS:
                    row |= self.address_row(value if isinstance(value, Address) else None)
                case _:
                    row[{Field.PHONE: "puhelin", Field.EMAIL: "sahkoposti"}[field]] = value
        return row

    def columns_of(self, field: Field) -> frozenset[str]:
        return frozenset(self.row_of({field: None}))

    def name_row(self, name: PersonName | None) -> dict[str, object]:
        return {"sukunimi": name.surname if name else None, "etunimet": name.given_names if name else None}

    def address_row(self, address: Address | None) -> dict[str, object]:
        return {
            "katu": address.street.text() if address and address.street else None,
            "numero": address.number if address else None,
            "porras": address.stairwell if address else None,
            "asunto": address.flat if address else None,
            "postinumero": address.postcode if address else None,
            "toimipaikka": address.post_office.text() if address and address.post_office else None,
        }


PARTS = {
    "national_id": "hetu",
    "surname": "sukunimi",
    "given_names": "etunimet",
    "birth_date": "syntynyt",
    "street": "katu",
    "number": "numero",
    "stairwell": "porras",
    "flat": "asunto",
    "postcode": "postinumero",
    "post_office": "toimipaikka",
    "phone": "puhelin",
    "email": "sahkoposti",
}
STATUS = {"address_status": "tila", "address_verified_at": "varmistettu", "address_source": "lahde"}
PARTS_DDL = """
    hetu VARCHAR(11), sukunimi VARCHAR(60), etunimet VARCHAR(80), {syntynyt},
    katu VARCHAR(60), numero VARCHAR(10), porras CHAR(2), asunto VARCHAR(6),
    postinumero CHAR(5), toimipaikka VARCHAR(40), puhelin VARCHAR(20), sahkoposti VARCHAR(100), muistio TEXT
"""


class SqliteKit(SqlKit):
    """On a file of its own."""

    away = "sqlite:////nonexistent/asiakkaat.db"

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/asiakkaat.db"

    def time(self) -> dict[str, object]:
        return {name: str(time)[:19] for name, time in super().time().items()}


class TestSqliteWithCountedVersions(SqliteKit):
    """The adapter counts the version up and sets the time of change, as the register's own program does."""

    upkeep = frozenset({"versio", "muutettu"})
    counts_versions = True
    ddl = (
        (
            f"CREATE TABLE asiakas (id INTEGER PRIMARY KEY, {PARTS_DDL.format(syntynyt='syntynyt DATE')},"
            " tila TEXT, varmistettu DATETIME, lahde TEXT, versio INTEGER NOT NULL DEFAULT 1, muutettu DATETIME)"
        ),
    )
    settings: ClassVar[dict[str, Any]] = {
        "columns": PARTS | STATUS,
        "version": "versio",
        "version_is_maintained_by": "ajantasa",
        "updated_at": "muutettu",
        "updated_at_is_maintained_by": "ajantasa",
    }


class TestSqliteWithoutVersions(SqliteKit):
    """Whole lines in few columns, texts that are empty rather than NULL, and nothing that tells of changes."""

    versioned = False
    has_times = False
    ddl = (
        (
            "CREATE TABLE asiakas (id INTEGER PRIMARY KEY, hetu TEXT, nimi TEXT NOT NULL DEFAULT '', syntynyt TEXT,"
            " lahiosoite TEXT NOT NULL DEFAULT '', postiosoite TEXT NOT NULL DEFAULT '', puhelin TEXT, muistio TEXT,"
            " sahkoposti VARCHAR(100))"
        ),
    )
    settings: ClassVar[dict[str, Any]] = {
        "columns": {
            "national_id": "hetu",
            "full_name": "nimi",
            "birth_date": "syntynyt",
            "street_line": "lahiosoite",
            "post_line": "postiosoite",
            "phone": "puhelin",
            "email": "sahkoposti",
        },
    }

    def name_row(self, name: PersonName | None) -> dict[str, object]:
        return {"nimi": f"{name.surname} {name.given_names}" if name else ""}

    def address_row(self, address: Address | None) -> dict[str, object]:
        return {
            "lahiosoite": address.street_line() if address else "",
            "postiosoite": address.post_line() if address else "",
        }


class PostgresKit(SqlKit):
    """On a database of its own."""

    away = "postgresql+psycopg://postgres:@/asiakkaat?host=/nonexistent"

    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url


class TestPostgresWithTriggers(PostgresKit):
    """The database itself counts versions and sets times."""

    upkeep = frozenset({"versio", "muutettu"})
    ddl = (
        (
            f"CREATE TABLE asiakas (id BIGINT PRIMARY KEY, {PARTS_DDL.format(syntynyt='syntynyt TEXT')},"
            " tila TEXT, varmistettu TIMESTAMPTZ, lahde TEXT, versio INTEGER NOT NULL DEFAULT 1, muutettu TIMESTAMPTZ)"
        ),
        (
            "CREATE FUNCTION pidä_kirjaa() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " NEW.versio := OLD.versio + 1;"
            " IF NEW.muutettu = OLD.muutettu THEN NEW.muutettu := OLD.muutettu + interval '1 millisecond'; END IF;"
            " RETURN NEW; END $$"
        ),
        "CREATE TRIGGER kirjanpito BEFORE UPDATE ON asiakas FOR EACH ROW EXECUTE FUNCTION pidä_kirjaa()",
    )
    settings: ClassVar[dict[str, Any]] = {"columns": PARTS | STATUS, "version": "versio", "updated_at": "muutettu"}


class TestPostgresWithTimesOnly(PostgresKit):
    """The time of change stands in for a version; times do not tell their zone, and numbers are numbers."""

    upkeep = frozenset({"muutettu"})
    ddl = (
        (
            f"CREATE TABLE asiakas (id INTEGER PRIMARY KEY, {PARTS_DDL.format(syntynyt='syntynyt TEXT')},"
            " tila TEXT, varmistettu TIMESTAMP, lahde TEXT, muutettu TIMESTAMP)"
        ),
    )
    settings: ClassVar[dict[str, Any]] = {
        "columns": PARTS | STATUS,
        "updated_at": "muutettu",
        "updated_at_is_maintained_by": "ajantasa",
        "time_zone": "Europe/Helsinki",
    }


class TestPostgresWithSystemVersions(PostgresKit):
    """PostgreSQL's own `xmin` is the version."""

    has_times = False
    ddl = (f"CREATE TABLE asiakas (id INTEGER PRIMARY KEY, {PARTS_DDL.format(syntynyt='syntynyt TEXT')})",)
    settings: ClassVar[dict[str, Any]] = {"columns": PARTS, "version": "xmin"}


class TestPostgresWithoutVersions(PostgresKit):
    """Nothing tells of changes: old values are compared, and everything is read each time."""

    versioned = False
    has_times = False
    ddl = (f"CREATE TABLE asiakas (id INTEGER PRIMARY KEY, {PARTS_DDL.format(syntynyt='syntynyt TEXT')})",)
    settings: ClassVar[dict[str, Any]] = {"columns": PARTS}
