"""What a reviewer said of two people stands: nobody is asked again, and nobody is taken for the other later."""

from typing import Any

import pytest

from adapters.cli.output import Exit
from sync.model import Change, Fact, FactKind, Field, Identity, Outcome, PartialDate, PersonName
from sync.reviewing import decide_review
from sync.undoing import decision_target, undo
from tests.harness import MAIJA_ID, Engine, home, moved
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, OLD, THIRD, open_review, pull

FOURTH = home("Neljästie", "4")


def stranger(to: Any, came_from: Any = OLD, *, event: str = "s1", **more: Any) -> Change:
    """Build the change of somebody who is called nearly like the customer, and lived at the same address."""
    names = (PersonName("Meikäläinen", "Mari"),)
    identity = Identity(names=names, birth_date=PartialDate(1952, 10, 13), addresses=(came_from,))
    return moved(to, event=event, identity=more.pop("identity", identity), **more)


def reviews(engine: Engine) -> int:
    """Count the open reviews."""
    with engine.store.snapshot() as work:
        return len(work.reviews())


def refuse(engine: Engine) -> int:
    """Say that the open review is about somebody else; returns its id."""
    review = open_review(engine)
    assert decide_review(engine.parts, review, same=False, by="anna", reason="cousins") is Outcome.NO_MATCH
    return review


@pytest.fixture
def refused(either: Engine) -> Engine:
    """Give a customer whose cousin moved, and a reviewer who said that they are two."""
    pull(either, stranger(NEW), feed="posti")
    refuse(either)
    return either


def test_the_next_change_about_the_same_two_is_not_asked_about(refused: Engine) -> None:
    """Neither the same description again, nor the cousin's next moves, from where the last one led."""
    pull(refused, stranger(THIRD, event="s2"), feed="posti")
    pull(refused, stranger(FOURTH, THIRD, event="s3"), stranger(OLD, FOURTH, event="s4"), feed="posti")
    assert reviews(refused) == 0
    assert refused.outcomes("posti") == {"no_match": 4}
    assert refused.held()[Field.ADDRESS] == OLD


def test_the_customers_own_change_is_applied(refused: Engine) -> None:
    """The cousin's description is not theirs: their own move is applied as before."""
    own = Identity(names=(PersonName("Meikäläinen", "Maija"),), birth_date=PartialDate(1952, 10, 13), addresses=(OLD,))
    pull(refused, stranger(NEW, identity=own, event="own"), feed="posti")
    assert refused.held()[Field.ADDRESS] == NEW


def test_an_equal_id_still_decides(refused: Engine) -> None:
    """Whatever was said of a description: a change that bears the customer's own id is about them."""
    known = stranger(NEW).identity
    with_id = Identity(MAIJA_ID, names=known.names, birth_date=known.birth_date, addresses=known.addresses)
    pull(refused, stranger(NEW, identity=with_id, event="id"), feed="posti")
    assert refused.held()[Field.ADDRESS] == NEW


def test_one_of_two_records_with_one_id_is_told_apart(engine: Engine) -> None:
    """The reviewer said of one record that it is another person: the next change goes to the other record alone."""
    engine.add("43", address=home("Toinenkuja", "43"))
    engine.load()
    pull(engine, moved(NEW), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
        key = work.customers([review.best.customer_id])[review.best.customer_id].key
    refuse(engine)
    pull(engine, moved(THIRD, on="2026-11-10", event="e2"), feed="posti")
    other = {"42": "43", "43": "42"}[key]
    assert engine.held(other)[Field.ADDRESS] == THIRD
    assert engine.held(key)[Field.ADDRESS] != THIRD
    assert reviews(engine) == 0


def test_a_decision_that_was_undone_says_nothing(engine: Engine) -> None:
    """The next change is asked about again."""
    pull(engine, stranger(NEW), feed="posti")
    review = refuse(engine)
    undo(engine.parts, decision_target(engine.parts, review), by="anna", reason="they are one")
    pull(engine, stranger(THIRD, event="s2"), feed="posti")
    assert reviews(engine) == 1


def test_provenance_tells_the_reviewers_reason(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the name."""
    said = (Fact(Field.EMAIL, FactKind.SET, "mari@example.com", PartialDate.parse("2026-11-01")),)
    pull(engine, stranger(None, facts=said), feed="posti")
    decide_review(engine.parts, open_review(engine), same=True, by="anna", reason="she told us")
    capsys.readouterr()
    assert ajantasa(engine, "customer", "provenance", "42", "--field", "email") == Exit.OK
    told = capsys.readouterr().out
    assert "anna" in told
    assert "Reason: she told us." in told
