"""A made-up person as they are on one day, and what may happen to them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from sync.model import Address, PersonName

Provider = Literal["dvv", "moves"]


class EventKind(StrEnum):
    """What happened."""

    MOVE = "move"
    TEMPORARY_MOVE = "temporary_move"
    MOVE_ABROAD = "move_abroad"
    MOVED_NO_ADDRESS = "moved_no_address"
    MOVE_CANCELLED = "move_cancelled"
    ADDRESS_CORRECTED = "address_corrected"
    ADDRESS_RESPELLED = "address_respelled"
    POSTAL_ADDRESS = "postal_address"
    MARRIAGE = "marriage"
    CALLING_NAME = "calling_name"
    ID_CORRECTED = "id_corrected"
    DEATH = "death"
    DEATH_WITHDRAWN = "death_withdrawn"
    PROTECTION_ON = "protection_on"
    PROTECTION_OFF = "protection_off"
    UPDATE_BAN_ON = "update_ban_on"
    UPDATE_BAN_OFF = "update_ban_off"
    MARKETING_BAN_ON = "marketing_ban_on"
    NOISE = "noise"


MOVES_HOUSE = frozenset({EventKind.MOVE, EventKind.MOVE_ABROAD, EventKind.MOVED_NO_ADDRESS})
"""Kinds that change the permanent home."""


@dataclass(frozen=True, slots=True)
class IdAndBirth:
    """A national id with the birth date that it says.

    Attributes:
        national_id: canonical spelling.
        birth: to the day.
    """

    national_id: str
    birth: date


Value = Address | PersonName | IdAndBirth | str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one person.

    Attributes:
        kind: what.
        person: whose number.
        effective: the day on which it happened, Finnish calendar; may lie after `recorded`.
        recorded: when it was written down, UTC, whole seconds. Nobody is told before.
        before: what held before: an address, a name, an id.
        after: what holds from `effective` on; None where nothing does.
        since: since when `before` held.
        until: last day, of what holds for a time only.
        notice: id of the notice that it came in; a family's events share it.
        cancels: id of the notice that this one takes back.
        providers: who reports it.
    """

    kind: EventKind
    person: int
    effective: date
    recorded: datetime
    before: Value = None
    after: Value = None
    since: date | None = None
    until: date | None = None
    notice: str = ""
    cancels: str = ""
    providers: tuple[Provider, ...] = ("dvv",)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as they are on one day.

    Attributes:
        number: index in the population.
        household: with whom the person lived when the story starts.
        national_id: in force.
        former_ids: that the person had before, oldest first.
        birth: birth date.
        female: sex, as the id says.
        tongue: "fi", "sv", or "xx" for a newcomer.
        name: with the calling name.
        former_surnames: newest first.
        home: permanent home; None when the person moved and left no address.
        home_since: first day there.
        previous_home: the home before; None when not known.
        previous_since: first day there.
        temporary: where the person stays for a time.
        temporary_since: first day there.
        temporary_until: last day there; None while it is open.
        postal: where post goes instead of home.
        postal_since: first day of that.
        phone: E.164; a child's is a parent's.
        email: as given.
        married: marital status.
        protected: under a non-disclosure order.
        dead_on: day of death; None for the living.
        update_ban: since when customer registers may not be updated.
        marketing_ban: since when marketing is forbidden.
    """

    number: int
    household: int
    national_id: str
    birth: date
    female: bool
    tongue: Literal["fi", "sv", "xx"]
    name: PersonName
    home: Address | None
    home_since: date
    previous_home: Address | None
    previous_since: date
    phone: str | None
    email: str | None
    former_ids: tuple[str, ...] = ()
    former_surnames: tuple[str, ...] = ()
    temporary: Address | None = None
    temporary_since: date | None = None
    temporary_until: date | None = None
    postal: Address | None = None
    postal_since: date | None = None
    married: bool = False
    protected: bool = False
    dead_on: date | None = None
    update_ban: date | None = None
    marketing_ban: date | None = None

    def age(self, on: date) -> int:
        """Return whole years of age."""
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))

    @property
    def abroad(self) -> bool:
        """The permanent home is outside Finland."""
        return self.home is not None and self.home.country != "FI"


def happen(person: Person, event: Event) -> Person:
    """Return the person as they are after the event."""
    kind, after = event.kind, event.after
    if kind is EventKind.MOVE_CANCELLED:
        return person  # the move that it takes back never happened
    if kind in MOVES_HOUSE:
        return replace(
            person,
            home=after if isinstance(after, Address) else None,
            home_since=event.effective,
            previous_home=person.home,
            previous_since=person.home_since,
        )
    if isinstance(after, Address):
        return _happen_address(person, event, after)
    if isinstance(after, PersonName):
        former = person.former_surnames
        if after.surname != person.name.surname:
            former = (person.name.surname, *former)
        return replace(person, name=after, former_surnames=former, married=person.married or kind is EventKind.MARRIAGE)
    if isinstance(after, IdAndBirth):
        former = (*person.former_ids, person.national_id)
        return replace(person, national_id=after.national_id, birth=after.birth, former_ids=former)
    return _happen_status(person, event)


def _happen_address(person: Person, event: Event, after: Address) -> Person:
    if event.kind is EventKind.TEMPORARY_MOVE:
        return replace(person, temporary=after, temporary_since=event.effective, temporary_until=event.until)
    if event.kind is EventKind.POSTAL_ADDRESS:
        return replace(person, postal=after, postal_since=event.effective)
    if event.kind is EventKind.ADDRESS_RESPELLED and person.home is not None:
        # Only the street's spelling: a correction that was recorded later, and holds from earlier on, stays.
        return replace(person, home=replace(person.home, street=after.street))
    return replace(person, home=after)  # corrected: no move


def _happen_status(person: Person, event: Event) -> Person:
    match event.kind:
        case EventKind.DEATH:
            return replace(person, dead_on=event.effective)
        case EventKind.DEATH_WITHDRAWN:
            return replace(person, dead_on=None)
        case EventKind.PROTECTION_ON | EventKind.PROTECTION_OFF:
            return replace(person, protected=event.kind is EventKind.PROTECTION_ON)
        case EventKind.UPDATE_BAN_ON | EventKind.UPDATE_BAN_OFF:
            return replace(person, update_ban=event.effective if event.kind is EventKind.UPDATE_BAN_ON else None)
        case EventKind.MARKETING_BAN_ON:
            return replace(person, marketing_ban=event.effective)
        case _:
            return person


def as_of(person: Person, events: Iterable[Event], on: date) -> Person:
    """Return the person as they are on that day, if all that there is to know are these events.

    Args:
        person: as they were before the first of the events.
        events: of this person, in the order in which they were recorded.
        on: a day of the Finnish calendar.
    """
    known = list(events)
    cancelled = {event.cancels for event in known if event.cancels}
    holding = [event for event in known if event.effective <= on and event.notice not in cancelled]
    for event in sorted(holding, key=lambda event: event.effective):  # stable: as recorded within a day
        person = happen(person, event)
    if person.temporary_until is not None and person.temporary_until < on:
        person = replace(person, temporary=None, temporary_since=None, temporary_until=None)
    return person
