"""What every store promises of facts."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapters.store import SqlStore
from sync.model import (
    LOCATION_FIELDS,
    Candidate,
    Evidence,
    Fact,
    FactKind,
    Field,
    HeldFact,
    MatchRule,
    NullHypothesis,
    PartialDate,
    Source,
)
from sync.ports.store import Provenance, StoredFact
from tests.contract.store.samples import (
    CORRECTION,
    EVIDENCE,
    TTL,
    VALUES,
    add,
    customer,
    delivery,
    keep,
    review,
    said,
    stored,
    write,
)
from tests.harness import START, home
from tests.simulation.chain import verify_chain


class Facts:
    """What is added comes back as it was; what is forgotten is gone."""

    @pytest.mark.parametrize("field", list(VALUES))
    def test_a_fact_comes_back_as_it_was(self, store: SqlStore, field: Field) -> None:
        """With its provenance, whatever its value."""
        fact = Fact(
            field, FactKind.CORRECTED, VALUES[field], PartialDate(2026), PartialDate(2120, 2, 28), VALUES[field]
        )
        held = HeldFact(fact, Source.POSTAL_OPERATOR, "posti", START, START - TTL, "e" * 32, "n" * 32)
        why = Provenance("p", MatchRule.WEIGHT, 12.5, EVIDENCE, "m1", "liisa", NullHypothesis.HOUSEHOLD_MEMBER, -3.25)
        with store.begin() as work:
            (one,) = work.add_customers([customer()])
            work.add_facts([StoredFact(one.id, held, why)])
            work.audit("a", "b", START, {})
            work.commit()
        with store.snapshot() as work:
            (found,) = work.stored_facts(one.id)
            assert replace(found, held=replace(found.held, id=0)) == StoredFact(one.id, held, why)
            assert work.facts([one.id]) == {one.id: (found.held,)}

    def test_a_fact_has_the_id_that_it_brings(self, store: SqlStore) -> None:
        """Or else a new one; a delivery may name it before it is written."""
        (one,) = keep(store, customer())
        with store.begin() as work:
            brought = stored(one.id)
            brought = replace(brought, held=replace(brought.held, id=work.new_id()))
            ids = work.add_facts([brought, stored(one.id)])
            work.audit("test", "test", START, {})
            work.commit()
        assert ids[0] == brought.held.id != ids[1]
        with store.snapshot() as work:
            assert sorted(held.id for held in work.facts([one.id])[one.id]) == sorted(ids)

    def test_provenance_from_before_null_hypotheses_is_read(self, store: SqlStore) -> None:
        """A row that holds its evidence alone: the prior was what the weight had besides."""
        (one,) = keep(store, customer(), said(home()))
        with store._engine.begin() as connection:
            old = {"weight": -4.5, "evidence": '[["surname","equal",8.5],["phone","different",-1.0],["email","x",0]]'}
            connection.execute(sa.text("UPDATE fact SET rule = 'weight', weight = :weight, evidence = :evidence"), old)
        evidence = (Evidence("surname", "equal", 8.5), Evidence("phone", "different", -1.0), Evidence("email", "x", 0))
        with store.snapshot() as work:
            (found,) = work.stored_facts(one.id)
            assert found.weighed == Candidate(one.id, -4.5, evidence, prior=-12.0)

    def test_what_nobody_weighed_has_no_candidate(self, store: SqlStore) -> None:
        """A value read from the register, or found by its national id, explains no weight."""
        (one,) = keep(store, customer(), said(home()))
        by_id = Provenance("p", MatchRule.NATIONAL_ID, None, (Evidence("national_id", "equal", 0.0),))
        write(store, lambda work: add(work, [StoredFact(one.id, said(home("Toinen")), by_id)]))
        with store.snapshot() as work:
            assert [stored.weighed for stored in work.stored_facts(one.id)] == [None, None]
            assert work.stored_facts(one.id)[1].provenance == by_id

    def test_a_cancelled_notice_marks_its_facts(self, store: SqlStore) -> None:
        """Of that feed only, whether it comes before or after."""
        (one,) = keep(store, customer(), said(home(), notice="n1"), said(home("Toinen"), notice="n1", origin="other"))
        with store.snapshot() as work:
            assert work.by_notices("posti", ["n1", "n2"]) == {"n1": (one.id,)}
            assert work.cancelled("posti", ["n1"]) == frozenset()
        write(store, lambda work: work.cancel("posti", ["n1"], START))
        write(store, lambda work: work.cancel("posti", ["n1"], START))
        with store.snapshot() as work:
            assert [held.cancelled for held in work.facts([one.id])[one.id]] == [True, False]
            assert [held.cancelled_at for held in work.facts([one.id])[one.id]] == [START, None]
            assert work.cancelled("posti", ["n1", "n2"]) == {"n1"}

    def test_a_forgotten_location_is_gone(self, store: SqlStore) -> None:
        """The rows stay; values, queue and review hold it no longer; other fields do."""
        (one,) = keep(store, customer(), said(home()), said("+358401234567", Field.PHONE))
        write(store, lambda work: work.add_deliveries([delivery(one.id)]))
        write(store, lambda work: work.add_reviews([review(one.id)]))
        write(store, lambda work: work.forget_location({one.id: LOCATION_FIELDS}))
        with store.snapshot() as work:
            place, phone = work.facts([one.id])[one.id]
            assert (place.fact.value, place.purged) == (None, True)
            assert (phone.fact.value, phone.purged) == ("+358401234567", False)
            assert work.pending([one.id]) == {}
            change = work.review(work.reviews()[0].id).change
            assert [fact.field for fact in change.facts] == [Field.PHONE]
            assert change.identity.addresses == ()
        verify_chain(store)

    def test_what_may_have_been_written_is_remembered_without_its_place(self, store: SqlStore) -> None:
        """A delivery that was tried stays in the queue, and nothing in it tells where somebody is."""
        (one,) = keep(store, customer())
        tried = replace(delivery(one.id), attempts=1, tried=({Field.ADDRESS: home(), Field.EMAIL: "a@example.org"},))
        write(store, lambda work: work.add_deliveries([replace(tried, carried={Field.ADDRESS: 7, Field.PHONE: 8})]))
        write(store, lambda work: work.forget_location({one.id: LOCATION_FIELDS}))
        with store.snapshot() as work:
            left = work.pending([one.id])[one.id]
        assert (left.values, left.tried) == ({Field.PHONE: None}, ({Field.EMAIL: "a@example.org"},))
        assert (left.carried, left.attempts) == ({Field.PHONE: 8}, 1)

    def test_forgotten_values_leave_their_rows(self, store: SqlStore) -> None:
        """Whole, or only what was wrong in a correction."""
        (one,) = keep(store, customer(), said(home()), CORRECTION)
        with store.snapshot() as work:
            assert work.with_history(START + TTL, 0, 9) == (one.id,)
            place, phone = work.facts([one.id])[one.id]
        write(store, lambda work: work.forget_values([place.id], [phone.id]))
        with store.snapshot() as work:
            place, phone = work.facts([one.id])[one.id]
        assert (place.purged, place.fact.value) == (True, None)
        assert (phone.purged, phone.fact.value, phone.fact.wrong) == (False, "1", None)
        verify_chain(store)
