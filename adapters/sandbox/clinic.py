"""A made-up clinic's own database: a table of patients, as receptionists typed them over the years."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self

import sqlalchemy as sa

from adapters.sandbox.chronicle import day_of
from adapters.sandbox.person import Person
from adapters.sandbox.population import Population
from adapters.sandbox.receptionist import Receptionist

TABLE = "potilas"
_FIRST_NUMBER = 10_001
_BATCH = 5_000
_SKIPPED_MEMBER = 0.08  # of a customer's household, this many go elsewhere
_STALE = 0.17  # of those with a known earlier home, this many never told of the move: 12 of 100 customers

_METADATA = sa.MetaData()
PATIENTS = sa.Table(
    TABLE,
    _METADATA,
    sa.Column("asiakasnumero", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hetu", sa.String(11), index=True),
    sa.Column("sukunimi", sa.String(100)),
    sa.Column("etunimet", sa.String(200)),
    sa.Column("syntymaaika", sa.Date),
    sa.Column("lahiosoite", sa.String(200)),
    sa.Column("postinumero", sa.String(20)),
    sa.Column("postitoimipaikka", sa.String(100)),
    sa.Column("puhelin", sa.String(40)),
    sa.Column("sahkoposti", sa.String(200)),
    sa.Column("muokattu", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("versio", sa.Integer, nullable=False, server_default="1"),
    sa.Column("osoitteen_tila", sa.String(40)),
    sa.Column("osoite_varmistettu", sa.DateTime(timezone=True)),
    sa.Column("osoitteen_lahde", sa.String(100)),
)

# Whoever changes a row, its version goes up.
_TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER potilas_versio AFTER UPDATE ON potilas FOR EACH ROW WHEN NEW.versio = OLD.versio
        BEGIN UPDATE potilas SET versio = OLD.versio + 1 WHERE asiakasnumero = NEW.asiakasnumero; END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION potilas_versio() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.versio := OLD.versio + 1; RETURN NEW; END $$""",
        """CREATE TRIGGER potilas_versio BEFORE UPDATE ON potilas
        FOR EACH ROW EXECUTE FUNCTION potilas_versio()""",
    ),
}

