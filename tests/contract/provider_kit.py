"""What every provider adapter must do, as one class of tests that each adapter's test module inherits.

    class TestMyProvider(ProviderKit):
        @pytest.fixture
        def rig(self, tmp_path):
            with MyRig(tmp_path) as rig:
                yield rig

A `Rig` is the other side of the adapter: it publishes events in the adapter's wire format and breaks on demand. What
a kind of provider cannot do is a reason in `Rig.cannot` or a flag in its capabilities, and becomes a skip that says so.
"""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

import pytest

from sync.errors import AjantasaError, CredentialsRefused, PageMalformed, ProviderUnavailable
from sync.model import BadItem, Change
from sync.ports.provider import Page, Provider, WatchList

_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FOLLOW_LIMIT = 100


class Fault(StrEnum):
    """What can be wrong with the next answer."""

    UNAVAILABLE = "unavailable"  # no connection, or 5xx
    REFUSED = "refused"  # 401 or 403
    MALFORMED = "malformed"  # an answer that is no page: cut short, of another protocol


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic person, every value of whom is a canary: found where it must not be, it betrays a leak."""

    national_id: str
    given_names: str
    surname: str
    birth_date: str
    street: str
    phone: str
    email: str

    def values(self) -> tuple[str, ...]:
        """Return every value that must not be told."""
        return (
            self.national_id,
            self.given_names,
            self.surname,
            self.birth_date,
            self.street,
            self.phone,
            self.email,
        )


def person(number: int) -> Person:
    """Make the n-th person, 0 to 25; the individual part of the id is one that is never given to the living."""
    digits = f"131052{900 + number}"
    return Person(
        national_id=f"131052-{900 + number}{_MARKS[int(digits) % 31]}",
        given_names="Sitruuna Keltainen",
        surname=f"Kanarialintu{_LETTERS[number].lower()}",
        birth_date="1952-10-13",
        street="Häkkikuja",
        phone=f"+3584012345{number:02d}",
        email=f"kanaria{number}@example.fi",
    )


PEOPLE = tuple(person(number) for number in range(len(_LETTERS)))
BY_VALUE = {value: each for each in PEOPLE for value in (each.national_id, each.surname)}


def person_of(item: Change | BadItem) -> Person | None:
    """Tell which person a change is about, by national id or else by surname."""
    if isinstance(item, BadItem):
        return None
    said = (item.identity.national_id or "", *(name.surname for name in item.identity.names))
    return next((BY_VALUE[value] for value in said if value in BY_VALUE), None)


class Rig(ABC):
    """The other side of an adapter under test, with one feed that is empty at first.

    Attributes:
        since: a day before everything that is published.
        cannot: the faults that this kind of provider does not have, each with the reason.
    """

    since: date = date(2026, 1, 1)
    cannot: ClassVar[Mapping[Fault, str]] = {}

    @abstractmethod
    def connect(self) -> Provider:
        """Return a new adapter instance for the feed; its pages should hold three items where that can be chosen."""

    @abstractmethod
    def publish(self, *people: Person) -> None:
        """Add one event about each of these people, in this order, with as many of their values as the format has."""

    @abstractmethod
    def publish_bad(self, about: Person) -> None:
        """Add one item that cannot be read, with the person's values in it."""

    @abstractmethod
    def broken(self, fault: Fault) -> AbstractContextManager[None]:
        """Answer like this while it lasts, and well again after it."""

    def know(self, *people: Person) -> None:
        """Let `look_up` find these people. Only for providers that look up."""
        raise NotImplementedError


def follow(provider: Provider, cursor: str, watch: WatchList) -> list[Page]:
    """Pull until the provider says that there is no more."""
    pages = [provider.pull(cursor, watch)]
    while not pages[-1].up_to_date:
        if len(pages) == FOLLOW_LIMIT:
            pytest.fail("following the cursors does not come to an end")
        pages.append(provider.pull(pages[-1].cursor, watch))
    return pages


def event_ids(pages: Sequence[Page]) -> list[str]:
    """Return the event ids of all items, in order."""
    return [item.event_id for page in pages for item in page.items]


def people_of(pages: Sequence[Page]) -> list[Person | None]:
    """Return whom the items are about, in order."""
    return [person_of(item) for page in pages for item in page.items]


def told_by(page: Page) -> str:
    """Return everything of a page that may go into logs, tables and metrics as it is."""
    ids = [(item.event_id, item.position) for item in page.items]
    notices = [(item.notice_id, item.cancels) for item in page.items if isinstance(item, Change)]
    reasons = [item.reason for item in page.items if isinstance(item, BadItem)]
    return repr((page.cursor, dict(page.ignored), ids, notices, reasons))


