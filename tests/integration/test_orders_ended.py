"""Who may end an order: whoever gave it (trust rule P12)."""

from dataclasses import replace
from datetime import timedelta

from sync.model import Source
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
