"""Decides which customer a change is about, and whether that may be acted upon without a person."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sync.matching.compare.household import with_household
from sync.matching.compare.level import (
    ALL_EQUAL,
    DIFFERENT,
    EQUAL,
    EQUAL_FOLDED,
    EQUAL_ROMANISED,
    MISSING,
    OF_HOUSEHOLD,
    TWO_PARTS,
)
from sync.matching.compare.person import Findings
from sync.matching.model import Model
from sync.matching.prepared import Prepared
from sync.matching.score import candidate, certainty
from sync.model import Candidate, Evidence, Match, MatchRule, Verdict

_SAME_GIVEN_NAME = frozenset({ALL_EQUAL, EQUAL, EQUAL_FOLDED, EQUAL_ROMANISED})
_OTHER_BIRTH_DATE = frozenset({DIFFERENT, TWO_PARTS, OF_HOUSEHOLD})

Weighed = tuple[float, int, Findings]
"""Weight, our own id of the customer, what was found."""


def decide(change: Prepared, people: Sequence[Prepared], model: Model) -> Match:
    """Decide about one change and the customers of one register that came up for it.

    National ids first: an equal one, former ones included, decides whatever the rest says, and a differing one forbids
    the customer whatever the rest says. Otherwise the certainty that the best candidate is the one, against the
    model's thresholds, with guards that send to review what no weight can make sure. The order of the customers makes
    no difference.
    """
    people = list({person.id: person for person in people}.values())
    if surely := decide_by_id(change.ids, people, model):
        return surely
    same_id = _bearing(change.ids, people)
    if same_id:
        unsure = _match(Verdict.REVIEW, "id_not_unique", rank(change, same_id, model), model)
        return replace(unsure, rule=MatchRule.NATIONAL_ID, alike=tuple(sorted(person.id for person in same_id)))
    allowed = [person for person in people if not person.ids] if change.ids else people
    if not allowed:
        return Match(Verdict.FORGET, MatchRule.WEIGHT, "id_differs" if people else "no_candidate", model=model.version)
    return _by_weight(change, allowed, model)


def decide_by_id(ids: Collection[str], people: Sequence[Prepared], model: Model) -> Match | None:
    """Decide about a change that names one of these people by national id, and no other of them; None of any other.

    Nothing else is looked at: there is nothing that it could change. The ids are those that are compared.
    """
    if not ids or len(named := _bearing(ids, people)) != 1:
        return None
    only = Candidate(named[0].id, 0.0, (Evidence("national_id", EQUAL, 0.0),))
    return Match(Verdict.APPLY, MatchRule.NATIONAL_ID, "ids_equal", only, model=model.version)


def _bearing(ids: Collection[str], people: Sequence[Prepared]) -> list[Prepared]:
    return [person for person in people if not person.ids.isdisjoint(ids)]


def rank(change: Prepared, people: Sequence[Prepared], model: Model) -> list[Weighed]:
    """Weigh everybody, the best first; equals by our own id, so that the order is always the same."""
    found = with_household([model.find(change, person) for person in people])
    return sorted(
        [(model.weigh(findings), person.id, findings) for findings, person in zip(found, people, strict=True)],
        key=lambda one: (-one[0], one[1]),
    )


def _by_weight(change: Prepared, people: Sequence[Prepared], model: Model) -> Match:
    ranked, limits = rank(change, people, model), model.thresholds
    weight, id_, findings = ranked[0]
    if weight < limits.review_bits:
        # Nothing is kept of those who are forgotten, so that no evidence is put together either.
        best, *others = (Candidate(other, bits, ()) for bits, other, _ in ranked[:2])
        runner_up = others[0] if others else None
        return Match(Verdict.FORGET, MatchRule.WEIGHT, "below_review", best, runner_up, model.version)
    sure = certainty(weight, [other for other, _, _ in ranked[1:]])
    reason = objection(findings, change, next(person for person in people if person.id == id_))
    if reason is None and sure < limits.apply_bits:
        reason = "below_apply" if weight < limits.apply_bits else "runner_up_close"
    if reason:
        return _match(Verdict.REVIEW, reason, ranked, model)
    return _match(Verdict.APPLY, "above_threshold", ranked, model)


def objection(findings: Findings, change: Prepared, customer: Prepared) -> str | None:
    """Return why a candidate is not to be acted upon, whatever its weight; None when nothing is against it.

    People of one household share surname, address, phone and sometimes birth date (twins), so that a given name that
    is not the same asks for a person, and so does a birth date that is not (junior and senior).
    """
    given_names, birth_date = findings[1][0], findings[2][0]
    if given_names == DIFFERENT:
        return "given_name_differs"
    if birth_date in _OTHER_BIRTH_DATE:
        return "birth_date_differs"
    if given_names == MISSING == birth_date:
        return "no_personal_evidence"
    if given_names not in _SAME_GIVEN_NAME:
        return "given_name_uncertain"
    return "generation_differs" if change.generation != customer.generation else None


def _match(verdict: Verdict, reason: str, ranked: Sequence[Weighed], model: Model) -> Match:
    best, *others = (candidate(id_, findings, model) for _, id_, findings in ranked[:2])
    return Match(verdict, MatchRule.WEIGHT, reason, best, others[0] if others else None, model.version)
