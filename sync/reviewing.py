"""Deciding an uncertain match: a person says whether it is the same person."""

from sync.errors import NotFound, SomebodyWasFirst
from sync.matching.refused import refusable
from sync.model import ORDERS, Match, MatchRule, Outcome, Verdict
from sync.parts import FeedParts, Parts, RegisterParts
from sync.ports.store import Disposition, Review, ReviewState, UnitOfWork
from sync.report import RunReport
from sync.settling import settle_customers
from sync.steps.apply import apply
from sync.steps.heed import refuse
from sync.steps.receive import Received


def decide_review(parts: Parts, review_id: int, *, same: bool, by: str, reason: str) -> Outcome:
    """Decide a review: apply its change to the best candidate, or forget it. Returns the change's final outcome.

    Raises:
        NotFound: no such review, or its feed is no longer configured.
        SomebodyWasFirst: it is no longer open.
    """
    with parts.store.begin() as work:
        review = work.review(review_id)
        feed = parts.feeds.get(review.feed)
        if feed is None:
            raise NotFound(f"the feed {review.feed} of review {review_id} is not configured")
        if review.state is not ReviewState.OPEN or review.change is None:
            raise SomebodyWasFirst(f"review {review_id} is no longer open")
        now = parts.clock.now()
        work.decide_review(review_id, ReviewState.SAME if same else ReviewState.DIFFERENT, by, reason, now)
        outcome = _accept(parts, feed, work, review, by) if same else _forget(parts, feed, work, review)
        body = {"review": review_id, "same": same, "outcome": outcome.value}
        work.audit(by, "review_decided", now, body)
        work.commit()
    return outcome


def _accept(parts: Parts, feed: FeedParts, work: UnitOfWork, review: Review, by: str) -> Outcome:
    assert review.change is not None
    match = Match(Verdict.APPLY, MatchRule.REVIEWER, "same_person", review.best, review.runner_up)
    received = Received(review.change, review.event, review.notice)
    report = RunReport(feed.name)
    page = apply(parts, feed, work, [(received, match)], report, decided_by=by)
    if _may_lack_places(work, review):
        work.uncover(feed.name, [review.best.customer_id])
    settle_customers(parts, parts.register_of(feed), work, page.touched, purge=page.purged)
    return next(iter(report.outcomes))


def _may_lack_places(work: UnitOfWork, review: Review) -> bool:
    """Tell whether places may have been taken out of a review for the sake of the other one whom it could have been about.

    That the feed has spoken of the person proves nothing then: what it said of the place is lost.
    """
    if review.runner_up is None:
        return False
    other = review.runner_up.customer_id
    return any(h.fact.field in ORDERS and h.fact.value is True for h in work.facts([other]).get(other, ()))


def _forget(parts: Parts, feed: FeedParts, work: UnitOfWork, review: Review) -> Outcome:
    register: RegisterParts = parts.register_of(feed)
    final = Disposition(
        feed.name, review.event, review.position, Outcome.NO_MATCH, "different_person", parts.clock.now()
    )
    work.add_dispositions([final])
    _remember(parts, register, work, review)
    settle_customers(parts, register, work, [review.best.customer_id])
    return Outcome.NO_MATCH


def _remember(parts: Parts, register: RegisterParts, work: UnitOfWork, review: Review) -> None:
    """Remember for good that whoever the change describes is not this customer, so that nobody is asked again."""
    customer = work.prepared([review.best.customer_id]).get(review.best.customer_id)
    if customer is None or review.change is None:
        return
    refuse(parts, work, register.name, refusable(review.change, customer), customer.id, review.id)
