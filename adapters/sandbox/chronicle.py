"""The chronicle of the made-up people: who they are now, what has been written down, who is free for another story.

Events are made up in the order in which they are recorded, against the state that the earlier ones led to, so that
nobody dies twice, moves while dead, or has two stories at once.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from adapters.sandbox.households import ADULT, Settlement
from adapters.sandbox.person import Event, Person, happen
from sync.model import Address

HELSINKI = ZoneInfo("Europe/Helsinki")


def day_of(at: datetime) -> date:
    """Return the day of the Finnish calendar."""
    return at.astimezone(HELSINKI).date()


@dataclass(slots=True)
class Chronicle:
    """Who the people are now, and what has been written down.

    Attributes:
        rng: the source of chance.
        settlement: the people before the story, and the homes there are.
        start: the day before the first.
        today: the last day.
        people: as they are after the last event.
        events: in the order in which they were made up.
        members: numbers of those who live in each household now.
        household: in which each person lives now.
        free_from: by person, the first day on which something else may happen.
        told: people who have told the postal operator of a move.
        ever_protected: people who are, or were, under a non-disclosure order.
        vacated: homes that were left behind.
    """

    rng: random.Random
    settlement: Settlement
    start: date
    today: date
    people: list[Person] = field(init=False)
    events: list[Event] = field(default_factory=list)
    members: list[list[int]] = field(init=False)
    household: list[int] = field(init=False)
    free_from: list[date] = field(init=False)
    told: set[int] = field(default_factory=set)
    ever_protected: set[int] = field(init=False)
    vacated: list[Address] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = list(self.settlement.people)
        self.members = [list(numbers) for numbers in self.settlement.members]
        self.household = [person.household for person in self.people]
        self.free_from = [date.min] * len(self.people)
        self.ever_protected = {person.number for person in self.people if person.protected}

    def instant(self) -> datetime:
        """Draw when something is recorded: in office hours, or by the batch run at Finnish midnight."""
        day = self.start + timedelta(days=self.rng.randint(1, (self.today - self.start).days))
        if self.rng.random() < 0.25:
            return datetime.combine(day, time(), HELSINKI).astimezone(UTC)
        return datetime.combine(day, time(5), UTC) + timedelta(seconds=self.rng.randint(0, 10 * 3600))

    def later(self, at: datetime, before: date | None = None) -> datetime:
        """Draw an instant after `at`, within two weeks and the story, and before that day if one is given."""
        end = datetime.combine(self.today, time(20), UTC)
        if before is not None:
            end = min(end, datetime.combine(before, time(), HELSINKI).astimezone(UTC))
        span = min(end - at, timedelta(days=14))
        return at + timedelta(seconds=int(span.total_seconds() * self.rng.uniform(0.3, 0.95)))

    def moving_day(self, at: datetime, *, ahead: bool) -> date:
        """Draw the day of a move that is told ahead, or late."""
        return day_of(at) + timedelta(
            days=self.rng.randint(1, 30) if ahead else -self.rng.choice((0, 0, 1, 2, 3, 5, 7))
        )

    def pick(self, at: datetime, on: date, test: Callable[[Person], bool]) -> Person | None:
        """Draw a living person who is free on that day and passes the test; None if there is none."""
        free, count = min(day_of(at), on), len(self.people)
        tries = [self.rng.randrange(count) for _ in range(60)]
        first = self.rng.randrange(count)
        for number in chain(tries, range(first, count), range(first)):
            person = self.people[number]
            if person.dead_on is None and self.free_from[number] <= free and test(person):
                return person
        return None

    def household_of(self, person: Person, at: datetime, on: date) -> list[Person]:
        """Return those who live with the person and can act together, the person first."""
        free = min(day_of(at), on)
        others = (self.people[n] for n in self.members[self.household[person.number]] if n != person.number)
        return [
            person,
            *(o for o in others if o.dead_on is None and o.home == person.home and self.free_from[o.number] <= free),
        ]

    def happen(self, events: Iterable[Event]) -> None:
        """Write the events down, and let them change the people."""
        for event in events:
            self.write([event])
            self.people[event.person] = happen(self.people[event.person], event)

    def write(self, events: Iterable[Event]) -> None:
        """Write the events down; until they are over, nothing else happens to those people."""
        for event in events:
            self.events.append(event)
            day = max(day_of(event.recorded), event.effective) + timedelta(days=1)
            self.free_from[event.person] = max(self.free_from[event.person], day)

    def rehouse(self, movers: list[Person], into: int | None = None) -> None:
        """Keep account of who lives with whom: these leave for that household, or found one."""
        if into is None:
            into = len(self.members)
            self.members.append([])
        for mover in movers:
            self.members[self.household[mover.number]].remove(mover.number)
            self.household[mover.number] = into
            self.members[into].append(mover.number)


def settled(person: Person, on: date) -> bool:
    """Tell whether an adult has a home in Finland to move from."""
    return person.home is not None and not person.abroad and person.age(on) >= ADULT
