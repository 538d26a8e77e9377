"""Counting what a feed does too much of, and saying go after a guard has paused it.

Counted in the page's own unit of work, before it is committed: a page that is too much leaves nothing behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from sync.applying.guard import GuardKind
from sync.errors import FeedPaused, NotFound
from sync.parts import FeedParts, Parts
from sync.ports.store import FeedHealth, Lease, Pause, UnitOfWork

log = structlog.get_logger()


@dataclass(slots=True)
class Guard:
    """Watches over one run of a feed.

    Attributes:
        parts: what to work with.
        feed: the feed.
    """

    parts: Parts
    feed: FeedParts
    _known: int = field(default=0, init=False)
    _lost: int = field(default=0, init=False)
    _customers: int | None = field(default=None, init=False)

    def count(self, work: UnitOfWork, counts: Mapping[GuardKind, int]) -> None:
        """Count what a page has changed.

        Raises:
            FeedPaused: it is too much for one day; the page must not be committed.
        """
        if not counts:
            return
        feed, day = self.feed, self.parts.today(self.parts.register_of(self.feed))
        left, today = work.allowances(feed.name), work.guarded(feed.name, day)
        allowed = {kind for kind, count in counts.items() if count <= left.get(kind, 0)}
        for kind, count in counts.items():
            if kind in allowed:
                left[kind] -= count
                continue
            today[kind] = total = today.get(kind, 0) + count
            if total > feed.limits.least(kind):
                record = work.guard_record(feed.name, kind, day)
                most = feed.limits.most(kind, self._size(work), record)
                if total > most:
                    raise FeedPaused(feed.name, kind, count=count, total=total, most=most)
        work.save_guarded(feed.name, day, today)
        if allowed:
            work.save_allowances(feed.name, left)

    def count_lost(self, work: UnitOfWork, known: int, lost: int) -> None:
        """Count whom a look-up did not find although the feed had spoken of them.

        Args:
            work: the look-up's unit of work.
            known: of how many of those asked for it had spoken.
            lost: how many of them it does not know any more.

        Raises:
            FeedPaused: most of this run's are gone: the source has emptied itself, rather than the world.
        """
        kind, feed = GuardKind.EMPTIED, self.feed
        left = work.allowances(feed.name)
        if lost and lost <= left.get(kind, 0):
            work.save_allowances(feed.name, left | {kind: left[kind] - lost})
            return
        total = self._lost + lost
        most = feed.limits.most(kind, self._known + known, 0)
        if lost and total > most:
            raise FeedPaused(feed.name, kind, count=lost, total=total, most=most)
        self._known, self._lost = self._known + known, total

    def _size(self, work: UnitOfWork) -> int:
        """Return how many customers the register has; counted once, for counting them is slow in a large one."""
        if self._customers is None:
            self._customers = work.count_customers(self.feed.register)
        return self._customers


def pause(parts: Parts, feed: FeedParts, lease: Lease, error: FeedPaused) -> None:
    """Note durably that a feed is paused, and why; its cursor stays."""
    now = parts.clock.now()
    why = Pause(error.guard, error.count, error.total, error.most, now)
    body = {"feed": feed.name, "guard": why.guard, "count": why.count, "total": why.total, "most": why.most}
    with parts.store.begin(lease) as work:
        state = work.feed(feed.name)
        work.save_feed(state.evolve(health=FeedHealth.PAUSED, detail=why.guard, pause=why, next_at=now + feed.every))
        work.audit("guard", "feed_paused", now, body)
        work.commit()
    log.error("feed_paused", **body)


def resume(parts: Parts, feed: FeedParts, *, by: str, reason: str, up_to: int = 0) -> int:
    """Let a paused feed go on, and what tripped the guard pass; returns how many customers may be changed so.

    Args:
        parts: what to work with.
        feed: the feed.
        by: the account of the operator who says go.
        reason: why. It stands in the audit chain for good, and must tell of the feed, not of people.
        up_to: how many customers may be changed in the way that tripped the guard, until the feed is caught up; the page
            or look-up that tripped it always passes.

    Raises:
        NotFound: it is not paused.
    """
    now = parts.clock.now()
    with parts.store.begin() as work:
        state = work.feed(feed.name)
        if state.health is not FeedHealth.PAUSED or state.pause is None:
            raise NotFound(f"the feed {feed.name} is not paused")
        allowed = max(state.pause.count, up_to)
        work.save_allowances(feed.name, work.allowances(feed.name) | {state.pause.guard: allowed})
        work.save_feed(state.evolve(health=FeedHealth.PARTIAL, detail="resumed", pause=None, next_at=None))
        body = {"feed": feed.name, "guard": state.pause.guard, "allowed": allowed, "reason": reason}
        work.audit(by, "feed_resumed", now, body)
        work.commit()
    log.info("feed_resumed", feed=feed.name, guard=state.pause.guard, allowed=allowed)
    return allowed
