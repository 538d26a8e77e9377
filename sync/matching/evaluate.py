"""How well a matcher matched labelled data."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from sync.matching.train.thresholds import doubts
from sync.model import Verdict

PRECISIONS = ("0.99", "0.995", "0.999", "0.9999")
_Z95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        scored: customers that it was compared with.
        known: the register has a counterpart of it.
        found: the counterpart was among the customers compared.
        certainty: of the best candidate, in bits; None when there was none.
        right: the best candidate is the counterpart, and no other scored the same.
        verdict: what the matcher did by itself.
    """

    scored: int
    known: bool
    found: bool
    certainty: float | None
    right: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Point:
    """Precision and recall when everything at or above a threshold is taken."""

    threshold: float
    taken: int
    right: int
    known: int

    @property
    def precision(self) -> float:
        """Of what was taken, the part that is right."""
        return self.right / self.taken if self.taken else 1.0

    @property
    def recall(self) -> float:
        """Of what has a counterpart, the part that was taken rightly."""
        return self.right / self.known if self.known else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.taken + self.known) if self.taken + self.known else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one run.

    Attributes:
        changes: how many there were.
        known: of them, those with a counterpart in the register.
        pairs_scored: how many comparisons were made.
        blocking_recall: of those with a counterpart, the part for which it came up as a candidate.
        best: the point of the best F1.
        recall_at_precision: by precision, the highest recall of any threshold that reaches it.
        auto: what was applied at the thresholds that the matcher chose by itself.
        reviews: changes that it left to a person.
        expected_errors: wrong updates among the applied ones, by the matcher's own certainty.
    """

    changes: int
    known: int
    pairs_scored: int
    blocking_recall: float
    best: Point
    recall_at_precision: dict[str, float]
    auto: Point
    reviews: int
    expected_errors: float

    @property
    def observed_errors(self) -> int:
        """Wrong updates among the applied ones."""
        return self.auto.taken - self.auto.right


def evaluate(outcomes: Sequence[Outcome], apply_bits: float) -> Evaluation:
    """Work out the figures; a tie at the top counts as no match."""
    known = sum(outcome.known for outcome in outcomes)
    points = list(_points(outcomes, known))
    applied = [outcome for outcome in outcomes if outcome.verdict is Verdict.APPLY]
    return Evaluation(
        changes=len(outcomes),
        known=known,
        pairs_scored=sum(outcome.scored for outcome in outcomes),
        blocking_recall=sum(outcome.found for outcome in outcomes) / known if known else 0.0,
        best=max(points, key=lambda point: point.f1, default=Point(0.0, 0, 0, known)),
        recall_at_precision={
            wanted: max((point.recall for point in points if point.precision >= float(wanted)), default=0.0)
            for wanted in PRECISIONS
        },
        auto=Point(apply_bits, len(applied), sum(outcome.right for outcome in applied), known),
        reviews=sum(outcome.verdict is Verdict.REVIEW for outcome in outcomes),
        expected_errors=doubts([one.certainty for one in applied if one.certainty is not None], -math.inf),
    )


def _points(outcomes: Iterable[Outcome], known: int) -> Iterable[Point]:
    """Give the point of every threshold at which anything changes, the highest first."""
    scored = [(one.certainty, one.right) for one in outcomes if one.certainty is not None]
    taken = right = 0
    for threshold, group in groupby(sorted(scored, reverse=True), key=lambda one: one[0]):
        for _, is_right in group:
            taken += 1
            right += is_right
        yield Point(threshold, taken, right, known)


def interval(share: float, of: int) -> tuple[float, float]:
    """Return the 95 % interval of an observed share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    square = _Z95 * _Z95 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z95 * math.sqrt(share * (1 - share) / of + square / of / 4) / (1 + square)
    # Where all or none were observed that end is exact, and not to be lost in rounding.
    return middle - half if share > 0 else 0.0, middle + half if share < 1 else 1.0
