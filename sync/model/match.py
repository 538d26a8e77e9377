"""Who could be meant, and why: a score is an object that carries its evidence."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is to be done with a match."""

    APPLY = "apply"
    REVIEW = "review"
    FORGET = "forget"


class MatchRule(StrEnum):
    """Which rule gave the verdict."""

    NATIONAL_ID = "national_id"  # equal ids decide
    WEIGHT = "weight"  # the sum of the evidence
    NOTICE = "notice"  # a cancellation, through the notice that it takes back
    REVIEWER = "reviewer"  # a person decided


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one comparison says, as a match weight.

    Attributes:
        comparison: the field compared: `given_names`, `surname`, `birth_date`, `address`, `phone`, `email`.
        level: the comparison level that held: `equal`, `similar`, `missing`, `different` …
        bits: log2(m/u) of that level; 0 when either side is missing.
    """

    comparison: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that could be meant.

    Attributes:
        customer_id: our own id of the customer.
        weight: prior log-odds plus all evidence, in bits.
        evidence: comparison by comparison.
    """

    customer_id: int
    weight: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict about one change.

    Attributes:
        verdict: apply, review or forget.
        rule: what decided.
        reason: snake_case code of why: `ids_equal`, `above_threshold`, `runner_up_close`, `given_name_differs` …
        best: the best candidate; None when there is none.
        runner_up: the second best, kept for the reviewer.
        model: version of the matching model.
        alike: every customer that has the change's national id, when several do; empty otherwise.
    """

    verdict: Verdict
    rule: MatchRule
    reason: str
    best: Candidate | None = None
    runner_up: Candidate | None = None
    model: str = ""
    alike: tuple[int, ...] = ()
