"""What every store promises of the mirror and of the search for candidates."""

from dataclasses import replace
from datetime import date

import pytest

from adapters.store import SqlStore, candidates
from adapters.store.candidates import MOST_CANDIDATES, MOST_OF_FEW
from sync.matching import keys as blocking
from sync.matching.keys import BLOCK_LIMIT, is_location
from sync.matching.prepared import prepare_customer
from sync.model import LOCATION_FIELDS, AddressStatus, Field, PersonName
from tests.contract.store.samples import customer, customer_keys, found, keep, write
from tests.harness import MAIJA_ID, START, home


class Customers:
    """Who is kept comes back, and is found."""

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
