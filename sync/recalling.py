"""What is told of a customer's past: to operators and auditors, never of a place that must not be told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sync.applying.history import Asking, Recalled, known_by, recall
from sync.applying.same import Same, same_by
from sync.applying.survivorship import resolve_all
from sync.errors import NotFound
from sync.freshness.state import untold
from sync.matching.explain import without_location
from sync.model import Candidate, Field, MatchRule
from sync.parts import Parts, RegisterParts
from sync.ports.store import StoredFact, UnitOfWork
from sync.provenance.story import Story, stories

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Past:
    """A customer on one day, as known at one moment.

    Attributes:
        customer_id: our own id.
        asking: the day and the moment.
        fields: what held, by field.
        said: what had been said, the oldest first; as known then.
        hidden: fields of which nothing is told: this is a protected customer, or may be one (trust rules P2, P7).
        same: tells which values mean one thing.
    """

    customer_id: int
    asking: Asking
    fields: dict[Field, Recalled]
    said: tuple[StoredFact, ...]
    hidden: frozenset[Field]
    same: Same


def past_of(
    parts: Parts,
    register: RegisterParts,
    key: str,
    *,
    day: date | None = None,
    known_at: datetime | None = None,
    reader: str = "",
) -> Past:
    """Return what held of a customer.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        day: in the register's time zone; that of `known_at` where it is not given.
        known_at: as far as we knew it then; the moment of asking where it is not given.
        reader: who asks: while they have broken the glass, nothing that is kept is hidden from them (trust rule P13).

    Raises:
        NotFound: the register has no such record.
    """
    now, zone = parts.clock.now(), register.policy.zone
    with parts.store.snapshot() as work:
        customer = work.by_keys(register.name, [key]).get(key)
        if customer is None:
            raise NotFound(f"the register {register.name} has no such record")
        stored, same = (
            _with_reasons(work, work.stored_facts(customer.id)),
            same_by(work.street_names(), register.policy.precedence),
        )
        open_ = work.is_open(reader, customer.id, now)
    facts = [one.held for one in stored]
    # What another machine's clock learned a moment ahead of ours is known all the same.
    moment = known_at or max([now, *(held.learned_at for held in facts)])
    asking = Asking(day or (known_at or now).astimezone(zone).date(), moment, now, zone)
    # Whether an order is in force today decides: it hides the past too.
    hidden = frozenset() if open_ else untold(resolve_all(facts, asking.today, same), register.policy)
    told = [one for one in stored if one.held.fact.field not in hidden]
    fields = recall([one.held for one in told], asking, same)
    said = tuple(
        StoredFact(customer.id, held, one.provenance) for one in told for held in known_by([one.held], asking.known_at)
    )
    return Past(customer.id, asking, fields, said, hidden, same)


def _with_reasons(work: UnitOfWork, stored: Sequence[StoredFact]) -> tuple[StoredFact, ...]:
    """Tell with what a reviewer decided why they did."""
    feeds = {one.held.origin for one in stored if one.provenance.rule is MatchRule.REVIEWER}
    why = {
        feed: work.decision_reasons(feed, {one.held.event for one in stored if one.held.origin == feed})
        for feed in feeds
    }
    return tuple(
        replace(one, provenance=replace(one.provenance, reason=reason))
        if one.provenance.rule is MatchRule.REVIEWER and (reason := why[one.held.origin].get(one.held.event))
        else one
        for one in stored
    )


def stories_of(parts: Parts, past: Past) -> tuple[Story, ...]:
    """Tell where every value comes from, past ones too, and which deliveries carried it; nothing of what is hidden."""
    with parts.store.snapshot() as work:
        deliveries = work.deliveries_of(past.customer_id)
    return stories(past.said, deliveries, past.asking, past.same)


def weighed(stored: StoredFact, past: Past) -> Candidate | None:
    """Return why a change was taken to be about the customer; not how a protected one's places compared (P7)."""
    return without_location(stored.weighed) if stored.weighed and past.hidden else stored.weighed


def note_reading(parts: Parts, register: str, customer_id: int, reader: str, *, revealed: bool) -> None:
    """Keep who read what."""
    with parts.store.begin() as work:
        work.note_reading(reader, register, customer_id, parts.clock.now(), revealed=revealed)
        work.commit()


def moment_of(text: str, register: RegisterParts) -> datetime:
    """Read a moment of knowing: a day means its end; a time without an offset is the register's own.

    Raises:
        ValueError: neither an ISO 8601 date nor a date with a time.
    """
    zone = register.policy.zone
    try:
        if len(text) <= len("2026-11-22"):
            return datetime.combine(date.fromisoformat(text) + _DAY, time(), zone) - _TICK
        moment = datetime.fromisoformat(text)
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except OverflowError:
        raise ValueError("beyond the last day there is") from None
