"""Decides which customer a change is about, and whether that may be acted upon without a person."""

from collections.abc import Sequence
from dataclasses import replace

from sync.matching.compare.level import DIFFERENT, EQUAL, EQUAL_FOLDED, MISSING, SIMILAR_HIGH
from sync.matching.model import Model
from sync.matching.prepared import Prepared
from sync.matching.score import score
from sync.model import Candidate, Evidence, Match, MatchRule, Verdict


def decide(change: Prepared, people: Sequence[Prepared], model: Model) -> Match:
    """Decide about one change and the customers of one register that came up for it.

    National ids first: an equal one, former ones included, decides whatever the rest says, and a differing one forbids
    the customer whatever the rest says. Otherwise the weight of the evidence against the model's thresholds, with
    guards that send to review what no weight can make sure. The order of the customers makes no difference.
    """
    people = list({person.id: person for person in people}.values())
    same_id = [person for person in people if not person.ids.isdisjoint(change.ids)]
    if len(same_id) == 1:
        # Nothing else is looked at: there is nothing that it could change.
        only = Candidate(same_id[0].id, 0.0, (Evidence("national_id", EQUAL, 0.0),))
        return Match(Verdict.APPLY, MatchRule.NATIONAL_ID, "ids_equal", only, model=model.version)
    if same_id:
        ranked = _ranked(change, same_id, model)
        unsure = _match(Verdict.REVIEW, MatchRule.NATIONAL_ID, "id_not_unique", ranked, model)
        return replace(unsure, alike=tuple(sorted(person.id for person in same_id)))
    allowed = [person for person in people if not (person.ids and change.ids)]
    if not allowed:
        return Match(Verdict.FORGET, MatchRule.WEIGHT, "id_differs" if people else "no_candidate", model=model.version)
    return _by_weight(_ranked(change, allowed, model), model)


def _ranked(change: Prepared, people: Sequence[Prepared], model: Model) -> list[Candidate]:
    """Score everybody, the best first; equals by our own id, so that the order is always the same."""
    found = [score(change, person, model) for person in people]
    return sorted(found, key=lambda candidate: (-candidate.weight, candidate.customer_id))


def _by_weight(ranked: Sequence[Candidate], model: Model) -> Match:
    best = ranked[0]
    if best.weight < model.review_bits:
        return _match(Verdict.FORGET, MatchRule.WEIGHT, "below_review", ranked, model)
    reason = _objection(best)
    if reason is None and best.weight < model.apply_bits:
        reason = "below_apply"
    if reason is None and len(ranked) > 1 and best.weight - ranked[1].weight < model.margin_bits:
        reason = "runner_up_close"
    if reason:
        return _match(Verdict.REVIEW, MatchRule.WEIGHT, reason, ranked, model)
    return _match(Verdict.APPLY, MatchRule.WEIGHT, "above_threshold", ranked, model)


def _objection(best: Candidate) -> str | None:
    """Return why this candidate is not to be acted upon, whatever its weight; None when nothing is against it.

    People of one household share surname, address, phone and sometimes birth date (twins), so that a given name that
    is not the same asks for a person, and so does a birth date that is not (junior and senior).
    """
    levels = {evidence.comparison: evidence.level for evidence in best.evidence}
    given_names, birth_date = levels["given_names"], levels["birth_date"]
    if given_names == DIFFERENT:
        return "given_name_differs"
    if birth_date == DIFFERENT:
        return "birth_date_differs"
    if given_names == MISSING == birth_date:
        return "no_personal_evidence"
    if given_names not in {EQUAL, EQUAL_FOLDED}:
        return "given_name_uncertain"
    return "birth_date_uncertain" if birth_date == SIMILAR_HIGH else None


def _match(verdict: Verdict, rule: MatchRule, reason: str, ranked: Sequence[Candidate], model: Model) -> Match:
    runner_up = ranked[1] if len(ranked) > 1 else None
    return Match(verdict, rule, reason, ranked[0], runner_up, model.version)
