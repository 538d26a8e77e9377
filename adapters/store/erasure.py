"""Erasing a customer, and the tombstone that keeps an erased person from coming back.

A fact's row stays, emptied of everything but its id and its commitment: the audit chain binds those two, and without the
salt, which goes with the value, the commitment tells nothing to anybody.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, select, update

from adapters.store.facts import PURGED, FactRows
from adapters.store.rows import in_chunks, table_of
from adapters.store.tables import (
    BlockingKeyRow,
    CoverageRow,
    CustomerRow,
    DeliveryRow,
    DispositionRow,
    FactRow,
    HoldRow,
    IdentifierRow,
    ParkedRow,
    RefusalRow,
    ReviewRow,
    TombstoneRow,
    UndoRow,
)
from sync.model import Candidate, Customer, Field, Outcome
from sync.model.codec import candidate_from_plain, candidate_to_plain, canonical
from sync.ports.store import Erased, Mark, ReviewState, Tombstone

_CUSTOMER = table_of(CustomerRow)
_DISPOSITION = table_of(DispositionRow)
_FACT = table_of(FactRow)
_REVIEW = table_of(ReviewRow)
_TOMBSTONE = table_of(TombstoneRow)
_UNDO = table_of(UndoRow)

NOBODY = 0
"""Stands for the customer in rows that stay when somebody was erased; no customer has this id."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMPTIED: dict[str, Any] = {
    "customer_id": NOBODY,
    **dict.fromkeys(("field", "kind", "source", "origin", "event", "notice", "position", "model", "decided_by"), ""),
    **dict.fromkeys(("valid_from", "valid_until", "rule", "weight", "evidence", "about", "undo")),
    "sealed": PURGED,
    "learned_at": _EPOCH,
    "recorded_at": _EPOCH,
}
"""A fact's columns but its id, its commitment and the entry that binds it."""

_REMOVED: dict[str, Table] = {
    "identifiers": table_of(IdentifierRow),
    "blocking_keys": table_of(BlockingKeyRow),
    "coverage": table_of(CoverageRow),
    "deliveries": table_of(DeliveryRow),
    "parked": table_of(ParkedRow),
    "holds": table_of(HoldRow),
    "refusals": table_of(RefusalRow),
}


def is_emptied(columns: dict[str, Any]) -> bool:
    """Tell whether a fact's row is as an erasure leaves it."""
    return all(columns[name] == value for name, value in _EMPTIED.items())