def assert_nothing_personal(text: str) -> None:
    """Fail when any value of any canary person stands in the text."""
    found = [value for each in PEOPLE for value in each.values() if value.casefold() in text.casefold()]
    assert not found


class ProviderKit:
    """The conformance tests of the provider port; the heir gives the fixture `rig`."""

    @pytest.fixture
    def provider(self, rig: Rig) -> Iterator[Provider]:
        provider = rig.connect()
        yield provider
        provider.close()

    @staticmethod
    def watch(provider: Provider) -> WatchList:
        """Return a watch list of everybody, or one that must not be read where none is needed."""
        if provider.capabilities.needs_watch:
            return lambda: [each.national_id for each in PEOPLE]

        def unneeded() -> Sequence[str]:
            pytest.fail("the watch list was read although the provider needs none")

        return unneeded

    def test_events_come_in_order(self, rig: Rig, provider: Provider) -> None:
        """A pull from the start brings the first events, in the provider's order."""
        rig.publish(*PEOPLE[:3])
        page = provider.pull(provider.start(rig.since), self.watch(provider))
        people = people_of([page])
        assert people
        assert people == list(PEOPLE[: len(people)])

    def test_each_event_comes_once(self, rig: Rig, provider: Provider) -> None:
        """Following the cursors until the provider is up to date brings each event, in order, once."""
        rig.publish(*PEOPLE[:8])
        pages = follow(provider, provider.start(rig.since), self.watch(provider))
        assert people_of(pages) == list(PEOPLE[:8])
        assert len(set(event_ids(pages))) == 8

    def test_later_events_come_after_the_cursor(self, rig: Rig, provider: Provider) -> None:
        """What is published after the feed was followed to its end comes next, and nothing else does."""
        rig.publish(*PEOPLE[:4])
        end = follow(provider, provider.start(rig.since), self.watch(provider))[-1].cursor
        rig.publish(*PEOPLE[4:6])
        assert people_of(follow(provider, end, self.watch(provider))) == list(PEOPLE[4:6])

    def test_an_old_cursor_brings_the_same_events(self, rig: Rig, provider: Provider) -> None:
        """Every cursor ever given brings the same event ids again, however far the feed was read since."""
        rig.publish(*PEOPLE[:5])
        watch = self.watch(provider)
        start = provider.start(rig.since)
        first = follow(provider, start, watch)
        rig.publish(*PEOPLE[5:8])
        follow(provider, first[-1].cursor, watch)
        again = event_ids(follow(provider, start, watch))
        assert again[:5] == event_ids(first)
        assert len(again) == 8
        assert event_ids(follow(provider, first[0].cursor, watch)) == again[len(first[0].items) :]

    def test_nothing_is_kept_between_calls(self, rig: Rig, provider: Provider) -> None:
        """Another instance goes on from the same cursor as this one would."""
        rig.publish(*PEOPLE[:7])
        watch = self.watch(provider)
        first = provider.pull(provider.start(rig.since), watch)
        other = rig.connect()
        try:
            theirs = event_ids(follow(other, first.cursor, watch))
            assert [*event_ids([first]), *theirs] == event_ids(follow(other, other.start(rig.since), watch))
        finally:
            other.close()
        assert event_ids(follow(provider, first.cursor, watch)) == theirs

    def test_the_cursor_stays_when_nothing_happens(self, rig: Rig, provider: Provider) -> None:
        """An idle feed gives the same cursor again and no items."""
        rig.publish(*PEOPLE[:2])
        watch = self.watch(provider)
        end = follow(provider, provider.start(rig.since), watch)[-1].cursor
        idle = provider.pull(end, watch)
        assert (idle.items, idle.cursor, idle.up_to_date) == ((), end, True)

    def test_a_bad_item_leaves_its_neighbours_alone(self, rig: Rig, provider: Provider) -> None:
        """An item that cannot be read becomes one bad item with its payload; those around it come."""
        rig.publish(PEOPLE[0])
        rig.publish_bad(PEOPLE[1])
        rig.publish(PEOPLE[2])
        start = provider.start(rig.since)
        items = [item for page in follow(provider, start, self.watch(provider)) for item in page.items]
        assert [person_of(item) for item in items] == [PEOPLE[0], None, PEOPLE[2]]
        assert isinstance(items[1], BadItem)
        assert items[1].payload
        assert items[1].reason.replace("_", "").isalnum()
        assert items[1].reason == items[1].reason.lower()
        assert items[1].event_id in event_ids(follow(provider, start, self.watch(provider)))

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.MALFORMED, PageMalformed),
            (Fault.UNAVAILABLE, ProviderUnavailable),
            (Fault.REFUSED, CredentialsRefused),
        ],
    )
    def test_a_fault_is_told_and_loses_nothing(
        self, rig: Rig, provider: Provider, fault: Fault, error: type[AjantasaError]
    ) -> None:
        """Each fault has its error, the error tells nothing personal, and the same cursor works afterwards."""
        self._skip_without(rig, fault)
        rig.publish(*PEOPLE[:5])
        watch = self.watch(provider)
        first = provider.pull(provider.start(rig.since), watch)
        with rig.broken(fault), pytest.raises(error) as raised:
            follow(provider, first.cursor, watch)
        assert_nothing_personal("".join(traceback.format_exception(raised.value)))
        seen = people_of([first, *follow(provider, first.cursor, watch)])
        assert seen == list(PEOPLE[:5])

    @pytest.mark.parametrize("fault", list(Fault))
    def test_a_fault_touches_no_cursor_of_another_instance(self, rig: Rig, fault: Fault) -> None:
        """An instance that failed on its very first call leaves nothing behind for the next one."""
        self._skip_without(rig, fault)
        rig.publish(*PEOPLE[:2])
        failing, other = rig.connect(), rig.connect()
        start = other.start(rig.since)
        try:
            with rig.broken(fault), pytest.raises(AjantasaError):
                failing.pull(start, self.watch(failing))
            assert people_of(follow(other, start, self.watch(other))) == list(PEOPLE[:2])
        finally:
            failing.close()
            other.close()

    def test_ids_tell_nothing_personal(self, rig: Rig, provider: Provider) -> None:
        """Event ids, positions, cursors, reasons and counts hold no value of any person."""
        rig.publish(*PEOPLE[:2])
        rig.publish_bad(PEOPLE[2])
        for page in follow(provider, provider.start(rig.since), self.watch(provider)):
            assert_nothing_personal(told_by(page))

    def test_recording_times_are_in_utc(self, rig: Rig, provider: Provider) -> None:
        """A recording time, where there is one, is aware and in UTC."""
        rig.publish(*PEOPLE[:2])
        page = provider.pull(provider.start(rig.since), self.watch(provider))
        times = [item.recorded_at for item in page.items if isinstance(item, Change) and item.recorded_at]
        assert all(time.utcoffset() == timedelta(0) for time in times)

    def test_only_watched_people_are_told_of(self, rig: Rig, provider: Provider) -> None:
        """A provider that must be told whom to tell of tells of nobody else."""
        if not provider.capabilities.needs_watch:
            pytest.skip("this provider tells of everybody")
        rig.publish(*PEOPLE[:3])
        pages = follow(provider, provider.start(rig.since), lambda: [PEOPLE[1].national_id])
        assert people_of(pages) == [PEOPLE[1]]

    def test_a_look_up_tells_who_is_absent(self, rig: Rig, provider: Provider) -> None:
        """A look-up brings the whole state of those it finds and names those it does not."""
        self._skip_without_look_up(provider)
        rig.know(*PEOPLE[:2])
        found = provider.look_up([each.national_id for each in PEOPLE[:3]], rig.since)
        assert {person_of(item) for item in found.items} == set(PEOPLE[:2])
        assert all(isinstance(item, Change) and item.complete for item in found.items)
        assert found.absent == (PEOPLE[2].national_id,)
        assert_nothing_personal(repr([(item.event_id, item.position) for item in found.items]))

    def test_a_later_look_up_is_another_event(self, rig: Rig, provider: Provider) -> None:
        """Asking again on the same day gives the same event ids, on another day others."""
        self._skip_without_look_up(provider)
        rig.know(*PEOPLE[:2])
        asked = [each.national_id for each in PEOPLE[:2]]
        days = [rig.since, rig.since, rig.since + timedelta(days=1)]
        first, again, later = ({item.event_id for item in provider.look_up(asked, day).items} for day in days)
        assert first == again
        assert not first & later

    def test_the_look_up_size_is_stated(self, provider: Provider) -> None:
        """A provider that looks up says how many ids it takes."""
        self._skip_without_look_up(provider)
        assert provider.look_up_size >= 1

    def test_closing_twice_is_fine(self, provider: Provider) -> None:
        """Letting go of a connection that was let go is no error."""
        provider.close()
        provider.close()

    @staticmethod
    def _skip_without(rig: Rig, fault: Fault) -> None:
        if fault in rig.cannot:
            pytest.skip(rig.cannot[fault])

    @staticmethod
    def _skip_without_look_up(provider: Provider) -> None:
        if not provider.capabilities.looks_up:
            pytest.skip("this provider does not look up")
