"""Undoing: of one update, one decision, one run, or an undoing. Planned first, then carried out.

What belongs to one customer is undone in one unit of work, with its audit entry and its deliveries. A large run is carried
out in several, and goes on where it was interrupted when the same is asked for once more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog

from sync.applying.counting import counted
from sync.applying.protection import shielded
from sync.applying.same import Same, same_by
from sync.applying.survivorship import hidden, resolve_all
from sync.applying.undo import (
    Circumstances,
    Conflict,
    Effect,
    UndoPlan,
    as_it_was_called,
    marks_for,
    plan_undo,
)
from sync.errors import NotFound
from sync.freshness.state import untold
from sync.model import Customer, Field, HeldFact
from sync.parts import Parts, RegisterParts
from sync.ports.store import Provenance, ReviewState, StoredFact, Undo, UndoKind, UnitOfWork
from sync.settling import ask_again, settle_customers

log = structlog.get_logger()

BATCH = 200
"""Customers whose changes are undone in one unit of work."""

_DECIDED = frozenset({ReviewState.SAME, ReviewState.DIFFERENT})


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be undone.

    Attributes:
        kind: what it is.
        register: of the customers.
        what: which one, as `Undo.target` keeps it.
    """

    kind: UndoKind
    register: str
    what: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class CustomerUndo:
    """The plan for one customer, for people to look at."""

    register: str
    key: str
    plan: UndoPlan


@dataclass(slots=True)
class UndoReport:
    """What an undoing did, or would do.

    Attributes:
        undo: our own id of it; 0 where nothing was kept.
        customers: of how many customers something was undone.
        facts: how many facts, or marks, count no longer.
        deliveries: updates handed to delivery.
        effects: what became of fields, by field and effect.
        conflicts: what came later or stood in the way, by conflict.
        done: it came to its end.
    """

    undo: int = 0
    customers: int = 0
    facts: int = 0
    deliveries: int = 0
    effects: Counter[tuple[Field, Effect]] = field(default_factory=Counter)
    conflicts: Counter[Conflict] = field(default_factory=Counter)
    done: bool = False

    def add(self, plan: UndoPlan) -> None:
        """Count one customer's plan."""
        self.customers += bool(plan.targets)
        self.facts += len(plan.targets)
        self.effects.update((one.field, one.effect) for one in plan.fields)
        self.conflicts.update(conflict for one in plan.fields for conflict in one.conflicts)
        self.conflicts.update(plan.conflicts)


def update_target(parts: Parts, register: RegisterParts, key: str, event: str) -> Target:
    """Name what one event brought to one customer.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        event: the event's keyed hash, or its beginning, as `customer provenance` tells it.

    Raises:
        NotFound: no such record, or not exactly one event that begins so brought anything to it.
    """
    with parts.store.snapshot() as work:
        customer = work.by_keys(register.name, [key]).get(key)
        if customer is None:
            raise NotFound(f"the register {register.name} has no such record")
        events = {h.event for h in work.facts([customer.id]).get(customer.id, ()) if h.event and not h.about}
    found = sorted(one for one in events if one.startswith(event)) if event else []
    if len(found) != 1:
        raise NotFound(f"{len(found)} events that begin so brought anything to this record; one is needed")
    return Target(UndoKind.UPDATE, register.name, {"customer": customer.id, "event": found[0]})


def decision_target(parts: Parts, review_id: int) -> Target:
    """Name a review that was decided.

    Raises:
        NotFound: no such review, it was not decided, its feed is no longer configured, or its customer was erased.
    """
    with parts.store.snapshot() as work:
        review = work.review(review_id)
    if review.state not in _DECIDED | {ReviewState.UNDONE}:
        raise NotFound(f"review {review_id} was not decided by anybody")
    if not review.best.customer_id:
        raise NotFound(f"review {review_id} was about somebody who was erased since")
    if review.feed not in parts.feeds:
        raise NotFound(f"the feed {review.feed} of review {review_id} is not configured")
    what: dict[str, str | int] = {"review": review_id, "customer": review.best.customer_id, "event": review.event}
    return Target(UndoKind.DECISION, parts.feeds[review.feed].register, what)


def run_target(parts: Parts, feed: str, since: datetime, until: datetime) -> Target:
    """Name what the pages of a feed brought between two moments, both included.

    Raises:
        NotFound: no such feed.
    """
    if feed not in parts.feeds:
        raise NotFound(f"no feed is called so; there are: {', '.join(parts.feeds) or 'none'}")
    what: dict[str, str | int] = {"feed": feed, "since": since.isoformat(), "until": until.isoformat()}
    return Target(UndoKind.RUN, parts.feeds[feed].register, what)


