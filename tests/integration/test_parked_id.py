"""A corrected national id that waits for a hold to be lifted."""

import pytest

from sync.holding import lift_hold, place_hold
from sync.model import Fact, FactKind, Field, HoldKind, PartialDate
from tests.harness import MAIJA_ID, Engine, moved, protected
from tests.integration.whole_way import CORRECTED_ID, location_values, mirror, pull, watched

HOLDS = [(HoldKind.RESTRICTION, None), (HoldKind.OBJECTION, None), (HoldKind.LOCK, Field.NATIONAL_ID)]


@pytest.mark.parametrize(("kind", "name"), HOLDS)
def test_an_order_under_an_id_that_is_parked_is_carried_out(engine: Engine, kind: HoldKind, name: Field | None) -> None:
    """P1: the customer does not change, and is watched for and known by the new id all the same."""
    register = engine.parts.registers["clinic"]
    watched(engine)
    place_hold(engine.parts, register, "42", kind, name=name, by="officer", reason="disputed")
    new_id = Fact(Field.NATIONAL_ID, FactKind.SET, CORRECTED_ID, PartialDate(2026, 11, 10))
    pull(engine, moved(None, event="id", facts=(new_id,)))
    assert mirror(engine).national_id == MAIJA_ID
    pull(engine, protected(national_id=CORRECTED_ID))
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert Field.ADDRESS not in engine.held()
    lift_hold(engine.parts, register, "42", kind, name=name, by="officer", reason="settled")
    assert (mirror(engine).national_id, mirror(engine).former_ids) == (CORRECTED_ID, (MAIJA_ID,))