ADDRESS_COLUMNS = ("lahiosoite", "postinumero", "postitoimipaikka")


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """An address as it stands in a row.

    Attributes:
        line: `lahiosoite`.
        postcode: `postinumero`.
        town: `postitoimipaikka`.
    """

    line: str | None
    postcode: str | None
    town: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Take it from a row."""
        return cls(*(row[column] for column in ADDRESS_COLUMNS))


@dataclass(slots=True)
class ClinicTruth:
    """Who the customers really are, and what the clinic itself has written about them.

    Attributes:
        people: number of the person, by `asiakasnumero`.
        typed: the address that the clinic's own people typed last, by `asiakasnumero`.
        stale: customers whose address was out of date from the start.
    """

    people: dict[int, int] = field(default_factory=dict)
    typed: dict[int, TypedAddress] = field(default_factory=dict)
    stale: frozenset[int] = frozenset()

    def customers_of(self, number: int) -> tuple[int, ...]:
        """Return the `asiakasnumero` of that person; empty for a stranger."""
        return tuple(customer for customer, person in self.people.items() if person == number)


@dataclass(frozen=True, slots=True)
class StaffEdit:
    """What a receptionist changed.

    Attributes:
        customer: `asiakasnumero`.
        columns: those that were typed anew.
    """

    customer: int
    columns: tuple[str, ...]


@dataclass(slots=True)
class Clinic:
    """The clinic's database.

    Attributes:
        engine: where it is.
        population: from which its customers come.
        truth: who they are.
        rng: of the receptionists' mistakes.
    """

    engine: sa.Engine
    population: Population
    truth: ClinicTruth
    rng: random.Random

    @classmethod
    def open(cls, url: str, population: Population, *, share: float = 2 / 3) -> Self:
        """Make the table anew in that database and fill it with customers.

        Args:
            url: of an SQLite or PostgreSQL database, for SQLAlchemy. A made-up clinic's table there is replaced.
            population: the people.
            share: how many of them are customers, 0 to 1.

        Raises:
            ValueError: another database; a share that is none; a table there that may be about real people.
        """
        engine = sa.create_engine(url, hide_parameters=True)
        if engine.dialect.name not in _TRIGGERS or not 0 <= share <= 1:
            raise ValueError("the clinic needs an SQLite or PostgreSQL database, and a share between 0 and 1")
        rng = random.Random(f"{population.seed} clinic")
        rows, truth = _typed_rows(population, share, rng)
        with engine.begin() as connection:
            _check_made_up(connection)
            _METADATA.drop_all(connection)
            _METADATA.create_all(connection)
            for start in range(0, len(rows), _BATCH):
                connection.execute(sa.insert(PATIENTS), rows[start : start + _BATCH])
            for statement in _TRIGGERS[engine.dialect.name]:
                connection.exec_driver_sql(statement)
        return cls(engine, population, truth, rng)

    def rows(self) -> list[dict[str, Any]]:
        """Read the whole table, in the order of `asiakasnumero`."""
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(PATIENTS).order_by(PATIENTS.c.asiakasnumero))
            return [dict(row) for row in found.mappings()]

    def staff_edits(self, count: int, at: datetime) -> tuple[StaffEdit, ...]:
        """Let receptionists change so many records: a new phone number, an address that the customer just told.

        Args:
            count: how many records at most.
            at: the time of the changes; what customers tell is true on that day.
        """
        customers = sorted(self.truth.people)
        chosen = self.rng.sample(customers, min(count, len(customers)))
        edits = [self._edit(customer, at) for customer in chosen]
        with self.engine.begin() as connection:
            for customer, values in edits:
                connection.execute(
                    sa.update(PATIENTS).where(PATIENTS.c.asiakasnumero == customer).values(**values, muokattu=at)
                )
        return tuple(StaffEdit(customer, tuple(values)) for customer, values in edits)

    def _edit(self, customer: int, at: datetime) -> tuple[int, dict[str, Any]]:
        person = self.population.at(self.truth.people[customer], day_of(at))
        typing = Receptionist(self.rng)
        telling = person.home is not None and not (person.protected or person.dead_on)
        if telling and self.rng.random() < 0.5:
            line, postcode, town = typing.address(person.home, person.tongue)
            self.truth.typed[customer] = TypedAddress(line, postcode, town)
            return customer, dict(zip(ADDRESS_COLUMNS, (line, postcode, town), strict=True))
        return customer, {"puhelin": typing.phone(f"+35845{self.rng.randint(2_000_000, 9_999_999)}")}

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def sql_register_settings(url: str) -> dict[str, Any]:
    """Return the settings with which the `sql` register reads and writes this table."""
    return {
        "url": url,
        "table": TABLE,
        "key": "asiakasnumero",
        "version": "versio",
        "updated_at": "muokattu",
        "columns": {
            "national_id": "hetu",
            "surname": "sukunimi",
            "given_names": "etunimet",
            "birth_date": "syntymaaika",
            "street_line": "lahiosoite",
            "postcode": "postinumero",
            "post_office": "postitoimipaikka",
            "phone": "puhelin",
            "email": "sahkoposti",
            "address_status": "osoitteen_tila",
            "address_verified_at": "osoite_varmistettu",
            "address_source": "osoitteen_lahde",
        },
    }


def _check_made_up(connection: sa.Connection) -> None:
    """Keep away from a table that is not the sandbox's own.

    Raises:
        ValueError: a table of that name has other columns, or somebody in it a national id that is not made up.
    """
    inspector = sa.inspect(connection)
    if not inspector.has_table(TABLE):
        return
    ours = {column["name"] for column in inspector.get_columns(TABLE)} == set(PATIENTS.columns.keys())
    real = sa.select(PATIENTS.c.asiakasnumero).where(sa.func.substr(PATIENTS.c.hetu, 8, 1) != "9").limit(1)
    if not ours or connection.execute(real).first() is not None:
        raise ValueError("that database has a table of that name which may be about real people")


def _typed_rows(population: Population, share: float, rng: random.Random) -> tuple[list[dict[str, Any]], ClinicTruth]:
    chosen = _customers(population, share, rng)
    numbers = list(range(_FIRST_NUMBER, _FIRST_NUMBER + len(chosen)))
    rng.shuffle(numbers)
    truth, rows, stale = ClinicTruth(), [], set()
    for customer, person in zip(numbers, chosen, strict=True):
        row, out_of_date = _typed_row(population, person, rng)
        rows.append({"asiakasnumero": customer, **row})
        truth.people[customer] = person.number
        truth.typed[customer] = TypedAddress.of(row)
        if out_of_date:
            stale.add(customer)
    truth.stale = frozenset(stale)
    return sorted(rows, key=lambda row: row["asiakasnumero"]), truth


def _customers(population: Population, share: float, rng: random.Random) -> list[Person]:
    """Choose customers by households, most of whose members come along."""
    households: dict[int, list[Person]] = {}
    for person in population.people:
        households.setdefault(person.household, []).append(person)
    groups = list(households.values())
    rng.shuffle(groups)
    together = [(rng.random() < _SKIPPED_MEMBER, person) for group in groups for person in group]
    together.sort(key=lambda pair: pair[0])  # stable: those who skip come last
    return [person for _, person in together][: round(len(population.people) * share)]


def _typed_row(population: Population, person: Person, rng: random.Random) -> tuple[dict[str, Any], bool]:
    """Type a person as they told it at their last visit, before the story began."""
    typing = Receptionist(rng)
    # The true home: a customer does not tell the register's mistake.
    home = population.at(person.number, population.start).home
    stale = person.previous_home is not None and rng.random() < _STALE
    visited = max(population.start - timedelta(days=rng.randint(5, 80)), person.birth + timedelta(days=2))
    if stale:
        home = person.previous_home
        visited = person.home_since - timedelta(days=rng.randint(1, 60))
    line, postcode, town = typing.address(home, person.tongue)
    surname, given = typing.name(person, married_since=stale)
    row = {
        "hetu": typing.national_id(person),
        "sukunimi": surname,
        "etunimet": given,
        "syntymaaika": person.birth if rng.random() > 0.03 else None,
        "lahiosoite": line,
        "postinumero": postcode,
        "postitoimipaikka": town,
        "puhelin": typing.phone(person.phone),
        "sahkoposti": person.email if rng.random() > 0.25 else None,
        "muokattu": datetime.combine(visited, time(6), UTC) + timedelta(seconds=rng.randint(0, 8 * 3600)),
        "versio": 1,
    }
    return row, stale