def undo_target(parts: Parts, undo_id: int) -> Target:
    """Name an undoing.

    Raises:
        NotFound: no such undoing, or its register is no longer configured.
    """
    with parts.store.snapshot() as work:
        undo = next((one for one in work.undos() if one.id == undo_id), None)
    if undo is None:
        raise NotFound(f"there is no undoing {undo_id}; `ajantasa undo list` lists them")
    register = str(undo.target["register"])
    if register not in parts.registers:
        raise NotFound(f"the register {register} of undoing {undo_id} is not configured")
    what = {name: undo.target[name] for name in ("review", "was") if name in undo.target}
    return Target(UndoKind.UNDO, register, {"undo": undo_id, **what})


def try_undo(parts: Parts, target: Target, *, lift: bool = False) -> Iterator[CustomerUndo]:
    """Tell what an undoing would do, customer by customer; nothing is changed."""
    after, more = 0, True
    while more and not parts.stopping():
        with parts.store.snapshot() as work:
            found = _find(work, target, after)
            plans = _plans(parts, work, target, found, lift=lift)
            customers = work.customers(plans)
        for id_, (plan, _) in plans.items():
            yield CustomerUndo(target.register, customers[id_].key, plan)
        after, more = max(found, default=0), len(found) == BATCH


def undo(parts: Parts, target: Target, *, by: str, reason: str, lift: bool = False) -> UndoReport:
    """Carry an undoing out. Asked for once more, it goes on where it was interrupted, or finds nothing left to do.

    Args:
        parts: what to work with.
        target: what is to be undone.
        by: the account of the person who does it.
        reason: why; kept with every mark.
        lift: a privacy officer wants a non-disclosure order lifted, too.
    """
    report = UndoReport()
    progress = parts.progress(f"undoing {target.kind.value}")
    after = 0
    while not report.done and not parts.stopping():
        with parts.store.begin() as work:
            found = _find(work, target, after)
            report.done = len(found) < BATCH
            plans = _plans(parts, work, target, found, lift=lift)
            for plan, _ in plans.values():
                report.add(plan)
            if _carry_out(parts, work, target, plans, report, by=by, reason=reason):
                work.commit()
        after = max(found, default=0)
        progress.advance(len(found))
    progress.done()
    log.info("undone", kind=target.kind.value, undo=report.undo, customers=report.customers, done=report.done)
    return report


def _find(work: UnitOfWork, target: Target, after: int) -> Mapping[int, frozenset[int]]:
    """Return the facts or marks that the target speaks of, by customer, for the next customers."""
    what = target.what
    if target.kind is UndoKind.RUN:
        since, until = (datetime.fromisoformat(str(what[name])) for name in ("since", "until"))
        return work.facts_of_pages(str(what["feed"]), since, until, after, BATCH)
    if target.kind is UndoKind.UNDO:
        return work.marks_of(int(what["undo"]), after, BATCH)
    customer = int(what["customer"])
    if after:
        return {}
    stored = work.stored_facts(customer)
    by_person = target.kind is UndoKind.DECISION
    facts = frozenset(
        one.held.id
        for one in stored
        if one.held.event == what["event"] and not one.held.about and (one.provenance.decided_by or not by_person)
    )
    return {customer: facts} if facts else {}


Plans = Mapping[int, tuple[UndoPlan, Sequence[HeldFact]]]


def _plans(parts: Parts, work: UnitOfWork, target: Target, found: Mapping[int, frozenset[int]], *, lift: bool) -> Plans:
    """Plan for every customer; returns the plans with what is held of each, by customer."""
    register = parts.registers[target.register]
    same = same_by(work.street_names(), register.policy.precedence)
    held, holds = work.facts(found), work.holds(found)
    plans = {}
    for id_, ids in found.items():
        facts = held.get(id_, ())
        states = resolve_all(facts, parts.today(register), same)
        around = Circumstances(
            parts.today(register),
            parts.clock.now(),
            register.name,
            holds=holds.get(id_, ()),
            lift=lift,
            untold=untold(states, register.policy),
        )
        plan = plan_undo(facts, ids, around, same)
        if target.kind in (UndoKind.UPDATE, UndoKind.DECISION) and _through_others(work, id_, plan):
            plan = replace(plan, conflicts=(*plan.conflicts, Conflict.COMPANION))
        plans[id_] = (plan, facts)
    return plans


def _through_others(work: UnitOfWork, customer: int, plan: UndoPlan) -> bool:
    """Tell whether the match rested on somebody who moved in the same notice."""
    ids = {held.id for held in plan.targets}
    return any(
        one.held.id in ids and any(e.companion for e in one.provenance.evidence) for one in work.stored_facts(customer)
    )


