"""The conformance kit itself: for each check there is a broken provider that fails it."""

import inspect
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta, timezone
from typing import Any

import pytest

from adapters.providers.memory import Item, MemoryProvider
from sync.errors import AjantasaError, PageMalformed, ProviderUnavailable
from sync.model import BadItem, Change
from sync.ports.provider import Capabilities, LookUp, Page, WatchList
from tests.contract.provider_kit import Fault, ProviderKit
from tests.contract.test_memory_provider import CAPABILITIES, MemoryRig


class Backwards(MemoryProvider):
    """Turns each page round."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        return replace(page, items=page.items[::-1])


class InclusiveCursor(MemoryProvider):
    """Brings the last item of a page again with the next one."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        self.repeat(1)
        return super().pull(cursor, watch)


class NeverUpToDate(MemoryProvider):
    """Never says that it is up to date."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        return replace(super().pull(cursor, watch), up_to_date=False)


class RoundsUp(MemoryProvider):
    """Rounds its cursor up, beyond what will come next."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(str(min(int(cursor), len(self.log))), watch)
        return replace(page, cursor=str(int(page.cursor) + 1)) if page.up_to_date else page


class NewIdsEachTime(MemoryProvider):
    """Numbers its events as it delivers them."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        named = [replace(item, event_id=f"{self.calls}-{number}") for number, item in enumerate(page.items)]
        return replace(page, items=tuple(named))


class Remembers(MemoryProvider):
    """Goes on from where this very instance was, whatever the cursor says."""

    at = "0"

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(self.at, watch)
        self.at = page.cursor
        return page


class Counts(MemoryProvider):
    """Gives a new cursor each time."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor.split("-", maxsplit=1)[0], watch)
        return replace(page, cursor=f"{page.cursor}-{self.calls}")


class GivesUpOnBadItems(MemoryProvider):
    """Refuses a whole page for one item."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        if any(isinstance(item, BadItem) for item in page.items):
            raise PageMalformed("bad item")
        return page


class HidesBadItems(MemoryProvider):
    """Passes over what it cannot read."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        return replace(page, items=tuple(item for item in page.items if isinstance(item, Change)))


class _Fails(MemoryProvider):
    """Makes of its faults what an heir says."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        try:
            return super().pull(cursor, watch)
        except AjantasaError as error:
            return self.failed(cursor, error)

    def failed(self, cursor: str, error: AjantasaError) -> Page:
        raise NotImplementedError


class SwallowsFaults(_Fails):
    """Says that there is nothing new when it cannot tell."""

    def failed(self, cursor: str, error: AjantasaError) -> Page:
        return Page((), cursor, up_to_date=True)


class ConfusesFaults(_Fails):
    """Raises an error of its own kind for everything."""

    def failed(self, cursor: str, error: AjantasaError) -> Page:
        raise RuntimeError("something is wrong")


class ChattyFaults(_Fails):
    """Raises the right error, and tells in its cause what it was reading."""

    def failed(self, cursor: str, error: AjantasaError) -> Page:
        raise error from ValueError(repr(self.log[0]))


class DropsWhatFailed(_Fails):
    """Drops what it could not deliver, for all instances."""

    def failed(self, cursor: str, error: AjantasaError) -> Page:
        del self.log[-1:]
        raise error


class PersonalIds(MemoryProvider):
    """Makes its event ids of names."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        return replace(page, items=tuple(_named(item) for item in page.items))


def _named(item: Item) -> Item:
    return item if isinstance(item, BadItem) else replace(item, event_id=item.identity.names[0].surname)


class PersonalReasons(MemoryProvider):
    """Quotes what it could not read."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        return replace(page, items=tuple(_quoted(item) for item in page.items))


def _quoted(item: Item) -> Item:
    return replace(item, reason=item.payload.decode().lower()) if isinstance(item, BadItem) else item


class LocalTimes(MemoryProvider):
    """Tells recording times in another zone."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        page = super().pull(cursor, watch)
        return replace(page, items=tuple(_in_helsinki(item) for item in page.items))


def _in_helsinki(item: Item) -> Item:
    if isinstance(item, BadItem) or item.recorded_at is None:
        return item
    return replace(item, recorded_at=item.recorded_at.astimezone(timezone(timedelta(hours=2))))


