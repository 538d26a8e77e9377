"""A national id that staff type into a record that has another, or a mistyped one."""

from dataclasses import replace

import pytest

from sync.freshness.status import State
from sync.model import Change, Fact, FactKind, Field, PartialDate, Protection
from tests.harness import AINO_ID, MAIJA_ID, Engine, base, make_engine, moved, protected
from tests.integration.whole_way import CORRECTED_ID, NEW, OLD, cancellation, mirror, pull, state


def typed(engine: Engine, national_id: str | None) -> None:
    """Have staff write another national id into the record, or none."""
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.NATIONAL_ID: national_id})
    engine.load()


def became(new: str, *, of: str = MAIJA_ID) -> Change:
    """Build the change by which a provider says that an id became another one."""
    fact = Fact(Field.NATIONAL_ID, FactKind.SET, new, PartialDate(2026, 11, 10))
    return moved(None, event="id", national_id=of, facts=(fact,), notice_id="n1")


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


@pytest.mark.parametrize("mended", [AINO_ID, None])
def test_a_mistyped_id_that_staff_mended_is_nobodys_alias(either: Engine, mended: str | None) -> None:
    """Whoever really bears it is a stranger; their moves are not the customer's."""
    typed(either, mended)
    pull(either, moved(NEW, recorded=either.clock.now()), feed="posti")
    assert either.outcomes("posti") == {"no_match": 1}
    assert either.held()[Field.ADDRESS] == OLD
    with either.store.snapshot() as work:
        assert work.by_national_ids("clinic", [MAIJA_ID]) == {}


def test_an_id_that_a_provider_replaced_before_staff_typed_another_person_is_nobodys_alias(engine: Engine) -> None:
    """That two ids are one person's does not make them those of whoever the staff say the customer is."""
    pull(engine, became(CORRECTED_ID), feed="posti")
    typed(engine, AINO_ID)
    assert (mirror(engine).national_id, mirror(engine).former_ids) == (AINO_ID, ())


@pytest.mark.parametrize("first", ["provider", "staff"])
def test_an_order_under_the_old_id_is_carried_out_whoever_told_the_new_one_first(either: Engine, first: str) -> None:
    """P1: a provider has said that the old id became the new one, so that both are the customer's."""
    if first == "provider":
        pull(either, became(CORRECTED_ID), feed="posti")
    typed(either, CORRECTED_ID)
    if first == "staff":
        pull(either, became(CORRECTED_ID), feed="posti")
    assert (mirror(either).national_id, mirror(either).former_ids) == (CORRECTED_ID, (MAIJA_ID,))
    pull(either, protected(), feed="posti")
    assert mirror(either).protected
    assert Field.ADDRESS not in either.held()


def test_an_id_that_one_page_brings_and_takes_back_is_nobodys_alias(engine: Engine) -> None:
    """What a provider has taken back, nobody has said."""
    pull(engine, became(CORRECTED_ID), cancellation(), feed="posti")
    assert (mirror(engine).national_id, mirror(engine).former_ids) == (MAIJA_ID, ())
    pull(engine, moved(NEW, event="stranger", national_id=CORRECTED_ID), feed="posti")
    assert engine.held()[Field.ADDRESS] == OLD


def test_an_id_that_came_after_staff_typed_their_own_is_no_alias_once_it_is_taken_back(engine: Engine) -> None:
    """What staff typed holds all the while, and the provider's word is gone for good."""
    typed(engine, AINO_ID)
    pull(engine, became(CORRECTED_ID, of=AINO_ID), feed="posti")
    typed(engine, AINO_ID)
    pull(engine, cancellation(), feed="posti")
    assert (mirror(engine).national_id, mirror(engine).former_ids) == (AINO_ID, ())
