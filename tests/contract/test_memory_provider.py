"""The in-memory provider keeps the provider's contract, and misbehaves exactly as it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.memory import Item, MemoryProvider
from sync.errors import AjantasaError, CredentialsRefused, CursorRefused, PageMalformed, ProviderUnavailable
from sync.model import Address, BadItem, Change, Fact, FactKind, Field, Identity, PartialDate, PersonName, Source, Text
from sync.ports.provider import Capabilities
from tests.contract.provider_kit import PEOPLE, Fault, Person, ProviderKit, Rig, event_ids, follow, person_of

CAPABILITIES = Capabilities(
    source=Source.POPULATION_REGISTER,
    covers=frozenset({Field.NAME, Field.ADDRESS}),
    looks_up=True,
    reorder_window=timedelta(days=3),
)
ERRORS: dict[Fault, AjantasaError] = {
    Fault.UNAVAILABLE: ProviderUnavailable("down"),
    Fault.REFUSED: CredentialsRefused("status 401"),
    Fault.MALFORMED: PageMalformed("cut short"),
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def change(number: int, about: Person) -> Change:
    """Make a move of this person, recorded on the n-th day of March 2026."""
    address = Address(street=Text(fi=about.street), number="1")
    return Change(
        event_id=f"event-{number}",
        position=str(number),
        identity=Identity(
            national_id=about.national_id,
            names=(PersonName(about.surname, about.given_names),),
            birth_date=PartialDate.parse(about.birth_date),
            phone=about.phone,
            email=about.email,
        ),
        facts=(Fact(Field.ADDRESS, FactKind.SET, address, valid_from=PartialDate(2026, 4)),),
        recorded_at=NOON + timedelta(days=number),
    )


class MemoryRig(Rig):
    """Several providers over one list; the class of provider may be a broken one."""

    def __init__(self, kind: type[MemoryProvider] = MemoryProvider, capabilities: Capabilities = CAPABILITIES) -> None:
        self.kind = kind
        self.capabilities = capabilities
        self.log: list[Item] = []
        self.people: dict[str, Item] = {}
        self.connected: list[MemoryProvider] = []

    def connect(self) -> MemoryProvider:
        provider = self.kind(self.capabilities, self.log, page_size=3)
        provider.people = self.people
        self.connected.append(provider)
        return provider

    def publish(self, *people: Person) -> None:
        self.log.extend(change(len(self.log) + number, about) for number, about in enumerate(people))

    def publish_bad(self, about: Person) -> None:
        number = len(self.log)
        self.log.append(BadItem(f"bad-{number}", str(number), "not_readable", about.surname.encode()))

    @contextmanager
    def broken(self, fault: Fault) -> Iterator[None]:
        for provider in self.connected:
            provider.down = ERRORS[fault]
        yield
        for provider in self.connected:
            provider.down = None

    def know(self, *people: Person) -> None:
        self.people.update({about.national_id: change(number, about) for number, about in enumerate(people)})


class TestMemoryProvider(ProviderKit):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


class TestMemoryProviderThatWatches(ProviderKit):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig(capabilities=replace(CAPABILITIES, needs_watch=True, looks_up=False))


def nobody() -> list[str]:
    """Watch nobody."""
    return []


def filled(count: int = 6, page_size: int = 2) -> MemoryProvider:
    """Make a provider with one event a day."""
    log: list[Item] = [change(number, PEOPLE[number]) for number in range(count)]
    return MemoryProvider(CAPABILITIES, log, page_size=page_size)


def test_it_fails_on_the_call_it_was_told_to() -> None:
    """The n-th call from now fails, those before and after it do not."""
    provider = filled()
    provider.fail(ProviderUnavailable("down"), on=2)
    page = provider.pull("0", nobody)
    with pytest.raises(ProviderUnavailable):
        provider.pull(page.cursor, nobody)
    assert [person_of(item) for item in provider.pull(page.cursor, nobody).items] == list(PEOPLE[2:4])
    assert provider.calls == 3


def test_it_repeats_what_came_before() -> None:
    """A provider that repeats begins each page with items before the cursor, and moves on all the same."""
    provider = filled()
    provider.repeat(1)
    assert event_ids([provider.pull("2", nobody)]) == ["event-1", "event-2", "event-3"]
    assert event_ids(follow(provider, "0", nobody)).count("event-3") == 2


def test_it_cuts_pages() -> None:
    """A cut page ends early, says that there is more, and the cursor loses nothing."""
    provider = filled()
    provider.cut(0, 1)
    empty = provider.pull("0", nobody)
    assert (empty.items, empty.cursor, empty.up_to_date) == ((), "0", False)
    assert event_ids(follow(provider, empty.cursor, nobody)) == [f"event-{number}" for number in range(6)]


@given(seed=st.integers(0, 2**32), days=st.lists(st.integers(0, 9), min_size=1, max_size=25), pulled=st.integers(0, 5))
def test_it_shuffles_within_its_window(seed: int, days: list[int], pulled: int) -> None:
    """Shuffling keeps what was delivered in place and moves no event past one recorded a window earlier."""
    log: list[Item] = [
        replace(change(0, PEOPLE[0]), event_id=str(number), recorded_at=NOON + timedelta(days=day))
        for number, day in enumerate(sorted(days))
    ]
    provider = MemoryProvider(CAPABILITIES, log, page_size=1)
    for number in range(min(pulled, len(log))):
        provider.pull(str(number), nobody)
    before = list(log)
    provider.shuffle(Random(seed))
    assert sorted(item.event_id for item in log) == sorted(item.event_id for item in before)
    assert log[:pulled] == before[:pulled]
    times = [item.recorded_at for item in log if isinstance(item, Change) and item.recorded_at]
    latest = times[0]
    for time in times:
        assert latest - time <= CAPABILITIES.reorder_window
        latest = max(latest, time)


def test_shuffling_shuffles() -> None:
    """Events of the same day change places."""
    provider = filled(20, page_size=20)
    before = event_ids(follow(provider, "0", nobody))
    fresh = filled(20)
    fresh.shuffle(Random(1))
    assert event_ids(follow(fresh, "0", nobody)) != before


def test_it_forgets_old_positions() -> None:
    """A forgotten cursor is refused, as is one that never was; the start moves on."""
    provider = filled()
    provider.forget(4)
    for cursor in ("3", "7", "x", ""):
        with pytest.raises(CursorRefused):
            provider.pull(cursor, nobody)
    assert provider.start(date(2026, 1, 1)) == "4"


def test_it_starts_on_a_day() -> None:
    """The feed starts with the first event recorded on the day; after the last one it starts at the end."""
    provider = filled()
    assert provider.start(date(2026, 3, 3)) == "2"
    assert provider.start(date(2027, 1, 1)) == "6"


def test_it_keeps_to_its_capabilities() -> None:
    """Without the capability a look-up is refused, with it one that asks for too many is."""
    plain = MemoryProvider(replace(CAPABILITIES, looks_up=False))
    with pytest.raises(NotImplementedError):
        plain.look_up([PEOPLE[0].national_id], date(2026, 1, 1))
    with pytest.raises(ValueError, match="more ids"):
        MemoryProvider(CAPABILITIES, look_up_size=1).look_up(["a", "b"], date(2026, 1, 1))


def test_it_has_no_wire_format() -> None:
    """There is nothing to parse."""
    with pytest.raises(PageMalformed):
        filled().parse(b"{}")
