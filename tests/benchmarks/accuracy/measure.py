"""How well one best candidate per change does, at every threshold; nothing of the matcher's own is used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

PRECISIONS = ("0.99", "0.995", "0.999", "0.9999")


@dataclass(frozen=True, slots=True)
class Best:
    """The best candidate of one change.

    Attributes:
        weight: how good it is; the higher, the better.
        right: it is the one that is meant.
    """

    weight: float
    right: bool


@dataclass(frozen=True, slots=True)
class Point:
    """What follows from a threshold.

    Attributes:
        threshold: weight from which on a candidate counts as a match.
        precision: share of the matches that are right.
        recall: share of the changes with a counterpart that are matched with it.
    """

    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def best_of(scored: Mapping[str, Sequence[tuple[float, str]]], truth: Mapping[str, str]) -> list[Best]:
    """Keep the best candidate of each change; a tie at the top is no match.

    Args:
        scored: weight and id of the candidates of each change.
        truth: the id that each change means, where it means one.
    """
    found = []
    for change, candidates in scored.items():
        top = max(weight for weight, _ in candidates)
        best = {candidate for weight, candidate in candidates if weight == top}
        if len(best) == 1:
            found.append(Best(top, best.pop() == truth.get(change)))
    return found


def points(best: Sequence[Best], counterparts: int) -> Iterator[Point]:
    """Yield what follows from each threshold that makes a difference, the highest first.

    Args:
        best: of the changes that have one.
        counterparts: how many changes mean somebody in the register.
    """
    matched = right = 0
    ordered = sorted(best, key=lambda each: each.weight, reverse=True)
    for weight, group in groupby(ordered, key=lambda each: each.weight):
        same = list(group)
        matched += len(same)
        right += sum(each.right for each in same)
        yield Point(weight, right / matched, right / counterparts if counterparts else 0.0)


def figures(best: Sequence[Best], counterparts: int) -> dict[str, object]:
    """Return the figures that `ajantasa matching evaluate` prints, as far as they follow from the best candidates."""
    reached = list(points(best, counterparts)) or [Point(0.0, 0.0, 0.0)]
    top = max(reached, key=lambda point: point.f1)
    return {
        "best_f1": top.f1,
        "best_f1_threshold": top.threshold,
        "precision": top.precision,
        "recall": top.recall,
        "recall_at_precision": {
            wanted: max((point.recall for point in reached if point.precision >= float(wanted)), default=0.0)
            for wanted in PRECISIONS
        },
    }
