"""A provider that reports under a new national id and names the former ones, once."""

from sync.model import Fact, FactKind, Field, Identity, PartialDate
from tests.harness import MAIJA_ID, Engine, moved, protected
from tests.integration.whole_way import CORRECTED_ID, location_values, mirror, pull, watched


def test_an_order_under_an_id_by_which_the_customer_was_named_before_is_carried_out(engine: Engine) -> None:
    """P1: that both ids mean this customer is remembered, and the customer is watched for by both."""
    watched(engine)
    email = Fact(Field.EMAIL, FactKind.SET, "maija@example.fi", PartialDate(2026, 11, 10))
    named = Identity(national_id=CORRECTED_ID, former_ids=(MAIJA_ID,))
    pull(engine, moved(None, event="named", identity=named, facts=(email,)))
    assert engine.held()[Field.EMAIL] == "maija@example.fi"
    pull(engine, protected(national_id=CORRECTED_ID))
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert Field.ADDRESS not in engine.held()
