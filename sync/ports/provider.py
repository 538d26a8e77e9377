"""A provider: who tells us what changed.

Glossary
    feed      one configured stream of a provider; the same provider may be configured as several feeds
    cursor    how far we are in the feed: an opaque text that only the adapter reads
    page      what one pull brings: items in the provider's order, and the cursor after them
    item      a `Change`, or a `BadItem` that could not be read
    watch     the national ids of our customers, for providers that must be told whom to tell of
    look-up   the current state of given persons, for the first load and for resyncs

What may happen, and is not an error: the same event again, in the same page or later; an empty page that is not the
last; a cursor that does not move; persons who are no customers; events older than the cursor; events in any order
within `Capabilities.reorder_window`. An adapter keeps nothing between calls but its connection: killed at any moment
and started with the same cursor, it brings the same events again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from sync.model import BadItem, Change, Field, Source

WatchList = Callable[[], Sequence[str]]
"""Gives the national ids to watch, read only when the provider needs them."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do and may say.

    Attributes:
        source: the kind of speaker that its facts count as.
        covers: the fields that it speaks about; silence of a live feed says something about these only.
        needs_watch: pulls need the list of national ids; persons not on it are never told of.
        looks_up: `look_up` works.
        clear_by_contract: it never delivers a protected person, so its changes are known to be clear.
        reorder_window: events may come in another order than they happened, within this time.
    """

    source: Source
    covers: frozenset[Field]
    needs_watch: bool = False
    looks_up: bool = False
    clear_by_contract: bool = False
    reorder_window: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Page:
    """What one pull brought.

    Attributes:
        items: in the provider's order.
        cursor: where to go on; equal to the one asked with when nothing moved.
        up_to_date: the provider says that there is no more for now.
        ignored: how many parts of which kind were not understood and passed over (group names, not values).
    """

    items: tuple[Change | BadItem, ...]
    cursor: str
    up_to_date: bool
    ignored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LookUp:
    """The current state of the persons asked for.

    Attributes:
        items: one `Change` (with `complete` True) or `BadItem` for each person found.
        absent: the ids asked for and not answered. An alarm, never a deletion.
        ignored: as in `Page`.
    """

    items: tuple[Change | BadItem, ...]
    absent: tuple[str, ...]
    ignored: Mapping[str, int] = field(default_factory=dict)


class Provider(Protocol):
    """The contract of a provider adapter."""

    @property
    def capabilities(self) -> Capabilities:
        """Return what this provider can do and may say."""
        ...

    def start(self, since: date) -> str:
        """Return the cursor from which events of that day on are delivered.

        Raises:
            RetryLater: not reachable now.
            FeedStopped: a person must mend something.
        """
        ...

    def pull(self, cursor: str, watch: WatchList) -> Page:
        """Bring the page after the cursor.

        Raises:
            RetryLater: not reachable, or not a page; the cursor stays.
            FeedStopped: a person must mend something; the cursor stays.
        """
        ...

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        """Bring the current state of these persons. Only with `capabilities.looks_up`.

        Args:
            national_ids: at most `look_up_size` of them.
            asked_on: today; goes into the event ids, so that asking again later confirms again.

        Raises:
            RetryLater: not reachable, or not an answer.
            FeedStopped: a person must mend something.
        """
        ...

    @property
    def look_up_size(self) -> int:
        """Return how many ids one `look_up` takes at most."""
        ...

    def parse(self, payload: bytes) -> Page:
        """Read a raw payload of this provider's wire format, for people who want to see what it means.

        The cursor of the page is empty where the payload carries none.

        Raises:
            PageMalformed: not this provider's wire format.
        """
        ...

    def close(self) -> None:
        """Let go of connections. May be called twice."""
        ...
