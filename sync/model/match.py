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
        bits: how much it speaks for the candidate (log2(m/u) of that level, rarity included) against the null hypothesis
            that the candidate names; 0 when either side is missing.
        rarity: the part of the bits that comes from the value being rarer (above 0) or commoner (below 0) than the
            average of what people share by chance.
        companion: not the change's own address was compared, but where a customer lives who moves in the same notice.
    """

    comparison: str
    level: str
    bits: float
    rarity: float = 0.0
    companion: bool = False


class NullHypothesis(StrEnum):
    """Who the customer could be instead of the one whom a change is about."""

    OTHER_PERSON = "other_person"  # any other person
    HOUSEHOLD_MEMBER = "household_member"  # somebody else of the same household


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that could be meant.

    Attributes:
        customer_id: our own id of the customer.
        weight: log-odds, in bits, that it is the one against both null hypotheses together; never more than prior
            plus evidence, and at most one bit less.
        evidence: comparison by comparison, against the null hypothesis that explains more.
        against: that null hypothesis.
        prior: log-odds against it before anything is compared, in bits.
    """

    customer_id: int
    weight: float
    evidence: tuple[Evidence, ...]
    against: NullHypothesis = NullHypothesis.OTHER_PERSON
    prior: float = 0.0


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
