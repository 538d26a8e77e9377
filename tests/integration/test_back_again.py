"""Somebody who moves away and back: the state of an address that held before."""

from sync.freshness.status import State
from tests.harness import Engine, moved
from tests.integration.whole_way import NEW, OLD, pull, state, watched


def test_whoever_moves_back_has_moved(engine: Engine) -> None:
    """An address that a provider brought back is news, although the register had it once, long before."""
    engine.clock.move(days=-300)
    watched(engine)
    for days, event, to in ((100, "away", NEW), (199, "back", OLD)):
        engine.clock.move(days=days)
        now = engine.clock.now()
        pull(engine, moved(to, event=event, on=now.date().isoformat(), recorded=now))
        assert state(engine) is State.CHANGED
    engine.clock.move(days=31)
    engine.follow()
    assert state(engine) is State.CURRENT


def test_what_is_learned_late_of_an_older_home_is_no_news(engine: Engine) -> None:
    """The register had the address all the while, and nothing was written into it."""
    watched(engine)
    pull(engine, moved(NEW, event="late", on="1999-01-01"))
    assert state(engine) is State.CURRENT
