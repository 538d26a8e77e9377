"""Carrying out what was decided about a page: facts with provenance, dispositions, reviews, protection."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sync.applying.guard import IDENTITY_CHANGES, identity_changes, may_change_identity
from sync.applying.holding import REASONS, Division, divide
from sync.applying.plan import Plan, cancel, plan
from sync.applying.protection import change_without, shielded
from sync.applying.same import Same, same_by
from sync.applying.survivorship import frozen, hidden, resolve_all, unkept
from sync.applying.undo import as_it_was_called
from sync.model import (
    LOCATION_FIELDS,
    PROTECTS,
    Candidate,
    Change,
    Customer,
    FactKind,
    Field,
    HeldFact,
    Match,
    MatchRule,
    Outcome,
    Verdict,
)
from sync.parts import FeedParts, Parts
from sync.ports.store import Disposition, Parked, Provenance, Review, StoredFact, UnitOfWork
from sync.report import RunReport
from sync.settling import ask_again
from sync.steps.naming import also_called, ids_of, renames, told_together
from sync.steps.page import Page
from sync.steps.receive import Received

_WEIGHED = frozenset({MatchRule.WEIGHT, MatchRule.REVIEWER})
"""Rules that decide about somebody whose evidence was weighed; a reviewer is shown the weight."""
_MARKS = frozenset(FactKind) - {FactKind.CONFIRMED}


def apply(
    parts: Parts,
    feed: FeedParts,
    work: UnitOfWork,
    decided: Iterable[tuple[Received, Match]],
    report: RunReport,
    *,
    decided_by: str = "",
) -> Page:
    """Carry out what was decided, in the order given; everything is written in the caller's unit of work."""
    decided = list(decided)
    taken_back = {received.cancels for received, _ in decided if received.cancels}
    owners = work.by_notices(feed.name, taken_back) if taken_back else {}
    about = {m.best.customer_id for _, m in decided if m.best and m.verdict is Verdict.APPLY}
    doubtful = {c.customer_id for _, m in decided if m.verdict is Verdict.REVIEW for c in (m.best, m.runner_up) if c}
    held = work.facts(about.union(doubtful, *(m.alike for _, m in decided), *owners.values()))
    register = parts.register_of(feed)
    page = Page(
        parts.today(register),
        held,
        work.new_id,
        before=dict(held),
        same=same_by(work.street_names(), register.policy.precedence),
        holds=work.holds(about.union(*owners.values())),
        owners=owners,
    )
    if taken_back:  # what waited for a person about them is closed
        page.touched |= work.under_review_by(feed.name, taken_back)
    for received, match in decided:
        disposition = _carry_out(parts, feed, received, match, page, decided_by)
        page.dispositions.append(disposition)
        report.outcomes[disposition.outcome] += 1
    _write(parts, feed, work, page)
    return page


def _carry_out(
    parts: Parts, feed: FeedParts, received: Received, match: Match, page: Page, decided_by: str
) -> Disposition:
    now, best = parts.clock.now(), match.best
    if best and match.verdict is Verdict.APPLY:
        page.spoken_of.add(best.customer_id)
        page.touched.add(best.customer_id)
    if received.cancels:
        if parked := _hold_cancellation(parts, feed, received, page, now):
            return parked
        page.cancelled.append(received.cancels)
        match = _by_page(page, received.cancels) or match
        best = match.best
        _take_back_of_others(parts, feed, received, match, page)
    elif received.taken_back or received.notice in page.cancelled:
        return _disposition(feed, received, match, Outcome.SUPERSEDED, "notice_cancelled", now)
    if match.verdict is Verdict.FORGET or best is None:
        return _disposition(feed, received, match, Outcome.NO_MATCH, match.reason, now)
    match = match if decided_by else _doubt(parts, feed, received, match, page)
    if match.verdict is Verdict.REVIEW:
        _protect_all(parts, feed, received, match, page)
        _name_all(received, match, page)
        page.reviews.append(_review(parts, feed, received, match, page))
        page.touched.add(best.customer_id)
        return _disposition(feed, received, match, Outcome.REVIEW, match.reason, now)
    return _apply(parts, feed, received, match, page, decided_by)


