"""Rules that do not hold yet, and whose mending needs a decision."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.freshness.status import State
from sync.model import Address, Fact, FactKind, Field, Identity, PartialDate, PersonName, Source
from sync.reviewing import decide_review
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, make_engine, moved, protected
from tests.integration.whole_way import NEW, OLD, THIRD, mirror, open_review, pull, state, watched

open_ = pytest.mark.xfail(strict=True, reason="needs a decision")


@open_
def test_an_order_under_an_id_that_a_reviewer_has_to_decide_about_is_carried_out(engine: Engine) -> None:
    """P1: a new id that would make somebody else of the customer waits; the order that comes under it must not."""
    watched(engine)
    facts = (
        Fact(Field.NATIONAL_ID, FactKind.SET, AINO_ID, PartialDate(2026, 11, 10)),
        Fact(Field.NAME, FactKind.SET, PersonName("Toinen", "Maija"), PartialDate(2026, 11, 10)),
    )
    pull(engine, moved(None, event="id", facts=facts), feed="posti")
    assert engine.outcomes("posti") == {"review": 1}
    pull(engine, protected(national_id=AINO_ID), feed="posti")
    assert mirror(engine).protected


@open_
def test_an_order_is_ended_only_by_the_feed_that_gave_it(engine: Engine) -> None:
    """P12: what another provider says of its own orders, or the mail house, ends none of these."""
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="x", active=False, recorded=START - timedelta(hours=9)), feed="posti")
    assert mirror(engine).protected


@open_
def test_the_mail_house_ends_no_order(engine: Engine) -> None:
    """Returned mail is evidence only."""
    engine.postal._capabilities = replace(engine.postal._capabilities, source=Source.RETURNED_MAIL)
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="x", active=False, recorded=START - timedelta(hours=9)), feed="posti")
    assert mirror(engine).protected


@open_
def test_an_end_that_is_written_down_in_the_future_does_not_outrank_the_next_order(engine: Engine) -> None:
    """A provider's clock was ahead when the order ended, and is right when another one begins."""
    watched(engine)
    pull(engine, protected())
    pull(engine, protected(event="p2", active=False, recorded=START + timedelta(hours=5)))
    engine.clock.move(hours=1)
    pull(engine, protected(event="p3", recorded=engine.clock.now()))
    assert mirror(engine).protected


@open_
def test_a_mistyped_id_that_staff_mended_is_nobodys_alias(url: str) -> None:
    """Whoever really bears it is a stranger; their moves are not the customer's."""
    engine = make_engine(url)
    engine.add(national_id=AINO_ID)
    engine.run()
    engine.clock.move(hours=1)
    engine.register.put("42", {Field.NATIONAL_ID: MAIJA_ID})
    engine.run()
    pull(engine, moved(NEW, national_id=AINO_ID, recorded=engine.clock.now()), feed="posti")
    held = engine.held()
    engine.store.close()
    assert held[Field.ADDRESS] == OLD


@open_
def test_whoever_lives_abroad_is_not_covered(engine: Engine) -> None:
    """The state table: `not_covered` abroad."""
    watched(engine)
    pull(engine, moved(Address(lines=("Storgatan 1", "111 22 STOCKHOLM"), country="SE")))
    assert state(engine) is State.NOT_COVERED


@open_
def test_two_values_of_one_day_are_a_conflict(engine: Engine) -> None:
    """The state table: `conflict` for an open review or two values."""
    watched(engine)
    pull(engine, moved(NEW, on="2026-11-10"))
    pull(engine, moved(THIRD, on="2026-11-10", event="x"), feed="posti")
    assert state(engine) is State.CONFLICT


@open_
def test_an_order_about_a_merged_person_is_carried_out_on_every_record_of_them(engine: Engine) -> None:
    """P1: two records bear one of the ids each; the provider says once that both mean one person."""
    engine.add("43", national_id=AINO_ID)
    engine.load()
    both = Identity(national_id=MAIJA_ID, former_ids=(AINO_ID,))
    pull(engine, moved(None, event="merged", identity=both), feed="posti")
    assert engine.outcomes("posti") == {"review": 1}
    decide_review(engine.parts, open_review(engine), same=True, by="reviewer", reason="the same")
    pull(engine, protected(), feed="posti")
    assert mirror(engine, "42").protected
    assert mirror(engine, "43").protected
