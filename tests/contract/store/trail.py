"""What every store promises of a unit of work and of the audit chain."""

import pytest

from adapters.store import SqlStore
from sync.errors import NotFound
from sync.model import Field, MatchRule
from sync.ports.store import FeedState, Provenance, StoredFact, UnitOfWork
from tests.contract.store.samples import (
    CORRECTION,
    EVIDENCE,
    add,
    compared,
    customer,
    keep,
    said,
    sealed_of,
    stored,
    write,
)
from tests.harness import START, home
from tests.simulation.chain import verify_chain


class Trail:
    """A unit of work is whole, and an entry of the chain binds what it brought."""

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
        write(store, lambda work: add(work, [StoredFact(one.id, said(home()), why)]))
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

    def test_a_value_that_was_put_in_without_its_salt_is_seen(self, store: SqlStore) -> None:
        """Whoever has the key can seal another value, but what is not a correction never lost its salt and kept its value."""
        (one,) = keep(store, customer(), said(home()), CORRECTION)
        with store.snapshot() as work:
            place, phone = (held.id for held in work.facts([one.id])[one.id])
        write(store, lambda work: work.forget_values([], [place]))
        assert (compared(store).altered, compared(store).altered_count) == ([place], 1)
        write(store, lambda work: work.forget_values([], [phone]))
        assert (compared(store).altered, compared(store).altered_count) == ([place], 1)


def _save_and_stumble(work: UnitOfWork) -> None:
    work.save_feed(FeedState("f", cursor="2"))
    work.review(1)
