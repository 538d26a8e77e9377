"""How far we are, and what became of every event."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select, update

from adapters.store.holds import HoldRows
from adapters.store.rows import in_chunks, table_of
from adapters.store.tables import (
    CancellationRow,
    CoverageRow,
    CustomerRow,
    DeadLetterRow,
    DispositionRow,
    FeedRow,
    ParkedRow,
    RegisterRow,
    ReviewRow,
)
from sync.model import Outcome
from sync.model.codec import to_storable
from sync.ports.store import DeadLetter, Disposition, FeedHealth, FeedState, ReviewState

_COVERAGE = table_of(CoverageRow)
_CUSTOMER = table_of(CustomerRow)
_FEED = table_of(FeedRow)
_REGISTER = table_of(RegisterRow)
_DISPOSITION = table_of(DispositionRow)
_CANCELLATION = table_of(CancellationRow)
_PARKED = table_of(ParkedRow)
_REVIEW = table_of(ReviewRow)


class EventRows(HoldRows):
    """Feeds, marks, dispositions, cancellations and dead letters."""

    def feed(self, name: str) -> FeedState:
        """Return the state of a feed; a new one where it was never run."""
        row = self._db.execute(select(_FEED).where(_FEED.c.name == name)).first()
        if row is None:
            return FeedState(name)
        return FeedState(
            name=row.name,
            cursor=row.cursor,
            health=FeedHealth(row.health),
            detail=row.detail,
            caught_up_at=row.caught_up_at,
            next_at=row.next_at,
            failures=row.failures,
        )

    def save_feed(self, state: FeedState) -> None:
        """Keep the state of a feed."""
        row = {
            "name": state.name,
            "cursor": state.cursor,
            "health": state.health.value,
            "detail": state.detail,
            "caught_up_at": state.caught_up_at,
            "next_at": state.next_at,
            "failures": state.failures,
            "live": self.was_live(state.name),
        }
        self._upsert(FeedRow, [row])

    def was_live(self, name: str) -> bool:
        """Tell whether the feed was live when its customers were last settled."""
        return self._db.scalar(select(_FEED.c.live).where(_FEED.c.name == name)) or False

    def note_live(self, name: str, today: date, *, live: bool) -> None:
        """Note whether a feed is live, and have the customers whom it watches settled again today."""
        self._db.execute(update(_FEED).where(_FEED.c.name == name).values(live=live))
        watched = select(_COVERAGE.c.customer_id).where(_COVERAGE.c.feed == name, _COVERAGE.c.since.is_not(None))
        self._db.execute(update(_CUSTOMER).where(_CUSTOMER.c.id.in_(watched)).values(due_on=today.isoformat()))

    def mark(self, register: str) -> str | None:
        """Return how far changed records of the register were read."""
        return self._db.scalar(select(_REGISTER.c.mark).where(_REGISTER.c.name == register))

    def save_mark(self, register: str, mark: str, at: datetime) -> None:
        """Keep how far changed records of the register were read."""
        loaded = self._db.scalar(select(_REGISTER.c.loaded_at).where(_REGISTER.c.name == register))
        self._upsert(RegisterRow, [{"name": register, "mark": mark, "read_at": at, "loaded_at": loaded}])

    def loaded(self, register: str) -> bool:
        """Tell whether the first load of the register has come to its end."""
        return self._db.scalar(select(_REGISTER.c.loaded_at).where(_REGISTER.c.name == register)) is not None

    def mark_loaded(self, register: str, at: datetime) -> None:
        """Note that the first load has come to its end."""
        self._db.execute(
            update(_REGISTER).where(_REGISTER.c.name == register, _REGISTER.c.loaded_at.is_(None)).values(loaded_at=at)
        )

    def outcomes(self, feed: str, events: Iterable[str]) -> dict[str, Outcome]:
        """Return the dispositions that these events already have."""
        found: dict[str, Outcome] = {}
        columns = (_DISPOSITION.c.event, _DISPOSITION.c.outcome)
        for chunk in in_chunks(events):
            query = select(*columns).where(_DISPOSITION.c.feed == feed, _DISPOSITION.c.event.in_(chunk))
            found |= {event: Outcome(outcome) for event, outcome in self._db.execute(query)}
        return found

    def add_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Keep dispositions; one that replaces an earlier one of the same event is the final one."""
        rows = [
            {
                "feed": d.feed,
                "event": d.event,
                "position": to_storable(d.position),
                "outcome": d.outcome.value,
                "reason": to_storable(d.reason),
                "customer_id": d.customer_id,
                "rule": d.rule.value if d.rule else None,
                "weight": d.weight,
                "model": d.model,
                "received_at": d.received_at,
            }
            for d in dispositions
        ]
        self._upsert(DispositionRow, rows)

    def cancelled(self, feed: str, notices: Iterable[str]) -> frozenset[str]:
        """Return which of these notices the provider has taken back."""
        found: set[str] = set()
        for chunk in in_chunks(notices):
            query = select(_CANCELLATION.c.notice).where(
                _CANCELLATION.c.feed == feed, _CANCELLATION.c.notice.in_(chunk)
            )
            found.update(self._db.scalars(query))
        return frozenset(found)

    def cancel(self, feed: str, notices: Sequence[str], at: datetime) -> None:
        """Note that the provider took these notices back; what waits of them is closed."""
        self._upsert(CancellationRow, [{"feed": feed, "notice": notice, "at": at} for notice in notices])
        for chunk in in_chunks(notices):
            where = (_REVIEW.c.feed == feed, _REVIEW.c.notice.in_(chunk), _REVIEW.c.state == ReviewState.OPEN.value)
            events = list(self._db.scalars(select(_REVIEW.c.event).where(*where)))
            closed = {"state": ReviewState.CANCELLED.value, "sealed": None, "decided_at": at}
            self._db.execute(update(_REVIEW).where(*where).values(closed))
            waiting = (_DISPOSITION.c.feed == feed, _DISPOSITION.c.event.in_(events))
            final = {"outcome": Outcome.SUPERSEDED.value, "reason": "notice_cancelled"}
            self._db.execute(update(_DISPOSITION).where(*waiting).values(final))
            parked = (_PARKED.c.feed == feed, _PARKED.c.notice.in_(chunk), _PARKED.c.notice != "")
            self.close_parked(Outcome.SUPERSEDED, "notice_cancelled", *parked)

    def add_dead_letters(self, letters: Sequence[DeadLetter], expires_at: datetime) -> None:
        """Keep unreadable items, sealed."""
        rows = [
            {
                "id": (id_ := self._ids.next()),
                "feed": letter.feed,
                "event": letter.event,
                "position": to_storable(letter.position),
                "reason": to_storable(letter.reason),
                "size": len(letter.payload),
                "digest": self._keyring.digest("dead_letter", letter.payload.hex()),
                "sealed": self._keyring.seal(f"dead_letter/{id_}", letter.payload),
                "received_at": letter.received_at,
                "expires_at": expires_at,
            }
            for letter in letters
        ]
        self._insert(DeadLetterRow, rows)
