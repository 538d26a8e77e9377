"""Who may end an order: whoever gave it (trust rule P12)."""

from dataclasses import replace
from datetime import timedelta

from sync.holding import lift_hold, place_hold
from sync.model import HoldKind, Source
from tests.harness import START, Engine, protected
from tests.integration.whole_way import mirror, pull, watched


def test_an_order_is_ended_only_by_the_feed_that_gave_it(engine: Engine) -> None:
    """P12: what another provider says of its own orders, or the mail house, ends none of these."""
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="x", active=False, recorded=START - timedelta(hours=9)), feed="posti")
    assert mirror(engine).protected


def test_the_mail_house_ends_no_order(engine: Engine) -> None:
    """Returned mail is evidence only."""
    engine.postal._capabilities = replace(engine.postal._capabilities, source=Source.RETURNED_MAIL)
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="x", active=False, recorded=START - timedelta(hours=9)), feed="posti")
    assert mirror(engine).protected


def test_an_end_that_is_written_down_in_the_future_does_not_outrank_the_next_order(engine: Engine) -> None:
    """A provider's clock was ahead when the order ended, and is right when another one begins."""
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="p2", active=False, recorded=START + timedelta(hours=5)))
    engine.clock.move(hours=1)
    pull(engine, protected(event="p3", recorded=engine.clock.now()))
    assert mirror(engine).protected


def test_an_end_from_the_future_that_waited_does_not_outrank_the_order_that_came_meanwhile(engine: Engine) -> None:
    """Waiting for a hold to be lifted makes it neither later nor truer."""
    register = engine.parts.registers["clinic"]
    watched(engine)
    pull(engine, protected())
    place_hold(engine.parts, register, "42", HoldKind.RESTRICTION, by="officer", reason="disputed")
    pull(engine, protected(event="p2", active=False, recorded=START + timedelta(hours=5)))
    engine.clock.move(hours=1)
    pull(engine, protected(event="p3", recorded=engine.clock.now()))
    engine.clock.move(hours=9)
    lift_hold(engine.parts, register, "42", HoldKind.RESTRICTION, by="officer", reason="settled")
    assert mirror(engine).protected
    pull(engine, protected(event="p4", active=False, recorded=engine.clock.now()))
    assert not mirror(engine).protected
