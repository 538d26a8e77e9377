"""What carrying out a page has gathered so far, written at its end in a few statements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sync.applying.guard import IDENTITY_CHANGES, GuardKind, ends
from sync.applying.same import Same, same_value
from sync.applying.survivorship import FieldState, resolve_all, unkept
from sync.model import ORDERS, Field, HeldFact, Hold
from sync.ports.store import Disposition, Parked, Review, StoredFact


@dataclass(slots=True)
class Page:
    """What carrying out a page has gathered so far, written at its end in a few statements.

    Attributes:
        today: the day at the register when it began; what turns at a midnight in between is settled again on the new day.
        held: what is held of each customer, with what the page brings.
        new_id: gives ids to facts before they are written, so that a delivery can name those that it carries.
        settled: what holds of a customer on that day, of the fields of which the page has spoken.
    """

    today: date
    held: dict[int, tuple[HeldFact, ...]]
    new_id: Callable[[], int]
    settled: dict[int, dict[Field, FieldState]] = field(default_factory=dict)
    before: Mapping[int, tuple[HeldFact, ...]] = field(default_factory=dict)
    same: Same = same_value
    owners: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    holds: dict[int, tuple[Hold, ...]] = field(default_factory=dict)
    parked: list[Parked] = field(default_factory=list)
    aliases: dict[int, list[str]] = field(default_factory=dict)
    naming: dict[int, list[tuple[str, Sequence[str]]]] = field(default_factory=dict)
    facts: list[StoredFact] = field(default_factory=list)
    dispositions: list[Disposition] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    spoken_of: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    purged: dict[int, frozenset[Field]] = field(default_factory=dict)
    purged_at: dict[int, int] = field(default_factory=dict)  # from which place in the page on nothing is purged
    look_up: set[int] = field(default_factory=set)

    def states(self) -> dict[int, dict[Field, FieldState]]:
        """Return what holds of whom it touches, but of those of whom something is no longer kept."""
        there = self.touched.intersection(self.held) - self.purged.keys()
        return {id_: self._states_of(id_) for id_ in there}

    def _states_of(self, customer: int) -> dict[Field, FieldState]:
        known = self.settled.get(customer, {})
        rest = [h for h in self.held[customer] if h.fact.field not in known]
        return known | resolve_all(rest, self.today, self.same)

    def guarded(
        self, feed: str, states: Mapping[int, Mapping[Field, FieldState]], *, asked: bool
    ) -> dict[GuardKind, int]:
        """Count what the guards of a feed count; `states` is what holds of some, as far as the caller has it."""
        about = {f.customer_id for f in self.facts if f.held.fact.field in (Field.ADDRESS, Field.DEATH)}
        about |= {owner for notice in self.cancelled for owner in self.owners.get(notice, ())}
        after = {id_: self.held[id_] for id_ in about if id_ in self.held}
        found = ends(self.before, after, feed, self.today, self.same, asked=asked, states=states)
        if doubted := sum(review.reason == IDENTITY_CHANGES for review in self.reviews):
            found[GuardKind.IDENTITY_CHANGES] = doubted
        return found

    def orders(self, customer: int) -> dict[Field, FieldState]:
        """Return which orders and bans are in force for a customer by now; which day it is tells nothing of them."""
        return resolve_all((h for h in self.held.get(customer, ()) if h.fact.field in ORDERS), date.min)

    def unheard(self) -> set[int]:
        """Return of whom it speaks whose order or ban kept us from its word; it will not say it again."""
        return {id_ for id_ in self.spoken_of if unkept(self.orders(id_))}
