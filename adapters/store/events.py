"""How far we are, and what became of every event."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, func, select, update

from adapters.store.holds import HoldRows
from adapters.store.rows import in_chunks, table_of
from adapters.store.tables import (
    AllowanceRow,
    CancellationRow,
    CoverageRow,
    CustomerRow,
    DeadLetterRow,
    DispositionRow,
    FactRow,
    FeedRow,
    GuardRow,
    ParkedRow,
    RegisterRow,
    ReviewRow,
)
from sync.model import Outcome
from sync.model.codec import canonical, to_storable
from sync.ports.store import DeadLetter, Disposition, FeedHealth, FeedState, Pause, ReviewState

_COVERAGE = table_of(CoverageRow)
_CUSTOMER = table_of(CustomerRow)
_ALLOWANCE = table_of(AllowanceRow)
_FACT = table_of(FactRow)
_FEED = table_of(FeedRow)
_GUARD = table_of(GuardRow)
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
            pause=_pause_from_text(row.pause),
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
            "pause": _pause_to_text(state.pause),
        }
        self._upsert(FeedRow, [row])

    def guarded(self, feed: str, day: date) -> dict[str, int]:
        """Return, by guard, how many customers a feed has changed so on a day."""
        query = select(_GUARD.c.kind, _GUARD.c["count"]).where(_GUARD.c.feed == feed, _GUARD.c.day == day.isoformat())
        return {row[0]: row[1] for row in self._db.execute(query)}

    def guard_record(self, feed: str, guard: str, before: date) -> int:
        """Return how many those were on the day on which they were the most, of the days before."""
        days = (_GUARD.c.feed == feed, _GUARD.c.kind == guard, _GUARD.c.day < before.isoformat())
        return self._db.scalar(select(func.max(_GUARD.c["count"])).where(*days)) or 0

    def save_guarded(self, feed: str, day: date, counts: Mapping[str, int]) -> None:
        """Keep, by guard, how many customers a feed has changed so on a day."""
        of = {"feed": feed, "day": day.isoformat()}
        self._upsert(GuardRow, [of | {"kind": kind, "count": count} for kind, count in counts.items()])

    def allowances(self, feed: str) -> dict[str, int]:
        """Return, by guard, how many customers an operator has let pass who have not passed yet."""
        query = select(_ALLOWANCE.c.kind, _ALLOWANCE.c.left).where(_ALLOWANCE.c.feed == feed)
        return {row[0]: row[1] for row in self._db.execute(query)}

    def save_allowances(self, feed: str, allowances: Mapping[str, int]) -> None:
        """Keep what an operator lets pass, in the place of what was kept before."""
        self._db.execute(delete(_ALLOWANCE).where(_ALLOWANCE.c.feed == feed))
        rows = [{"feed": feed, "kind": kind, "left": left} for kind, left in allowances.items() if left > 0]
        self._insert(AllowanceRow, rows)

    def heard_of(self, feed: str, ids: Iterable[int]) -> frozenset[int]:
        """Return of which of these customers the feed has ever said anything."""
        found: set[int] = set()
        for chunk in in_chunks(ids):
            said = (self._among(_FACT.c.customer_id, chunk), _FACT.c.origin == feed)
            found.update(self._db.scalars(select(_FACT.c.customer_id).where(*said).distinct()))
        return frozenset(found)

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

    def mark_loaded(self, register: str, at: datetime) -> bool:
        """Note that the first load has come to its end; False where it had before."""
        first = (_REGISTER.c.name == register, _REGISTER.c.loaded_at.is_(None))
        return bool(self._db.execute(update(_REGISTER).where(*first).values(loaded_at=at)).rowcount)

    def outcomes(self, feed: str, events: Iterable[str]) -> dict[str, Outcome]:
        """Return the dispositions that these events already have."""
        found: dict[str, Outcome] = {}
        columns = (_DISPOSITION.c.event, _DISPOSITION.c.outcome)
        for chunk in in_chunks(events):
            query = select(*columns).where(_DISPOSITION.c.feed == feed, self._among(_DISPOSITION.c.event, chunk))
            found |= {event: Outcome(outcome) for event, outcome in self._db.execute(query)}
            self._undecided |= {(feed, event) for event in chunk if event not in found}
        return found

    def add_dispositions(self, dispositions: Sequence[Disposition]) -> None:
        """Keep dispositions; one that replaces an earlier one of the same event is the final one."""
        rows = {
            (d.feed, d.event): {
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
        }
        # Most are of events of which this unit of work has found that they have none: there is nothing to replace.
        self._insert(DispositionRow, [row for key, row in rows.items() if key in self._undecided])
        self._upsert(DispositionRow, [row for key, row in rows.items() if key not in self._undecided])
        self._undecided -= rows.keys()

    def cancelled(self, feed: str, notices: Iterable[str]) -> frozenset[str]:
        """Return which of these notices the provider has taken back."""
        found: set[str] = set()
        for chunk in in_chunks(notices):
            query = select(_CANCELLATION.c.notice).where(
                _CANCELLATION.c.feed == feed, self._among(_CANCELLATION.c.notice, chunk)
            )
            found.update(self._db.scalars(query))
        return frozenset(found)

    def cancel(self, feed: str, notices: Sequence[str], at: datetime) -> None:
        """Note that the provider took these notices back; what waits of them is closed."""
        self._upsert(CancellationRow, [{"feed": feed, "notice": notice, "at": at} for notice in notices])
        for chunk in in_chunks(notices):
            where = (
                _REVIEW.c.feed == feed,
                self._among(_REVIEW.c.notice, chunk),
                _REVIEW.c.state == ReviewState.OPEN.value,
            )
            events = list(self._db.scalars(select(_REVIEW.c.event).where(*where)))
            closed = {"state": ReviewState.CANCELLED.value, "sealed": None, "decided_at": at}
            self._db.execute(update(_REVIEW).where(*where).values(closed))
            waiting = (_DISPOSITION.c.feed == feed, self._among(_DISPOSITION.c.event, events))
            final = {"outcome": Outcome.SUPERSEDED.value, "reason": "notice_cancelled"}
            self._db.execute(update(_DISPOSITION).where(*waiting).values(final))
            parked = (_PARKED.c.feed == feed, self._among(_PARKED.c.notice, chunk), _PARKED.c.notice != "")
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


def _pause_to_text(pause: Pause | None) -> str | None:
    return canonical({**asdict(pause), "at": pause.at.isoformat()}) if pause else None


def _pause_from_text(text: str | None) -> Pause | None:
    if not text:
        return None
    plain = json.loads(text)
    return Pause(**{**plain, "at": datetime.fromisoformat(plain["at"])})
