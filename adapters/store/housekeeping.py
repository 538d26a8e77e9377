"""Counting, remembering who read what, and forgetting in time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, delete, func, select, update

from adapters.store.holds import HoldRows
from adapters.store.rows import table_of
from adapters.store.tables import (
    CancellationRow,
    CensusRow,
    CustomerRow,
    DeadLetterRow,
    DeliveryRow,
    DispositionRow,
    FactRow,
    HoldRow,
    OpeningRow,
    ParkedRow,
    ReadingRow,
    ReviewRow,
    TombstoneRow,
)
from sync.model import Outcome
from sync.ports.store import Counts, Opening, ReviewState

_CANCELLATION = table_of(CancellationRow)
_CENSUS = table_of(CensusRow)
_CUSTOMER = table_of(CustomerRow)
_DEAD_LETTER = table_of(DeadLetterRow)
_DELIVERY = table_of(DeliveryRow)
_DISPOSITION = table_of(DispositionRow)
_FACT = table_of(FactRow)
_HOLD = table_of(HoldRow)
_OPENING = table_of(OpeningRow)
_PARKED = table_of(ParkedRow)
_READING = table_of(ReadingRow)
_REVIEW = table_of(ReviewRow)
_TOMBSTONE = table_of(TombstoneRow)


class HousekeepingRows(HoldRows):
    """Figures, the reading trail and retention."""

    def note_reading(self, reader: str, register: str, customer_id: int, at: datetime, *, revealed: bool) -> None:
        """Keep who read what."""
        row = {
            "id": self._ids.next(),
            "at": at,
            "reader": reader,
            "register_name": register,
            "customer_id": customer_id,
        }
        self._insert(ReadingRow, [row | {"revealed": revealed}])

    def open_glass(self, opening: Opening) -> Opening:
        """Keep that somebody is told what is hidden, for a while; returns it with its id."""
        opening = replace(opening, id=self._ids.next())
        row = {"id": opening.id, "at": opening.at, "until": opening.until, "reader": opening.reader}
        about = {"customer_id": opening.customer_id, "register_name": opening.register, "need": opening.need}
        self._insert(OpeningRow, [row | about])
        return opening

    def openings(self) -> tuple[Opening, ...]:
        """Return all that are kept, the oldest first."""
        rows = self._db.execute(select(_OPENING).order_by(_OPENING.c.id))
        return tuple(Opening(r.customer_id, r.register_name, r.reader, r.need, r.at, r.until, r.id) for r in rows)

    def is_open(self, reader: str, customer_id: int, now: datetime) -> bool:
        """Tell whether a reader is told what is hidden of a customer at this moment."""
        theirs = (_OPENING.c.reader == reader, _OPENING.c.customer_id == customer_id)
        return self._count(_OPENING.c.id, *theirs, _OPENING.c.at <= now, _OPENING.c.until > now) > 0

    def counts(self) -> Counts:
        """Return figures of the whole store."""
        return Counts(
            customers=self._count(_CUSTOMER.c.id),
            dispositions=self._grouped(_DISPOSITION.c.feed, _DISPOSITION.c.outcome),
            deliveries=self._grouped(_DELIVERY.c.register_name, _DELIVERY.c.state),
            reviews_open=self._count(_REVIEW.c.id, _REVIEW.c.state == ReviewState.OPEN.value),
            dead_letters=self._count(_DEAD_LETTER.c.id),
            facts=self._count(_FACT.c.customer_id, _FACT.c.customer_id > 0),  # what was erased is about nobody
            parked=self._count(_PARKED.c.id),
            holds=self._holds_in_force(),
            openings=self._count(_OPENING.c.id),
        )

    def save_census(self, register: str, counts: Mapping[str, int], at: datetime) -> None:
        """Keep how right a register is, in the place of an earlier count."""
        self._upsert(
            CensusRow, [{"register_name": register, "word": w, "customers": n, "at": at} for w, n in counts.items()]
        )

    def census(self, register: str) -> tuple[dict[str, int], datetime] | None:
        """Return the last count of a register, and when it was made; None when there was none."""
        rows = self._db.execute(select(_CENSUS).where(_CENSUS.c.register_name == register)).all()
        return ({row.word: row.customers for row in rows}, max(row.at for row in rows)) if rows else None

    def forget_before(self, category: str, before: datetime) -> int:
        """Delete what is older, by category of `sync.retention.Retention`; returns how many rows."""
        match category:
            case "unmatched":
                stranger = _DISPOSITION.c.outcome == Outcome.NO_MATCH.value
                statement = delete(_DISPOSITION).where(stranger, _DISPOSITION.c.received_at < before)
            case "dead_letters":
                statement = delete(_DEAD_LETTER).where(_DEAD_LETTER.c.received_at < before)
            case "readings":
                self._db.execute(delete(_OPENING).where(_OPENING.c.at < before))
                statement = delete(_READING).where(_READING.c.at < before)
            case "cancellations":
                # One that our own history refers to stays with it; most are of strangers' notices.
                told = select(_FACT.c.id).where(
                    _FACT.c.notice == _CANCELLATION.c.notice,
                    _FACT.c.notice != "",
                    _FACT.c.origin == _CANCELLATION.c.feed,
                )
                statement = delete(_CANCELLATION).where(_CANCELLATION.c.at < before, ~told.exists())
            case "tombstones":
                statement = delete(_TOMBSTONE).where(_TOMBSTONE.c.erased_at < before)
            case "parked":
                return self.close_parked(Outcome.REFUSED, "parked_too_long", _PARKED.c.parked_at < before)
            case "reviews":
                return self._expire_reviews(before)
            case _:
                raise ValueError(f"no such category of retention: {category}")
        return int(self._db.execute(statement).rowcount)

    def _expire_reviews(self, before: datetime) -> int:
        due = (_REVIEW.c.state == ReviewState.OPEN.value, _REVIEW.c.opened_at < before)
        events = self._db.execute(select(_REVIEW.c.feed, _REVIEW.c.event).where(*due)).all()
        expired = {"state": ReviewState.EXPIRED.value, "sealed": None}
        self._db.execute(update(_REVIEW).where(*due).values(expired))
        final = {"outcome": Outcome.NO_MATCH.value, "reason": "review_expired", "customer_id": None}
        for feed, event in events:
            about = (_DISPOSITION.c.feed == feed, _DISPOSITION.c.event == event)
            self._db.execute(update(_DISPOSITION).where(*about).values(final))
        return len(events)

    def _holds_in_force(self) -> dict[str, int]:
        query = (
            select(_HOLD.c.kind, func.count().label("number")).where(_HOLD.c.lifted_at.is_(None)).group_by(_HOLD.c.kind)
        )
        return {row.kind: row.number for row in self._db.execute(query)}

    def _count(self, column: Column[Any], *where: Any) -> int:
        return self._db.scalar(select(func.count(column)).where(*where)) or 0

    def _grouped(self, first: Column[Any], second: Column[Any]) -> dict[tuple[str, str], int]:
        rows = self._db.execute(select(first, second, func.count()).group_by(first, second).order_by(first, second))
        return {(a, b): count for a, b, count in rows}
