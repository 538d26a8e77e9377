"""A feed that is read again from a later day than it had come to: what it said between is never heard."""

from dataclasses import replace
from datetime import timedelta

from sync.freshness.status import State
from sync.resync import resync_feed
from tests.harness import Engine
from tests.integration.whole_way import NEW, THIRD, posti, pull, state


def test_a_feed_that_cannot_be_asked_covers_nobody_after_a_gap(engine: Engine) -> None:
    """Its silence tells nothing (I14), until it speaks of somebody again; without a gap it covers as before."""
    pull(engine, posti(NEW, event="m0"), feed="posti")
    engine.clock.move(days=20)
    resync_feed(engine.parts, engine.parts.feeds["posti"], (engine.clock.now() - timedelta(days=20)).date())
    assert state(engine) is State.CURRENT
    engine.clock.move(days=100)
    resync_feed(engine.parts, engine.parts.feeds["posti"], (engine.clock.now() - timedelta(days=30)).date())
    assert state(engine) is State.NOT_COVERED
    day = engine.clock.now()
    maija = replace(posti(NEW).identity, addresses=(NEW,))
    pull(engine, posti(THIRD, event="m1", identity=maija, on=day.date().isoformat(), recorded=day), feed="posti")
    assert state(engine) is State.CURRENT
