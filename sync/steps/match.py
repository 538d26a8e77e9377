"""Finding out whom each change of a page is about, with a few queries for the whole page."""

from collections.abc import Sequence

from sync.matching.decide import decide
from sync.matching.keys import identity_keys
from sync.model import Candidate, Identity, Match, MatchRule, Verdict
from sync.parts import FeedParts, Parts
from sync.ports.store import UnitOfWork
from sync.steps.receive import Received


def match(parts: Parts, feed: FeedParts, work: UnitOfWork, page: Sequence[Received]) -> list[Match]:
    """Return the verdict about each change of the page, in the same order."""
    named = work.by_national_ids(feed.register, {i for r in page for i in _ids(r.change.identity)})
    owners = work.by_notices(feed.name, {r.cancels for r in page if r.cancels})
    candidates = [tuple({c for i in _ids(r.change.identity) for c in named.get(i, ())}) for r in page]
    unnamed = [n for n, r in enumerate(page) if not candidates[n] and not r.cancels]
    keys = [identity_keys(page[n].change.identity) for n in unnamed]
    for n, found in zip(unnamed, work.candidates(feed.register, keys), strict=True):
        candidates[n] = found
    customers = work.customers({c for group in candidates for c in group})
    return [
        _by_notice(owners.get(r.cancels, ()))
        if r.cancels
        else decide(r.change.identity, [customers[c] for c in sorted(group) if c in customers], parts.model)
        for r, group in zip(page, candidates, strict=True)
    ]


def _ids(identity: Identity) -> tuple[str, ...]:
    return ((identity.national_id,) if identity.national_id else ()) + identity.former_ids


def _by_notice(owners: Sequence[int]) -> Match:
    """A cancellation is about the customer to whom the notice was applied; there is at most one."""
    if len(owners) == 1:
        return Match(Verdict.APPLY, MatchRule.NOTICE, "notice_known", best=Candidate(owners[0], 0.0, ()))
    return Match(Verdict.FORGET, MatchRule.NOTICE, "notice_unknown")
