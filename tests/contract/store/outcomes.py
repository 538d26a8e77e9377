"""What every store promises of dispositions, reviews, deliveries and retention."""

from dataclasses import fields, replace

import pytest
import sqlalchemy as sa

from adapters.store import SqlStore
from sync.errors import NotFound, SomebodyWasFirst
from sync.model import LOCATION_FIELDS, Candidate, Change, Evidence, Field, Identity, Outcome
from sync.parts import Retention
from sync.ports.store import DeadLetter, DeliveryState, Parked, ReviewState, UnitOfWork
from tests.contract.store.samples import EVERY_PART, TTL, customer, delivery, keep, outcome, review, stored, write
from tests.harness import START


class Outcomes:
    """What became of each change, what waits, and how long either is kept."""

    # --- dispositions -------------------------------------------------------------------------------------------------

    def test_an_event_has_one_outcome(self, store: SqlStore) -> None:
        """A later one replaces it; other feeds' events are others."""
        write(
            store, lambda work: work.add_dispositions([outcome("e1", Outcome.REVIEW), outcome("e2", Outcome.NO_MATCH)])
        )
        write(store, lambda work: work.add_dispositions([outcome("e1", Outcome.APPLIED)]))
        with store.snapshot() as work:
            assert work.outcomes("posti", ["e1", "e2", "e3"]) == {"e1": Outcome.APPLIED, "e2": Outcome.NO_MATCH}
            assert work.outcomes("vtj", ["e1"]) == {}
            assert work.counts().dispositions == {("posti", "applied"): 1, ("posti", "no_match"): 1}

    def test_an_outcome_is_replaced_in_the_unit_of_work_that_found_none(self, store: SqlStore) -> None:
        """An event of which it was known that it had none has one by then."""

        def twice(work: UnitOfWork) -> None:
            assert work.outcomes("posti", ["e1"]) == {}
            work.add_dispositions([outcome("e1", Outcome.REVIEW)])
            work.add_dispositions([outcome("e1", Outcome.APPLIED)])

        write(store, twice)
        with store.snapshot() as work:
            assert work.outcomes("posti", ["e1"]) == {"e1": Outcome.APPLIED}

    def test_many_at_once(self, store: SqlStore) -> None:
        """More than any engine takes as parameters of one statement."""
        events = [f"e{n}" for n in range(12_000)]
        write(store, lambda work: work.add_dispositions([outcome(e, Outcome.NO_MATCH) for e in events]))
        with store.snapshot() as work:
            assert len(work.outcomes("posti", events)) == 12_000
            assert work.customers(range(40_000)) == {}

    def test_texts_that_no_database_takes_are_kept_readable(self, store: SqlStore) -> None:
        """NUL characters and unpaired surrogates of a provider's position do not stop its neighbours."""
        bad = "a\x00b\ud800"
        letter = DeadLetter("posti", "e1", bad, bad, b"\x00", START)
        write(store, lambda work: work.add_dead_letters([letter], START))
        write(store, lambda work: work.add_dispositions([replace(outcome("e1", Outcome.APPLIED), position=bad)]))
        (one,) = keep(store, customer())
        write(store, lambda work: work.add_reviews([replace(review(one.id), position=bad, reason=bad)]))
        with store.snapshot() as work:
            assert work.reviews()[0].position == "a\N{REPLACEMENT CHARACTER}b?"

    # --- reviews ------------------------------------------------------------------------------------------------------

    def test_a_review_is_decided_once(self, store: SqlStore) -> None:
        """The payload is destroyed, and the second to decide is told."""
        (one,) = keep(store, customer())
        waiting = review(one.id)
        write(store, lambda work: work.add_reviews([waiting]))
        with store.snapshot() as work:
            (listed,) = work.reviews()
            assert listed.change is None
            assert replace(work.review(listed.id), id=0) == waiting
            assert work.under_review([one.id, 5]) == {one.id}
            assert work.under_review_by("posti", [waiting.notice, "other"]) == {one.id}
            assert work.under_review_by("vtj", [waiting.notice]) == work.under_review_by("posti", ["other"]) == set()
            assert work.decided("posti", ["e1"]) == frozenset()
        write(store, lambda work: work.decide_review(listed.id, ReviewState.SAME, "liisa", "called", START))
        with pytest.raises(SomebodyWasFirst):
            write(store, lambda work: work.decide_review(listed.id, ReviewState.DIFFERENT, "x", "y", START))
        with store.snapshot() as work:
            decided = work.review(listed.id)
            assert (decided.change, decided.state, decided.decided_by) == (None, ReviewState.SAME, "liisa")
            assert work.reviews() == ()
            assert len(work.reviews(None)) == 1
            assert work.under_review([one.id]) == work.under_review_by("posti", [waiting.notice]) == set()
            assert work.decided("posti", ["e1", "e2"]) == {"e1"}
            assert work.decided("vtj", ["e1"]) == frozenset()

    def test_a_review_from_before_null_hypotheses_is_read(self, store: SqlStore) -> None:
        """A row whose candidates hold their evidence alone: the prior was what the weight had besides."""
        (one,) = keep(store, customer())
        write(store, lambda work: work.add_reviews([review(one.id)]))
        with store._engine.begin() as connection:
            old = f'[[{one.id},-4.5,[["surname","equal",8.5],["phone","different",-1.0]]],[7,1.0,[]]]'
            connection.execute(sa.text("UPDATE review SET evidence = :evidence"), {"evidence": old})
        evidence = (Evidence("surname", "equal", 8.5), Evidence("phone", "different", -1.0))
        with store.snapshot() as work:
            (found,) = work.reviews()
            assert found.best == Candidate(one.id, -4.5, evidence, prior=-12.0)
            assert found.runner_up == Candidate(7, 1.0, (), prior=1.0)

    def test_a_review_that_is_not_there(self, store: SqlStore) -> None:
        """It is said so."""
        with pytest.raises(NotFound), store.snapshot() as work:
            work.review(1)

    def test_cancelling_closes_reviews(self, store: SqlStore) -> None:
        """And gives their events the outcome that they have now."""
        (one,) = keep(store, customer())
        write(store, lambda work: work.add_reviews([replace(review(one.id), notice="n1")]))
        write(store, lambda work: work.add_dispositions([outcome("e1", Outcome.REVIEW)]))
        write(store, lambda work: work.cancel("posti", ["n1"], START))
        with store.snapshot() as work:
            (closed,) = work.reviews(None)
            assert (closed.state, work.review(closed.id).change) == (ReviewState.CANCELLED, None)
            assert work.outcomes("posti", ["e1"]) == {"e1": Outcome.SUPERSEDED}

    # --- deliveries ---------------------------------------------------------------------------------------------------

    def test_what_a_delivery_carries_is_kept_for_good(self, store: SqlStore) -> None:
        """Which facts, by their ids, and which fields it empties; when its payload is gone, too."""
        (one,) = keep(store, customer())
        with store.begin() as work:
            ids = work.add_facts([stored(one.id), stored(one.id)])
            work.audit("test", "said", START, {})
            work.commit()
        with store.snapshot() as work:
            assert tuple(held.id for held in work.facts([one.id])[one.id]) == ids
        what = {Field.ADDRESS: ids[0], Field.PHONE: None}
        write(store, lambda work: work.add_deliveries([replace(delivery(one.id), carried=what)]))
        with store.snapshot() as work:
            waiting = work.pending([one.id])[one.id]
        done = replace(waiting, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=START)
        write(store, lambda work: work.save_deliveries([done]))
        write(store, lambda work: work.add_deliveries([delivery(one.id)]))
        with store.snapshot() as work:
            first, second = work.deliveries_of(one.id)
            assert (first.carried, first.values, first.acknowledged_at) == (what, {}, START)
            assert (second.carried, second.state) == ({}, DeliveryState.PENDING)
            assert work.deliveries_of(one.id + 1) == ()

    def test_a_delivery_comes_back_as_it_was(self, store: SqlStore) -> None:
        """With what it empties, and what was tried before it."""
        (one,) = keep(store, customer())
        sent = replace(delivery(one.id), purge=LOCATION_FIELDS, tried=({Field.PHONE: None, Field.ADDRESS: EVERY_PART},))
        write(store, lambda work: work.add_deliveries([sent]))
        with store.snapshot() as work:
            found = work.pending([one.id])[one.id]
            assert replace(found, id=0) == sent
            assert work.due_deliveries("clinic", START, 9) == (found,)

    def test_one_delivery_of_a_customer_waits(self, store: SqlStore) -> None:
        """A newer one takes the place of the older, whose payload is destroyed."""
        (one,) = keep(store, customer())
        for _ in range(2):
            write(store, lambda work: work.add_deliveries([delivery(one.id)]))
        with store.snapshot() as work:
            assert len(work.due_deliveries("clinic", START, 9)) == 1
            assert work.counts().deliveries == {("clinic", "pending"): 1, ("clinic", "superseded"): 1}
            sealed = "SELECT count(*) FROM delivery WHERE sealed IS NOT NULL"
            assert work._db.exec_driver_sql(sealed).scalar() == 1  # type: ignore[attr-defined]

    def test_purges_go_first_and_the_put_off_wait(self, store: SqlStore) -> None:
        """P1: an order is carried out before everything else."""
        ids = [c.id for c in keep(store, customer("1"), customer("2"), customer("3"))]
        write(
            store,
            lambda work: work.add_deliveries([delivery(ids[0]), replace(delivery(ids[1]), purge=LOCATION_FIELDS)]),
        )
        write(store, lambda work: work.add_deliveries([replace(delivery(ids[2]), not_before=START + TTL)]))
        with store.snapshot() as work:
            assert [d.customer_id for d in work.due_deliveries("clinic", START, 9)] == [ids[1], ids[0]]
            assert len(work.due_deliveries("clinic", START + TTL, 9)) == 3
            assert len(work.due_deliveries("clinic", START + TTL, 2)) == 2

    def test_a_finished_delivery_holds_nothing(self, store: SqlStore) -> None:
        """Its payload is destroyed."""
        (one,) = keep(store, customer())
        write(store, lambda work: work.add_deliveries([delivery(one.id)]))
        with store.snapshot() as work:
            waiting = work.pending([one.id])[one.id]
        write(store, lambda work: work.save_deliveries([replace(waiting, state=DeliveryState.ACKNOWLEDGED)]))
        with store.snapshot() as work:
            assert work.pending([one.id]) == {}
            sealed = "SELECT count(*) FROM delivery WHERE sealed IS NOT NULL"
            assert work._db.exec_driver_sql(sealed).scalar() == 0  # type: ignore[attr-defined]

    # --- retention ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("category", [field.name for field in fields(Retention) if field.name != "previous_values"])
    def test_what_is_older_goes_by_category(self, store: SqlStore, category: str) -> None:
        """What is not older stays, and so does everything of other categories."""
        (one,) = keep(store, customer())
        write(
            store, lambda work: work.add_dispositions([outcome("e0", Outcome.NO_MATCH), outcome("e1", Outcome.REVIEW)])
        )
        write(store, lambda work: work.add_dead_letters([DeadLetter("f", "e", "p", "r", b"{", START)], START))
        write(store, lambda work: work.note_reading("liisa", "clinic", one.id, START, revealed=True))
        write(store, lambda work: work.add_reviews([review(one.id)]))
        write(store, lambda work: work.park([Parked("f", "e2", Change("e2", "p", Identity()), one.id, START)]))
        write(store, lambda work: work.cancel("f", ["n"], START))
        write(store, lambda work: work.bury(work.tombstones_of(one, START)[:1]))
        gone = []
        for before in (START, START + TTL, START + TTL):
            write(store, lambda work, before=before: gone.append(work.forget_before(category, before)))
        assert gone == [0, 1, 0]

    def test_an_unknown_category_is_a_mistake(self, store: SqlStore) -> None:
        """Nothing is forgotten by a slip of the pen."""
        with pytest.raises(ValueError, match="category"), store.begin() as work:
            work.forget_before("everything", START)
