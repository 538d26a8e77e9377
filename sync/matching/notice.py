"""Decides together about people who leave one home by one notice: each supports the others, and each is another customer.

Support. Who is surely a customer, by what is known of that person alone, lived with the others. So where the register
says that this customer lives is one more reading of the home that all of them leave: it may know the whole family by an
older address, or by one written otherwise. It is compared as the notice's own address is, so that it speaks against any
other person, and hardly against another member of the household, who has as much of it: names and birth dates still
decide which of them is meant. Where a protected customer lives is no evidence here either (trust rule P6).

One to one. Nobody is two of them. A customer whom one of them surely is, is no rival for the others: that tells junior
and senior apart who move together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync.matching.compare.address import compare_address
from sync.matching.compare.level import EQUAL
from sync.matching.decide import decide, objection
from sync.matching.model import Model
from sync.matching.normalise.address import Place
from sync.matching.prepared import Prepared
from sync.matching.score import certainty
from sync.model import Candidate, Match, MatchRule, Verdict

_SURELY = 1_000.0
"""Bits that a national id counts for: more than any evidence."""


@dataclass(frozen=True, slots=True)
class Companion:
    """One of the people of a notice.

    Attributes:
        change: whom the change is about.
        people: the customers who came up for it.
        alone: what was decided about it for itself.
        homes: where customers live whom others of the notice surely are, unless the change says the same; only for
            somebody about whom there is doubt.
    """

    change: Prepared
    people: Sequence[Prepared]
    alone: Match
    homes: tuple[Place, ...] = ()

    @property
    def supported(self) -> Prepared:
        """The change with what the others tell."""
        return self.change._replace(places=(*self.change.places, *self.homes))

    def meeting(self, people: Iterable[Prepared]) -> "Companion":
        """Add customers who came up besides."""
        known = {one.id: one for one in (*self.people, *people)}
        return replace(self, people=[known[id_] for id_ in sorted(known)])


def with_support(notice: Sequence[Companion], model: Model) -> list[Companion]:
    """Give those about whom there is doubt the homes of those about whom there is none."""
    owners = _owners([one.alone for one in notice], model)
    homes: dict[Place, None] = {}
    for customer in sorted(owners):
        people = notice[owners[customer]].people
        homes |= dict.fromkeys(home for one in people if one.id == customer for home in one.places)
    sure = set(owners.values())
    return [
        one if n in sure or one.alone.rule is not MatchRule.WEIGHT else _with(one, homes)
        for n, one in enumerate(notice)
    ]


def _with(one: Companion, homes: Iterable[Place]) -> Companion:
    new = [home for home in homes if compare_address(one.change.places, (home,))[0] != EQUAL]
    return replace(one, homes=tuple(new))


def decide_together(notice: Sequence[Companion], model: Model) -> list[Match]:
    """Decide about everybody of a notice, in its order, which makes no difference.

    What was decided about somebody alone stays unless others of the notice have something to say to it.
    """
    owners = _owners([one.alone for one in notice], model)
    matches = []
    for n, one in enumerate(notice):
        taken = {customer: notice[owner] for customer, owner in owners.items() if owner != n}
        settled = n in owners.values() or one.alone.rule is not MatchRule.WEIGHT
        matches.append(one.alone if settled else _among(one, taken, model))
    owners = _owners(matches, model) | owners
    return [_unless_another(match, n, owners) for n, match in enumerate(matches)]


def _owners(matches: Sequence[Match], model: Model) -> dict[int, int]:
    """Return which match surely has each customer; customers in dispute are left out."""
    claims: dict[int, list[int]] = defaultdict(list)
    for n, match in enumerate(matches):
        if match.best and match.verdict is not Verdict.FORGET:
            claims[match.best.customer_id].append(n)
    owners = {customer: _owner(those, matches, model) for customer, those in claims.items()}
    return {customer: owner for customer, owner in owners.items() if owner is not None}


def _owner(claims: Sequence[int], matches: Sequence[Match], model: Model) -> int | None:
    """Return who of them has the customer: whoever makes the sum of all weights greatest, if that is clear.

    Each of the others then falls back to the next best customer, or to nobody, so that the sums differ by how sure each
    is of this one. What the others' being sure of it leaves of the best one's must suffice for applying.
    """
    (most, owner), *others = sorted(((_sure(matches[n]), n) for n in claims), reverse=True)
    left = certainty(most, [sure for sure, _ in others])
    clear = left >= model.thresholds.apply_bits and all(most > sure for sure, _ in others)
    return owner if clear and matches[owner].verdict is Verdict.APPLY else None


def _sure(match: Match) -> float:
    if match.rule is not MatchRule.WEIGHT or match.best is None:
        return _SURELY
    return certainty(match.best.weight, [match.runner_up.weight] if match.runner_up else [])


def _among(one: Companion, taken: Mapping[int, Companion], model: Model) -> Match:
    """Decide about one of them among the customers whom none of the others surely is, with the others' support."""
    rivals = [person for person in one.people if person.id in taken]
    if not one.homes and (not rivals or one.alone.verdict is Verdict.FORGET):
        return one.alone  # with fewer customers and no support, nobody weighs more
    free = [person for person in one.people if person.id not in taken]
    if rivals and not free:
        return Match(Verdict.FORGET, MatchRule.WEIGHT, "companion_only", model=model.version)
    match = decide(one.supported, free, model)
    best = next((person for person in free if match.best and person.id == match.best.customer_id), None)
    if best and any(_may_be(taken[rival.id].change, best, model) for rival in rivals):
        # The register may hold that companion twice: that one record is taken says nothing of the other.
        match = decide(one.supported, one.people, model)
    return replace(match, best=_told(match.best, one), runner_up=_told(match.runner_up, one))


def _may_be(change: Prepared, customer: Prepared, model: Model) -> bool:
    if change.ids and customer.ids:
        return False
    findings = model.find(change, customer)
    return model.weigh(findings) >= model.thresholds.review_bits and objection(findings, change, customer) is None


def _told(candidate: Candidate | None, one: Companion) -> Candidate | None:
    """Say of the address whether it agrees through a companion."""
    if candidate is None or not one.homes:
        return candidate
    home = next(person.places for person in one.people if person.id == candidate.customer_id)
    own, _, _ = compare_address(one.change.places, home)
    evidence = tuple(
        replace(each, companion=True) if each.comparison == "address" and each.level != own else each
        for each in candidate.evidence
    )
    return replace(candidate, evidence=evidence)


def _unless_another(match: Match, n: int, owners: Mapping[int, int]) -> Match:
    """Ask a person where the customer is, or may be, another of the notice."""
    if match.best is None or match.verdict is not Verdict.APPLY or owners.get(match.best.customer_id) == n:
        return match
    return replace(match, verdict=Verdict.REVIEW, reason="companion_fits")
