"""What a run did, in figures."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from sync.model import Outcome


@dataclass(slots=True)
class RunReport:
    """Figures of one run of one feed.

    Attributes:
        feed: name of the feed.
        received: items that the provider delivered, repeats included.
        repeated: items that had their disposition already.
        outcomes: dispositions of the others; `received == repeated + sum(outcomes)`.
        ignored: parts that were not understood and passed over, by kind.
        absent: persons asked for whom the provider does not know.
        pages: how many pages were committed.
        deliveries: updates handed to delivery.
        paused: the guard by which the feed is paused; only orders were carried out. Empty when it is not.
    """

    feed: str
    received: int = 0
    repeated: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    absent: int = 0
    pages: int = 0
    deliveries: int = 0
    paused: str = ""

    @property
    def partial(self) -> bool:
        """Something was set aside: the run is not green."""
        return bool(self.outcomes[Outcome.DEAD_LETTER] or self.absent or self.paused)

    def add(self, part: Self) -> None:
        """Add the figures of a part that was committed."""
        self.received += part.received
        self.repeated += part.repeated
        self.outcomes.update(part.outcomes)
        self.pages += part.pages
        self.deliveries += part.deliveries

    def plain(self) -> dict[str, object]:
        """Return the figures as JSON data."""
        return {
            "feed": self.feed,
            "received": self.received,
            "repeated": self.repeated,
            "outcomes": {outcome.value: count for outcome, count in sorted(self.outcomes.items())},
            "ignored": dict(sorted(self.ignored.items())),
            "absent": self.absent,
            "pages": self.pages,
            "deliveries": self.deliveries,
            "partial": self.partial,
        } | ({"paused": self.paused} if self.paused else {})
