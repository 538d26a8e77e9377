"""Chooses from which certainty on a match is acted upon, for a stated rate of false updates.

Two estimates, and the more careful of them counts:

- the model's own: the doubts 1/(1+2**certainty) of everything above the threshold, over all changes;
- what decoys show: customers of the register who are looked for although their own record is left out. Every match
  that they find is a false one, with the families, twins and namesakes that the register really has, so that it
  does not matter how far the fields depend on each other. Beyond the certainties that decoys reach, their rate falls
  on as it fell before (peaks over threshold, exponential).
"""

import math
from collections.abc import Sequence
from statistics import fmean, median

from sync.matching.model import Thresholds

STEP = 0.25
_HIGHEST = 60.0
_TAIL = 20
"""Decoys that the shape of the tail is read from."""
_STEEPEST = 1 / math.log(2)
"""Bits of mean excess when the rate halves with every bit, as it does where certainties are true."""
_FLATTEST = 4.0
_LEAST_STRANGERS = 0.05
_LOST = 0.002
_REVIEW_FROM, _REVIEW_TO, _REVIEW_UNKNOWN = -2.0, 3.0, 0.0


def choose(
    certainties: Sequence[float], decoys: Sequence[float], strangers: float, rate: float, looked_for: int
) -> Thresholds:
    """Choose thresholds.

    Args:
        certainties: of the best candidate of each change that has one, in bits.
        decoys: of the best candidate of each decoy that has one; probable duplicates left out.
        strangers: the share of changes about nobody in the register.
        rate: false updates that are acceptable for each change.
        looked_for: how many decoys were looked for, those who found nobody included.
    """
    review = _review(certainties)
    threshold = review
    while threshold < _HIGHEST and (
        # One change more, just at the threshold: few changes tell little of what may come.
        (doubts(certainties, threshold) + doubt(threshold)) / (len(certainties) + 1) > rate
        or decoy_rate(decoys, threshold, looked_for) * max(strangers, _LEAST_STRANGERS) > rate
    ):
        threshold += STEP
    return Thresholds(threshold, review, rate)


def doubts(certainties: Sequence[float], threshold: float) -> float:
    """Return how many of those above the threshold are expected to be wrong."""
    return math.fsum(doubt(certainty) for certainty in certainties if certainty >= threshold)


def doubt(certainty: float) -> float:
    """Return the chance that a match of this certainty (bits) is wrong."""
    odds: float = 2.0 ** min(certainty, 1_000.0)
    return 1 / (1 + odds)


def decoy_rate(decoys: Sequence[float], threshold: float, looked_for: int) -> float:
    """Return the share of decoys that reach the threshold, extrapolated where there are too few to count."""
    if not decoys:
        return 0.0
    ranked = sorted(decoys, reverse=True)
    reached = sum(certainty >= threshold for certainty in ranked)
    tail = min(_TAIL, len(ranked))
    if reached >= tail:
        return reached / looked_for
    start = ranked[tail - 1]
    beyond = [certainty - start for certainty in ranked[:tail]]
    # By the median, because a register holds some people twice, and their doubles are no strangers; but not beyond the
    # mean, because many decoys are alike to the last digit, and a tail that begins among them has no median to speak of.
    excess = min(median(beyond) / math.log(2), fmean(beyond))
    excess = min(max(excess, _STEEPEST), _FLATTEST)
    return tail / looked_for * math.exp(-(threshold - start) / excess)


def _review(certainties: Sequence[float]) -> float:
    """Return the threshold below which hardly any of the expected matches lie."""
    ranked = sorted(certainties)
    if not ranked:
        return _REVIEW_UNKNOWN
    allowed = _LOST * math.fsum(1 - doubt(certainty) for certainty in ranked)
    lost = 0.0
    for certainty in ranked:
        lost += 1 - doubt(certainty)
        if lost > allowed:
            return min(max(math.floor(certainty / STEP) * STEP, _REVIEW_FROM), _REVIEW_TO)
    return _REVIEW_TO