def _doubt(parts: Parts, feed: FeedParts, received: Received, match: Match, page: Page) -> Match:
    """Ask a person about a change that would make somebody else of the customer."""
    if match.verdict is not Verdict.APPLY or match.best is None:
        return match
    customer = match.best.customer_id
    held = page.held.get(customer, ())
    if not may_change_identity(received.change, held):
        return match
    planned = _plan(parts, feed, received, page, customer)
    if len(identity_changes(held, planned.facts, page.today, page.same)) < 2:
        return match
    return replace(match, verdict=Verdict.REVIEW, reason=IDENTITY_CHANGES, alike=(customer,))


def _apply(parts: Parts, feed: FeedParts, received: Received, match: Match, page: Page, decided_by: str) -> Disposition:
    """Carry out what may be carried out at once, and park what a hold keeps from the customer."""
    assert match.best is not None
    customer, now = match.best.customer_id, parts.clock.now()
    divided = _divide(received, page, customer)
    if len(ids := told_together(received.change)) > 1:
        # The next change, or order, may come under any of them alone.
        page.naming.setdefault(customer, []).append((received.notice, ids))
    outcome, reason = Outcome.PARKED, divided.reason
    if divided.now is not None:
        going = received if divided.now is received.change else replace(received, change=divided.now)
        planned = _plan(parts, feed, going, page, customer)
        _gather(page, customer, going, match, planned, decided_by)
        if divided.later is None or planned.outcome is Outcome.APPLIED:
            outcome, reason = planned.outcome, planned.reason
    if divided.later is not None:
        parked = _parked(feed, received, divided.later, customer, now)
        # An order under a new id must find the customer although the id itself waits (P1).
        page.aliases.setdefault(customer, []).extend(renames(divided.later))
        applied = received.applied or outcome is Outcome.APPLIED
        best = match.best if decided_by else None
        page.parked.append(replace(parked, best=best, decided_by=decided_by, applied=applied))
    elif received.applied and outcome is not Outcome.PARKED:
        outcome, reason = Outcome.APPLIED, "newer"
    return _disposition(feed, received, match, outcome, reason, now)


def _divide(received: Received, page: Page, customer: int) -> Division:
    holds = () if received.cancels else page.holds.get(customer, ())
    return divide(received.change, holds, unkept(page.orders(customer)) if holds else frozenset())


def _hold_cancellation(
    parts: Parts, feed: FeedParts, received: Received, page: Page, now: datetime
) -> Disposition | None:
    """Park the taking back of a notice that any customer on hold has facts of; None when nobody is.

    What brings an order back in force does not wait, as the order did not.
    """
    for owner in page.owners.get(received.cancels, ()):
        if _plan(parts, feed, received, page, owner).purge:
            return None
    for owner in page.owners.get(received.cancels, ()):
        said = {held.fact.field for held in page.held.get(owner, ()) if held.notice == received.cancels}
        for hold in page.holds.get(owner, ()):
            if hold.field is None or hold.field in said:
                page.parked.append(_parked(feed, received, received.change, owner, now))
                match = Match(Verdict.APPLY, MatchRule.NOTICE, "notice_known", best=Candidate(owner, 0.0, ()))
                return _disposition(feed, received, match, Outcome.PARKED, REASONS[hold.kind], now)
    return None


def _parked(feed: FeedParts, received: Received, change: Change, customer: int, now: datetime) -> Parked:
    return Parked(feed.name, received.event, _arrived(change, now), customer, now, received.notice, received.cancels)


def _arrived(change: Change, now: datetime) -> Change:
    """Keep when a change arrived of which nobody knows when it was written: waiting does not make it newer (I3).

    Nor does it make true that an order has ended at a time which had not come yet.
    """
    written, order = change.recorded_at, change.protection
    ahead = written is not None and order is not None and not order.active and written > now
    return replace(change, recorded_at=now) if written is None or ahead else change


