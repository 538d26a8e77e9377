"""Holds on customers and fields, and what is parked by them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from adapters.store.rows import Rows, in_chunks, table_of
from adapters.store.tables import DispositionRow, HoldRow, ParkedRow
from sync.applying.protection import change_without
from sync.errors import SomebodyWasFirst
from sync.model import Field, Hold, HoldKind, Outcome
from sync.model.codec import (
    candidate_from_plain,
    candidate_to_plain,
    change_from_plain,
    change_to_plain,
    to_storable,
)
from sync.ports.store import Parked

_HOLD = table_of(HoldRow)
_PARKED = table_of(ParkedRow)
_DISPOSITION = table_of(DispositionRow)
_FEW = 1_000
"""So many holds in force are read whole; of more, those of the customers asked about."""


class HoldRows(Rows):
    """Holds, and parked changes."""

    def add_hold(self, hold: Hold) -> Hold:
        """Place a hold; returns it with its id."""
        hold = replace(hold, id=self._ids.next())
        row = {
            "id": hold.id,
            "customer_id": hold.customer_id,
            "kind": hold.kind.value,
            "field": hold.field.value if hold.field else "",
            "placed_at": hold.placed_at,
            "placed_by": to_storable(hold.placed_by),
            "lifted_at": None,
            "lifted_by": "",
            "sealed": self._reasons(hold.id, hold.reason, ""),
        }
        try:
            self._insert(HoldRow, [row])
        except IntegrityError:
            raise SomebodyWasFirst(f"this {hold.kind} is in force already") from None
        return hold

    def lift_hold(self, hold_id: int, by: str, reason: str, at: datetime) -> None:
        """End a hold that is in force."""
        in_force = (_HOLD.c.id == hold_id, _HOLD.c.lifted_at.is_(None))
        row = self._db.execute(select(_HOLD).where(*in_force)).first()
        if row is None:
            raise SomebodyWasFirst("this hold is no longer in force")
        sealed = self._reasons(hold_id, self._hold(row).reason, reason)
        lifted = {"lifted_at": at, "lifted_by": to_storable(by), "sealed": sealed}
        self._db.execute(update(_HOLD).where(*in_force).values(lifted))

    def holds(self, ids: Iterable[int]) -> dict[int, tuple[Hold, ...]]:
        """Return the holds in force of those customers who have any, the oldest first."""
        wanted = set(ids)
        query = select(_HOLD).where(_HOLD.c.lifted_at.is_(None)).order_by(_HOLD.c.id)
        rows: Sequence[Row[Any]] = self._db.execute(query.limit(_FEW + 1)).all() if wanted else ()
        if len(rows) > _FEW:
            chunks = in_chunks(wanted)
            rows = [
                row
                for chunk in chunks
                for row in self._db.execute(query.where(self._among(_HOLD.c.customer_id, chunk)))
            ]
        found: dict[int, list[Hold]] = defaultdict(list)
        for row in rows:
            if row.customer_id in wanted:
                found[row.customer_id].append(self._hold(row))
        return {customer: tuple(holds) for customer, holds in found.items()}

    def holds_of(self, customer_id: int) -> tuple[Hold, ...]:
        """Return every hold that a customer has or had, the oldest first."""
        query = select(_HOLD).where(_HOLD.c.customer_id == customer_id).order_by(_HOLD.c.id)
        return tuple(self._hold(row) for row in self._db.execute(query))

    def park(self, changes: Sequence[Parked]) -> None:
        """Keep changes until a hold is lifted; one of the same event takes the earlier one's place."""
        for one in changes:
            same = (_PARKED.c.feed == one.feed, _PARKED.c.event == one.event)
            self._db.execute(delete(_PARKED).where(*same))
        self._insert(ParkedRow, [self._parked_row(one) for one in changes])

    def parked(self, customer_id: int) -> tuple[Parked, ...]:
        """Return what is parked about a customer, in the order in which it arrived."""
        query = select(_PARKED).where(_PARKED.c.customer_id == customer_id).order_by(_PARKED.c.id)
        return tuple(self._parked(row) for row in self._db.execute(query))

    def unpark(self, ids: Sequence[int]) -> None:
        """Take parked changes out, payload and all."""
        for chunk in in_chunks(ids):
            self._db.execute(delete(_PARKED).where(self._among(_PARKED.c.id, chunk)))

    def forget_parked_location(self, ids: Sequence[int], fields: Collection[Field]) -> None:
        """Seal what is parked about these customers anew, without these fields and without where they are known to live."""
        for chunk in in_chunks(ids):
            for row in self._db.execute(select(_PARKED).where(self._among(_PARKED.c.customer_id, chunk))).all():
                parked = self._parked(row)
                parked = replace(parked, change=change_without(parked.change, fields))
                sealed = self._seal(f"parked/{row.id}", _plain(parked))
                self._db.execute(update(_PARKED).where(_PARKED.c.id == row.id).values(sealed=sealed))

    def close_parked(self, outcome: Outcome, reason: str, *where: Any) -> int:
        """Destroy parked changes that nobody will decide again, and say what became of their events."""
        rows = self._db.execute(select(_PARKED.c.id, _PARKED.c.feed, _PARKED.c.event).where(*where)).all()
        for row in rows:
            about = (_DISPOSITION.c.feed == row.feed, _DISPOSITION.c.event == row.event)
            self._db.execute(update(_DISPOSITION).where(*about).values(outcome=outcome.value, reason=reason))
        self.unpark([row.id for row in rows])
        return len(rows)

    def _parked_row(self, parked: Parked) -> dict[str, Any]:
        id_ = self._ids.next()
        return {
            "id": id_,
            "feed": parked.feed,
            "event": parked.event,
            "notice": parked.notice,
            "customer_id": parked.customer_id,
            "parked_at": parked.parked_at,
            "sealed": self._seal(f"parked/{id_}", _plain(parked)),
        }

    def _parked(self, row: Row[Any]) -> Parked:
        plain = self._unseal(f"parked/{row.id}", row.sealed)
        return Parked(
            feed=row.feed,
            event=row.event,
            change=change_from_plain(plain["change"]),
            customer_id=row.customer_id,
            parked_at=row.parked_at,
            notice=row.notice,
            cancels=plain["cancels"],
            best=candidate_from_plain(plain["best"]) if plain["best"] else None,
            decided_by=plain["decided_by"],
            applied=plain["applied"],
            id=row.id,
        )

    def _hold(self, row: Row[Any]) -> Hold:
        placed, lifted = self._unseal(f"hold/{row.id}", row.sealed)
        return Hold(
            customer_id=row.customer_id,
            kind=HoldKind(row.kind),
            field=Field(row.field) if row.field else None,
            placed_at=row.placed_at,
            placed_by=row.placed_by,
            reason=placed,
            lifted_at=row.lifted_at,
            lifted_by=row.lifted_by,
            lifted_reason=lifted,
            id=row.id,
        )

    def _reasons(self, id_: int, placed: str, lifted: str) -> bytes:
        return self._seal(f"hold/{id_}", [placed, lifted])


def _plain(parked: Parked) -> dict[str, Any]:
    return {
        "change": change_to_plain(parked.change),
        "cancels": parked.cancels,
        "best": candidate_to_plain(parked.best) if parked.best else None,
        "decided_by": parked.decided_by,
        "applied": parked.applied,
    }