class TellsOfEverybody(MemoryProvider):
    """Does not read the watch list that it asked for."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        self._capabilities = replace(self._capabilities, needs_watch=False)
        page = super().pull(cursor, watch)
        self._capabilities = replace(self._capabilities, needs_watch=True)
        return page


class ReadsTheWatchList(MemoryProvider):
    """Reads a watch list that it does not need."""

    def pull(self, cursor: str, watch: WatchList) -> Page:
        watch()
        return super().pull(cursor, watch)


class HidesTheAbsent(MemoryProvider):
    """Says nothing of the ids that it did not find."""

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        return replace(super().look_up(national_ids, asked_on), absent=())


class AsksAlwaysToday(MemoryProvider):
    """Gives a look-up the same event ids for ever."""

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        return super().look_up(national_ids, date(2026, 1, 1))


class TakesNobody(MemoryProvider):
    """Says that a look-up takes no ids."""

    @property
    def look_up_size(self) -> int:
        return 0


class ClosesOnce(MemoryProvider):
    """Stumbles over its own closed connection."""

    closed = False

    def close(self) -> None:
        if self.closed:
            raise ProviderUnavailable("closed already")
        self.closed = True


UNAVAILABLE = {"fault": Fault.UNAVAILABLE, "error": ProviderUnavailable}
MALFORMED = {"fault": Fault.MALFORMED, "error": PageMalformed}

BROKEN: list[tuple[type[MemoryProvider], str, dict[str, Any]]] = [
    (Backwards, "test_events_come_in_order", {}),
    (ReadsTheWatchList, "test_events_come_in_order", {}),
    (InclusiveCursor, "test_each_event_comes_once", {}),
    (NeverUpToDate, "test_each_event_comes_once", {}),
    (RoundsUp, "test_later_events_come_after_the_cursor", {}),
    (NewIdsEachTime, "test_an_old_cursor_brings_the_same_events", {}),
    (Remembers, "test_nothing_is_kept_between_calls", {}),
    (Counts, "test_the_cursor_stays_when_nothing_happens", {}),
    (GivesUpOnBadItems, "test_a_bad_item_leaves_its_neighbours_alone", {}),
    (HidesBadItems, "test_a_bad_item_leaves_its_neighbours_alone", {}),
    (SwallowsFaults, "test_a_fault_is_told_and_loses_nothing", UNAVAILABLE),
    (ConfusesFaults, "test_a_fault_is_told_and_loses_nothing", MALFORMED),
    (ChattyFaults, "test_a_fault_is_told_and_loses_nothing", MALFORMED),
    (DropsWhatFailed, "test_a_fault_is_told_and_loses_nothing", UNAVAILABLE),
    (DropsWhatFailed, "test_a_fault_touches_no_cursor_of_another_instance", {"fault": Fault.REFUSED}),
    (PersonalIds, "test_ids_tell_nothing_personal", {}),
    (PersonalReasons, "test_ids_tell_nothing_personal", {}),
    (LocalTimes, "test_recording_times_are_in_utc", {}),
    (TellsOfEverybody, "test_only_watched_people_are_told_of", {}),
    (HidesTheAbsent, "test_a_look_up_tells_who_is_absent", {}),
    (AsksAlwaysToday, "test_a_later_look_up_is_another_event", {}),
    (TakesNobody, "test_the_look_up_size_is_stated", {}),
    (ClosesOnce, "test_closing_twice_is_fine", {}),
]


def run(kind: type[MemoryProvider], check: str, arguments: dict[str, Any]) -> None:
    """Run one check of the kit on a kind of provider."""
    watches = check == "test_only_watched_people_are_told_of"
    rig = MemoryRig(kind, replace(CAPABILITIES, needs_watch=watches))
    method = getattr(ProviderKit(), check)
    offered = {"rig": rig, "provider": rig.connect(), **arguments}
    method(**{name: offered[name] for name in inspect.signature(method).parameters})


@pytest.mark.parametrize(("broken", "check", "arguments"), BROKEN, ids=lambda value: getattr(value, "__name__", None))
def test_the_check_finds_the_broken_provider(
    broken: type[MemoryProvider], check: str, arguments: dict[str, Any]
) -> None:
    """A sound provider passes the check, without a skip, and the broken one fails it."""
    try:
        run(MemoryProvider, check, arguments)
    except pytest.skip.Exception:
        pytest.fail("the check was skipped")
    with pytest.raises((Exception, pytest.fail.Exception)):
        run(broken, check, arguments)


def test_every_check_has_a_broken_provider() -> None:
    """No check of the kit is without a provider that fails it."""
    checks = {name for name in vars(ProviderKit) if name.startswith("test_")}
    assert checks == {check for _, check, _ in BROKEN}


@pytest.mark.parametrize(
    ("check", "capabilities", "reason"),
    [
        ("test_only_watched_people_are_told_of", CAPABILITIES, "tells of everybody"),
        ("test_a_look_up_tells_who_is_absent", replace(CAPABILITIES, looks_up=False), "does not look up"),
    ],
)
def test_what_a_provider_cannot_do_is_skipped_with_the_reason(
    check: str, capabilities: Capabilities, reason: str
) -> None:
    """A capability that is not there makes a skip that says so, not a pass."""
    rig = MemoryRig(capabilities=capabilities)
    with pytest.raises(pytest.skip.Exception, match=reason):
        getattr(ProviderKit(), check)(rig, rig.connect())
