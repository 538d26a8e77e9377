"""A provider that reports under a new national id and names the former ones, once."""

from typing import Any

import pytest

from sync.erasing import Ground, erase_customer
from sync.model import Change, Fact, FactKind, Field, Identity, PartialDate
from sync.reviewing import decide_review
from tests.harness import AINO_ID, MAIJA_ID, Engine, moved, protected
from tests.integration.whole_way import (
    CORRECTED_ID,
    NEW,
    OLD,
    location_values,
    mirror,
    open_review,
    pull,
    watched,
)


def test_an_order_under_an_id_by_which_the_customer_was_named_before_is_carried_out(engine: Engine) -> None:
    """P1: that both ids mean this customer is remembered, and the customer is watched for by both."""
    watched(engine)
    email = Fact(Field.EMAIL, FactKind.SET, "maija@example.fi", PartialDate(2026, 11, 10))
    named = Identity(national_id=CORRECTED_ID, former_ids=(MAIJA_ID,))
    pull(engine, moved(None, event="named", identity=named, facts=(email,)))
    assert engine.held()[Field.EMAIL] == "maija@example.fi"
    pull(engine, protected(national_id=CORRECTED_ID))
    assert mirror(engine).protected
    assert location_values(engine) == []
    assert Field.ADDRESS not in engine.held()


def named_by_both(**more: Any) -> Change:
    """Build a change of a person whom the provider names by the ids of both records."""
    return moved(None, event="both", identity=Identity(MAIJA_ID, (AINO_ID,)), **more)


@pytest.fixture
def two(either: Engine) -> Engine:
    """Give two records that bear one id each."""
    either.add("43", national_id=AINO_ID)
    either.load()
    return either


@pytest.mark.parametrize("decided", [True, False])
@pytest.mark.parametrize("id_", [MAIJA_ID, AINO_ID])
def test_an_order_about_a_merged_person_is_carried_out_on_every_record_of_them(
    two: Engine, id_: str, *, decided: bool
) -> None:
    """P1: two records bear one of the ids each; the provider says once that both mean one person."""
    pull(two, named_by_both(), feed="posti")
    assert two.outcomes("posti") == {"review": 1}
    if decided:
        decide_review(two.parts, open_review(two), same=True, by="reviewer", reason="the same")
    pull(two, protected(national_id=id_), feed="posti")
    for key in ("42", "43"):
        assert mirror(two, key).protected
        assert Field.ADDRESS not in two.held(key)


def test_an_order_in_the_page_that_names_both_ids_is_carried_out_on_every_record(two: Engine) -> None:
    """P1: orders go first, and what the page says of ids is known by then."""
    pull(two, named_by_both(), protected(national_id=AINO_ID), feed="posti")
    assert mirror(two, "42").protected
    assert mirror(two, "43").protected


@pytest.mark.parametrize("id_", [MAIJA_ID, AINO_ID])
def test_a_move_of_a_merged_person_waits_for_a_person(two: Engine, id_: str) -> None:
    """It may be written into either record, so that somebody has to say which."""
    pull(two, named_by_both(), feed="posti")
    pull(two, moved(NEW, national_id=id_), feed="posti")
    assert two.outcomes("posti") == {"review": 2}
    assert [two.held(key)[Field.ADDRESS] for key in ("42", "43")] == [OLD, OLD]


def test_an_id_that_waits_for_a_person_is_nobodys_alias(two: Engine) -> None:
    """Two records are named, and a third id is brought: whose that is has not been decided."""
    new_id = Fact(Field.NATIONAL_ID, FactKind.SET, CORRECTED_ID, PartialDate(2026, 11, 10))
    pull(two, named_by_both(facts=(new_id,)), feed="posti")
    pull(two, moved(NEW, national_id=CORRECTED_ID), feed="posti")
    assert two.outcomes("posti") == {"review": 1, "no_match": 1}


def test_an_erased_record_of_a_merged_person_leaves_no_id_behind(two: Engine) -> None:
    """The index knows nobody by what the erased record was known by."""
    pull(two, named_by_both(), feed="posti")
    for key in ("42", "43"):
        erase_customer(two.parts, two.parts.registers["clinic"], key, Ground.UNLAWFUL, by="officer", dry_run=False)
    with two.store.snapshot() as work:
        assert work.by_national_ids("clinic", [MAIJA_ID, AINO_ID]) == {}
