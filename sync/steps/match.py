"""Finding out whom each change of a page is about, with a few queries for the whole page."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sync.matching.decide import decide, decide_by_id
from sync.matching.keys import change_keys
from sync.matching.model import Model
from sync.matching.notice import Companion, decide_together, with_support
from sync.matching.prepared import Prepared, identity_ids, prepare_identity
from sync.model import Candidate, Identity, Match, MatchRule, Verdict
from sync.parts import FeedParts, Parts
from sync.ports.store import UnitOfWork
from sync.steps.heed import heed
from sync.steps.in_review import in_review
from sync.steps.lone import decide_lone
from sync.steps.naming import also_named, ids_of, renames, with_aliases
from sync.steps.receive import Received

WORTH_SHARING = 100
"""People who stand alone, in one page, from which on a helper is asked to take half."""
OURS = 0.53
"""Part of a page that is not handed over: the other process must read its part and write its answer, too."""


def match(parts: Parts, feed: FeedParts, work: UnitOfWork, page: Sequence[Received]) -> list[Match]:
    """Return the verdict about each change of the page, in the same order."""
    page = _under_new_ids(feed, work, _with_aliases(page))
    bearers = _bearers(feed, work, page)
    cancelled = {r.cancels for r in page if r.cancels}
    owners = work.by_notices(feed.name, cancelled) if cancelled else {}
    erased = _erased(feed, work, page, bearers)
    notices = _notices(page, erased)
    joint = {n for group in notices for n in group}
    apart = bearers.keys() | joint | erased
    lone = [n for n, r in enumerate(page) if not r.cancels and n not in apart]
    decided = dict(zip(lone, _lone(parts, feed.register, work, [page[n].change.identity for n in lone]), strict=True))
    named = _named(work, bearers)
    decided |= _by_id(parts.model, page, named, joint)
    others = {n: page[n].change.identity for n in sorted(joint | named.keys()) if not page[n].cancels}
    others = {n: identity for n, identity in others.items() if n not in decided}
    if others:
        movers = _with_candidates(parts.model, feed.register, work, others, named)
        decided |= {n: mover.alone for n, mover in movers.items()}
        decided |= _together(parts.model, feed.register, work, notices, movers)
    decided |= heed(parts, feed, work, page, decided)
    decided |= in_review(feed.register, work, page, decided)
    decided |= dict.fromkeys(erased, Match(Verdict.FORGET, MatchRule.NATIONAL_ID, "erased"))
    return [_by_notice(owners.get(r.cancels, ())) if r.cancels else decided[n] for n, r in enumerate(page)]


def _lone(parts: Parts, register: str, work: UnitOfWork, people: Sequence[Identity]) -> list[Match]:
    """Decide about people who stand alone; of many, a helper takes half.

    Its snapshot is the one that this unit of work began with: other writers wait for us, and we have written nothing
    about a customer yet.
    """
    ours, helper = round(len(people) * OURS), parts.helper
    if helper is None or len(people) < WORTH_SHARING or not helper.ask(register, people[ours:]):
        return decide_lone(work, register, people, parts.model)
    here = decide_lone(work, register, people[:ours], parts.model)
    there = helper.answer()
    return [*here, *(decide_lone(work, register, people[ours:], parts.model) if there is None else there)]


def _named(work: UnitOfWork, bearers: Mapping[int, set[int]]) -> dict[int, Sequence[Prepared]]:
    """Return the customers that have an id of a change, by its place in the page."""
    known = work.prepared(set().union(*bearers.values())) if bearers else {}
    return {n: [known[c] for c in sorted(group) if c in known] for n, group in bearers.items()}


def _by_id(
    model: Model, page: Sequence[Received], named: Mapping[int, Sequence[Prepared]], joint: Collection[int]
) -> dict[int, Match]:
    """Decide about those whom an id alone decides; of the others of a joint notice each is evidence for the rest."""
    alone = {n: people for n, people in named.items() if n not in joint and not page[n].cancels}
    found = {n: decide_by_id(identity_ids(page[n].change.identity), people, model) for n, people in alone.items()}
    return {n: match for n, match in found.items() if match}


def _with_candidates(
    model: Model,
    register: str,
    work: UnitOfWork,
    people: Mapping[int, Identity],
    named: Mapping[int, Sequence[Prepared]],
) -> dict[int, Companion]:
    """Decide about each for itself, and keep who came up: who has an id that the change names, or else by keys."""
    streets, wide = work.street_names(), work.small(register)
    changes = {n: prepare_identity(identity, streets) for n, identity in people.items()}
    unnamed = [n for n in changes if n not in named]
    found = work.candidates(register, [change_keys(changes[n], wide=wide) for n in unnamed])
    candidates = {**named, **dict(zip(unnamed, found, strict=True))}
    return {n: Companion(change, candidates[n], decide(change, candidates[n], model)) for n, change in changes.items()}


def _notices(page: Sequence[Received], erased: Collection[int]) -> list[list[int]]:
    """Return, by their place in the page, those who move together; whoever brings an order waits for nobody (P1)."""
    notices: dict[str, list[int]] = defaultdict(list)
    for n, received in enumerate(page):
        change = received.change
        urgent = change.protection and change.protection.active
        if change.joint_notice and not received.cancels and not urgent and n not in erased:
            notices[change.joint_notice].append(n)
    return [group for group in notices.values() if len(group) > 1]


def _together(
    model: Model, register: str, work: UnitOfWork, notices: Iterable[Sequence[int]], movers: dict[int, Companion]
) -> dict[int, Match]:
    """Decide about those who move together. Whoever gains a home by that is looked for under it, too."""
    movers = {n: movers[n] for group in notices for n in group}
    for group in notices:
        movers |= zip(group, with_support([movers[n] for n in group], model), strict=True)
    gaining = [n for n, mover in movers.items() if mover.homes]
    wide = work.small(register)
    found = work.candidates(register, [change_keys(movers[n].supported, wide=wide) for n in gaining]) if gaining else ()
    movers |= {n: movers[n].meeting(people) for n, people in zip(gaining, found, strict=True)}
    return {
        n: match
        for group in notices
        for n, match in zip(group, decide_together([movers[n] for n in group], model), strict=True)
    }


def _bearers(feed: FeedParts, work: UnitOfWork, page: Sequence[Received]) -> dict[int, set[int]]:
    """Return the customers that have, or had, a national id of a change, by its place in the page; none left empty."""
    ids = {n: ids_of(r.change.identity) for n, r in enumerate(page)}
    asked = set().union(*ids.values())
    named = work.by_national_ids(feed.register, asked) if asked else {}
    return {n: {c for i in own for c in named.get(i, ())} for n, own in ids.items() if not named.keys().isdisjoint(own)}


def _erased(
    feed: FeedParts, work: UnitOfWork, page: Sequence[Received], bearers: Mapping[int, set[int]]
) -> frozenset[int]:
    """Return, by their place in the page, changes that name an id of somebody who was erased and is nobody's here (I10)."""
    named = {n: ids_of(r.change.identity) for n, r in enumerate(page) if n not in bearers and not r.cancels}
    gone = work.erased_ids(feed.register, set().union(*named.values()))
    return frozenset(n for n, ids in named.items() if not gone.isdisjoint(ids))


