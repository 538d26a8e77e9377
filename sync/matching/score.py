"""Weighs everything that speaks for and against a customer being the one."""

import math
from collections.abc import Iterable

from sync.matching.compare.person import Findings
from sync.matching.model import Model, stronger, together
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import Candidate

__all__ = ["Prepared", "candidate", "certainty", "prepare_customer", "prepare_identity", "score"]

_MOST_BITS = 1_000.0


def score(change: Prepared, customer: Prepared, model: Model) -> Candidate:
    """Weigh a customer as the one whom a change is about.

    Does not look at national ids: they are no matter of weight (`decide`).
    """
    return candidate(customer.id, model.find(change, customer), model)


def candidate(customer_id: int, findings: Findings, model: Model) -> Candidate:
    """Turn what was found into a candidate that carries its evidence."""
    other, household = model.sums(findings)
    against = stronger(other, household)
    evidence = model.evidence(findings, against)
    return Candidate(customer_id, together(other, household), evidence, against, model.prior_bits[against])


def certainty(best: float, others: Iterable[float]) -> float:
    """Return the log-odds, in bits, that the best candidate is the one, against the others and against nobody.

    Args:
        best: its weight.
        others: the weights of all other candidates.
    """
    rest = 1.0 + sum(2.0 ** min(weight, _MOST_BITS) for weight in others)
    return best - math.log2(rest)
