"""Placing and lifting holds: restriction (GDPR Art. 18), objection (Art. 21), staff's lock of one field.

While a hold is in force, what arrives is parked and nothing is written into the register. When it is lifted, everything
parked goes the way of a change again, in the order in which it arrived, in the same unit of work: it is matched anew, so
that what meanwhile fits nobody, or somebody else, is not forced upon the customer. Only what a person had decided stands.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sync.errors import NotFound
from sync.model import Customer, Field, Hold, HoldKind, Match, MatchRule, Outcome, Verdict
from sync.parts import FeedParts, Parts, RegisterParts
from sync.ports.store import Parked, UnitOfWork
from sync.report import RunReport
from sync.settling import ask_again, settle_customers
from sync.steps.apply import apply
from sync.steps.match import match
from sync.steps.receive import Received


@dataclass(frozen=True, slots=True)
class Lifted:
    """What became of what a hold had parked.

    Attributes:
        outcomes: of the changes that were decided again.
        left: parked changes of feeds that are not configured: they stay parked until they are too old.
        still_held: another hold is in force for this customer.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    left: int = 0
    still_held: bool = False


def place_hold(
    parts: Parts, register: RegisterParts, key: str, kind: HoldKind, *, name: Field | None = None, by: str, reason: str
) -> Hold:
    """Keep automation from a customer, or from one field.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        kind: why.
        name: the field; None for the whole customer.
        by: name of the person who asks for it.
        reason: in that person's words.

    Raises:
        NotFound: the register has no such record.
        SomebodyWasFirst: such a hold is in force already.
    """
    now = parts.clock.now()
    with parts.store.begin() as work:
        customer = customer_of(work, register, key)
        hold = work.add_hold(Hold(customer.id, kind, name, now, by, reason))
        settle_customers(parts, register, work, [customer.id])
        work.audit(by, "hold_placed", now, _told(hold))
        work.commit()
    return hold


def lift_hold(
    parts: Parts, register: RegisterParts, key: str, kind: HoldKind, *, name: Field | None = None, by: str, reason: str
) -> Lifted:
    """End a hold, and decide again, in order, what it had parked.

    Raises:
        NotFound: the register has no such record, or no such hold is in force for it.
    """
    now = parts.clock.now()
    with parts.store.begin() as work:
        customer = customer_of(work, register, key)
        holds = work.holds([customer.id]).get(customer.id, ())
        hold = next((one for one in holds if (one.kind, one.field) == (kind, name)), None)
        if hold is None:
            raise NotFound(f"no such {kind} is in force for this record")
        work.lift_hold(hold.id, by, reason, now)
        lifted = _decide_again(parts, register, work, customer, still_held=len(holds) > 1)
        work.audit(by, "hold_lifted", now, _told(hold) | {"decided_again": lifted.outcomes.total()})
        work.commit()
    return lifted


def customer_of(work: UnitOfWork, register: RegisterParts, key: str) -> Customer:
    """Return the customer behind a register's key.

    Raises:
        NotFound: the register has no such record.
    """
    customer = work.by_keys(register.name, [key]).get(key)
    if customer is None:
        raise NotFound(f"the register {register.name} has no such record")
    return customer


def _decide_again(
    parts: Parts, register: RegisterParts, work: UnitOfWork, customer: Customer, *, still_held: bool
) -> Lifted:
    everything = work.parked(customer.id)
    parked = [one for one in everything if one.feed in parts.feeds]
    lifted = Lifted(left=len(everything) - len(parked), still_held=still_held)
    work.unpark([one.id for one in parked])
    touched, purged, look_up = {customer.id}, dict[int, frozenset[Field]](), {customer.id}
    for (feed, by), group in groupby(parked, key=lambda one: (one.feed, one.decided_by)):
        report = RunReport(feed)
        page = apply(
            parts,
            parts.feeds[feed],
            work,
            _matched(parts, parts.feeds[feed], work, list(group)),
            report,
            decided_by=by,
        )
        lifted.outcomes.update(report.outcomes)
        touched |= page.touched
        purged |= {id_: hides.union(purged.get(id_, ())) for id_, hides in page.purged.items()}
        look_up |= page.look_up
    settle_customers(parts, register, work, touched, purge=purged)
    if not still_held:
        # What was parked for too long is no longer kept, and must be asked for.
        ask_again(parts, register, work, sorted(look_up))
    return lifted


def _matched(
    parts: Parts, feed: FeedParts, work: UnitOfWork, parked: Sequence[Parked]
) -> Iterable[tuple[Received, Match]]:
    """Find out anew whom each change is about; a person's decision stands."""
    cancelled = work.cancelled(feed.name, {one.notice for one in parked if one.notice})
    page = [
        Received(one.change, one.event, one.notice, one.cancels, one.notice in cancelled, one.applied) for one in parked
    ]
    matches = match(parts, feed, work, page)
    stands = work.decided(feed.name, [one.event for one in parked if one.decided_by])  # unless it was undone since
    for one, received, found in zip(parked, page, matches, strict=True):
        if one.best and one.event in stands:
            yield received, Match(Verdict.APPLY, MatchRule.REVIEWER, "same_person", one.best)
        else:
            yield received, found


def _told(hold: Hold) -> dict[str, object]:
    return {"hold": hold.id, "kind": hold.kind.value, "field": hold.field.value if hold.field else None}
