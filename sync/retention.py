"""Forgetting in time: every category of what is kept has a period."""

from dataclasses import asdict

import structlog

from sync.parts import Parts

log = structlog.get_logger()

_DELETED = ("unmatched", "reviews", "readings", "dead_letters")


def forget(parts: Parts) -> dict[str, int]:
    """Delete what is older than its period; returns how many rows of each category."""
    periods = asdict(parts.retention)
    now = parts.clock.now()
    with parts.store.begin() as work:
        gone = {category: work.forget_before(category, now - periods[category]) for category in _DELETED}
        work.audit("retention", "forgotten", now, gone)
        work.commit()
    log.info("forgotten", **gone)
    return gone