def _with_aliases(page: Sequence[Received]) -> Sequence[Received]:
    """Name each person by the old id too, where the page itself brings the new one: the store does not know it yet."""
    named = with_aliases([received.change for received in page])
    return [r if r.change is change else replace(r, change=change) for r, change in zip(page, named, strict=True)]


def _under_new_ids(feed: FeedParts, work: UnitOfWork, page: Sequence[Received]) -> Sequence[Received]:
    """Name each person by the new id too, where nobody is known by the old one: staff may have typed it before us."""
    new = {n: ids for n, r in enumerate(page) if (ids := renames(r.change)) and ids_of(r.change.identity)}
    if not new:
        return page
    old = {n: ids_of(page[n].change.identity) for n in new}
    known = work.by_national_ids(feed.register, set().union(*old.values())).keys()
    unknown = {n for n in new if known.isdisjoint(old[n])}
    return [replace(r, change=also_named(r.change, new[n])) if n in unknown else r for n, r in enumerate(page)]


def _by_notice(owners: Sequence[int]) -> Match:
    """A cancellation is about the customer to whom the notice was applied; there is at most one."""
    if len(owners) == 1:
        return Match(Verdict.APPLY, MatchRule.NOTICE, "notice_known", best=Candidate(owners[0], 0.0, ()))
    return Match(Verdict.FORGET, MatchRule.NOTICE, "notice_unknown")
