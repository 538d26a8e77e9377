"""A whole made-up world: a population, both providers as real servers over it, and a clinic's database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from adapters.sandbox.chronicle import day_of
from adapters.sandbox.clinic import Clinic, sql_register_settings
from adapters.sandbox.clock import RealClock, SandboxClock
from adapters.sandbox.dvv_server import PASSWORD
from adapters.sandbox.faults import Faults
from adapters.sandbox.moves_server import TOKEN
from adapters.sandbox.population import Population
from adapters.sandbox.serve import running, with_faults

REGISTER, POPULATION_REGISTER, POSTAL_OPERATOR = "clinic", "dvv", "posti"
"""What the sandbox's register and feeds are called."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything that ajantasa meets outside.

    Attributes:
        population: the people, and the truth about them.
        clinic: its database.
        clock: whose time everybody follows.
        faults: of the providers, to be switched.
        dvv_url: base URL of the population register's API.
        moves_url: base URL of the postal operator's feed.
        clinic_url: SQLAlchemy URL of the clinic's database.
    """

    population: Population
    clinic: Clinic
    clock: SandboxClock
    faults: Faults
    dvv_url: str
    moves_url: str
    clinic_url: str

    @property
    def beginning(self) -> datetime:
        """The morning of the first day of the story."""
        return datetime.combine(self.population.start, time(7), UTC)

    def settings(self, folder: Path) -> dict[str, Any]:
        """Return the configuration of an ajantasa that keeps this clinic right; its own files go into the folder."""
        return {
            "key_file": folder / "ajantasa.key",
            "store": {"url": f"sqlite:///{folder / 'ajantasa.db'}"},
            "registers": {
                REGISTER: {"title": "Klinikka", "read_every_seconds": 5, "sql": sql_register_settings(self.clinic_url)}
            },
            "feeds": {
                POPULATION_REGISTER: {
                    "title": "DVV",
                    "register": REGISTER,
                    "every_seconds": 5,
                    "since": self.population.start,
                    "dvv": {"base_url": self.dvv_url, "username": "mutpT1", "password": PASSWORD},
                },
                POSTAL_OPERATOR: {
                    "title": "Posti",
                    "register": REGISTER,
                    "every_seconds": 5,
                    "since": self.population.start,
                    "moves": {"base_url": self.moves_url, "token": TOKEN, "clear_by_contract": True},
                },
            },
        }


@contextmanager
def made_up(
    *,
    people: int,
    days: int,
    seed: int,
    clinic_url: str,
    today: date | None = None,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    dvv_page: int = 500,
) -> Iterator[World]:
    """Make a world up and serve it for as long as the block lasts. Its clock stands at the beginning of the story.

    Args:
        people: how many.
        days: of their lives.
        seed: of all chance.
        clinic_url: SQLAlchemy URL of a database for the clinic's table, which is made anew.
        today: last day of the story; the present day by default.
        around: put around each provider's application, for those who want to listen in.
        dvv_page: how many entries of the population register's log, whosoever's, one of its answers goes through.

    Raises:
        SandboxUnavailable: Faker is not installed.
    """
    clock = SandboxClock(RealClock())
    population = Population.grow(people=people, days=days, seed=seed, today=today or day_of(clock.now()))
    clinic = Clinic.open(clinic_url, population)
    faults = Faults()
    dvv, moves = (around(app) for app in with_faults(population, clock, faults, dvv_page))
    try:
        with running(dvv) as dvv_url, running(moves) as moves_url:
            world = World(population, clinic, clock, faults, f"{dvv_url}/api/v1", moves_url, clinic_url)
            clock.set(world.beginning)
            yield world
    finally:
        clinic.close()
