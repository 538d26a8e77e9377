"""The made-up population, and the truth about it on any day."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from adapters.sandbox.chronicle import Chronicle
from adapters.sandbox.households import Settlement
from adapters.sandbox.lives import live
from adapters.sandbox.names import FINNISH, Customs
from adapters.sandbox.person import Event, Person, as_of
from adapters.sandbox.places import Gazetteer
from sync.model import Address


@dataclass(frozen=True, slots=True)
class Population:
    """Made-up people and what happened to them. The same seed gives the same people.

    Attributes:
        people: as they were at the end of `start`, by number.
        events: everything that happened after it, in the order in which it was recorded.
        start: the day before the first day of the story, Finnish calendar.
        today: the last day on which anything was recorded; announced moves lie up to 30 days later.
        seed: of all chance.
    """

    people: tuple[Person, ...]
    events: tuple[Event, ...]
    start: date
    today: date
    seed: int
    _by_person: dict[int, tuple[Event, ...]]

    @classmethod
    def grow(cls, *, people: int, days: int, seed: int, today: date, customs: Customs = FINNISH) -> Self:
        """Make up so many people and the last so many days of their lives.

        Raises:
            ValueError: no people or no days.
            SandboxUnavailable: Faker is not installed.
        """
        if people < 1 or days < 1:
            raise ValueError("a population needs at least one person and one day")
        start = today - timedelta(days=days)
        gazetteer = Gazetteer(random.Random(f"{seed} homes"))
        settlement = Settlement(random.Random(f"{seed} people"), start, gazetteer, customs)
        settlement.settle(people)
        chronicle = Chronicle(random.Random(f"{seed} lives"), settlement, start, today)
        live(chronicle)
        by_person: dict[int, list[Event]] = {}
        for event in chronicle.events:
            by_person.setdefault(event.person, []).append(event)
        index = {number: tuple(events) for number, events in by_person.items()}
        return cls(tuple(settlement.people), tuple(chronicle.events), start, today, seed, index)

    def events_of(self, number: int) -> tuple[Event, ...]:
        """Return what happened to one person, in the order in which it was recorded."""
        return self._by_person.get(number, ())

    def at(self, number: int, on: date, *, known_at: datetime | None = None) -> Person:
        """Return one person as they are on that day.

        Args:
            number: the person's index in `people`.
            on: a day of the Finnish calendar, not before `start`.
            known_at: use only what was recorded by then: what a register held, not what was true. None uses all.
        """
        person, events = self.people[number], self.events_of(number)
        if not events:
            return person
        if known_at is not None:
            events = tuple(event for event in events if event.recorded <= known_at)
        return as_of(person, events, on)

    def homes_of(self, number: int) -> tuple[Address, ...]:
        """Return every address that was ever said of the person, wrong, temporary and announced ones included."""
        person = self.people[number]
        said = [person.home, person.previous_home]
        for event in self.events_of(number):
            said += [value for value in (event.before, event.after) if isinstance(value, Address)]
        return tuple(dict.fromkeys(address for address in said if address is not None))
