"""Weighs everything that speaks for and against a customer being the one."""

from sync.matching.compare.address import compare_address
from sync.matching.compare.birth_date import compare_birth_date
from sync.matching.compare.email import compare_email
from sync.matching.compare.given_names import compare_given_names
from sync.matching.compare.level import EQUAL, EQUAL_FOLDED, MISSING, ORDER, Level
from sync.matching.compare.names import swapped
from sync.matching.compare.phone import compare_phone
from sync.matching.compare.surname import compare_surname
from sync.matching.model import Model
from sync.matching.normalise.name import NameForms
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import Candidate, Evidence

__all__ = ["Prepared", "prepare_customer", "prepare_identity", "score"]

_RANK = {level: rank for rank, level in enumerate((*ORDER, MISSING))}


def score(change: Prepared, customer: Prepared, model: Model) -> Candidate:
    """Weigh a customer as the one whom a change is about.

    Does not look at national ids: they are no matter of weight (`decide`).
    """
    surname, given_names = _names(change.names, customer.names)
    levels = (
        ("surname", surname),
        ("given_names", given_names),
        ("birth_date", compare_birth_date(change.birth_date, customer.birth_date)),
        ("address", compare_address(change.places, customer.places)),
        ("phone", compare_phone(change.phone, customer.phone)),
        ("email", compare_email(change.email, customer.email)),
    )
    evidence: tuple[Evidence, ...] = tuple([model.evidence[name][level] for name, level in levels])
    return Candidate(customer.id, model.prior_bits + sum([one.bits for one in evidence]), evidence)


def _names(change: tuple[NameForms, ...], customer: tuple[NameForms, ...]) -> tuple[Level, Level]:
    """Compare surname and given names, each by the best of the person's names: people change both, one at a time."""
    if len(change) == 1 == len(customer):
        return _one_name(change[0], customer[0])
    pairs = [_one_name(one, other) for one in change for other in customer]
    if not pairs:
        return MISSING, MISSING
    return min((pair[0] for pair in pairs), key=_RANK.__getitem__), min(
        (pair[1] for pair in pairs), key=_RANK.__getitem__
    )


def _one_name(change: NameForms, customer: NameForms) -> tuple[Level, Level]:
    surname = compare_surname(change, customer)
    if surname != EQUAL and swapped(change, customer):
        return EQUAL_FOLDED, EQUAL_FOLDED
    return surname, compare_given_names(change, customer)
