"""Forgetting in time: every category of what is kept has a period."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime

import structlog

from sync.applying.holding import restricted
from sync.applying.outlived import Outlived, outlived
from sync.applying.same import Same, same_by, same_value
from sync.erasing import forget_tombstones
from sync.parts import Parts
from sync.ports.store import Review, UnitOfWork
from sync.settling import settle_customers

log = structlog.get_logger()

BATCH = 500
"""Customers whose history is looked through at once."""

_DELETED = ("unmatched", "reviews", "parked", "readings", "dead_letters", "cancellations")


def forget(parts: Parts) -> dict[str, int]:
    """Delete what is older than its period; returns how many rows, or values, of each category."""
    periods = asdict(parts.retention)
    now = parts.clock.now()
    with parts.store.begin() as work:
        waiting = [review for review in work.reviews() if review.opened_at < now - periods["reviews"]]
        gone = {category: work.forget_before(category, now - periods[category]) for category in _DELETED}
        _settle_reviewed(parts, work, waiting)
        work.audit("retention", "forgotten", now, gone)
        work.commit()
    gone["previous_values"] = forget_previous_values(parts, now - periods["previous_values"])
    gone["tombstones"] = forget_tombstones(parts, now - periods["tombstones"])
    log.info("forgotten", **gone)
    return gone


def forget_previous_values(parts: Parts, before: datetime) -> int:
    """Empty the values that had been superseded before then; that something was said stays, with its provenance."""
    count, last = 0, 0
    while not parts.stopping():
        with parts.store.snapshot() as work:
            ids = work.with_history(before, last, BATCH)
            some = _outlived(parts, work, ids, before)
        if not ids:
            break
        last = ids[-1]
        if some:
            count += _empty(parts, some, before)
    return count


def _empty(parts: Parts, ids: Collection[int], before: datetime) -> int:
    with parts.store.begin() as work:
        found = _outlived(parts, work, ids, before)  # once more: what holds may have changed since we looked
        whole = [id_ for one in found.values() for id_ in one.whole]
        wrong = [id_ for one in found.values() for id_ in one.wrong]
        work.forget_values(whole, wrong)
        work.schedule(dict.fromkeys(found, parts.clock.now().date()))  # what a dispute was about may have gone
        body = {"previous_values": len(whole) + len(wrong), "customers": len(found)}
        work.audit("retention", "forgotten", parts.clock.now(), body)
        work.commit()
    return len(whole) + len(wrong)


def _outlived(parts: Parts, work: UnitOfWork, ids: Collection[int], before: datetime) -> dict[int, Outlived]:
    today, judges = parts.clock.now().date(), _judges(parts, work, ids)
    # Restriction is asked for instead of erasure: nothing is lost of what somebody may need for a claim (Art. 18(1)).
    kept = {id_ for id_, holds in work.holds(ids).items() if restricted(holds)}
    facts = work.facts([id_ for id_ in ids if id_ not in kept])
    found = {id_: outlived(said, before, today, judges[id_]) for id_, said in facts.items()}
    return {id_: one for id_, one in found.items() if one.whole or one.wrong}


def _judges(parts: Parts, work: UnitOfWork, ids: Collection[int]) -> dict[int, Same]:
    """Return how each customer's register judges what was said."""
    streets = work.street_names()
    by_register = {r.name: same_by(streets, r.policy.precedence) for r in parts.registers.values()}
    if not any(r.policy.precedence for r in parts.registers.values()):
        return dict.fromkeys(ids, same_by(streets))
    return {id_: by_register.get(c.register, same_value) for id_, c in work.customers(ids).items()}


def _settle_reviewed(parts: Parts, work: UnitOfWork, reviews: Iterable[Review]) -> None:
    """Take back the flag that an uncertain match put on its best candidate, when nobody decided in time."""
    by_register: dict[str, set[int]] = {}
    for review in reviews:
        if feed := parts.feeds.get(review.feed):
            by_register.setdefault(feed.register, set()).add(review.best.customer_id)
    for register, ids in by_register.items():
        settle_customers(parts, parts.registers[register], work, ids)
