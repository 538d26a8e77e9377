"""What stands in the register's own columns when a feed falls silent and speaks again."""

from sync.freshness.status import State
from sync.model import Field
from sync.noting import note_confirmed
from tests.harness import Engine
from tests.integration.whole_way import OLD, pull, state, watched


def column(engine: Engine) -> str:
    """Return the state that the clinic's own table shows of Maija."""
    record = engine.register.read("42")
    assert record
    assert record.status
    return record.status.state


def test_who_was_settled_in_a_silence_that_nobody_noted_is_not_left_behind(engine: Engine) -> None:
    """The daemon stood still, and somebody worked at the desk: when the feed speaks again, the column says what the desk does."""
    watched(engine, at=OLD)
    assert column(engine) == state(engine) == State.CURRENT
    engine.clock.move(days=20)
    note_confirmed(engine.parts, engine.parts.registers["clinic"], "42", Field.ADDRESS, by="liisa")
    pull(engine)
    assert column(engine) == state(engine) == State.CURRENT


def test_a_silence_stands_in_the_column_until_the_feed_speaks_again(engine: Engine) -> None:
    """Noted for everybody whom the feed watches at once, both times."""
    watched(engine, at=OLD)
    engine.clock.move(days=20)
    engine.deliver()
    assert column(engine) == state(engine) == State.NOT_COVERED
    pull(engine)
    assert column(engine) == state(engine) == State.CURRENT
