"""Rules that do not hold yet, and whose mending needs a decision."""

from datetime import timedelta

import pytest

from sync.model import Fact, FactKind, Field, PartialDate, PersonName
from tests.harness import AINO_ID, START, Engine, moved, protected
from tests.integration.whole_way import mirror, pull, watched

open_ = pytest.mark.xfail(strict=True, reason="needs a decision")


@open_
def test_an_order_under_an_id_that_a_reviewer_has_to_decide_about_is_carried_out(engine: Engine) -> None:
    """P1: a new id that would make somebody else of the customer waits; the order that comes under it must not."""
    watched(engine)
    facts = (
        Fact(Field.NATIONAL_ID, FactKind.SET, AINO_ID, PartialDate(2026, 11, 10)),
        Fact(Field.NAME, FactKind.SET, PersonName("Toinen", "Maija"), PartialDate(2026, 11, 10)),
    )
    pull(engine, moved(None, event="id", facts=facts), feed="posti")
    assert engine.outcomes("posti") == {"review": 1}
    pull(engine, protected(national_id=AINO_ID), feed="posti")
    assert mirror(engine).protected


@open_
def test_an_end_that_is_written_down_in_the_future_does_not_outrank_the_next_order(engine: Engine) -> None:
    """A provider's clock was ahead when the order ended, and is right when another one begins."""
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="p2", active=False, recorded=START + timedelta(hours=5)))
    engine.clock.move(hours=1)
    pull(engine, protected(event="p3", recorded=engine.clock.now()))
    assert mirror(engine).protected
