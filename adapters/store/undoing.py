"""What people have undone."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from adapters.store.rows import Rows, in_chunks, table_of
from adapters.store.tables import AuditRow, FactRow, UndoRow
from sync.model.codec import canonical, to_storable
from sync.ports.store import Undo, UndoKind

_AUDIT = table_of(AuditRow)
_FACT = table_of(FactRow)
_UNDO = table_of(UndoRow)


class UndoRows(Rows):
    """Undoings, and finding what they are about."""

    def add_undo(self, undo: Undo) -> Undo:
        """Keep an undoing; returns it with our own id."""
        row = {
            "id": (id_ := self._ids.next()),
            "kind": undo.kind.value,
            "target": canonical(dict(undo.target)),
            "by": to_storable(undo.by),
            "at": undo.at,
            "done": undo.done,
            "sealed": self._seal(f"undo/{id_}", undo.reason),
        }
        self._insert(UndoRow, [row])
        return self._undo(row)

    def finish_undo(self, undo_id: int) -> None:
        """Note that an undoing has come to its end."""
        self._db.execute(update(_UNDO).where(_UNDO.c.id == undo_id).values(done=True))

    def undos(self) -> tuple[Undo, ...]:
        """Return every undoing, the oldest first."""
        return tuple(self._undo(row._asdict()) for row in self._db.execute(select(_UNDO).order_by(_UNDO.c.id)))

    def undone_events(self, events: Iterable[str]) -> frozenset[str]:
        """Return which of these events a person has undone, at any time."""
        found: set[str] = set()
        for chunk in in_chunks(events):
            query = (
                select(_FACT.c.event).where(_FACT.c.about.is_not(None), self._among(_FACT.c.event, chunk)).distinct()
            )
            found.update(self._db.scalars(query))
        return frozenset(found)

    def facts_of_pages(
        self, feed: str, since: datetime, until: datetime, after: int, limit: int
    ) -> dict[int, frozenset[int]]:
        """Return the facts, by customer, that pages of a feed brought between two moments; none that a person decided."""
        page = (
            _AUDIT.c.actor == feed,
            _AUDIT.c.action == "page_applied",
            _AUDIT.c.at >= since,
            _AUDIT.c.at <= until,
        )
        first, last = self._db.execute(select(func.min(_AUDIT.c.seq), func.max(_AUDIT.c.seq)).where(*page)).one()
        if first is None:
            return {}
        brought = (
            _FACT.c.audit_seq.between(first, last),
            _FACT.c.audit_seq.in_(select(_AUDIT.c.seq).where(*page)),
            _FACT.c.origin == feed,
            _FACT.c.decided_by == "",
        )
        return self._by_customer(brought, after, limit)

    def marks_of(self, undo_id: int, after: int, limit: int) -> dict[int, frozenset[int]]:
        """Return the marks, by customer, that an undoing has made; customers in order, those after the given one."""
        return self._by_customer((_FACT.c.about.is_not(None), _FACT.c.undo == undo_id), after, limit)

    def _by_customer(self, where: tuple[ColumnElement[bool], ...], after: int, limit: int) -> dict[int, frozenset[int]]:
        customers = select(_FACT.c.customer_id).where(*where, _FACT.c.customer_id > after).distinct()
        chosen = list(self._db.scalars(customers.order_by(_FACT.c.customer_id).limit(limit)))
        found: dict[int, set[int]] = defaultdict(set)
        query = select(_FACT.c.customer_id, _FACT.c.id).where(*where, _FACT.c.customer_id.in_(chosen))
        for customer, fact in self._db.execute(query):
            found[customer].add(fact)
        return {customer: frozenset(found[customer]) for customer in chosen}

    def _undo(self, row: dict[str, Any]) -> Undo:
        return Undo(
            kind=UndoKind(row["kind"]),
            target=json.loads(row["target"]),
            by=row["by"],
            reason=self._unseal(f"undo/{row['id']}", row["sealed"]),
            at=row["at"],
            done=row["done"],
            id=row["id"],
        )
