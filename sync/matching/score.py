"""Weighs everything that speaks for and against a customer being the one."""

from sync.matching.compare.person import Findings, compare
from sync.matching.model import Model
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import Candidate

__all__ = ["Prepared", "compare", "prepare_customer", "prepare_identity", "score"]


def score(change: Prepared, customer: Prepared, model: Model) -> Candidate:
    """Weigh a customer as the one whom a change is about."""
    return candidate(customer.id, compare(change, customer), model)


def candidate(customer_id: int, findings: Findings, model: Model) -> Candidate:
    """Turn what was found into a candidate that carries its evidence."""
    against = model.stronger_null(findings)
    return Candidate(
        customer_id, model.weigh(findings), model.evidence(findings, against), against, model.prior_bits[against]
    )
