"""Taking the items of a page in: repeats are dropped, unreadable ones set aside, the rest goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.model import BadItem, Change, Outcome
from sync.parts import FeedParts, Parts
from sync.ports.store import DeadLetter, Disposition, UnitOfWork
from sync.report import RunReport

_OPEN_TO_QUESTION = frozenset(Outcome) - {Outcome.REVIEW}
"""Outcomes of an answer that a second question on one day decides again: we ask because we kept nothing, or too little."""

_OPEN_TO_RESYNC = frozenset({Outcome.NO_MATCH, Outcome.DEAD_LETTER})
"""Outcomes that a resync decides again: the person may be a customer by now, the reader may have been mended."""


@dataclass(frozen=True, slots=True)
class Received:
    """A change on its way, with the keyed hashes that we know it by.

    Attributes:
        event: of the provider's event id.
        notice: of the notice that it is part of; empty without one.
        cancels: of the notice that it takes back; empty unless it does.
        taken_back: its own notice was cancelled before it arrived.
        applied: it was parked, and another part of the event was applied at once.
    """

    change: Change
    event: str
    notice: str = ""
    cancels: str = ""
    taken_back: bool = False
    applied: bool = False


def receive(
    parts: Parts,
    feed: FeedParts,
    work: UnitOfWork,
    items: Sequence[Change | BadItem],
    report: RunReport,
    *,
    again: bool = False,
    asked: bool = False,
) -> list[Received]:
    """Return the changes of a page that have no disposition yet, those that carry a protection order first.

    Args:
        parts: what to work with.
        feed: where they come from.
        work: the page's unit of work.
        items: the page.
        report: counts received and repeated items.
        again: a resync: what matched nobody, or could not be read, is taken in once more.
        asked: answers to a look-up, which may be the same as this morning's.
    """
    report.received += len(items)
    events = {parts.store.digest(f"event/{feed.name}", item.event_id): item for item in items}
    done = work.outcomes(feed.name, events)
    reopened = _OPEN_TO_QUESTION if asked else _OPEN_TO_RESYNC if again else frozenset()
    # What a person has decided, or undone, stands, whatever is asked again (I8).
    decided = work.decided(feed.name, events) | work.undone_events(events)
    fresh = {
        e: i
        for e, i in events.items()
        if e not in decided and (e not in done or done[e] in reopened or _is_order_about_nobody(i, done[e]))
    }
    report.repeated += len(items) - len(fresh)
    _set_aside(parts, feed, work, [(e, i) for e, i in fresh.items() if isinstance(i, BadItem)], report)
    received = [_received(parts, feed, e, i) for e, i in fresh.items() if isinstance(i, Change)]
    cancelled = work.cancelled(feed.name, {r.notice for r in received if r.notice})
    marked = [Received(r.change, r.event, r.notice, r.cancels, r.notice in cancelled) for r in received]
    return sorted(marked, key=lambda r: r.change.protection is None)


def _is_order_about_nobody(item: Change | BadItem, outcome: Outcome) -> bool:
    """Tell whether an order that comes once more matched nobody: of a paused feed it was taken out of its turn (P1)."""
    order = item.protection if isinstance(item, Change) else None
    return outcome is Outcome.NO_MATCH and order is not None and order.active


def _received(parts: Parts, feed: FeedParts, event: str, change: Change) -> Received:
    def notice(text: str | None) -> str:
        return parts.store.digest(f"notice/{feed.name}", text) if text else ""

    return Received(change, event, notice(change.notice_id), notice(change.cancels))


def _set_aside(
    parts: Parts, feed: FeedParts, work: UnitOfWork, bad: Sequence[tuple[str, BadItem]], report: RunReport
) -> None:
    if not bad:
        return
    now = parts.clock.now()
    letters = [DeadLetter(feed.name, event, item.position, item.reason, item.payload, now) for event, item in bad]
    work.add_dead_letters(letters, expires_at=now + parts.retention.dead_letters)
    work.add_dispositions(
        [
            Disposition(feed.name, letter.event, letter.position, Outcome.DEAD_LETTER, letter.reason, now)
            for letter in letters
        ]
    )
    report.outcomes[Outcome.DEAD_LETTER] += len(letters)
