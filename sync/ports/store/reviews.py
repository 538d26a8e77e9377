"""Uncertain matches that wait for a person."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sync.model import (
    Candidate,
    Change,
    Field,
)


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    SAME = "same"  # a person said: it is this customer
    DIFFERENT = "different"  # a person said: it is not
    CANCELLED = "cancelled"  # the provider took the notice back
    EXPIRED = "expired"
    UNDONE = "undone"  # it was decided, and a person undid that; the payload is gone
    ERASED = "erased"  # the person was erased


@dataclass(frozen=True, slots=True)
class Review:
    """An uncertain match that waits for a person.

    Attributes:
        change: None once it is decided or expired; then the payload is gone.
        best: the best candidate with its evidence.
        runner_up: the second best.
        id: our own id; 0 before it is stored.
    """

    feed: str
    event: str
    position: str
    reason: str
    change: Change | None
    best: Candidate
    runner_up: Candidate | None
    opened_at: datetime
    expires_at: datetime
    notice: str = ""
    state: ReviewState = ReviewState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""
    id: int = 0


class ReviewWork(Protocol):
    """The review queue."""

    def add_reviews(self, reviews: Sequence[Review]) -> None:
        """Keep uncertain matches for a person."""
        ...

    def reviews(self, state: ReviewState | None = ReviewState.OPEN) -> tuple[Review, ...]:
        """Return reviews, without their payload."""
        ...

    def review(self, review_id: int) -> Review:
        """Return one review with its payload.

        Raises:
            NotFound: no such review.
        """
        ...

    def decide_review(self, review_id: int, state: ReviewState, by: str, reason: str, at: datetime) -> None:
        """Decide an open review and destroy its payload.

        Raises:
            SomebodyWasFirst: it is no longer open.
        """
        ...

    def turn_review(self, review_id: int, state: ReviewState) -> None:
        """Note that a decision was undone, or that the undoing was; who decided what, and why, stays."""
        ...

    def under_review(self, ids: Iterable[int]) -> frozenset[int]:
        """Return which of these customers an open review is about."""
        ...

    def under_review_by(self, feed: str, notices: Iterable[str]) -> frozenset[int]:
        """Return the customers whom open reviews of these notices (keyed hashes) are about."""
        ...

    def forget_reviewed_location(self, ids: Sequence[int], fields: Collection[Field]) -> None:
        """Remove these fields, and where the person was known to live, from open reviews that could be about these customers."""
        ...

    def refuse(self, pairs: Collection[tuple[str, int]], review_id: int) -> None:
        """Remember that whoever is described so (keyed hashes) is not this customer, as a person said in that review."""
        ...

    def refusals(self, descriptions: Iterable[str]) -> dict[str, dict[int, int]]:
        """Return, for each of these descriptions (keyed hashes), whom it does not mean, and the review that said so.

        Only while the decision stands: one that was undone says nothing.
        """
        ...

    def any_refusals(self) -> bool:
        """Tell whether anybody was ever said not to be a customer."""
        ...

    def decision_reasons(self, feed: str, events: Iterable[str]) -> dict[str, str]:
        """Return why reviewers took these events to be about the customer, in their words; only where they said so."""
        ...

    def decided(self, feed: str, events: Iterable[str]) -> frozenset[str]:
        """Return which of these events a person has decided about."""
        ...
