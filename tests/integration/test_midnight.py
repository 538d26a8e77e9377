"""A page that is worked on while one day becomes the next."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.model import Fact, FactKind, Field, PartialDate
from sync.steps import apply
from tests.harness import Engine, moved
from tests.integration.whole_way import CORRECTED_ID, NEW, mirror, pull, watched


def test_what_holds_from_the_new_day_holds_in_the_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new id is known to the mirror, and the address stands in the register."""
    watched(engine)
    local = engine.clock.now().astimezone(ZoneInfo("Europe/Helsinki"))
    engine.clock.move(seconds=(local.replace(hour=23, minute=59, second=59) - local).total_seconds())
    tomorrow = PartialDate.of(local.date() + timedelta(days=1))
    write = apply._write  # the day turns while the page is worked on

    def write_after_midnight(*given: Any) -> None:
        engine.clock.move(seconds=5)
        write(*given)

    monkeypatch.setattr(apply, "_write", write_after_midnight)
    said = [(Field.NATIONAL_ID, CORRECTED_ID), (Field.ADDRESS, NEW)]
    pull(engine, moved(None, event="n", facts=tuple(Fact(f, FactKind.SET, value, tomorrow) for f, value in said)))
    engine.run()
    assert mirror(engine).corrected_id == CORRECTED_ID
    assert engine.held()[Field.ADDRESS] == NEW
