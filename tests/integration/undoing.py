"""Short ways to undo, for the tests of undoing."""

from dataclasses import replace
from typing import Any

from sync.applying.survivorship import resolve_all
from sync.model import Fact, FactKind, Field, PartialDate
from sync.undoing import UndoReport, undo, undo_target, update_target
from tests.harness import Engine, moved
from tests.integration.whole_way import NEW, mirror, pull, uncertain, watched

OVER = Fact(Field.ADDRESS, FactKind.ENDED, None, valid_until=PartialDate(2026, 11, 10))
"""Says that whatever address somebody had has ended."""


def event_of(engine: Engine, event: str, feed: str = "vtj") -> str:
    """Return how we know an event."""
    return engine.store.digest(f"event/{feed}", event)


def take_back(engine: Engine, event: str, feed: str = "vtj", key: str = "42", **more: Any) -> UndoReport:
    """Undo what an event brought, and deliver."""
    register = engine.parts.registers["clinic"]
    target = update_target(engine.parts, register, key, event_of(engine, event, feed))
    engine.clock.move(minutes=1)
    report = undo(engine.parts, target, by="liisa", reason="wrong person", **more)
    engine.deliver()
    return report


def take_back_undo(engine: Engine, undo_id: int, **more: Any) -> UndoReport:
    """Undo an undoing, and deliver."""
    engine.clock.move(minutes=1)
    report = undo(engine.parts, undo_target(engine.parts, undo_id), by="pekka", reason="was right", **more)
    engine.deliver()
    return report


def everything(engine: Engine, key: str = "42") -> Any:
    """Return what the clinic's own table, the mirror and the desk have of a customer."""
    customer, record = mirror(engine, key), engine.register.read(key)
    status = engine.desk.status("clinic", key, reader="test", reveal=True)
    with engine.store.snapshot() as work:
        coverage = work.coverage([customer.id])[customer.id].keys()
    states = resolve_all(engine.facts(key), engine.parts.today(engine.parts.registers["clinic"]))
    held = {name: (one.value, one.until, one.confirmed_at, one.changed_at) for name, one in states.items()}
    return (
        record.values,  # type: ignore[union-attr]  # it is there
        record.status,  # type: ignore[union-attr]  # likewise
        replace(customer, version=None),
        {name: one for name, one in held.items() if one[0] is not None},
        status and status.fields,
        set(coverage),
    )


def waiting(engine: Engine) -> int:
    """Bring an uncertain match, and return its review."""
    watched(engine)
    pull(engine, moved(NEW, identity=uncertain(), event="u1"), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    return review.id
