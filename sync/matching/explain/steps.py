"""The sum behind a weight, step by step: what every way of showing it draws from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sync.matching.explain.numbers import bounded
from sync.model import Candidate, Evidence

NATIONAL_ID = "national_id"
_PLACES = frozenset({"address", "region"})
_MOST_SHARED_BITS = 1.0
_ROUNDING = 0.05


class StepKind(StrEnum):
    """What a step of the sum stands for."""

    PRIOR = "prior"  # before anything is compared
    EVIDENCE = "evidence"  # one comparison
    BOTH = "both"  # what it costs that the other null hypothesis holds too
    REST = "rest"  # a part of the weight that was kept without its evidence
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum.

    Attributes:
        kind: what it stands for.
        bits: how much it adds.
        start: the sum before it, in bits; 0 for the total.
        end: the sum after it, in bits.
        evidence: the comparison of an `EVIDENCE` step.
    """

    kind: StepKind
    bits: float
    start: float
    end: float
    evidence: Evidence | None = None

    @property
    def side(self) -> str:
        """How it is drawn: `prior`, `for`, `against` or `total`."""
        if self.kind in (StepKind.PRIOR, StepKind.TOTAL):
            return self.kind.value
        return "for" if self.bits >= 0 else "against"


def is_weighed(candidate: Candidate) -> bool:
    """Tell whether weight decided about the candidate; an equal national id or a known notice needs none."""
    if any(one.comparison == NATIONAL_ID for one in candidate.evidence):
        return False
    return bool(candidate.evidence) or candidate.weight != 0 or candidate.prior != 0


def steps(candidate: Candidate) -> tuple[Step, ...]:
    """Return the sum step by step; each starts where the one before it ended, and the last is the total.

    A candidate whom nobody weighed has only its evidence.
    """
    return tuple(_steps(candidate))


def _steps(candidate: Candidate) -> Iterator[Step]:
    weighed, at = is_weighed(candidate), 0.0
    if weighed:
        at = bounded(candidate.prior)
        yield Step(StepKind.PRIOR, at, 0.0, at)
    for one in candidate.evidence:
        bits = bounded(one.bits)
        yield Step(StepKind.EVIDENCE, bits, at, at + bits, one)
        at += bits
    if not weighed:
        return
    weight = bounded(candidate.weight)
    left = weight - at
    if round(left, 1):
        shared = -_MOST_SHARED_BITS - _ROUNDING <= left <= 0
        yield Step(StepKind.BOTH if shared else StepKind.REST, left, at, weight)
    yield Step(StepKind.TOTAL, weight, 0.0, weight)


def without_location(candidate: Candidate) -> Candidate:
    """Leave out what places said, for a customer who is protected by now: how rare one is tells where it may be."""
    kept = tuple(one for one in candidate.evidence if one.comparison not in _PLACES)
    return replace(candidate, evidence=kept)
