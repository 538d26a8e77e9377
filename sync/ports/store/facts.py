"""What was said about customers, and the audit chain that binds it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sync.model import Candidate, Evidence, Field, HeldFact, MatchRule, NullHypothesis


@dataclass(frozen=True, slots=True)
class Provenance:
    """Why a fact is held, beside what `HeldFact` itself tells.

    Attributes:
        position: where it stood in the feed.
        rule: what matched the change to the customer; None for what was read from the register.
        weight: match weight in bits; None where no scoring was done.
        evidence: comparison by comparison.
        model: version of the matching model.
        decided_by: name of the person who decided; empty when the program did.
        against: the null hypothesis that the evidence speaks against.
        prior: log-odds before anything is compared, in bits.
        reason: why a person undid something, or decided so, in their words; empty otherwise.
        undo: our own id of the undoing that a mark is part of; 0 otherwise.
    """

    position: str = ""
    rule: MatchRule | None = None
    weight: float | None = None
    evidence: tuple[Evidence, ...] = ()
    model: str = ""
    decided_by: str = ""
    against: NullHypothesis = NullHypothesis.OTHER_PERSON
    prior: float = 0.0
    reason: str = ""
    undo: int = 0


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact, whose it is, and why it is held."""

    customer_id: int
    held: HeldFact
    provenance: Provenance

    @property
    def weighed(self) -> Candidate | None:
        """The customer as it was weighed; None where nothing was."""
        why = self.provenance
        if why.weight is None:
            return None
        return Candidate(self.customer_id, why.weight, why.evidence, why.against, why.prior)


class FactWork(Protocol):
    """Facts with their provenance, and the audit chain."""

    def facts(self, ids: Iterable[int]) -> dict[int, tuple[HeldFact, ...]]:
        """Return everything held about these customers, the oldest first."""
        ...

    def stored_facts(self, customer_id: int) -> tuple[StoredFact, ...]:
        """Return everything held about one customer, with its provenance."""
        ...

    def by_notices(self, feed: str, notices: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the customers that hold facts of each of these notices (keyed hashes)."""
        ...

    def new_id(self) -> int:
        """Return an id of our own, for a fact that is still to be added."""
        ...

    def add_facts(self, facts: Sequence[StoredFact]) -> tuple[int, ...]:
        """Keep facts; returns our own ids, in their order: those that they bring, or new ones."""
        ...

    def forget_location(self, hides: Mapping[int, frozenset[Field]], keep: Collection[int] = ()) -> None:
        """Remove every value of these fields of these customers from facts, keys, queues and what is parked (trust rule P3).

        Facts to keep, by our own ids, were said when the order was over again.

        The mirror comes first: it makes the keys of what is left.
        """
        ...

    def audit(self, actor: str, action: str, at: datetime, body: Mapping[str, Any]) -> None:
        """Append to the audit chain; the facts added in this unit of work are bound to this entry."""
        ...

    def with_history(self, before: datetime, after: int, limit: int) -> tuple[int, ...]:
        """Return customers, by ascending id from `after`, who may hold values that were superseded before then."""
        ...

    def forget_values(self, whole: Sequence[int], wrong: Sequence[int]) -> None:
        """Empty the values of these facts, and of those corrections the wrong value; the rows stay."""
        ...
