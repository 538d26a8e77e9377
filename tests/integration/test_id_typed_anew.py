"""A national id that staff type into a record that has another, or a mistyped one."""

from dataclasses import replace

import pytest

from sync.freshness.status import State
from sync.model import Field, Protection
from tests.harness import AINO_ID, MAIJA_ID, base, make_engine
from tests.integration.whole_way import NEW, OLD, mirror, state


@pytest.mark.parametrize("known", [True, False])
def test_whoever_gets_another_id_is_looked_up_by_it(url: str, known: bool) -> None:
    """P1, P2: what a provider said of the wrong id, or that it knew nobody, tells nothing of orders about the right one."""
    engine = make_engine(url)
    engine.add(national_id=AINO_ID)
    engine.population.people = {MAIJA_ID: replace(base(NEW), protection=Protection(active=True, code="TURVAKIELTO"))}
    if known:
        engine.population.people[AINO_ID] = base(OLD, national_id=AINO_ID)
    engine.run()
    assert state(engine) is (State.CURRENT if known else State.NOT_COVERED)
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.NATIONAL_ID: MAIJA_ID})
    engine.run()
    assert mirror(engine).protected
    assert state(engine) is State.CONTACT_ONLY
    assert Field.ADDRESS not in engine.held()
    engine.store.close()
