"""A provider whose feed is a list: for trying things out, for demonstrations and for the engine's own tests.

    provider = MemoryProvider(capabilities)
    provider.log.append(change)
    page = provider.pull(provider.start(day), watch)

It misbehaves on demand, in every way that a provider may: it fails on the n-th call, stays down, repeats itself,
shuffles within its reorder window, ends a page early, and forgets old positions. What it has delivered keeps its
place, so every cursor that it ever gave brings the same events again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from sync.errors import AjantasaError, CursorRefused, PageMalformed
from sync.model import BadItem, Change
from sync.ports.provider import Capabilities, LookUp, Page, WatchList

Item = Change | BadItem


class MemoryProvider:
    """A `Provider` over a list of events and a dictionary of people.

    Attributes:
        log: the feed, oldest first; append to it at any time. Kept, not copied: several providers may share one.
        people: what `look_up` knows, by national id.
        calls: how many times `pull` and `look_up` were called, failures included.
        down: raised by every call until it is None again.
    """

    def __init__(
        self,
        capabilities: Capabilities,
        log: list[Item] | None = None,
        *,
        people: Mapping[str, Item] | None = None,
        page_size: int = 100,
        look_up_size: int = 100,
    ) -> None:
        if page_size < 1 or look_up_size < 1:
            raise ValueError("a page and a look-up hold one item at least")
        self.log: list[Item] = [] if log is None else log
        self.people: dict[str, Item] = dict(people or {})
        self.calls = 0
        self.down: AjantasaError | None = None
        self._capabilities = capabilities
        self._page_size = page_size
        self._look_up_size = look_up_size
        self._failures: dict[int, AjantasaError] = {}
        self._cuts: list[int] = []
        self._repeats = 0
        self._oldest = 0
        self._delivered = 0

    @property
    def capabilities(self) -> Capabilities:
        """Return what it was made to do and say."""
        return self._capabilities

    @property
    def look_up_size(self) -> int:
        """Return how many ids one `look_up` takes at most."""
        return self._look_up_size

    def start(self, since: date) -> str:
        """Return the cursor before the first event recorded on that day or later, or at an unknown time."""
        days = ((index, _recorded_on(item)) for index, item in enumerate(self.log))
        found = (index for index, day in days if day is None or day >= since)
        return str(max(self._oldest, next(found, len(self.log))))

    def pull(self, cursor: str, watch: WatchList) -> Page:
        """Bring the page after the cursor.

        Raises:
            CursorRefused: no cursor of this feed, or one that it was told to forget.
            AjantasaError: whatever it was told to fail with.
        """
        self._count_call()
        begin = self._position(cursor)
        end = min(begin + (self._cuts.pop(0) if self._cuts else self._page_size), len(self.log))
        self._delivered = max(self._delivered, end)
        items = self.log[max(0, begin - self._repeats) : end]
        if self._capabilities.needs_watch:
            watched = frozenset(watch())
            items = [item for item in items if isinstance(item, BadItem) or watched & _ids(item)]
        return Page(items=tuple(items), cursor=str(end), up_to_date=end == len(self.log))

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        """Bring what `people` holds of these, as events of the day on which it was asked.

        Raises:
            NotImplementedError: the capabilities say that it does not look up.
            ValueError: more ids than `look_up_size`.
            AjantasaError: whatever it was told to fail with.
        """
        if not self._capabilities.looks_up:
            raise NotImplementedError("this provider does not look up")
        if len(national_ids) > self._look_up_size:
            raise ValueError("more ids than one look-up takes")
        self._count_call()
        asked = tuple(dict.fromkeys(national_ids))
        found = tuple(_as_of(self.people[each], asked_on) for each in asked if each in self.people)
        return LookUp(items=found, absent=tuple(each for each in asked if each not in self.people))

    def parse(self, payload: bytes) -> Page:
        """Refuse: what never was on a wire has no wire format.

        Raises:
            PageMalformed: always.
        """
        raise PageMalformed(f"events in memory have no wire format to read {len(payload)} bytes by")

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def fail(self, error: AjantasaError, *, on: int = 1) -> None:
        """Raise this error on the n-th call from now; 1 is the next."""
        self._failures[self.calls + on] = error

    def repeat(self, items: int) -> None:
        """From now on begin every page with this many of the items before its cursor."""
        self._repeats = items

    def cut(self, *items: int) -> None:
        """End the next pages after this many items each; 0 gives an empty page that is not the last."""
        self._cuts.extend(items)

    def shuffle(self, random: Random) -> None:
        """Reorder what was not delivered yet, no event by more than the reorder window of its recording.

        Items recorded at an unknown time stay with their predecessor.
        """
        window = self._capabilities.reorder_window / timedelta(seconds=1)
        at = datetime.min.replace(tzinfo=UTC)
        keys: list[float] = []
        for item in self.log[self._delivered :]:
            at = (item.recorded_at if isinstance(item, Change) else None) or at
            keys.append((at - datetime.min.replace(tzinfo=UTC)).total_seconds() + random.uniform(0, window))
        tail = zip(keys, self.log[self._delivered :], strict=True)
        self.log[self._delivered :] = [item for _, item in sorted(tail, key=lambda pair: pair[0])]

    def forget(self, items: int) -> None:
        """Refuse from now on every cursor before the first so many items of the feed are passed."""
        self._oldest = items

    def _count_call(self) -> None:
        self.calls += 1
        error = self._failures.pop(self.calls, None) or self.down
        if error is not None:
            raise error

    def _position(self, cursor: str) -> int:
        if not (cursor.isascii() and cursor.isdecimal() and self._oldest <= int(cursor) <= len(self.log)):
            raise CursorRefused("no position of this feed")
        return int(cursor)


def _ids(change: Change) -> frozenset[str]:
    main = change.identity.national_id
    return frozenset(change.identity.former_ids) | ({main} if main else set())


def _recorded_on(item: Item) -> date | None:
    return item.recorded_at.date() if isinstance(item, Change) and item.recorded_at else None


def _as_of(item: Item, asked_on: date) -> Item:
    event_id = f"{item.event_id}@{asked_on.isoformat()}"
    if isinstance(item, BadItem):
        return replace(item, event_id=event_id)
    return replace(item, event_id=event_id, complete=True)
