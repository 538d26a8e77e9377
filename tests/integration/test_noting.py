"""What people at the desk note: that a value was confirmed, that something came back."""

import json
from datetime import date
from typing import Any

import pytest

from adapters.cli.output import Exit
from sync.errors import NotFound, OnHold
from sync.freshness.status import State
from sync.holding import place_hold
from sync.model import Field, HoldKind, Source
from sync.noting import note_confirmed, note_returned
from tests.harness import Engine, moved
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, OLD, mirror, state, watched
from tests.simulation.chain import verify_chain


def came_back(engine: Engine, day: date, field: Field = Field.ADDRESS) -> State:
    """Note that a letter came back."""
    return note_returned(engine.parts, engine.parts.registers["clinic"], "42", field, day, by="liisa")


def confirm(engine: Engine, field: Field = Field.ADDRESS) -> State:
    """Note that the customer said so."""
    return note_confirmed(engine.parts, engine.parts.registers["clinic"], "42", field, by="liisa")


def test_what_came_back_has_the_desk_ask_until_the_customer_confirms(either: Engine) -> None:
    """The value itself stays, in the register too, and the audit chain binds who noted what."""
    watched(either)
    either.clock.move(days=3)
    either.follow()
    assert came_back(either, date(2026, 11, 23)) is State.RETURNED
    assert state(either) is State.RETURNED
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    either.clock.move(days=1)
    either.follow()
    assert confirm(either) is State.CURRENT
    assert state(either) is State.CURRENT
    assert [f.source for f in either.facts() if f.fact.field is Field.ADDRESS][-2:] == [
        Source.RETURNED_MAIL,
        Source.CUSTOMER,
    ]
    verify_chain(either.store)


def test_what_came_back_before_the_last_confirmation_says_nothing(engine: Engine) -> None:
    """The letter had been on its way for long."""
    watched(engine)
    assert came_back(engine, date(2026, 11, 2)) is State.CURRENT


def test_a_letter_to_the_old_address_does_not_doubt_the_new_one(engine: Engine) -> None:
    """The move was announced before: what held on the day is what came back."""
    watched(engine)
    engine.population.log.append(moved(NEW, on="2026-11-22"))
    engine.follow()
    engine.clock.move(days=1)
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW
    assert came_back(engine, date(2026, 11, 21)) is not State.RETURNED


def test_nothing_is_noted_of_what_is_not_held(engine: Engine) -> None:
    """Neither of a field without a value, nor of a record that is not there; a restriction stands in the way."""
    watched(engine)
    with pytest.raises(NotFound, match="nothing is held of email"):
        confirm(engine, Field.EMAIL)
    with pytest.raises(NotFound, match="no such record"):
        note_confirmed(engine.parts, engine.parts.registers["clinic"], "7", Field.ADDRESS, by="liisa")
    place_hold(engine.parts, engine.parts.registers["clinic"], "42", HoldKind.RESTRICTION, by="officer", reason="asked")
    with pytest.raises(OnHold):
        confirm(engine)
    assert mirror(engine).values[Field.ADDRESS] == OLD


def test_the_commands_note_and_tell(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """`customer returned` and `customer confirmed`; a day to come and a field that cannot come back are refused."""
    watched(engine)
    engine.clock.move(days=1)
    engine.follow()
    assert ajantasa(engine, "customer", "returned", "42", "--on", "2026-11-22", "--by", "liisa", "--json") == Exit.OK
    told: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told == {"register": "clinic", "key": "42", "field": "address", "state": "returned"}
    assert ajantasa(engine, "customer", "confirmed", "42") == Exit.OK
    assert "The state of address is now: current." in capsys.readouterr().out
    assert ajantasa(engine, "customer", "returned", "42", "--on", "2027-01-01") == Exit.USAGE
    assert ajantasa(engine, "customer", "returned", "42", "--field", "phone") == Exit.USAGE
    assert ajantasa(engine, "customer", "confirmed", "42", "--field", "email") == Exit.NOT_FOUND