def _carry_out(
    parts: Parts, work: UnitOfWork, target: Target, plans: Plans, report: UndoReport, *, by: str, reason: str
) -> bool:
    """Write one part of an undoing; False when there was nothing to write."""
    register, now = parts.registers[target.register], parts.clock.now()
    turned = _turn_review(work, target, plans)
    going_on = _open_undo(work, target)
    if not turned and not any(plan.targets for plan, _ in plans.values()) and not (going_on and report.done):
        return False
    what = {**target.what, "register": target.register, **({"was": turned} if turned else {})}
    kept = going_on or work.add_undo(Undo(target.kind, what, by, reason, now))
    report.undo = kept.id
    marked = _mark(parts, register, work, plans, kept, by=by, reason=reason)
    touched = [id_ for id_, (plan, _) in plans.items() if plan.targets]
    purged = {id_: plan.purge for id_ in touched if (plan := plans[id_][0]).purge}
    if purged:
        work.forget_location(purged)
    ask_again(parts, register, work, [id_ for id_ in touched if plans[id_][0].look_up])
    _follow_coverage(parts, register, work, marked)
    handed = settle_customers(parts, register, work, touched, purge=purged)
    report.deliveries += handed
    if report.done:
        work.finish_undo(kept.id)
    body = {"undo": kept.id, "kind": kept.kind.value, "customers": len(touched), "deliveries": handed}
    work.audit(by, "undone", now, body | {"done": report.done})
    return True


def _open_undo(work: UnitOfWork, target: Target) -> Undo | None:
    """Return an undoing of the same that was interrupted."""
    same = {**target.what, "register": target.register}
    return next((u for u in work.undos() if u.kind is target.kind and not u.done and u.target == same), None)


def _turn_review(work: UnitOfWork, target: Target, plans: Plans) -> str:
    """Note with a review that its decision was undone, or that it stands again; returns what the review was, if so."""
    if "review" not in target.what or (plans and not any(plan.targets for plan, _ in plans.values())):
        return ""
    review, state = work.review(int(target.what["review"])), ReviewState.UNDONE
    if target.kind is UndoKind.UNDO:
        state = ReviewState(str(target.what["was"]))
    if review.state is state or review.state not in _DECIDED | {ReviewState.UNDONE}:
        return ""
    work.turn_review(review.id, state)
    return review.state.value


def _mark(
    parts: Parts, register: RegisterParts, work: UnitOfWork, plans: Plans, kept: Undo, *, by: str, reason: str
) -> dict[int, tuple[Sequence[HeldFact], Sequence[HeldFact]]]:
    """Add the marks, and carry what follows into the mirror; returns what was held of each, before and after."""
    today, same = parts.today(register), same_by(work.street_names(), register.policy.precedence)
    around = Circumstances(today, parts.clock.now(), register.name)
    why = Provenance(decided_by=by, reason=reason, undo=kept.id)
    marked: dict[int, tuple[Sequence[HeldFact], Sequence[HeldFact]]] = {}
    for id_, (plan, facts) in plans.items():
        if plan.targets:
            marks = marks_for(plan.targets, around)
            ids = work.add_facts([StoredFact(id_, mark, why) for mark in marks])
            marks = [replace(mark, id=new) for mark, new in zip(marks, ids, strict=True)]
            marked[id_] = (facts, [*facts, *marks])
    customers = work.customers(marked)
    mirrored = [_mirrored(customer, *marked[id_], today, same) for id_, customer in customers.items()]
    work.update_customers([customer for customer in mirrored if customer != customers[customer.id]])
    return marked


def _mirrored(
    customer: Customer, before: Sequence[HeldFact], after: Sequence[HeldFact], today: date, same: Same
) -> Customer:
    hides = hidden(resolve_all(after, today, same))
    return as_it_was_called(shielded(customer, hides), before, after, today)


def _follow_coverage(
    parts: Parts, register: RegisterParts, work: UnitOfWork, marked: Mapping[int, tuple[Sequence[HeldFact], ...]]
) -> None:
    """Take back that a feed watches somebody of whom nothing that it said counts any more, and the reverse.

    A feed that can be asked notes by itself whom it watches.
    """
    for feed in parts.feeds.values():
        if feed.register != register.name or feed.provider.capabilities.needs_watch:
            continue
        spoke = {id_: [_spoke(feed.name, facts) for facts in both] for id_, both in marked.items()}
        work.uncover(feed.name, [id_ for id_, (before, after) in spoke.items() if before and not after])
        for id_, (before, after) in spoke.items():
            if after and not before:
                work.cover(feed.name, [id_], after)


def _spoke(feed: str, facts: Sequence[HeldFact]) -> datetime | None:
    """Return when a feed last said something that counts."""
    said = (h.learned_at for h in counted(facts) if h.origin == feed and not h.undone and not h.about)
    return max(said, default=None)
