"""The whole way of a change: pull → protect → match → decide → apply → flag → hand to delivery.

Each page is one unit of work: dispositions, facts, provenance, audit entry, outbox and cursor together, or nothing.
Killed at any moment and started again, the same page comes again and nothing of it happens twice.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from sync.errors import FeedPaused, PageMalformed
from sync.guarding import Guard
from sync.model import BadItem, Change, Outcome
from sync.parts import FeedParts, Parts, in_turn
from sync.ports.provider import LookUp, Page
from sync.ports.store import FeedHealth, FeedState, Lease, UnitOfWork
from sync.report import RunReport
from sync.settling import settle_customers
from sync.steps.apply import apply
from sync.steps.match import match
from sync.steps.naming import with_aliases
from sync.steps.receive import receive

log = structlog.get_logger()

_STANDS_STILL = 10
"""Empty pages without progress that are asked for at once; after them the feed is asked again later."""


def follow(
    parts: Parts, feed: FeedParts, lease: Lease, *, again: bool = False, report: RunReport | None = None
) -> RunReport:
    """Follow a feed from where we are to where the provider says that there is no more.

    Args:
        parts: what to work with.
        feed: which feed.
        lease: the right to work on it; every commit checks that it is still ours.
        again: a resync: events that matched nobody, or could not be read, are decided again.
        report: figures to add to; they hold what was committed even when this raises.

    Raises:
        RetryLater, FeedStopped: the provider, or a guard; everything committed so far stays.
        LeaseLost: somebody else took over.
    """
    report = report or RunReport(feed.name)
    state = find_start(parts, feed, lease)
    look_up_unwatched(parts, feed, lease, report)
    progress, guard = parts.progress(f"following {feed.name}"), Guard(parts, feed)
    lifted = False
    with closing(_pages(parts, feed, state.cursor or "")) as pages:
        for page in pages:
            report.ignored.update(page.ignored)
            state = state.evolve(cursor=page.cursor, health=FeedHealth.OK, detail="", failures=0)
            if page.up_to_date:
                state = state.evolve(caught_up_at=parts.clock.now())
            with _whole_page(parts, feed, lease, page.items, report) as (work, told):
                work.save_feed(state)
                lifted |= take(parts, feed, work, page.items, told, again=again, guard=guard)
            progress.advance(len(page.items))
    progress.done()
    if lifted:
        look_up_unwatched(parts, feed, lease, report)
    log.info("feed_followed", **report.plain())
    return report


def _pages(parts: Parts, feed: FeedParts, cursor: str) -> Generator[Page, None, None]:
    """Yield the pages from the cursor to where there are no more; the next one is asked for while one is worked on.

    Being ahead is nothing that anybody remembers: whatever happens to the page at hand, the next run asks again from the
    cursor that was committed.
    """
    watch, standing = Watch(parts, feed), 0
    with parts.ahead() as ahead:
        coming = in_turn(partial(feed.provider.pull, cursor, watch))
        while not parts.stopping():
            page = coming()
            standing = 0 if page.items or page.up_to_date or page.cursor != cursor else standing + 1
            if standing > _STANDS_STILL:
                raise PageMalformed("the feed neither goes on nor says that there is no more")
            cursor = page.cursor
            # With nothing to work on there is nothing to be ahead of.
            begin = ahead if page.items and not page.up_to_date else in_turn
            coming = begin(partial(feed.provider.pull, cursor, watch))
            yield page
            if page.up_to_date:
                return


def take(
    parts: Parts,
    feed: FeedParts,
    work: UnitOfWork,
    items: Sequence[Change | BadItem],
    report: RunReport,
    *,
    again: bool = False,
    asked: bool = False,
    guard: Guard | None = None,
) -> bool:
    """Take one page the whole way, in one unit of work; True when an order was lifted and somebody is to be asked for.

    Raises:
        FeedPaused: the guard found it too much to be true; it must not be committed.
    """
    unread = report.outcomes[Outcome.DEAD_LETTER]
    received = receive(parts, feed, work, items, report, again=again, asked=asked)
    unread = report.outcomes[Outcome.DEAD_LETTER] - unread
    matched = match(parts, feed, work, received)
    page = apply(parts, feed, work, zip(received, matched, strict=True), report)
    register = parts.register_of(feed)
    states = page.states()
    if guard:
        guard.count(work, page.guarded(feed.name, states, asked=asked))
    handed = settle_customers(
        parts, register, work, page.touched, purge=page.purged, held=page.held, states=states, same=page.same
    )
    report.deliveries += handed
    report.pages += 1
    if received or unread:
        body = {"feed": feed.name, "changes": len(received), "deliveries": handed}
        body |= {"dead_letters": unread} if unread else {}
        work.audit(feed.name, "page_applied", parts.clock.now(), body)
    return bool(page.look_up)


@contextmanager
def _whole_page(
    parts: Parts, feed: FeedParts, lease: Lease, items: Sequence[Change | BadItem], report: RunReport
) -> Iterator[tuple[UnitOfWork, RunReport]]:
    """Commit a page that was taken, and its figures; of one that trips a guard, carry out only its orders (P1)."""
    told = RunReport(feed.name)
    try:
        with parts.store.begin(lease) as work:
            yield work, told
            work.commit()
    except FeedPaused:
        carry_orders(parts, feed, lease, items, report)
        raise
    report.add(told)


def carry_orders(
    parts: Parts,
    feed: FeedParts,
    lease: Lease,
    items: Sequence[Change | BadItem],
    report: RunReport,
    waiting: Sequence[Change] = (),
) -> None:
    """Carry out the changes of a page that bring a protection order, and nothing else; the cursor stays.

    Whoever bears a new id by what waits, of this page or of those before it, is known by the old one still.
    """
    changes = with_aliases([*waiting, *(item for item in items if isinstance(item, Change))])[len(waiting) :]
    orders = [change for change in changes if change.protection and change.protection.active]
    if orders:
        told = RunReport(feed.name)
        with parts.store.begin(lease) as work:
            take(parts, feed, work, orders, told)
            work.commit()
        report.add(told)


def find_start(parts: Parts, feed: FeedParts, lease: Lease) -> FeedState:
    """Return where we are in a feed. A new one starts here, before anybody is looked up, so that nothing is missed."""
    with parts.store.snapshot() as work:
        state = work.feed(feed.name)
    if state.cursor is not None:
        return state
    cursor = feed.provider.start(feed.since or parts.today(parts.register_of(feed)))
    with parts.store.begin(lease) as work:
        state = state.evolve(cursor=cursor)
        work.save_feed(state)
        work.commit()
    return state


def look_up_unwatched(parts: Parts, feed: FeedParts, lease: Lease, report: RunReport) -> None:
    """Ask for the current state of customers whom the feed does not watch yet, and have them watched from then on."""
    if not feed.provider.capabilities.looks_up:
        return
    progress, guard = parts.progress(f"looking up for {feed.name}"), Guard(parts, feed)
    with closing(_answers(parts, feed)) as answers:
        for answer in answers:
            _take_answer(parts, feed, lease, answer, report, guard)
            progress.advance(len(answer.todo))
    progress.done()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a look-up has brought: whom it was asked for, with our own id and the national one, and when."""

    todo: Sequence[tuple[int, str]]
    asked_at: datetime
    found: LookUp


