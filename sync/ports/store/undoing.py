"""What people have undone: each undoing, and the facts that its marks are about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class UndoKind(StrEnum):
    """What was undone."""

    UPDATE = "update"  # what one event brought to one customer
    DECISION = "decision"  # a review that a person had decided
    RUN = "run"  # what the pages of one feed brought between two moments
    UNDO = "undo"  # an undoing


@dataclass(frozen=True, slots=True)
class Undo:
    """One undoing.

    Attributes:
        kind: what was undone.
        target: which one: names of feeds and registers, our own ids, hashes, moments; never a personal value.
        by: the account of the person who did it.
        reason: why, in that person's words.
        at: when it was begun, UTC.
        done: it has come to its end; a large one is carried out in parts, and may have been interrupted.
        id: our own id; 0 before it is stored.
    """

    kind: UndoKind
    target: Mapping[str, str | int]
    by: str
    reason: str
    at: datetime
    done: bool = False
    id: int = 0


class UndoWork(Protocol):
    """Undoings, and finding what they are about."""

    def add_undo(self, undo: Undo) -> Undo:
        """Keep an undoing; returns it with our own id."""
        ...

    def finish_undo(self, undo_id: int) -> None:
        """Note that an undoing has come to its end."""
        ...

    def undos(self) -> tuple[Undo, ...]:
        """Return every undoing, the oldest first."""
        ...

    def undone_events(self, events: Iterable[str]) -> frozenset[str]:
        """Return which of these events (keyed hashes) a person has undone, at any time."""
        ...

    def facts_of_pages(
        self, feed: str, since: datetime, until: datetime, after: int, limit: int
    ) -> dict[int, frozenset[int]]:
        """Return the facts, by customer, that pages of a feed brought between two moments; none that a person decided.

        Args:
            feed: the feed.
            since: no page from before this moment.
            until: none from after it.
            after: our own id of the customer after whom to begin.
            limit: how many customers at most.
        """
        ...

    def marks_of(self, undo_id: int, after: int, limit: int) -> dict[int, frozenset[int]]:
        """Return the marks, by customer, that an undoing has made; customers in order, those after the given one."""
        ...
