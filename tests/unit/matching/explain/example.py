"""The picture in docs/matching.md, of two made-up candidates: `python -m tests.unit.matching.explain.example` draws it."""

import sys

from sync.matching.explain import waterfall
from sync.model import Candidate, Evidence, NullHypothesis

BEST = Candidate(
    1,
    14.4,
    (
        Evidence("surname", "equal", 0.2),
        Evidence("given_names", "equal", 8.6, 1.1),
        Evidence("birth_date", "equal", 12.9),
        Evidence("address", "same_house", 0.4),
        Evidence("phone", "different", -1.4),
        Evidence("email", "missing", 0.0),
    ),
    NullHypothesis.HOUSEHOLD_MEMBER,
    -6.1,
)
"""Somebody who moved out: what a family shares tells little, a given name and a birth date tell much."""

RUNNER_UP = Candidate(
    2,
    -11.5,
    (
        Evidence("surname", "equal", 0.2),
        Evidence("given_names", "different", -5.2),
        Evidence("birth_date", "same_year", -0.8),
        Evidence("address", "same_house", 0.4),
        Evidence("phone", "missing", 0.0),
        Evidence("email", "missing", 0.0),
    ),
    NullHypothesis.HOUSEHOLD_MEMBER,
    -6.1,
)
"""Another member of the family."""


def draw() -> str:
    """Draw it."""
    return waterfall(BEST, "en", apply=13.0, review=2.0, runner_up=RUNNER_UP)


if __name__ == "__main__":
    sys.stdout.write(draw())
