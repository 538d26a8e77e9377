"""Uncertain matches that wait for a person."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from adapters.store.rows import Rows, in_chunks, table_of
from adapters.store.tables import RefusalRow, ReviewRow
from sync.applying.protection import change_without
from sync.errors import NotFound, SomebodyWasFirst
from sync.model import Change, Field
from sync.model.codec import (
    candidate_from_plain,
    candidate_to_plain,
    canonical,
    change_from_plain,
    change_to_plain,
    to_storable,
)
from sync.ports.store import Review, ReviewState

_REFUSAL = table_of(RefusalRow)
_REVIEW = table_of(ReviewRow)


class ReviewRows(Rows):
    """The review queue."""

    def add_reviews(self, reviews: Sequence[Review]) -> None:
        """Keep uncertain matches for a person."""
        self._insert(ReviewRow, [self._review_row(review) for review in reviews])

    def reviews(self, state: ReviewState | None = ReviewState.OPEN) -> tuple[Review, ...]:
        """Return reviews, without their payload."""
        query = select(_REVIEW).order_by(_REVIEW.c.id)
        if state is not None:
            query = query.where(_REVIEW.c.state == state.value)
        return tuple(_review(row, None) for row in self._db.execute(query))

    def review(self, review_id: int) -> Review:
        """Return one review with its payload."""
        row = self._db.execute(select(_REVIEW).where(_REVIEW.c.id == review_id)).first()
        if row is None:
            raise NotFound(f"there is no review {review_id}")
        return _review(row, self._payload(row))

    def decide_review(self, review_id: int, state: ReviewState, by: str, reason: str, at: datetime) -> None:
        """Decide an open review and destroy its payload."""
        decided = {
            "state": state.value,
            "decided_by": to_storable(by),
            "decision_reason": to_storable(reason),
            "decided_at": at,
            "sealed": None,
        }
        open_ = (_REVIEW.c.id == review_id, _REVIEW.c.state == ReviewState.OPEN.value)
        if self._db.execute(update(_REVIEW).where(*open_).values(decided)).rowcount != 1:
            raise SomebodyWasFirst(f"review {review_id} is no longer open")

    def turn_review(self, review_id: int, state: ReviewState) -> None:
        """Note that a decision was undone, or that the undoing was; who decided what, and why, stays."""
        self._db.execute(update(_REVIEW).where(_REVIEW.c.id == review_id).values(state=state.value))

    def refuse(self, pairs: Collection[tuple[str, int]], review_id: int) -> None:
        """Remember that whoever is described so is not this customer, as a person said in that review."""
        rows = [{"hash": hash_, "customer_id": customer, "review_id": review_id} for hash_, customer in pairs]
        self._upsert(RefusalRow, rows)

    def refusals(self, descriptions: Iterable[str]) -> dict[str, dict[int, int]]:
        """Return, for each of these descriptions, whom it does not mean, and the review that said so."""
        found: dict[str, dict[int, int]] = defaultdict(dict)
        stands = (_REVIEW.c.id == _REFUSAL.c.review_id) & (_REVIEW.c.state == ReviewState.DIFFERENT.value)
        for chunk in in_chunks(descriptions):
            for row in self._db.execute(
                select(_REFUSAL).join(_REVIEW, stands).where(self._among(_REFUSAL.c.hash, chunk))
            ):
                found[row.hash][row.customer_id] = row.review_id
        return dict(found)

    def any_refusals(self) -> bool:
        """Tell whether anybody was ever said not to be a customer."""
        return self._db.scalar(select(_REFUSAL.c.hash).limit(1)) is not None

    def decision_reasons(self, feed: str, events: Iterable[str]) -> dict[str, str]:
        """Return why reviewers took these events to be about the customer, in their words."""
        found: dict[str, str] = {}
        for chunk in in_chunks(events):
            query = select(_REVIEW.c.event, _REVIEW.c.decision_reason).where(
                self._among(_REVIEW.c.event, chunk), _REVIEW.c.feed == feed, _REVIEW.c.decision_reason != ""
            )
            found |= {row.event: row.decision_reason for row in self._db.execute(query)}
        return found

    def decided(self, feed: str, events: Iterable[str]) -> frozenset[str]:
        """Return which of these events a person has decided about."""
        found: set[str] = set()
        by_person = _REVIEW.c.state.in_([ReviewState.SAME.value, ReviewState.DIFFERENT.value])
        for chunk in in_chunks(events):
            query = select(_REVIEW.c.event).where(
                self._among(_REVIEW.c.event, chunk), _REVIEW.c.feed == feed, by_person
            )
            found.update(self._db.scalars(query))
        return frozenset(found)

    def under_review(self, ids: Iterable[int]) -> frozenset[int]:
        """Return which of these customers an open review is about."""
        found: set[int] = set()
        for chunk in in_chunks(ids):
            query = select(_REVIEW.c.best_id).where(
                self._among(_REVIEW.c.best_id, chunk), _REVIEW.c.state == ReviewState.OPEN.value
            )
            found.update(self._db.scalars(query))
        return frozenset(found)

    def under_review_by(self, feed: str, notices: Iterable[str]) -> frozenset[int]:
        """Return the customers whom open reviews of these notices (keyed hashes) are about."""
        found: set[int] = set()
        for chunk in in_chunks(notices):
            query = select(_REVIEW.c.best_id).where(
                self._among(_REVIEW.c.notice, chunk), _REVIEW.c.feed == feed, _REVIEW.c.state == ReviewState.OPEN.value
            )
            found.update(self._db.scalars(query))
        return frozenset(found)

    def forget_reviewed_location(self, ids: Sequence[int], fields: Collection[Field]) -> None:
        """Seal the open reviews about these customers anew, without these fields and without where they are known to live."""
        for chunk in in_chunks(ids, 2_000):  # each id is there twice
            about = self._among(_REVIEW.c.best_id, chunk) | self._among(_REVIEW.c.runner_up_id, chunk)
            for row in self._db.execute(select(_REVIEW).where(about, _REVIEW.c.sealed.is_not(None))).all():
                if change := self._payload(row):
                    plain = change_to_plain(change_without(change, fields))
                    sealed = self._seal(f"review/{row.id}", plain)
                    self._db.execute(update(_REVIEW).where(_REVIEW.c.id == row.id).values(sealed=sealed))

    def _review_row(self, review: Review) -> dict[str, Any]:
        id_ = self._ids.next()
        both = [candidate_to_plain(review.best)]
        if review.runner_up:
            both.append(candidate_to_plain(review.runner_up))
        return {
            "id": id_,
            "feed": review.feed,
            "event": review.event,
            "position": to_storable(review.position),
            "notice": review.notice,
            "reason": to_storable(review.reason),
            "best_id": review.best.customer_id,
            "runner_up_id": review.runner_up.customer_id if review.runner_up else None,
            "evidence": canonical(both),
            "sealed": self._seal(f"review/{id_}", change_to_plain(review.change)) if review.change else None,
            "opened_at": review.opened_at,
            "expires_at": review.expires_at,
            "state": review.state.value,
            "decided_by": review.decided_by,
            "decided_at": review.decided_at,
            "decision_reason": review.decision_reason,
        }

    def _payload(self, row: Row[Any]) -> Change | None:
        if row.sealed is None:
            return None
        return change_from_plain(self._unseal(f"review/{row.id}", row.sealed))


def _review(row: Row[Any], change: Change | None) -> Review:
    best, *others = (candidate_from_plain(plain) for plain in json.loads(row.evidence))
    return Review(
        feed=row.feed,
        event=row.event,
        position=row.position,
        reason=row.reason,
        change=change,
        best=best,
        runner_up=others[0] if others else None,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        notice=row.notice,
        state=ReviewState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        id=row.id,
    )
