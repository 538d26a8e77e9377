"""What every store does: the port's promises, as tests that each engine's module inherits."""

from collections.abc import Collection, Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.store import Keyring, SqlStore, candidates, open_store
from adapters.store.candidates import MOST_CANDIDATES, MOST_OF_FEW
from sync.errors import LeaseLost, NotFound, SomebodyWasFirst
from sync.matching import keys as blocking
from sync.matching.keys import BLOCK_LIMIT, is_location
from sync.matching.prepared import Prepared, prepare_customer
from sync.model import (
    LOCATION_FIELDS,
    Address,
    AddressStatus,
    Candidate,
    Change,
    Customer,
    Evidence,
    Fact,
    FactKind,
    Field,
    HeldFact,
    Identity,
    MatchRule,
    NullHypothesis,
    Outcome,
    PartialDate,
    PersonName,
    Protection,
    Source,
    Text,
)
from sync.parts import Retention
from sync.ports.store import (
    DeadLetter,
    Delivery,
    DeliveryState,
    Disposition,
    FactCheck,
    FeedHealth,
    FeedState,
    Parked,
    Provenance,
    Review,
    ReviewState,
    StoredFact,
    UnitOfWork,
)
from tests.harness import KEY, MAIJA_ID, START, HandClock, home
from tests.simulation.chain import verify_chain

TTL = timedelta(seconds=60)
EVERY_PART = Address(
    street=Text("Öljymäki", "Oljebacken"),
    number="11",
    stairwell="C",
    flat="3",
    split_letter="a",
    postcode="00100",
    post_office=Text("HELSINKI", "HELSINGFORS"),
    municipality="091",
    country=None,
    care_of="Åke",
    po_box="12",
    lines=("one", "two"),
)
VALUES: dict[Field, Any] = {
    Field.NATIONAL_ID: MAIJA_ID,
    Field.NAME: PersonName("Meikäläinen", "Maija", "Mai\x00\ud800"),
    Field.BIRTH_DATE: PartialDate(1952, 10),
    Field.ADDRESS: EVERY_PART,
    Field.CONTACT_ADDRESS: home(),
    Field.PHONE: "+358401234567",
    Field.DEATH: True,
    Field.PROTECTION: False,
}


EVIDENCE = (
    Evidence("surname", "equal", 9.25, 3.5),
    Evidence("phone", "different", -1.25),
    Evidence("address", "equal", 6.5, 0.0, companion=True),
)


CORRECTION = HeldFact(Fact(Field.PHONE, FactKind.CORRECTED, "1", wrong="2"), Source.STAFF, "posti", START, START, "e2")


