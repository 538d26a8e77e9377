"""A purge that a register refuses is kept up until it is made (trust rule P4)."""

from contextlib import suppress
from typing import Any

import pytest

from sync.errors import RegisterUnavailable
from sync.model import Fact, FactKind, Field, PartialDate, PersonName
from sync.ports.register import Rejected
from tests.harness import Engine, protected
from tests.integration.whole_way import deliveries, pull, watched


@pytest.mark.parametrize("refused", [Field.NAME, "status"])
def test_what_else_a_delivery_carries_does_not_keep_a_purge_from_being_made(engine: Engine, refused: Any) -> None:
    """The register refuses a name that is too long, or a word in its status column: the location goes all the same."""
    watched(engine)
    write = engine.register.write

    def refuse(request: Any) -> Any:
        too_much = request.status is not None if refused == "status" else refused in request.values
        return Rejected("value_too_long") if too_much else write(request)

    engine.register.write = refuse  # type: ignore[method-assign]
    name = Fact(Field.NAME, FactKind.SET, PersonName("Meikäläinen-Virtanen", "Maija"), PartialDate(2026, 11, 10))
    pull(engine, protected(facts=(name,)))
    assert Field.ADDRESS not in engine.held()
    assert deliveries(engine).get("pending", 0) == 0


@pytest.mark.parametrize("unreadable", [True, False])
def test_a_purge_that_is_refused_waits_for_the_register_to_be_mended(engine: Engine, unreadable: bool) -> None:
    """Nobody has to ask for it: it is tried again, less and less often."""
    watched(engine)
    write, read = engine.register.write, engine.register.read
    if unreadable:
        engine.register.spoil("42", "birth_date")
    else:
        engine.register.write = lambda _: Rejected("constraint")  # type: ignore[method-assign]
    pull(engine, protected())
    assert deliveries(engine)["pending"] == 1
    engine.register.write, engine.register.read = write, read  # type: ignore[method-assign]
    engine.register._rows["42"].unreadable = None
    engine.clock.move(hours=2)
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
    assert deliveries(engine).get("pending", 0) == 0


def test_a_purge_waits_a_quarter_of_an_hour_at_most_when_the_register_is_back(engine: Engine) -> None:
    """P1: however long it could not be reached before."""
    watched(engine)
    engine.register.unreachable = True
    engine.population.log.append(protected())
    engine.follow()
    for _ in range(42):
        with suppress(RegisterUnavailable):
            engine.deliver()
        engine.clock.move(minutes=15)
    engine.register.unreachable = False
    engine.deliver()
    assert Field.ADDRESS not in engine.held()
