"""I15: whatever happened before and after, undoing an update restores the register, and undoing that brings it back."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync.model import Address, Change, Field, Text
from sync.undoing import undo, undo_target, update_target
from tests.harness import Engine
from tests.integration.whole_way import mirror
from tests.simulation.chain import verify_chain
from tests.simulation.test_order import engine, feeds

KEYS = ("42", "44")


def registered(made: Engine) -> Any:
    """Return what the clinic's own table and the mirror have of both."""
    shown = [made.register.read(key) for key in KEYS]
    mirrored = [mirror(made, key) for key in KEYS]
    return [(r.values, r.status) for r in shown], [
        (c.values, c.protected, c.national_id, c.former_ids) for c in mirrored
    ]  # type: ignore[union-attr]  # both are there


def loud(change: Change) -> Change:
    """Spell the addresses of a change otherwise: the same, and not the same to the byte."""

    def spell(value: Any) -> Any:
        return replace(value, street=Text(value.street.fi.upper())) if isinstance(value, Address) else value

    return replace(change, facts=tuple(replace(f, value=spell(f.value), wrong=spell(f.wrong)) for f in change.facts))


def tell(made: Engine, *changes: Change) -> None:
    """Have the postal operator tell these, and deliver what follows."""
    made.postal.log.extend(changes)
    made.clock.move(minutes=1)
    made.follow("posti")
    made.deliver()


def brought(made: Engine, change: Change) -> str | None:
    """Return the key of the customer to whom an event brought anything."""
    event = made.store.digest("event/posti", change.event_id)
    return next((key for key in KEYS if any(h.event == event for h in made.facts(key))), None)


def take_back(made: Engine, target: Any) -> int:
    """Undo something, and deliver."""
    made.clock.move(minutes=1)
    report = undo(made.parts, target, by="liisa", reason="a test")
    made.deliver()
    return report.undo


@given(feeds(), st.data())
@settings(
    max_examples=20, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_undoing_restores_the_register(events: list[Change], data: st.DataObject) -> None:
    """The state before the update, then the one after it, then the one before: values, flags, ids, protection."""
    events = [loud(change) if data.draw(st.booleans()) else change for change in events]
    with engine() as made:
        chosen = data.draw(st.integers(0, len(events) - 1))
        tell(made, *events[:chosen])
        before = registered(made)
        tell(made, events[chosen])
        after, key = registered(made), brought(made, events[chosen])
        if key is None:
            return
        register = made.parts.registers["clinic"]
        event = made.store.digest("event/posti", events[chosen].event_id)
        first = take_back(made, update_target(made.parts, register, key, event))
        if events[chosen].protection:  # an order stays, and what it hid stays hidden
            assert mirror(made, key).protected
            assert Field.ADDRESS not in made.held(key)
            return
        assert registered(made) == before
        second = take_back(made, undo_target(made.parts, first))
        assert registered(made) == after
        take_back(made, undo_target(made.parts, second))
        assert registered(made) == before
        tell(made, *events)  # a replay of everything, and what had not come yet
        quiet = registered(made)
        tell(made, *events)
        assert registered(made) == quiet
        verify_chain(made.store)
