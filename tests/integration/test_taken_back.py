"""Notices that are taken back after they began, or ended, an order, or corrected a national id."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.holding import place_hold
from sync.model import Change, Fact, FactKind, Field, HoldKind, Identity, PartialDate
from tests.harness import MAIJA_ID, START, Engine, base, home, moved, protected
from tests.integration.whole_way import (
    CORRECTED_ID,
    NEW,
    OLD,
    cancellation,
    location_values,
    mirror,
    pull,
    watched,
)


def taken_back() -> Change:
    """Build the taking back of notice n1, by a provider that names the person."""
    return replace(cancellation(), identity=Identity(national_id=MAIJA_ID))


def test_an_order_whose_end_is_taken_back_hides_again(either: Engine) -> None:
    """P3, P4: what was learned of places meanwhile goes from everywhere, as when the order began."""
    watched(either)
    pull(either, protected())
    either.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(either, protected(event="p2", active=False, recorded=START - timedelta(hours=9), notice_id="n1"))
    assert either.held()[Field.ADDRESS] == NEW
    pull(either, taken_back())
    assert mirror(either).protected
    assert location_values(either) == []
    assert Field.ADDRESS not in either.held()


def test_an_order_that_is_taken_back_is_over_and_the_person_is_asked_for(engine: Engine) -> None:
    """Desk, mirror and matching agree, and what was not kept meanwhile comes from a look-up."""
    watched(engine)
    pull(engine, protected(notice_id="n1"))
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    pull(engine, taken_back())
    assert not mirror(engine).protected
    assert engine.held()[Field.ADDRESS] == NEW


def test_an_order_on_every_record_of_an_id_is_taken_back_on_every_one(engine: Engine) -> None:
    """It was carried out on all of them: none is left hidden by it."""
    engine.add("43", address=home("Toinenkuja", "43"))
    engine.load()
    engine.population.people[MAIJA_ID] = base(OLD)
    pull(engine, protected(notice_id="n1"))
    assert mirror(engine, "42").protected
    assert mirror(engine, "43").protected
    pull(engine, taken_back())
    assert not mirror(engine, "42").protected
    assert not mirror(engine, "43").protected


def test_a_corrected_id_that_is_taken_back_is_nobodys_alias(engine: Engine) -> None:
    """Whoever really has that id is not taken for the customer."""
    watched(engine)
    new_id = Fact(Field.NATIONAL_ID, FactKind.SET, CORRECTED_ID, PartialDate(2026, 11, 10))
    pull(engine, moved(None, event="id", facts=(new_id,), notice_id="n1"))
    assert mirror(engine).national_id == CORRECTED_ID
    pull(engine, taken_back())
    assert mirror(engine).national_id == MAIJA_ID
    pull(engine, moved(NEW, event="stranger", national_id=CORRECTED_ID), feed="posti")
    assert engine.outcomes("posti") == {"no_match": 1}
    assert engine.held()[Field.ADDRESS] == OLD


@pytest.mark.parametrize("name", [None, Field.ADDRESS])
def test_an_order_comes_back_although_the_customer_is_on_hold(engine: Engine, name: Field | None) -> None:
    """P1: what takes its end back is carried out at once, as the order itself would be."""
    watched(engine)
    pull(engine, protected())
    engine.population.people[MAIJA_ID] = base(NEW, since="2026-11-01")
    end = protected(event="p2", active=False, recorded=START - timedelta(hours=9), notice_id="n1")
    pull(engine, replace(end, facts=(Fact(Field.ADDRESS, FactKind.SET, NEW, PartialDate(2026, 11, 1)),)))
    kind = HoldKind.LOCK if name else HoldKind.RESTRICTION
    place_hold(engine.parts, engine.parts.registers["clinic"], "42", kind, name=name, by="officer", reason="disputed")
    pull(engine, taken_back())
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert Field.ADDRESS not in engine.held()
