"""A new national id that waits for a reviewer, and orders that come under it meanwhile."""

from dataclasses import replace

import pytest

from adapters.cli.output import Exit
from sync.erasing import Ground, erase_customer
from sync.model import Change, Fact, FactKind, Field, PartialDate, PersonName
from sync.reviewing import decide_review
from sync.undoing import undo, update_target
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, moved, protected
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import CORRECTED_ID, NEW, OLD, location_values, mirror, open_review, pull, watched

ON = PartialDate(2026, 11, 10)


def became_somebody_else(event: str = "id", new: str = AINO_ID) -> Change:
    """Build the change by which a customer gets a new national id and another name at once."""
    name = Fact(Field.NAME, FactKind.SET, PersonName("Toinen", "Maija"), ON)
    return moved(None, event=event, facts=(Fact(Field.NATIONAL_ID, FactKind.SET, new, ON), name))


def ordered(engine: Engine) -> list[bool]:
    """Tell of both customers whether an order is in force."""
    return [mirror(engine, key).protected for key in ("42", "44")]


def review_of(engine: Engine, reason: str) -> int:
    """Return the open review that is one for this reason."""
    with engine.store.snapshot() as work:
        (review,) = [one for one in work.reviews() if one.reason == reason]
    return review.id


@pytest.fixture
def waiting(engine: Engine) -> Engine:
    """Give a customer whose new id waits for a reviewer, and one whom nothing was said of."""
    engine.add("44", national_id=CORRECTED_ID)
    engine.load()
    watched(engine)
    pull(engine, became_somebody_else(), feed="posti")
    assert engine.outcomes("posti") == {"review": 1}
    return engine


def test_an_order_under_an_id_that_a_reviewer_has_to_decide_about_is_carried_out(waiting: Engine) -> None:
    """P1: a new id that would make somebody else of the customer waits; the order that comes under it must not."""
    pull(waiting, protected(national_id=AINO_ID), feed="posti")
    assert ordered(waiting) == [True, False]
    assert location_values(waiting) == []
    assert Field.ADDRESS not in waiting.held()


def test_what_else_comes_under_an_id_in_review_waits_or_is_nobodys(waiting: Engine) -> None:
    """The order alone is carried out: it may be somebody else's, and so may the name that comes with it be."""
    name = Fact(Field.NAME, FactKind.SET, PersonName("Kolmas", "Maija"), ON)
    pull(waiting, moved(NEW, event="m", national_id=AINO_ID), feed="posti")
    pull(waiting, replace(protected(national_id=AINO_ID), facts=(name,)), feed="posti")
    assert waiting.outcomes("posti") == {"review": 2, "no_match": 1}
    assert waiting.held()[Field.NAME] == PersonName("Meikäläinen", "Maija")
    assert (mirror(waiting).national_id, mirror(waiting).former_ids) == (MAIJA_ID, ())


def test_whoever_decides_is_told_that_the_id_waits_for_another_decision(
    waiting: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to weigh: nobody has this id yet."""
    pull(waiting, protected(national_id=AINO_ID), feed="posti")
    capsys.readouterr()
    assert ajantasa(waiting, "review", "show", str(review_of(waiting, "id_in_review")), "--language", "fi") == Exit.OK
    assert "Henkilötunnus odottaa toista päätöstä" in capsys.readouterr().out


def test_the_end_of_an_order_under_an_id_in_review_waits_with_it(waiting: Engine) -> None:
    """P12: whose order has ended, somebody has to say first."""
    pull(waiting, protected(national_id=AINO_ID), feed="posti")
    order = review_of(waiting, "id_in_review")
    decide_review(waiting.parts, order, same=True, by="anna", reason="asked")
    pull(waiting, protected(event="p2", national_id=AINO_ID, active=False, recorded=START), feed="posti")
    assert ordered(waiting) == [True, False]
    decide_review(waiting.parts, review_of(waiting, "id_in_review"), same=True, by="anna", reason="asked")
    assert ordered(waiting) == [False, False]


def test_an_order_that_was_somebody_elses_is_lifted_by_a_privacy_officer(waiting: Engine) -> None:
    """P12: not by the reviewer's word."""
    pull(waiting, protected(national_id=AINO_ID), feed="posti")
    for reason in ("identity_changes", "id_in_review"):
        decide_review(waiting.parts, review_of(waiting, reason), same=False, by="anna", reason="asked")
    assert ordered(waiting) == [True, False]
    event = waiting.store.digest("event/posti", "p1")
    target = update_target(waiting.parts, waiting.parts.registers["clinic"], "42", event)
    undo(waiting.parts, target, by="officer", reason="not theirs", lift=True)
    assert ordered(waiting) == [False, False]


def test_an_order_under_an_id_that_was_somebody_elses_is_about_nobody(waiting: Engine) -> None:
    """Once a reviewer has said so, the id waits no longer."""
    decide_review(waiting.parts, open_review(waiting), same=False, by="anna", reason="asked")
    pull(waiting, protected(national_id=AINO_ID), feed="posti")
    assert ordered(waiting) == [False, False]
    assert waiting.held()[Field.ADDRESS] == OLD


def test_an_order_under_an_id_that_two_records_may_get_is_carried_out_on_both(engine: Engine) -> None:
    """P1: which of the records bears the old id rightly is what the reviewer is asked."""
    engine.add("44", national_id=MAIJA_ID)
    engine.load()
    watched(engine)
    new_id = Fact(Field.NATIONAL_ID, FactKind.SET, AINO_ID, ON)
    pull(engine, moved(None, event="id", facts=(new_id,)), feed="posti")
    pull(engine, protected(national_id=AINO_ID), feed="posti")
    assert ordered(engine) == [True, True]
    with engine.store.snapshot() as work:
        assert work.by_national_ids("clinic", [AINO_ID]) == {}


def test_an_order_about_somebody_erased_is_about_nobody(engine: Engine) -> None:
    """I10: nothing is looked for once the id is that of a tombstone."""
    engine.add("44", national_id=AINO_ID)
    engine.load()
    erase_customer(
        engine.parts, engine.parts.registers["clinic"], "44", Ground.NO_LONGER_NEEDED, by="officer", dry_run=False
    )
    pull(engine, protected(national_id=AINO_ID), feed="posti")
    assert engine.outcomes("posti") == {"no_match": 1}


def test_an_order_that_comes_in_one_page_with_the_id_gives_nobody_that_id(engine: Engine) -> None:
    """P1, and as if it had come in the next page: what is said under the id is nobody's until somebody decides."""
    watched(engine)
    pull(engine, became_somebody_else(), protected(national_id=AINO_ID), feed="posti")
    assert mirror(engine).protected
    assert mirror(engine).former_ids == ()
    name = Fact(Field.NAME, FactKind.SET, PersonName("Toinen", "Aino"), ON)
    pull(engine, moved(None, event="n", national_id=AINO_ID, facts=(name,)), feed="posti")
    assert engine.held()[Field.NAME] == PersonName("Meikäläinen", "Maija")