class ErasureRows(FactRows):
    """Erasure and tombstones."""

    def erase(self, customer_id: int) -> Erased:
        """Remove everything that is kept about a customer. What became of their events stays, about nobody."""
        facts = tuple(
            self._db.scalars(select(_FACT.c.id).where(_FACT.c.customer_id == customer_id).order_by(_FACT.c.id))
        )
        rows = {"facts": len(facts), "reviews": self._erase_reviewed(customer_id)}
        for name, table in _REMOVED.items():
            rows[name] = self._db.execute(delete(table).where(table.c.customer_id == customer_id)).rowcount
        self._db.execute(update(_FACT).where(_FACT.c.customer_id == customer_id).values(_EMPTIED))
        self._erase_undone(customer_id)
        forgotten = {"outcome": Outcome.NO_MATCH.value, "reason": "erased", "position": "", "customer_id": None}
        forgotten |= {"rule": None, "weight": None, "model": ""}
        about = _DISPOSITION.c.customer_id == customer_id
        rows["outcomes"] = self._db.execute(update(_DISPOSITION).where(about).values(forgotten)).rowcount
        self._db.execute(delete(_CUSTOMER).where(_CUSTOMER.c.id == customer_id))
        return Erased(facts, rows)

    def erase_reviews(self, ids: Sequence[int]) -> int:
        """Close open reviews about an erased person, payload and all; returns how many."""
        rows = [row for chunk in in_chunks(ids) for row in self._reviews(self._among(_REVIEW.c.id, chunk))]
        for row in rows:
            self._empty_review(row)
        return len(rows)

    def tombstones_of(self, customer: Customer, at: datetime) -> tuple[Tombstone, ...]:
        """Make the tombstones of a customer: one for the register's key, one for each national id."""
        register = customer.register
        written = customer.values.get(Field.NATIONAL_ID)
        ids = {text for text in (*customer.former_ids, customer.national_id, written) if isinstance(text, str)}
        hashes = [(Mark.KEY, self._key_hash(register, customer.key))]
        hashes += [(Mark.NATIONAL_ID, self._id_hash(register, text)) for text in sorted(ids)]
        return tuple(Tombstone(register, mark, hash_, at) for mark, hash_ in hashes)

    def bury(self, tombstones: Sequence[Tombstone]) -> None:
        """Keep tombstones."""
        rows = [
            {
                "register_name": t.register,
                "hash": t.hash,
                "mark": t.mark.value,
                "erased_at": t.erased_at,
                "seen_at": t.seen_at,
            }
            for t in tombstones
        ]
        self._upsert(TombstoneRow, rows)

    def exhume(self, tombstones: Sequence[Tombstone]) -> None:
        """Take tombstones away: the person is a customer again."""
        for one in tombstones:
            same = (_TOMBSTONE.c.register_name == one.register, _TOMBSTONE.c.hash == one.hash)
            self._db.execute(delete(_TOMBSTONE).where(*same))

    def tombstones(self) -> tuple[Tombstone, ...]:
        """Return all tombstones, the oldest first."""
        query = select(_TOMBSTONE).order_by(_TOMBSTONE.c.erased_at, _TOMBSTONE.c.hash)
        return tuple(
            Tombstone(row.register_name, Mark(row.mark), row.hash, row.erased_at, row.seen_at)
            for row in self._db.execute(query)
        )

    def erased_keys(self, register: str, keys: Collection[str]) -> frozenset[str]:
        """Return which of these keys of a register belonged to somebody who was erased."""
        return self._erased(register, keys, self._key_hash)

    def erased_ids(self, register: str, ids: Collection[str]) -> frozenset[str]:
        """Return which of these national ids belonged to somebody who was erased."""
        return self._erased(register, ids, self._id_hash)

    def note_seen(self, register: str, keys: Collection[str], ids: Collection[str], at: datetime) -> None:
        """Note that the register still holds records with these keys and national ids of erased people."""
        hashes = [*(self._key_hash(register, key) for key in keys), *(self._id_hash(register, text) for text in ids)]
        for chunk in in_chunks(hashes):
            bearing = (_TOMBSTONE.c.register_name == register, self._among(_TOMBSTONE.c.hash, chunk))
            self._db.execute(update(_TOMBSTONE).where(*bearing).values(seen_at=at))

    def buried_customers(self, tombstones: Collection[Tombstone]) -> tuple[int, ...]:
        """Return customers who are here although their key has a tombstone: a back-up was restored."""
        wanted = {(one.register, one.hash) for one in tombstones if one.mark is Mark.KEY}
        if not wanted:
            return ()
        query = select(_CUSTOMER.c.id, _CUSTOMER.c.register_name, _CUSTOMER.c.key)
        rows = self._db.execute(query, execution_options={"yield_per": 10_000})
        return tuple(
            row.id for row in rows if (row.register_name, self._key_hash(row.register_name, row.key)) in wanted
        )

    def _erased(self, register: str, texts: Iterable[str], hash_of: Callable[[str, str], str]) -> frozenset[str]:
        texts = list(texts)
        # Nobody was ever erased in most registers: then nothing is hashed.
        if not texts or self._db.scalar(select(_TOMBSTONE.c.hash).limit(1)) is None:
            return frozenset()
        by_hash = {hash_of(register, text): text for text in texts}
        found: set[str] = set()
        for chunk in in_chunks(by_hash):
            query = select(_TOMBSTONE.c.hash).where(
                _TOMBSTONE.c.register_name == register, self._among(_TOMBSTONE.c.hash, chunk)
            )
            found.update(by_hash[hash_] for hash_ in self._db.scalars(query))
        return frozenset(found)

    def _erase_reviewed(self, customer_id: int) -> int:
        own = self._reviews(_REVIEW.c.best_id == customer_id)
        for row in own:
            self._empty_review(row)
        beside = self._reviews(_REVIEW.c.runner_up_id == customer_id)
        for row in beside:
            best = candidate_from_plain(self._candidates(row)[0])
            alone = {"runner_up_id": None, "evidence": canonical([candidate_to_plain(best)])}
            self._db.execute(update(_REVIEW).where(_REVIEW.c.id == row.id).values(alone))
        return len(own) + len(beside)

    def _erase_undone(self, customer_id: int) -> None:
        """Leave of what was undone for this customer that something was, by whom and when."""
        for row in self._db.execute(select(_UNDO.c.id, _UNDO.c.target)).all():
            target = json.loads(row.target)
            if target.get("customer") == customer_id:
                left = {
                    "target": canonical({"register": target["register"]}),
                    "sealed": self._seal(f"undo/{row.id}", ""),
                }
                self._db.execute(update(_UNDO).where(_UNDO.c.id == row.id).values(left))

    def _reviews(self, where: ColumnElement[bool]) -> Sequence[Row[Any]]:
        return self._db.execute(select(_REVIEW).where(where)).all()

    def _empty_review(self, row: Row[Any]) -> None:
        """Leave of a review that a person decided about this event, if one did: that stands (I8)."""
        is_open = row.state == ReviewState.OPEN.value
        emptied = {
            "state": ReviewState.ERASED.value if is_open else row.state,
            "best_id": NOBODY,
            "runner_up_id": None,
            "evidence": canonical([candidate_to_plain(Candidate(NOBODY, 0.0, ()))]),
            "sealed": None,
            "notice": "",
            "position": "",
            "decision_reason": "",
        }
        self._db.execute(update(_REVIEW).where(_REVIEW.c.id == row.id).values(emptied))
        if is_open:
            about = (_DISPOSITION.c.feed == row.feed, _DISPOSITION.c.event == row.event)
            final = {"outcome": Outcome.NO_MATCH.value, "reason": "erased", "position": "", "customer_id": None}
            self._db.execute(update(_DISPOSITION).where(*about).values(final))

    def _candidates(self, row: Row[Any]) -> Any:
        return json.loads(row.evidence)

    def _key_hash(self, register: str, key: str) -> str:
        return self._keyring.digest(f"erased_key/{register}", key)
