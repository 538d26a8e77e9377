"""Undoing a reviewer's decision with all that followed from it, and a whole run of a feed."""

from dataclasses import replace

import pytest

from sync.errors import NotFound
from sync.model import Field, PersonName
from sync.ports.store import ReviewState
from sync.resync import resync_feed
from sync.reviewing import decide_review
from sync.undoing import decision_target, run_target, try_undo, undo, undo_target, update_target
from tests.harness import MAIJA_ID, START, Engine, moved
from tests.integration.undoing import everything, take_back_undo, waiting
from tests.integration.whole_way import NEW, OLD, THIRD, mirror, pull
from tests.simulation.chain import verify_chain

IDS = ["010190-902S", "010190-903T", "010190-904U", "010190-905V"]


def review_state(engine: Engine, review: int) -> ReviewState:
    """Return where a review stands."""
    with engine.store.snapshot() as work:
        return work.review(review).state


def test_a_decision_is_undone_with_what_followed_from_it(either: Engine) -> None:
    """The review says so, the facts count no longer, and nothing automatic decides it again."""
    review = waiting(either)
    before = everything(either)
    decide_review(either.parts, review, same=True, by="liisa", reason="asked")
    either.deliver()
    after = everything(either)
    assert either.held()[Field.ADDRESS] == NEW
    either.clock.move(minutes=1)
    report = undo(either.parts, decision_target(either.parts, review), by="pekka", reason="namesake")
    either.deliver()
    assert review_state(either, review) is ReviewState.UNDONE
    assert everything(either)[0] == before[0]
    resync_feed(either.parts, either.parts.feeds["posti"])
    either.deliver()
    assert either.held()[Field.ADDRESS] == OLD
    take_back_undo(either, report.undo)
    assert review_state(either, review) is ReviewState.SAME
    assert everything(either) == after


def test_a_no_that_was_undone_is_decided_again_by_a_resync(engine: Engine) -> None:
    """Its payload is gone: the provider has to tell it once more."""
    review = waiting(engine)
    decide_review(engine.parts, review, same=False, by="liisa", reason="")
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    with engine.store.snapshot() as work:
        assert work.reviews() == ()
    report = undo(engine.parts, decision_target(engine.parts, review), by="liisa", reason="too quick")
    assert report.undo
    assert review_state(engine, review) is ReviewState.UNDONE
    resync_feed(engine.parts, engine.parts.feeds["posti"])
    with engine.store.snapshot() as work:
        (anew,) = work.reviews()
    decide_review(engine.parts, anew.id, same=True, by="liisa", reason="")
    engine.deliver()
    assert engine.held()[Field.ADDRESS] == NEW


def test_what_nobody_decided_is_no_decision(engine: Engine) -> None:
    """An open review is not undone, and what does not exist is not found."""
    review = waiting(engine)
    for wrong in (lambda: decision_target(engine.parts, review), lambda: decision_target(engine.parts, 1)):
        with pytest.raises(NotFound):
            wrong()
    register = engine.parts.registers["clinic"]
    for key, event in (("nobody", "aa"), ("42", "zz"), ("42", "")):
        with pytest.raises(NotFound):
            update_target(engine.parts, register, key, event)
    with pytest.raises(NotFound):
        undo_target(engine.parts, 1)
    with pytest.raises(NotFound):
        run_target(engine.parts, "nobody", START, START)


@pytest.fixture
def town(either: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give an engine with five customers of whom all have moved, undone two at a time."""
    monkeypatch.setattr("sync.undoing.BATCH", 2)
    for number in range(4):
        either.add(str(number), name=PersonName(f"Koe{number}", "Aino"), national_id=IDS[number])
    either.load()
    either.clock.move(hours=1)
    keys = ["42", *"0123"]
    people = {key: mirror(either, key).national_id for key in keys}
    pull(either, *(moved(NEW, event=f"m{k}", national_id=id_) for k, id_ in people.items()), feed="posti")
    return either


def test_a_run_is_undone_for_everybody(town: Engine) -> None:
    """In parts, each one transaction; asked for once more, there is nothing left to do."""
    keys = ["42", *"0123"]
    assert {town.held(key)[Field.ADDRESS] for key in keys} == {NEW}
    after = {key: everything(town, key) for key in keys}
    target = run_target(town.parts, "posti", town.clock.now(), town.clock.now())
    assert len(list(try_undo(town.parts, target))) == 5
    town.clock.move(minutes=1)
    report = undo(town.parts, target, by="liisa", reason="wrong file")
    town.deliver()
    assert (report.customers, report.done) == (5, True)
    assert {town.held(key)[Field.ADDRESS] for key in keys} == {OLD}
    assert undo(town.parts, target, by="liisa", reason="wrong file").facts == 0
    take_back_undo(town, report.undo)
    assert {key: everything(town, key) for key in keys} == after
    verify_chain(town.store)


def test_an_interrupted_run_goes_on_under_its_own_number(town: Engine) -> None:
    """Stopped after the first part, the same command does the rest; one undoing takes all of it back."""
    target = run_target(town.parts, "posti", START, town.clock.now())
    answers = iter([False, True])
    first = undo(replace(town.parts, stopping=lambda: next(answers)), target, by="liisa", reason="x")
    assert (first.customers, first.done) == (2, False)
    second = undo(town.parts, target, by="liisa", reason="x")
    assert (second.customers, second.done, second.undo) == (3, True, first.undo)
    town.deliver()
    assert {town.held(key)[Field.ADDRESS] for key in "0123"} == {OLD}
    assert take_back_undo(town, first.undo).customers == 5
    assert {town.held(key)[Field.ADDRESS] for key in "0123"} == {NEW}


def test_a_run_is_what_came_between_two_moments(town: Engine) -> None:
    """What came before or after, from another feed, or by a person's decision, stays."""
    since = town.clock.now()
    town.clock.move(hours=1)
    pull(town, moved(THIRD, on="2026-11-05", event="later", national_id=MAIJA_ID), feed="posti")
    undo(town.parts, run_target(town.parts, "posti", since, since), by="liisa", reason="x")
    town.deliver()
    assert town.held("42")[Field.ADDRESS] == THIRD
    assert town.held("0")[Field.ADDRESS] == OLD
    early = run_target(town.parts, "posti", since.replace(year=2020), since.replace(year=2021))
    assert list(try_undo(town.parts, early)) == []
