"""Training on a register that is mirrored in the store."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sync.matching.compare.level import Level
from sync.matching.compare.person import COMPARISONS
from sync.matching.keys import change_keys, is_location
from sync.matching.prepared import Prepared
from sync.ports.store import ReviewState, Store

_PAGE = 1_000
_LEVELS: dict[str, dict[str, Level]] = {name: {str(one): one for one in levels} for name, levels in COMPARISONS.items()}


def frequency_hash(digest: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Return the keyed hash of a value in a model's frequency tables, from a keyed hash of anything."""
    return lambda table, text: digest(f"frequency/{table}", text)


@dataclass(frozen=True, slots=True)
class Mirror:
    """A register's customers as training sees them, a page at a time."""

    store: Store
    register: str

    def size(self) -> int:
        """Return how many customers there are."""
        with self.store.snapshot() as work:
            return work.count_customers(self.register)

    def people(self) -> Iterator[Prepared]:
        """Return every customer, by ascending id."""
        last = 0
        while True:
            with self.store.snapshot() as work:
                ids = work.customer_ids(self.register, last, _PAGE)
                people = work.prepared(ids)
            if not ids:
                return
            yield from (people[id_] for id_ in ids if id_ in people)
            last = ids[-1]

    def candidates(self, changes: Sequence[Prepared], *, location: bool = True) -> Sequence[Sequence[Prepared]]:
        """Return the customers who could be meant by each change."""
        with self.store.snapshot() as work:
            wide = work.small(self.register)
            keys = [change_keys(change, wide=wide) for change in changes]
            if not location:
                keys = [{key for key in group if not is_location(key)} for group in keys]
            return work.candidates(self.register, keys)


def reviewed(store: Store) -> dict[str, dict[Level, float]]:
    """Count the levels of pairs that reviewers said are one person, by comparison."""
    counts: dict[str, Counter[Level]] = {name: Counter() for name in COMPARISONS}
    with store.snapshot() as work:
        for review in work.reviews(ReviewState.SAME):
            for evidence in review.best.evidence:
                # None for what was missing, and for what an earlier version of the program compared. A companion's home
                # teaches nothing of how people's own addresses agree.
                level = _LEVELS.get(evidence.comparison, {}).get(evidence.level)
                if level is not None and not evidence.companion:
                    counts[evidence.comparison][level] += 1
    return {name: dict(levels) for name, levels in counts.items()}