def _protect_all(parts: Parts, feed: FeedParts, received: Received, match: Match, page: Page) -> None:
    """Carry an order out on every record that bears the id: which of them is the person, somebody may say later (P1)."""
    order = received.change.protection
    if order is None or not order.active:
        return
    alone = replace(received, change=replace(received.change, facts=()))
    for customer in match.alike:
        planned = _plan(parts, feed, alone, page, customer)
        _gather(page, customer, received, match, planned, decided_by="")
        page.touched.add(customer)


def _name_all(received: Received, match: Match, page: Page) -> None:
    """Have every record be known by all ids that a provider gives one person: the next order may name one of them (P1)."""
    named = ids_of(received.change.identity)  # what it brings waits for a person
    for customer in match.alike if len(match.alike) > 1 else ():
        page.naming.setdefault(customer, []).append((received.notice, named))


def _take_back_of_others(parts: Parts, feed: FeedParts, received: Received, match: Match, page: Page) -> None:
    """Follow the taking back of a notice on every record that has facts of it: an order's is on all that bear the id."""
    for customer in page.owners.get(received.cancels, ()):
        if match.best is None or match.best.customer_id != customer:
            planned = _plan(parts, feed, received, page, customer)
            _gather(page, customer, received, match, planned, decided_by="")
            page.touched.add(customer)


def _by_page(page: Page, notice: str) -> Match | None:
    """Find the customer of a notice that is taken back in the page that brought it."""
    owner = next((f.customer_id for f in page.facts if f.held.notice == notice), None)
    if owner is None:
        return None
    return Match(Verdict.APPLY, MatchRule.NOTICE, "notice_known", best=Candidate(owner, 0.0, ()))


def _plan(parts: Parts, feed: FeedParts, received: Received, page: Page, customer: int) -> Plan:
    held = page.held.get(customer, ())
    if received.cancels:
        return cancel(held, received.cancels, page.today, page.same)
    return plan(
        received.change,
        held,
        feed.speaker,
        event=received.event,
        notice=received.notice,
        now=parts.clock.now(),
        today=page.today,
        same=page.same,
        new_id=page.new_id,
    )


def _why(received: Received, match: Match, decided_by: str) -> Provenance:
    position, best = received.change.position, match.best
    if best is None:
        return Provenance(position, match.rule, model=match.model, decided_by=decided_by)
    return Provenance(
        position,
        match.rule,
        weight=best.weight if match.rule in _WEIGHED else None,
        evidence=best.evidence,
        against=best.against,
        prior=best.prior,
        model=match.model,
        decided_by=decided_by,
    )


def _gather(page: Page, customer: int, received: Received, match: Match, planned: Plan, decided_by: str) -> None:
    why = _why(received, match, decided_by)
    page.facts += [StoredFact(customer, held, why) for held in planned.facts]
    known = page.held.get(customer, ())
    if received.cancels:
        known = tuple(replace(h, cancelled=True) if h.notice == received.cancels else h for h in known)
    page.held[customer] = (*known, *planned.facts)
    page.settled.setdefault(customer, {}).update(planned.states)
    if planned.purge:
        page.purged[customer] = planned.purge.union(page.purged.get(customer, ()))
        page.purged_at[customer] = len(page.facts)
    if planned.look_up:
        page.look_up.add(customer)


def _write(parts: Parts, feed: FeedParts, work: UnitOfWork, page: Page) -> None:
    now = parts.clock.now()
    work.add_facts(page.facts)
    work.add_dispositions(page.dispositions)
    work.add_reviews(page.reviews)
    work.park(page.parked)
    work.cancel(feed.name, page.cancelled, now)
    _mark_customers(work, page, parts.today(parts.register_of(feed)))
    if page.purged:
        # What was said when an order was over again, in the same page, is no place that it hides.
        until, end = page.purged_at, len(page.facts)
        after = {f.held.id for n, f in enumerate(page.facts) if n >= until.get(f.customer_id, end)}
        work.forget_location(page.purged, keep=after)
    if banned := _banned(page):
        work.forget_reviewed_location(banned, LOCATION_FIELDS)
    if not feed.provider.capabilities.needs_watch:
        # The provider has spoken of this person and we knew whom it meant: from now on its silence tells something, unless
        # an order or a ban kept us from its word.
        unheard = page.unheard()
        work.cover(feed.name, page.spoken_of - unheard, now)
        work.uncover(feed.name, sorted(unheard))
    ask_again(parts, parts.register_of(feed), work, page.look_up)


