"""The explanation as JSON data, for programs."""

from typing import Any

from sync.matching.explain.numbers import bounded, error_probability
from sync.matching.explain.sentences import say_evidence, tell
from sync.matching.explain.steps import StepKind, is_weighed, steps
from sync.model import Candidate
from sync.model.address import Language

_DIGITS = 4


def candidate_as_data(candidate: Candidate, language: Language) -> dict[str, Any]:
    """Return what a waterfall shows: weights in bits, `start` and `end` of each bar, and the sentences.

    `companion` says that the home of a customer who moves in the same notice was compared. `both` is what the two null hypotheses cost together, `rest` what was kept without its evidence. A candidate whom
    nobody weighed (a national id decided) has neither weight nor odds.
    """
    found = steps(candidate)
    weighed = is_weighed(candidate)
    sums = {step.kind: _rounded(step.bits) for step in found}
    return {
        "weight": sums.get(StepKind.TOTAL),
        "prior": sums.get(StepKind.PRIOR),
        "against": candidate.against.value if weighed else None,
        "evidence": [
            {
                "comparison": step.evidence.comparison,
                "level": step.evidence.level,
                "companion": step.evidence.companion,
                "bits": _rounded(step.bits),
                "rarity": _rounded(step.evidence.rarity),
                "start": _rounded(step.start),
                "end": _rounded(step.end),
                "words": say_evidence(step.evidence, language),
            }
            for step in found
            if step.evidence
        ],
        "both": sums.get(StepKind.BOTH, 0.0),
        "rest": sums.get(StepKind.REST, 0.0),
        "error_probability": error_probability(candidate.weight) if weighed else None,
        "words": list(tell(candidate, language)),
    }


def _rounded(bits: float) -> float:
    return round(bounded(bits), _DIGITS)
