"""Heeding what reviewers said: whoever was said not to be a customer is not offered, or taken, as that one again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sync.matching.decide import decide
from sync.matching.keys import change_keys
from sync.matching.prepared import Prepared, prepare_identity
from sync.matching.refused import descriptions, refusable
from sync.model import Match, Verdict
from sync.parts import FeedParts, Parts
from sync.ports.store import UnitOfWork
from sync.steps.receive import Received


def heed(
    parts: Parts, feed: FeedParts, work: UnitOfWork, page: Sequence[Received], decided: Mapping[int, Match]
) -> dict[int, Match]:
    """Return, by place in the page, the verdicts that change because a person said "not the same person"."""
    doubtful = {n: m for n, m in decided.items() if m.verdict is not Verdict.FORGET and m.best and _weighed(m)}
    if not doubtful or not work.any_refusals():
        return {}
    streets = work.street_names()
    people = {n: prepare_identity(page[n].change.identity, streets) for n in doubtful}
    hashes = {n: _hashes(parts, feed.register, descriptions(person)) for n, person in people.items()}
    known = work.refusals(set().union(*hashes.values()))
    heeded = {}
    for n, match in doubtful.items():
        refused = {customer: review for hash_ in hashes[n] for customer, review in known.get(hash_, {}).items()}
        if match.best and match.best.customer_id in refused:
            heeded[n] = _among_others(parts, feed, work, people[n], match, refused)
            customer, review = match.best.customer_id, refused[match.best.customer_id]
            for hash_ in _follow(parts, feed, work, page[n], customer, review):
                known.setdefault(hash_, {})[customer] = review
        elif match.runner_up and match.runner_up.customer_id in refused:
            heeded[n] = _among_others(parts, feed, work, people[n], match, refused)
    return heeded


def refuse(
    parts: Parts, work: UnitOfWork, register: str, described: Collection[str], customer: int, review: int
) -> frozenset[str]:
    """Remember that whoever is described so is not this customer; returns the descriptions as they are kept."""
    hashes = _hashes(parts, register, described)
    work.refuse([(hash_, customer) for hash_ in sorted(hashes)], review)
    return hashes


def _weighed(match: Match) -> bool:
    """Tell whether a person could ever have been asked: an equal id that one customer has leaves no doubt."""
    return match.reason != "ids_equal"


def _hashes(parts: Parts, register: str, described: Collection[str]) -> frozenset[str]:
    return frozenset(parts.store.digest(f"description/{register}", text) for text in described)


def _among_others(
    parts: Parts,
    feed: FeedParts,
    work: UnitOfWork,
    person: Prepared,
    match: Match,
    refused: Collection[int],
) -> Match:
    """Decide once more, without those who were refused."""
    if match.alike:
        found: Sequence[Prepared] = list(work.prepared(match.alike).values())
    else:
        (found,) = work.candidates(feed.register, [change_keys(person, wide=work.small(feed.register))])
    again = decide(person, [one for one in found if one.id not in refused], parts.model)
    return replace(again, reason="different_person") if again.verdict is Verdict.FORGET else again


def _follow(
    parts: Parts, feed: FeedParts, work: UnitOfWork, received: Received, customer: int, review: int
) -> Collection[str]:
    """Remember where this person is now: so their next change will describe them."""
    known = work.prepared([customer]).get(customer)
    return refuse(parts, work, feed.register, refusable(received.change, known), customer, review) if known else ()