class StoreKit:
    """The promises. An engine's module gives the fixture `url`."""

    @pytest.fixture
    def clock(self) -> HandClock:
        """Give a clock that is moved by hand."""
        return HandClock()

    @pytest.fixture
    def store(self, url: str, clock: HandClock) -> Iterator[SqlStore]:
        """Give the store, opened on an empty database."""
        store = open_store(url, Keyring(KEY), clock)
        yield store
        store.close()

    # --- units of work ------------------------------------------------------------------------------------------------

    def test_leaving_without_commit_takes_everything_back(self, store: SqlStore) -> None:
        """A unit of work is whole or did not happen."""
        with store.begin() as work:
            work.save_feed(FeedState("f", cursor="1"))
            work.add_customers([customer()])
        with pytest.raises(NotFound), store.begin() as work:
            _save_and_stumble(work)
        with store.snapshot() as work:
            assert work.feed("f") == FeedState("f")
            assert work.counts().customers == 0

    def test_no_fact_without_an_audit_entry(self, store: SqlStore) -> None:
        """I5: facts that no entry binds are not committed."""
        with store.begin() as work:
            (one,) = work.add_customers([customer()])
            work.add_facts([stored(one.id)])
            with pytest.raises(AssertionError, match="audit"):
                work.commit()

    def test_the_audit_chain_binds_every_fact(self, store: SqlStore) -> None:
        """I5, I7: entries follow one another, and each tells what it binds."""
        keep(store, customer(), said(home()), said(home("Toinen")))
        with store.begin() as work:
            work.audit("somebody", "something", START, {"ä": 1})
            work.commit()
        assert len(verify_chain(store)) == 2

    def test_a_changed_trail_is_seen(self, store: SqlStore) -> None:
        """I7: the outsider's check finds an entry, and a fact, that was altered."""
        keep(store, customer(), said(home()))
        for table, column in (("audit", "actor"), ("fact", "commitment")):
            with store.begin() as work:
                work._db.exec_driver_sql(f"UPDATE {table} SET {column} = 'x'")  # type: ignore[attr-defined]
                work.commit()
            with pytest.raises(AssertionError):
                verify_chain(store)

    def test_the_trail_is_read_in_order(self, store: SqlStore) -> None:
        """Each entry is followed by the facts that name it, those that name none included."""
        keep(store, customer(), said(home()), said(home("Toinen")))
        write(store, lambda work: work.audit("somebody", "something", START, {"n": 1}))
        keep(store, customer("43"), said(home("Kolmas")))
        with store.snapshot() as work:
            read = list(work.trail())
            head, second = work.audit_head(), work.audit_entry(2)
            assert work.audit_entry(4) is None
            assert [entry.seq for entry in work.audit_entries("said")] == [1, 3]
        assert [(type(one).__name__, getattr(one, "seq", 0) or one.entry) for one in read] == [  # type: ignore[union-attr]
            ("AuditEntry", 1),
            ("BoundFact", 1),
            ("BoundFact", 1),
            ("AuditEntry", 2),
            ("AuditEntry", 3),
            ("BoundFact", 3),
        ]
        assert (head, second) == (read[4], read[3])
        assert second.at == START
        write(store, lambda work: work._db.exec_driver_sql("UPDATE fact SET audit_seq = audit_seq * 2"))
        with store.snapshot() as work:
            assert [getattr(one, "seq", 0) or -one.entry for one in work.trail()] == [1, 2, -2, -2, 3, -6]  # type: ignore[union-attr]

    def test_an_empty_trail_has_no_head(self, store: SqlStore) -> None:
        """Before anything has happened there is nothing to read."""
        with store.snapshot() as work:
            assert (work.audit_head(), list(work.trail())) == (None, [])

    @pytest.mark.parametrize(
        "change",
        [
            "field = 'name'",
            "kind = 'confirmed'",
            "customer_id = customer_id + 1",
            "valid_from = '2026-01-01'",
            "source = 'staff'",
            "origin = 'vtj'",
            "event = 'e2'",
            "position = 'p2'",
            "learned_at = learned_at + 1",
            "recorded_at = recorded_at - 1",
            "rule = NULL",
            "weight = weight + 1",
            "evidence = NULL",
            "model = 'm2'",
            "decided_by = 'nobody'",
            "sealed = NULL",
            "sealed = (SELECT sealed FROM fact WHERE kind = 'corrected')",
        ],
    )
    def test_a_fact_that_was_changed_is_found(self, store: SqlStore, change: str) -> None:
        """I5: where it came from and why it was believed is bound too, not only what was said."""
        (one,) = keep(store, customer(), CORRECTION)
        why = Provenance("p", MatchRule.WEIGHT, 9, EVIDENCE, "m", "somebody")
        write(store, lambda work: _add(work, [StoredFact(one.id, said(home()), why)]))
        assert (compared(store).facts, compared(store).altered) == (2, [])
        write(store, lambda work: work._db.exec_driver_sql(f"UPDATE fact SET {change} WHERE kind = 'set'"))
        with store.snapshot() as work:
            (id_,) = [
                row[0]
                for row in work._db.exec_driver_sql("SELECT id FROM fact WHERE position = 'p' OR position = 'p2'")
            ]  # type: ignore[attr-defined]
        assert (compared(store).altered, compared(store).altered_count) == ([id_], 1)

    def test_a_purged_fact_is_still_compared(self, store: SqlStore) -> None:
        """Without its value the rest is bound all the same; and the value cannot be found again by trying."""
        (one,) = keep(store, customer(), said(home()), CORRECTION, said(None, Field.EMAIL))
        with store.snapshot() as work:
            place, phone, _ = work.facts([one.id])[one.id]
        write(store, lambda work: work.forget_values([place.id], [phone.id]))
        with store.snapshot() as work:
            left = work._keyring.open(f"fact/{phone.id}", sealed_of(work, phone.id))  # type: ignore[attr-defined]
        assert b'"s"' not in left
        found = compared(store)
        assert (found.facts, found.without_value, found.older, found.altered) == (3, 2, 0, [])
        write(store, lambda work: work._db.exec_driver_sql("UPDATE fact SET decided_by = 'nobody'"))
        assert compared(store).altered_count == 3

    # --- leases -------------------------------------------------------------------------------------------------------

    def test_one_holds_a_lease_at_a_time(self, store: SqlStore, clock: HandClock) -> None:
        """Others wait until it is given back or runs out; the fence grows with every taking."""
        first = store.acquire("feed:a", "one", TTL)
        assert store.acquire("feed:a", "two", TTL) is None
        assert store.acquire("feed:b", "two", TTL)
        store.release(first)
        second = store.acquire("feed:a", "two", TTL)
        clock.move(seconds=60)
        third = store.acquire("feed:a", "three", TTL)
        assert first.fence < second.fence < third.fence

    def test_a_commit_under_a_lost_lease_does_not_happen(self, store: SqlStore, clock: HandClock) -> None:
        """A worker that slept writes nothing, and its giving back disturbs nobody."""
        lost = store.acquire("feed:a", "one", TTL)
        clock.move(seconds=61)
        assert store.acquire("feed:a", "two", TTL)
        with pytest.raises(LeaseLost):
            write(store, lambda work: work.save_feed(FeedState("a", cursor="9")), lost)
        store.release(lost)
        assert store.acquire("feed:a", "three", TTL) is None
        with store.snapshot() as work:
            assert work.feed("a").cursor is None

    def test_a_commit_holds_the_lease_for_longer(self, store: SqlStore, clock: HandClock) -> None:
        """Work that goes on is not taken over."""
        lease = store.acquire("feed:a", "one", TTL)
        for _ in range(3):
            clock.move(seconds=50)
            with store.begin(lease) as work:
                work.commit()
        assert store.acquire("feed:a", "two", TTL) is None

    # --- feeds and registers ------------------------------------------------------------------------------------------

    def test_a_feeds_state_is_kept(self, store: SqlStore) -> None:
        """As it was saved, to the microsecond."""
        at = START + timedelta(microseconds=1)
        state = FeedState("f", "c" * 5000, FeedHealth.FAILING, "reason", at, at, 3)
        write(store, lambda work: work.save_feed(FeedState("f")))
        write(store, lambda work: work.save_feed(state))
        with store.snapshot() as work:
            assert work.feed("f") == state

    def test_a_register_is_loaded_once_it_came_to_its_end(self, store: SqlStore) -> None:
        """The mark moves without forgetting that."""
        write(store, lambda work: work.save_mark("r", "1", START))
        with store.snapshot() as work:
            assert (work.mark("r"), work.loaded("r"), work.mark("other")) == ("1", False, None)
        with store.begin() as work:
            assert [work.mark_loaded("r", START), work.mark_loaded("r", START)] == [True, False]
            work.commit()
        store.take_stock()
        write(store, lambda work: work.save_mark("r", "2", START))
        with store.snapshot() as work:
            assert (work.mark("r"), work.loaded("r")) == ("2", True)

    # --- customers ----------------------------------------------------------------------------------------------------

    def test_a_customer_comes_back_as_it_was(self, store: SqlStore) -> None:
        """With every kind of value, and characters that no column takes in clear."""
        status = AddressStatus("current", START, None)
        whole = customer(version="7", corrected_id="131052-902Y", former_ids=("010190-901R",), status=status)
        (added,) = keep(store, whole)
        with store.snapshot() as work:
            assert work.by_keys("clinic", ["42", "none"]) == {"42": replace(whole, id=added.id)}
            assert work.customers([added.id]) == {added.id: replace(whole, id=added.id)}
            assert work.by_keys("other", ["42"]) == {}

    def test_a_customer_is_found_by_present_and_former_ids(self, store: SqlStore) -> None:
        """Within its register only, and no longer by an id that it does not have any more."""
        (one,) = keep(store, customer(former_ids=("010190-901R",)))
        with store.snapshot() as work:
            found = work.by_national_ids("clinic", [MAIJA_ID, "010190-901R", "none"])
            assert found == {MAIJA_ID: (one.id,), "010190-901R": (one.id,)}
            assert work.by_national_ids("other", [MAIJA_ID]) == {}
        write(store, lambda work: work.update_customers([replace(one, former_ids=())]))
        with store.snapshot() as work:
            assert work.by_national_ids("clinic", ["010190-901R"]) == {}

    def test_candidates_share_a_key(self, store: SqlStore) -> None:
        """Each set of keys gets its own, ready to be compared; a protected customer is not found by where it lives."""
        (one,) = keep(store, plain := customer(values={Field.ADDRESS: home(), Field.NAME: PersonName("Aho", "Ida")}))
        keys, person = customer_keys(plain), prepare_customer(one)
        location = frozenset(key for key in keys if is_location(key))
        assert location
        with store.snapshot() as work:
            assert found(work, keys, frozenset(), location) == [[person], [], [person]]
            assert found(work, keys, register="other") == [[]]
            assert work.prepared([one.id, 1]) == {one.id: person}
            assert (found(work), work.prepared([])) == ([], {})
        write(store, lambda work: work.forget_location({one.id: LOCATION_FIELDS}))
        with store.snapshot() as work:
            assert found(work, location) == [[]]

    def test_a_key_that_too_many_share_is_passed_over(self, store: SqlStore) -> None:
        """It tells too little to be worth its cost; what else they share finds them all the same."""
        shared = {Field.PHONE: "+358401234567"}
        keep(store, *(customer(f"k{n}", values=shared) for n in range(BLOCK_LIMIT)))
        with store.snapshot() as work:
            assert [len(group) for group in found(work, {"phone|+358401234567"})] == [BLOCK_LIMIT]
        (last,) = keep(store, customer("last", values={**shared, Field.EMAIL: "last@example.org"}))
        with store.snapshot() as work:
            asked = [{"phone|+358401234567"}, {"phone|+358401234567", "email|last@example.org"}]
            assert found(work, *asked) == [[], [prepare_customer(last)]]

    def test_who_shares_more_goes_before(self, store: SqlStore) -> None:
        """Of more customers than are looked at, those who share the most keys, then those who share the rarest."""
        phone, email = {Field.PHONE: "+358401234567"}, {Field.EMAIL: "all@example.org"}
        common = keep(store, *(customer(f"p{n}", values=phone) for n in range(BLOCK_LIMIT - 1)))
        rare = keep(store, *(customer(f"e{n}", values=email) for n in range(BLOCK_LIMIT - 10)))
        (both,) = keep(store, customer("both", values=phone | email))
        looked_at = sorted(one.id for one in [both, *rare, *common][:MOST_OF_FEW])
        with store.snapshot() as work:
            ((*seen,),) = found(work, {"phone|+358401234567", "email|all@example.org"})
        assert [person.id for person in seen] == looked_at

    def test_who_shares_much_stands_before_the_family(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a large register only: one name at one door makes no rival, both names or a phone do."""
        known = {Field.NAME: PersonName("Aho", "Ida"), Field.ADDRESS: home(), Field.PHONE: "+358401234567"}
        (same,) = keep(store, plain := customer("1", values=known))
        keep(store, customer("2", values={Field.NAME: PersonName("Aho", "Eino"), Field.ADDRESS: home()}))
        rivals = keep(
            store,
            customer("3", values={Field.PHONE: "+358401234567"}),
            customer("4", values={Field.NAME: PersonName("Aho", "Ida")}),
        )
        with store.snapshot() as work:
            assert len(*found(work, customer_keys(plain))) == 4
        monkeypatch.setattr(candidates, "SMALL_REGISTER", 0)
        with store.snapshot() as work:
            ((*seen,),) = found(work, blocking.customer_keys(prepare_customer(plain), wide=False))
        assert [person.id for person in seen] == [same.id, *(rival.id for rival in rivals)]

    def test_more_than_one_key_can_be_asked_for(self, store: SqlStore) -> None:
        """Then whoever shares a single one is not looked at, however rare it is."""
        phone, email = {Field.PHONE: "+358401234567"}, {Field.EMAIL: "ida@example.org"}
        (both, *_) = keep(store, customer("1", values=phone | email), customer("2", values=phone))
        keys = [{"phone|+358401234567", "email|ida@example.org"}, {"phone|+358401234567"}]
        with store.snapshot() as work:
            assert [[one.id for one in group] for group in work.candidates("clinic", keys, least=2)] == [[both.id], []]

    def test_wide_keys_are_for_small_registers(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Once a register has grown, no more of them are made: neither for new customers nor for changed ones."""
        monkeypatch.setattr(candidates, "SMALL_REGISTER", 2)
        named = {Field.NAME: PersonName("Aho", "Ida"), Field.PHONE: "+358401234567"}
        before = keep(store, customer("1", values=named), customer("2", values=named))
        with store.snapshot() as work:
            assert work.small("clinic")
        keep(store, customer("3", values={}))
        with store.snapshot() as work:
            assert (work.small("clinic"), work.small("other")) == (False, True)
        (late,) = keep(store, customer("4", values=named))
        changed = replace(before[1], values={**named, Field.EMAIL: "ida@example.org"})
        write(store, lambda work: work.update_customers([changed]))
        wide = blocking.customer_keys(prepare_customer(late), wide=True)
        wide -= blocking.customer_keys(prepare_customer(late), wide=False)
        with store.snapshot() as work:
            ((*by_wide,), (*by_narrow,)) = found(work, wide, {"phone|+358401234567"})
        assert [person.id for person in by_wide] == [before[0].id]
        assert [person.id for person in by_narrow] == [before[0].id, before[1].id, late.id]

    def test_fewer_are_looked_at_in_a_large_register(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Those who share the most keys, still."""
        monkeypatch.setattr(candidates, "SMALL_REGISTER", 0)
        phone, email = {Field.PHONE: "+358401234567"}, {Field.EMAIL: "all@example.org"}
        keep(store, *(customer(f"p{n}", values=phone) for n in range(MOST_CANDIDATES)))
        (both,) = keep(store, customer("both", values=phone | email))
        with store.snapshot() as work:
            ((*seen,),) = found(work, {"phone|+358401234567", "email|all@example.org"})
        assert len(seen) == MOST_CANDIDATES
        assert both.id in [person.id for person in seen]

    def test_customers_are_due_on_their_day(self, store: SqlStore) -> None:
        """In the order of their days, until the day is taken away."""
        one, two = keep(store, customer("1"), customer("2"))
        write(store, lambda work: work.schedule({one.id: date(2026, 12, 2), two.id: date(2026, 12, 1)}))
        with store.snapshot() as work:
            assert work.due("clinic", date(2026, 11, 30), 9) == ()
            assert work.due("clinic", date(2026, 12, 2), 9) == (two.id, one.id)
            assert work.due("clinic", date(2026, 12, 2), 1) == (two.id,)
        write(store, lambda work: work.schedule({two.id: None}))
        with store.snapshot() as work:
            assert work.due("clinic", date(2026, 12, 2), 9) == (one.id,)

    # --- coverage -----------------------------------------------------------------------------------------------------

    def test_coverage_is_noted_and_forgotten(self, store: SqlStore) -> None:
        """Who is not covered is asked for; who was not known is asked for again after a time."""
        one, two, _ = keep(store, customer("1"), customer("2"), customer("3", values={}))
        write(store, lambda work: work.cover("f", [one.id], START))
        write(store, lambda work: work.absent("f", [two.id], START))
        with store.snapshot() as work:
            assert work.watched("clinic", "f") == [MAIJA_ID]
            assert work.coverage([one.id, two.id]) == {one.id: {"f": START}}
            assert work.unwatched("clinic", "f", 0, 9, START) == []
            assert work.unwatched("clinic", "f", 0, 9, START + TTL) == [(two.id, MAIJA_ID)]
            assert [id_ for id_, _ in work.unwatched("clinic", "g", 0, 9, START)] == [one.id, two.id]
        write(store, lambda work: work.uncover("f", [one.id]))
        with store.snapshot() as work:
            assert work.watched("clinic", "f") == []
            assert work.unwatched("clinic", "f", 0, 9, START) == [(one.id, MAIJA_ID)]
        write(store, lambda work: work.uncover("f"))
        with store.snapshot() as work:
            assert len(work.unwatched("clinic", "f", 0, 9, START)) == 2

    # --- facts --------------------------------------------------------------------------------------------------------

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
        write(store, lambda work: _add(work, [StoredFact(one.id, said(home("Toinen")), by_id)]))
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


# --- short ways -------------------------------------------------------------------------------------------------------


def customer_keys(known: Customer) -> set[str]:
    """Return every key under which a customer is kept."""
    return blocking.customer_keys(prepare_customer(known), wide=True)


def found(work: UnitOfWork, *keys: Collection[str], register: str = "clinic") -> list[list[Prepared]]:
    """Return the candidates for each set of keys."""
    return [list(group) for group in work.candidates(register, keys)]


def _save_and_stumble(work: UnitOfWork) -> None:
    work.save_feed(FeedState("f", cursor="2"))
    work.review(1)


def write(store: SqlStore, action: Any, lease: Any = None) -> None:
    """Do something in a unit of work of its own."""
    with store.begin(lease) as work:
        action(work)
        work.commit()


def keep(store: SqlStore, *things: Customer | HeldFact) -> list[Customer]:
    """Mirror customers; facts beside them are about the first."""
    with store.begin() as work:
        added = work.add_customers([thing for thing in things if isinstance(thing, Customer)])
        facts = [StoredFact(added[0].id, thing, Provenance()) for thing in things if isinstance(thing, HeldFact)]
        _add(work, facts)
        work.commit()
    return added


def _add(work: UnitOfWork, facts: list[StoredFact]) -> None:
    if facts:
        work.add_facts(facts)
        work.audit("kit", "said", START, {})


def compared(store: SqlStore) -> FactCheck:
    """Compare every fact with what the chain bound."""
    with store.snapshot() as work:
        return work.compare_facts(lambda _done, _total: None)


def sealed_of(work: UnitOfWork, id_: int) -> bytes:
    """Return what is sealed of a fact."""
    return bytes(work._db.exec_driver_sql(f"SELECT sealed FROM fact WHERE id = {id_}").scalar())  # type: ignore[attr-defined]


def customer(key: str = "42", **more: Any) -> Customer:
    """Build a customer."""
    more.setdefault("version", None)
    return Customer("clinic", key, values=more.pop("values", VALUES), **more)


def said(value: Any, field: Field = Field.ADDRESS, *, notice: str = "", origin: str = "posti") -> HeldFact:
    """Build a fact."""
    return HeldFact(Fact(field, FactKind.SET, value), Source.POSTAL_OPERATOR, origin, START, START, "e1", notice)


def stored(customer_id: int) -> StoredFact:
    """Build a fact about somebody."""
    return StoredFact(customer_id, said(home()), Provenance())


def outcome(event: str, what: Outcome) -> Disposition:
    """Build a disposition."""
    return Disposition("posti", event, "p", what, "reason", START)


def delivery(customer_id: int) -> Delivery:
    """Build a delivery."""
    values = {Field.ADDRESS: home(), Field.PHONE: None}
    return Delivery("clinic", customer_id, values, AddressStatus("current", START, "DVV"), START)


def review(customer_id: int) -> Review:
    """Build a review whose change says everything."""
    facts = (Fact(Field.ADDRESS, FactKind.SET, home(), wrong=home()), Fact(Field.PHONE, FactKind.SET, "1"))
    identity = Identity(MAIJA_ID, ("x",), (PersonName("A", "B", "C"),), PartialDate(1990), (home(),), "1", "e")
    order = Protection(False, "TURVAKIELTO", PartialDate(2030))
    change = Change(
        "e1", "p", identity, facts, order, PartialDate(2026, 11), START, "n", None, complete=True, joint_notice="j"
    )
    best = Candidate(customer_id, 9.5, EVIDENCE, NullHypothesis.HOUSEHOLD_MEMBER, -2.5)
    return Review("posti", "e1", "p", "below_apply", change, best, Candidate(7, 1.0, ()), START, START + TTL)
