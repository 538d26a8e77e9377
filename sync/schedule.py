"""When what is done: which feed or register is due, under which lease, and what happens when it fails."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from sync.delivery import DeliveryReport, deliver
from sync.errors import Busy, FeedPaused, FeedStopped, LeaseLost, RetryLater, StoreUnavailable
from sync.guarding import pause
from sync.mirror import ReadReport, read_register
from sync.model import Change
from sync.parts import FeedParts, Parts, RegisterParts
from sync.pipeline import Watch, carry_orders, follow
from sync.ports.store import FeedHealth, FeedState, Lease
from sync.report import RunReport
from sync.settling import follow_liveness, settle_due
from sync.steps.naming import told_together

log = structlog.get_logger()

_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=30)
_MOST_DOUBLINGS = 16  # a provider that is away for days must not overflow the wait


def due(parts: Parts, feed: FeedParts) -> bool:
    """Tell whether it is time to ask a feed: its register is loaded, and its next time has come."""
    with parts.store.snapshot() as work:
        state = work.feed(feed.name)
        ready = work.loaded(feed.register)
    return (
        ready and state.health is not FeedHealth.STOPPED and (not state.next_at or state.next_at <= parts.clock.now())
    )


def run_feed(
    parts: Parts,
    feed: FeedParts,
    *,
    again: bool = False,
    report: RunReport | None = None,
    jitter: Callable[[], float] = random.random,
) -> RunReport:
    """Follow a feed once, and note how it went and when to ask again.

    Args:
        parts: what to work with.
        feed: which feed.
        again: a resync: see `follow`.
        report: figures to add to, for a caller who wants those of interrupted runs too.
        jitter: a number between 0 and 1, so that not everybody tries again at the same moment.

    Raises:
        Busy: somebody else works on it.
        RetryLater, FeedStopped: as noted in the feed's state.
        LeaseLost: somebody else took over.
    """
    with held(parts, f"feed:{feed.name}") as lease:
        with parts.store.snapshot() as work:
            state = work.feed(feed.name)
        if state.pause is not None:
            return _look_for_orders(parts, feed, lease, state, report or RunReport(feed.name))
        try:
            report = follow(parts, feed, lease, again=again, report=report)
        except StoreUnavailable:  # no fault of the provider, and nothing can be noted now
            raise
        except RetryLater as error:
            _note_failure(parts, feed, lease, error, jitter)
            raise
        except FeedPaused as error:
            pause(parts, feed, lease, error)
            raise
        except FeedStopped as error:
            _note_stop(parts, feed, lease, error)
            raise
        health = FeedHealth.PARTIAL if report.partial else FeedHealth.OK
        with parts.store.begin(lease) as work:
            state = work.feed(feed.name)
            # Stopped half way, it goes on as soon as somebody starts again.
            next_at = None if parts.stopping() else parts.clock.now() + feed.every
            work.save_feed(state.evolve(health=health, next_at=next_at, failures=0, detail=""))
            if not parts.stopping():
                work.save_allowances(feed.name, {})  # it is caught up: what an operator let pass has passed
            work.commit()
        return report


def _look_for_orders(parts: Parts, feed: FeedParts, lease: Lease, state: FeedState, report: RunReport) -> RunReport:
    """Read on in a paused feed for protection orders, and carry out those alone (P1); the cursor stays."""
    report.paused = state.detail
    with parts.store.begin(lease) as work:
        work.save_feed(state.evolve(next_at=parts.clock.now() + feed.every))  # whatever happens, not at once again
        work.commit()
    cursor, more, watch = state.cursor or "", True, Watch(parts, feed)
    named: list[Change] = []
    while more and not parts.stopping():
        page = feed.provider.pull(cursor, watch)
        carry_orders(parts, feed, lease, page.items, report, named)
        named += [item for item in page.items if isinstance(item, Change) and len(told_together(item)) > 1]
        # A feed that stands still has no more to say for now.
        cursor, more = page.cursor, not page.up_to_date and page.cursor != cursor
    return report


def run_register(parts: Parts, register: RegisterParts, *, read: bool = True) -> tuple[ReadReport, DeliveryReport]:
    """Read what changed in a register, settle what is due today, deliver what waits.

    Args:
        parts: what to work with.
        register: which register.
        read: read its changes too, not only deliver.

    Raises:
        Busy: somebody else works on it.
        RegisterUnavailable: it cannot be reached.
        LeaseLost: somebody else took over.
    """
    with held(parts, f"register:{register.name}") as lease:
        report = read_register(parts, register, lease) if read else ReadReport()
        follow_liveness(parts, register, lease)
        settle_due(parts, register, lease)
        return report, deliver(parts, register, lease)


@contextmanager
def held(parts: Parts, name: str) -> Iterator[Lease]:
    """Hold a lease for as long as the work takes.

    Raises:
        Busy: somebody else holds it.
    """
    lease = parts.store.acquire(name, parts.owner, parts.lease_ttl)
    if lease is None:
        raise Busy(f"somebody else works on {name} now")
    try:
        yield lease
    finally:
        parts.store.release(lease)


def _note_failure(parts: Parts, feed: FeedParts, lease: Lease, error: RetryLater, jitter: Callable[[], float]) -> None:
    """Keep the cursor, and ask again later: as the provider asks, or twice as long each time, never all at once."""
    with parts.store.begin(lease) as work:
        state = work.feed(feed.name)
        backoff = min(_FIRST_WAIT * 2 ** min(state.failures, _MOST_DOUBLINGS), _LONGEST_WAIT) * (0.5 + jitter())
        wait = max(backoff, error.retry_after or timedelta(0))
        reason = type(error).__name__
        work.save_feed(
            state.evolve(
                health=FeedHealth.FAILING,
                detail=reason,
                failures=state.failures + 1,
                next_at=parts.clock.now() + wait,
            )
        )
        work.commit()
    log.warning("feed_failing", feed=feed.name, reason=reason, retry_in_seconds=round(wait.total_seconds(), 1))


def _note_stop(parts: Parts, feed: FeedParts, lease: Lease, error: FeedStopped) -> None:
    reason = type(error).__name__
    with parts.store.begin(lease) as work:
        work.save_feed(work.feed(feed.name).evolve(health=FeedHealth.STOPPED, detail=reason))
        work.commit()
    log.error("feed_stopped", feed=feed.name, reason=reason)


def quietly(run: Callable[[], object], *, what: str) -> bool:
    """Run one piece of due work for the daemon: what is noted in the state is only logged, the rest is the watchdog's.

    Busy is normal with two workers; a lost lease means that the other one goes on.

    Returns:
        False where our own database does not answer, which cannot be noted in it: the caller waits by itself.
    """
    try:
        run()
    except Busy:
        return True
    except LeaseLost:
        log.warning("lease_lost", what=what)
    except StoreUnavailable as error:
        log.error("store_unavailable", what=what, reason=str(error))  # noqa: TRY400 - where it was raised tells nothing more
        return False
    except (RetryLater, FeedStopped) as error:
        log.warning("work_put_off", what=what, reason=type(error).__name__)
    return True
