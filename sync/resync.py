"""Reading again, from a provider or a register, because somebody asks for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from sync.errors import FeedPaused, NotFound
from sync.model import BadItem, Change
from sync.parts import FeedParts, Parts, RegisterParts
from sync.pipeline import Watch, take
from sync.ports.store import FeedState, Lease
from sync.report import RunReport
from sync.schedule import held, run_feed

_LONG_ENOUGH = timedelta(days=30)
"""How far a feed is read again where neither the operator nor the configuration names a day."""


def resync_feed(parts: Parts, feed: FeedParts, since: date | None = None) -> RunReport:
    """Follow a feed again from an earlier day, and look everybody up again.

    Events that have their disposition keep it; what matched nobody, or could not be read, is decided again.

    Raises:
        Busy: somebody else works on it.
        RetryLater, FeedStopped: the provider, or a guard; the feed goes on from where it came to.
    """
    day = since or _default_day(parts, feed)
    cursor = feed.provider.start(day)
    with held(parts, f"feed:{feed.name}") as lease, parts.store.begin(lease) as work:
        state = work.feed(feed.name)
        if why := state.pause:
            raise FeedPaused(feed.name, why.guard, count=why.count, total=why.total, most=why.most)
        work.save_feed(state.evolve(cursor=cursor, next_at=None))
        # A feed that cannot be asked comes to know people again only when it speaks of them: it forgets them where there is a gap.
        if feed.provider.capabilities.looks_up or _leaves_a_gap(parts, feed, state, day):
            work.uncover(feed.name)
        work.audit("operator", "resync", parts.clock.now(), {"feed": feed.name, "since": day.isoformat()})
        work.commit()
    return run_feed(parts, feed, again=True)


def try_resync_feed(parts: Parts, feed: FeedParts, since: date | None = None) -> RunReport:
    """Tell what a resync would do: the same way, every page rolled back."""
    report = RunReport(feed.name)
    watch = Watch(parts, feed)
    for items in _looked_up(parts, feed, watch):
        _try(parts, feed, items, report)
    cursor, more = feed.provider.start(since or _default_day(parts, feed)), True
    while more and not parts.stopping():
        page = feed.provider.pull(cursor, watch)
        report.ignored.update(page.ignored)
        _try(parts, feed, page.items, report)
        cursor, more = page.cursor, not page.up_to_date
    return report


def resync_customer(parts: Parts, register: RegisterParts, key: str, *, dry_run: bool) -> list[RunReport]:
    """Look one customer up again in every feed that can; returns a report for each.

    Raises:
        NotFound: the register has no such record, or it has no national id to look up by.
    """
    with parts.store.snapshot() as work:
        customer = work.by_keys(register.name, [key]).get(key)
    if customer is None:
        raise NotFound(f"the register {register.name} has no such record")
    if customer.national_id is None:
        raise NotFound("this record has no national id by which a provider could be asked")
    reports = []
    for feed in parts.feeds.values():
        if feed.register != register.name or not feed.provider.capabilities.looks_up:
            continue
        report = RunReport(feed.name)
        answer = feed.provider.look_up([customer.national_id], parts.today(register))
        items = [_asked_now(item, parts.clock.now()) for item in answer.items]
        report.absent += len(answer.absent)
        if dry_run:
            _try(parts, feed, items, report)
        else:
            with held(parts, f"feed:{feed.name}") as lease:
                _take(parts, feed, lease, items, report)
        reports.append(report)
    return reports


def _take(parts: Parts, feed: FeedParts, lease: Lease, items: Sequence[Change | BadItem], report: RunReport) -> None:
    with parts.store.begin(lease) as work:
        take(parts, feed, work, items, report)
        work.commit()


def _try(parts: Parts, feed: FeedParts, items: Sequence[Change | BadItem], report: RunReport) -> None:
    with parts.store.begin() as work:
        take(parts, feed, work, items, report, again=True)
        # No commit: leaving the unit of work takes everything back.


def _looked_up(parts: Parts, feed: FeedParts, watch: Watch) -> Iterator[Sequence[Change | BadItem]]:
    if not feed.provider.capabilities.looks_up:
        return
    with parts.store.snapshot() as work:
        always = datetime.max.replace(tzinfo=UTC)
        new = work.unwatched(feed.register, feed.name, 0, 1_000_000, always)
    ids = iter([*watch(), *(text for _, text in new)])
    today = parts.today(parts.register_of(feed))
    while chunk := list(islice(ids, feed.provider.look_up_size)):
        yield feed.provider.look_up(chunk, today).items


def _asked_now(item: Change | BadItem, now: datetime) -> Change | BadItem:
    """Make an answer an event of its own, although the same was asked today already: an operator wants it looked at."""
    return replace(item, event_id=f"{item.event_id}@{now.isoformat()}")


def _leaves_a_gap(parts: Parts, feed: FeedParts, state: FeedState, day: date) -> bool:
    """Tell whether a day is later than that up to which a feed was followed: what was said between is never heard (I14)."""
    zone = parts.register_of(feed).policy.zone
    if state.caught_up_at is None:
        return state.cursor is not None and (feed.since is None or day > feed.since)
    return day > state.caught_up_at.astimezone(zone).date()


def _default_day(parts: Parts, feed: FeedParts) -> date:
    return feed.since or parts.today(parts.register_of(feed)) - _LONG_ENOUGH
