"""The population register behind the change API: a log that everybody shares, and who may see what of it."""

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from adapters.sandbox.chronicle import HELSINKI
from adapters.sandbox.clock import SandboxClock
from adapters.sandbox.dvv_base import base_data
from adapters.sandbox.dvv_elements import element, known_to_the_month
from adapters.sandbox.person import MOVES_HOUSE, Event, EventKind, IdAndBirth, Person
from adapters.sandbox.population import Population

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_THIRD = timedelta(seconds=1) / 3


@dataclass(frozen=True, slots=True)
class _Entry:
    key: int
    recorded: datetime
    events: tuple[Event, ...]


@dataclass(slots=True)
class DvvRegister:
    """Answers the questions of the API.

    Log keys follow the time, three to a second, as if the whole country were writing to the log all the time: they
    move although nothing happened to the people asked about, and stand still only while the clock does.

    Attributes:
        population: the people.
        clock: what is recorded later than now is not told yet.
        page_size: how many entries of the log, whosoever's, one answer goes through.
    """

    population: Population
    clock: SandboxClock
    page_size: int = 500
    _log: list[_Entry] = field(init=False)
    _keys: list[int] = field(init=False)
    _owners: dict[str, tuple[int, datetime]] = field(init=False)
    _ids: dict[int, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._log, last = [], 0
        for recorded, events in groupby(self.population.events, key=lambda event: event.recorded):
            people: dict[int, list[Event]] = {}
            for event in events:
                people.setdefault(event.person, []).append(event)
            for of_one in people.values():
                last = max(last + 1, _key_at(recorded))
                self._log.append(_Entry(last, recorded, tuple(of_one)))
        self._keys = [entry.key for entry in self._log]
        self._owners = dict(owners_of_ids(self.population))
        self._ids = {}
        for code, (number, _) in self._owners.items():
            self._ids.setdefault(number, []).append(code)

    def key_before(self, day: date) -> int:
        """Return the key after which the records of that day follow; the present one for days to come."""
        midnight = datetime.combine(day, time(), HELSINKI).astimezone(UTC)
        return min(self._last_key(before=midnight), self._last_key())

    def changes(self, key: int, ids: Iterable[str], *, withhold: bool) -> dict[str, Any]:
        """Answer `/muutokset`: what was recorded of these people after the key."""
        now, first = self.clock.now(), bisect_right(self._keys, key)
        entries = [entry for entry in self._log[first : first + self.page_size] if entry.recorded <= now]
        left = first + len(entries) < len(self._log) and self._log[first + len(entries)].recorded <= now
        listed = self._listed(frozenset(ids), {entry.events[0].person for entry in entries}, now)
        elements = [
            element(
                self.population.people[number],
                _reported_under(entry, listed[number]),
                entry.events,
                withhold=withhold and self._now(number, now).protected,
            )
            for entry in entries
            if (number := entry.events[0].person) in listed
        ]
        reached = entries[-1].key if left else max(key, self._last_key())
        return {"viimeisinKirjausavain": reached, "muutokset": elements, "ajanTasalla": not left}

    def base(self, ids: Sequence[str], wanted: frozenset[str] | None, *, withhold: bool) -> dict[str, Any]:
        """Answer `/perustiedot`: the present state of these people; unknown ones are passed over."""
        now = self.clock.now()
        found = ((code, number) for code in dict.fromkeys(ids) if (number := self._owner(code, now)) is not None)
        people = [
            {"henkilotunnus": code, "tietoryhmat": self._base_groups(number, now, wanted, withhold=withhold)}
            for code, number in found
        ]
        return {"perustiedot": people, "ajanTasalla": True}

    def _base_groups(
        self, number: int, now: datetime, wanted: frozenset[str] | None, *, withhold: bool
    ) -> list[dict[str, Any]]:
        person, first = self._now(number, now), self.population.people[number]
        return base_data(
            person,
            self._announced(number, now),
            wanted,
            withhold=withhold and person.protected,
            month_only=person.home_since == first.home_since and known_to_the_month(first),
        )

    def _announced(self, number: int, now: datetime) -> list[Event]:
        known = [event for event in self.population.events_of(number) if event.recorded <= now]
        cancelled = {event.cancels for event in known}
        return [
            event
            for event in known
            if event.kind in MOVES_HOUSE and event.effective > self.clock.today() and event.notice not in cancelled
        ]

    def _now(self, number: int, now: datetime) -> Person:
        return self.population.at(number, self.clock.today(), known_at=now)

    def _owner(self, code: str, now: datetime) -> int | None:
        number, since = self._owners.get(code, (None, now))
        return number if since <= now else None

    def _listed(self, ids: Container[str], people: Iterable[int], now: datetime) -> Mapping[int, str]:
        """Return under which of the listed ids each of these people is told of: the one in force, if it is listed."""
        listed: dict[int, str] = {}
        for number in people:
            for code in self._ids[number]:
                known = code in ids and self._owner(code, now) == number
                if known and (number not in listed or self._now(number, now).national_id == code):
                    listed[number] = code
        return listed

    def _last_key(self, before: datetime | None = None) -> int:
        """Return the last key there is now, or was before that moment."""
        moment = self.clock.now() if before is None else before - timedelta(microseconds=1)
        count = bisect_right(self._log, moment, key=lambda entry: entry.recorded)
        return max(_key_at(moment), self._keys[count - 1] if count else 0)


def _key_at(moment: datetime) -> int:
    return (moment - _EPOCH) // _THIRD


def owners_of_ids(population: Population) -> Iterable[tuple[str, tuple[int, datetime]]]:
    """Yield whose each id is, and since when that is known."""
    for person in population.people:
        for code in (*person.former_ids, person.national_id):
            yield code, (person.number, _EPOCH)
    for event in population.events:
        if event.kind is EventKind.ID_CORRECTED and isinstance(event.after, IdAndBirth):
            yield event.after.national_id, (event.person, event.recorded)


def _reported_under(entry: _Entry, listed: str) -> str:
    """Return the id of an element: as listed, but an id's correction is told under the old one."""
    for event in entry.events:
        if event.kind is EventKind.ID_CORRECTED and isinstance(event.before, IdAndBirth):
            return event.before.national_id
    return listed