def _banned(page: Page) -> list[int]:
    """Return who is under an update ban that the page speaks of, or brings back by taking its end back."""
    about = {f.customer_id for f in page.facts if f.held.fact.field is Field.UPDATE_BAN}
    about |= {owner for notice in page.cancelled for owner in page.owners.get(notice, ())}
    return sorted(id_ for id_ in about if frozen(page.orders(id_)))


def _mark_customers(work: UnitOfWork, page: Page, today: date) -> None:
    """Carry protection and id corrections into the mirror, where finding customers depends on them."""
    marking = (*PROTECTS, Field.NATIONAL_ID)
    ids = {f.customer_id for f in page.facts if f.held.fact.field in marking and f.held.fact.kind in _MARKS}
    ids |= page.naming.keys() | {id_ for id_, aliases in page.aliases.items() if aliases}
    ids |= {owner for notice in page.cancelled for owner in page.owners.get(notice, ())}
    customers = work.customers(ids)
    # An order that the same page ends was one all the same: the mirror forgets where the customer was.
    purged = [shielded(c, c.hidden.union(page.purged.get(c.id, ()))) for c in customers.values()]
    marked = [_marked(c, page.before.get(c.id, ()), page.held.get(c.id, ()), today, page.same) for c in purged]
    told = {c: [ids for notice, ids in said if notice not in page.cancelled] for c, said in page.naming.items()}
    named = [also_called(c, customers[c.id], told.get(c.id, ()), page.aliases.get(c.id, ())) for c in marked]
    work.update_customers([customer for customer in named if customer != customers[customer.id]])


def _marked(
    customer: Customer, before: Sequence[HeldFact], held: Sequence[HeldFact], today: date, same: Same
) -> Customer:
    states = resolve_all(held, today, same)
    changed = shielded(customer, hidden(states))
    if any(h.cancelled for h in held if h.fact.field is Field.NATIONAL_ID):
        return as_it_was_called(changed, before, held, today)  # an id that was taken back is no alias
    new = states[Field.NATIONAL_ID].value if Field.NATIONAL_ID in states else None
    if isinstance(new, str) and new != customer.national_id:
        changed = replace(changed, corrected_id=new)  # the old one stays an alias where the provider named it
    return changed


def _review(parts: Parts, feed: FeedParts, received: Received, match: Match, page: Page) -> Review:
    assert match.best is not None
    now, change = parts.clock.now(), received.change
    could_be = [candidate.customer_id for candidate in (match.best, match.runner_up) if candidate]
    order = change.protection.hides if change.protection else frozenset()
    change = change_without(change, order.union(*(unkept(page.orders(id_)) for id_ in could_be)))
    return Review(
        feed=feed.name,
        event=received.event,
        position=change.position,
        notice=received.notice,
        reason=match.reason,
        change=_arrived(change, now),
        best=match.best,
        runner_up=match.runner_up,
        opened_at=now,
        expires_at=now + parts.retention.reviews,
    )


def _disposition(
    feed: FeedParts, received: Received, match: Match, outcome: Outcome, reason: str, now: datetime
) -> Disposition:
    about = None if match.verdict is Verdict.FORGET else match.best
    return Disposition(
        feed=feed.name,
        event=received.event,
        position=received.change.position,
        outcome=outcome,
        reason=reason,
        received_at=now,
        customer_id=about.customer_id if about else None,
        rule=match.rule if about else None,
        weight=about.weight if about and match.rule is MatchRule.WEIGHT else None,
        model=match.model if about else "",
    )