def _answers(parts: Parts, feed: FeedParts) -> Generator[_Answer, None, None]:
    """Yield answers until nobody is left to be looked up; the next question is asked while one answer is worked on."""
    provider, register = feed.provider, parts.register_of(feed)
    asked_before = parts.clock.now() - feed.ask_absent_after

    def ask(after: int) -> _Answer | None:
        with parts.store.snapshot() as work:
            todo = work.unwatched(register.name, feed.name, after, provider.look_up_size, asked_before)
        now = parts.clock.now()
        return _Answer(todo, now, provider.look_up([text for _, text in todo], parts.today(register))) if todo else None

    with parts.ahead() as ahead:
        coming = in_turn(partial(ask, 0))
        while not parts.stopping() and (answer := coming()):
            coming = ahead(partial(ask, answer.todo[-1][0]))
            yield answer


def _take_answer(parts: Parts, feed: FeedParts, lease: Lease, answer: _Answer, report: RunReport, guard: Guard) -> None:
    todo, found = answer.todo, answer.found
    answered = {item.identity.national_id for item in found.items if isinstance(item, Change)}
    report.ignored.update(found.ignored)
    report.absent += len(found.absent)
    if found.absent:
        # Absence is not deletion: the person stays, uncovered, and is asked for again later.
        log.warning("persons_absent", feed=feed.name, count=len(found.absent))
    absent = [id_ for id_, text in todo if text not in answered]
    with _whole_page(parts, feed, lease, found.items, report) as (work, told):
        known = work.heard_of(feed.name, [id_ for id_, _ in todo])
        guard.count_lost(work, len(known), len(known.intersection(absent)))
        work.cover(feed.name, [id_ for id_, text in todo if text in answered], answer.asked_at)
        work.absent(feed.name, absent, answer.asked_at)
        # Where the answer is the same as before, nothing else has the register's own screens told who is watched again.
        work.schedule(dict.fromkeys(known, parts.today(parts.register_of(feed))))
        take(parts, feed, work, found.items, told, asked=True, guard=guard)


class Watch:
    """The national ids to watch, read from the store when a provider first asks for them in a run."""

    def __init__(self, parts: Parts, feed: FeedParts) -> None:
        self._parts = parts
        self._feed = feed
        self._ids: list[str] | None = None

    def __call__(self) -> Sequence[str]:
        """Return the ids."""
        if self._ids is None:
            with self._parts.store.snapshot() as work:
                self._ids = work.watched(self._feed.register, self._feed.name)
        return self._ids
