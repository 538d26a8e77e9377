"""Explains a match: in words, as a picture and as JSON data. No value of a person is told, only how values compare.

`describe` says a sentence for each piece of evidence, `tell` the whole sum, `why_not` what sets the runner-up apart and
`say_reason` why something was decided; `waterfall` draws the sum, `candidate_as_data` gives it to programs.
"""

from sync.matching.explain.data import candidate_as_data
from sync.matching.explain.sentences import (
    describe,
    say_against,
    say_limits,
    say_odds,
    say_reason,
    say_what,
    tell,
    why_not,
)
from sync.matching.explain.steps import Step, StepKind, steps, without_location
from sync.matching.explain.waterfall import waterfall

__all__ = [
    "Step",
    "StepKind",
    "candidate_as_data",
    "describe",
    "say_against",
    "say_limits",
    "say_odds",
    "say_reason",
    "say_what",
    "steps",
    "tell",
    "waterfall",
    "why_not",
    "without_location",
]
