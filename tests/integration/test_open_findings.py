"""A rule that does not hold yet, and whose mending needs a decision."""

import pytest

from sync.model import Fact, FactKind, Field, PartialDate, PersonName
from tests.harness import AINO_ID, Engine, moved, protected
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
