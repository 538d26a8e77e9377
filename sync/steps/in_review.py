"""Finding whom an order may be about whose national id waits for a reviewer (trust rule P1)."""

from collections.abc import Iterable, Mapping, Sequence

from sync.applying.guard import IDENTITY_CHANGES
from sync.model import Candidate, Change, Match, MatchRule, Verdict
from sync.ports.store import UnitOfWork
from sync.steps.naming import ids_of, told_together
from sync.steps.receive import Received

_BY_ID = frozenset({IDENTITY_CHANGES, "id_not_unique"})
"""Reasons of reviews about whom a provider had named by an id, or surely: what is asked is whether that holds."""


def in_review(
    register: str, work: UnitOfWork, page: Sequence[Received], decided: Mapping[int, Match]
) -> dict[int, Match]:
    """Return the verdicts, by place in the page, of orders and their ends that are about nobody but for an open review.

    The order itself is carried out on everybody whom the id may become; whether it does, and what else came with the
    order, waits for a person. Reviews are opened only where such an order came.
    """
    nobodys = {n: ids_of(page[n].change.identity) for n, match in decided.items() if _is_about_nobody(page[n], match)}
    found: dict[int, tuple[int, set[int]]] = {}
    for best, change in _asked_about(register, work) if nobodys else ():
        told = told_together(change)
        for n in (n for n, ids in nobodys.items() if not set(told).isdisjoint(ids)):
            _, alike = found.setdefault(n, (best, set()))
            alike |= {best}.union(*work.by_national_ids(register, ids_of(change.identity)).values())
    return {n: _match(best, alike) for n, (best, alike) in found.items()}


def _is_about_nobody(received: Received, match: Match) -> bool:
    """Tell whether it is an order, or the end of one, that was found to be about nobody here, and names an id."""
    change = received.change
    return match.verdict is Verdict.FORGET and change.protection is not None and bool(ids_of(change.identity))


def _asked_about(register: str, work: UnitOfWork) -> Iterable[tuple[int, Change]]:
    """Yield the customers of a register whose identity open reviews are about, and what was said of them."""
    waiting = [review for review in work.reviews() if review.reason in _BY_ID]
    customers = work.customers({review.best.customer_id for review in waiting})
    for review in waiting:
        customer, change = customers.get(review.best.customer_id), work.review(review.id).change
        if change and customer and customer.register == register:
            yield customer.id, change


def _match(best: int, alike: Iterable[int]) -> Match:
    only = Candidate(best, 0.0, ())
    return Match(Verdict.REVIEW, MatchRule.NATIONAL_ID, "id_in_review", only, alike=tuple(sorted(alike)))
