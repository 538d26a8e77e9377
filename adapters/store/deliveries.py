"""The outbox."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from adapters.store.rows import Rows, in_chunks, table_of
from adapters.store.spelling import canonical_whole
from adapters.store.tables import DeliveryRow
from sync.applying.protection import without
from sync.model import LOCATION_FIELDS, Field
from sync.model.codec import status_from_plain, status_to_plain, values_from_plain, values_to_plain
from sync.ports.store import Delivery, DeliveryState

_DELIVERY = table_of(DeliveryRow)
_PENDING = _DELIVERY.c.state == DeliveryState.PENDING.value


class DeliveryRows(Rows):
    """Updates on their way into the registers."""

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Put updates into the outbox; an older pending one of the same customer is superseded."""
        self.supersede_deliveries([delivery.customer_id for delivery in deliveries])
        self._insert(DeliveryRow, [self._delivery_row(delivery, self._ids.next()) for delivery in deliveries])

    def supersede_deliveries(self, ids: Sequence[int]) -> None:
        """Take the pending deliveries of these customers out of the queue and destroy their payload."""
        for chunk in in_chunks(ids):
            gone = {"state": DeliveryState.SUPERSEDED.value, "sealed": None}
            self._db.execute(
                update(_DELIVERY).where(self._among(_DELIVERY.c.customer_id, chunk), _PENDING).values(gone)
            )

    def forget_location_deliveries(self, ids: Sequence[int], fields: Collection[Field]) -> None:
        """Take these fields out of the pending deliveries of these customers; those that nobody has tried yet go.

        Of what may have been written without our knowing, the rest is remembered: it must not pass for staff's. What an
        earlier order is still to empty is to be emptied.
        """
        kept = [d for d in self.pending(ids).values() if d.attempts or d.tried or d.purge]
        self.supersede_deliveries([id_ for id_ in ids if id_ not in {delivery.customer_id for delivery in kept}])
        self.save_deliveries([_without(delivery, fields) for delivery in kept])

    def pending(self, ids: Iterable[int]) -> dict[int, Delivery]:
        """Return the pending delivery of each of these customers."""
        found = {}
        for chunk in in_chunks(ids):
            for row in self._db.execute(select(_DELIVERY).where(self._among(_DELIVERY.c.customer_id, chunk), _PENDING)):
                found[row.customer_id] = self._delivery(row)
        return found

    def deliveries_of(self, customer_id: int) -> tuple[Delivery, ...]:
        """Return every delivery about a customer, the oldest first; those that are done without their payload."""
        query = select(_DELIVERY).where(_DELIVERY.c.customer_id == customer_id).order_by(_DELIVERY.c.id)
        return tuple(self._delivery(row) for row in self._db.execute(query))

    def due_deliveries(self, register: str, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Return pending deliveries whose time has come, purges first, then the oldest first."""
        urgent = self._queue(register, now, limit, purge=True)
        return urgent + self._queue(register, now, limit - len(urgent), purge=False)

    def save_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of deliveries; a payload that is no longer needed is destroyed."""
        for delivery in deliveries:
            row = self._delivery_row(delivery, delivery.id)
            if delivery.state is not DeliveryState.PENDING:
                row["sealed"] = None
            self._db.execute(update(_DELIVERY).where(_DELIVERY.c.id == delivery.id).values(row))

    def _queue(self, register: str, now: datetime, limit: int, *, purge: bool) -> tuple[Delivery, ...]:
        ripe = _DELIVERY.c.not_before.is_(None) | (_DELIVERY.c.not_before <= now)
        query = (
            select(_DELIVERY)
            .where(_DELIVERY.c.register_name == register, _PENDING, _DELIVERY.c.purge.is_(purge), ripe)
            .order_by(_DELIVERY.c.id)
            .limit(limit)
        )
        return tuple(self._delivery(row) for row in self._db.execute(query))

    def _delivery_row(self, delivery: Delivery, id_: int) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "values": values_to_plain(delivery.values),
            "status": status_to_plain(delivery.status),
            "tried": [values_to_plain(values) for values in delivery.tried],
        }
        if delivery.purge:
            plain["purge"] = sorted(delivery.purge)
        return {
            "id": id_,
            "register_name": delivery.register,
            "customer_id": delivery.customer_id,
            "state": delivery.state.value,
            "reason": delivery.reason,
            "purge": bool(delivery.purge),
            "attempts": delivery.attempts,
            "not_before": delivery.not_before,
            "created_at": delivery.created_at,
            "acknowledged_at": delivery.acknowledged_at,
            "carried": canonical_whole({field.value: fact for field, fact in delivery.carried.items()}),
            "sealed": self._seal_text(f"delivery/{id_}", canonical_whole(plain)),
        }

    def _delivery(self, row: Row[Any]) -> Delivery:
        plain = self._unseal(f"delivery/{row.id}", row.sealed) if row.sealed else {}
        return Delivery(
            register=row.register_name,
            customer_id=row.customer_id,
            values=values_from_plain(plain.get("values", {})),
            status=status_from_plain(plain.get("status")),
            created_at=row.created_at,
            purge=frozenset(map(Field, plain.get("purge", LOCATION_FIELDS if row.purge else ()))),
            state=DeliveryState(row.state),
            reason=row.reason,
            attempts=row.attempts,
            not_before=row.not_before,
            acknowledged_at=row.acknowledged_at,
            carried={Field(name): fact for name, fact in json.loads(row.carried or "{}").items()},
            tried=tuple(values_from_plain(values) for values in plain.get("tried", ())),
            id=row.id,
        )


def _without(delivery: Delivery, fields: Collection[Field]) -> Delivery:
    told = [name for name in fields if name not in delivery.purge or delivery.values.get(name) is not None]
    values, carried = without(delivery.values, told), without(delivery.carried, told)
    return replace(
        delivery, values=values, carried=carried, tried=tuple(without(each, fields) for each in delivery.tried)
    )
