"""Settling customers: from what holds of them to what is handed to delivery."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

from sync.applying.same import Same, same_by
from sync.applying.settle import carried, settle
from sync.applying.survivorship import FieldState, frozen, resolve_all
from sync.applying.undo import last_stood, spelled
from sync.freshness.coverage import alive
from sync.freshness.state import Situation
from sync.model import FactKind, FactValue, Field, HeldFact
from sync.parts import Parts, RegisterParts
from sync.ports.store import Delivery, Lease, UnitOfWork

_WHEN_LIFTED = datetime.max.replace(tzinfo=UTC)
"""Then the customer is settled again, and what waits is replaced."""

BATCH = 500
"""Customers settled in one unit of work."""


def settle_customers(
    parts: Parts,
    register: RegisterParts,
    work: UnitOfWork,
    ids: Collection[int],
    *,
    purge: Mapping[int, Collection[Field]] = MappingProxyType({}),
    held: Mapping[int, Sequence[HeldFact]] | None = None,
    states: Mapping[int, Mapping[Field, FieldState]] = MappingProxyType({}),
    same: Same | None = None,
) -> int:
    """Hand to delivery what the register should hold of these customers and does not; returns how many deliveries.

    Args:
        parts: what to work with.
        register: the customers' register.
        work: the unit of work in which their facts were changed.
        ids: the customers.
        purge: of those of them whose protection order has just begun, the fields that it hides.
        held: what is held about some of them, by a caller who knows it; the rest is read.
        states: what holds today of some of those, by a caller who has worked it out.
        same: the register's judgement of which values mean one thing, by a caller who has it.
    """
    now, today = parts.clock.now(), parts.today(register)
    known = {id_: held[id_] for id_ in ids if held and id_ in held and id_ not in purge}
    facts: dict[int, Sequence[HeldFact]] = {**work.facts([id_ for id_ in ids if id_ not in known]), **known}
    customers, pending = work.customers(ids), work.pending(ids)
    same = same or same_by(work.street_names(), register.policy.precedence)
    situations = _situations(work, ids, _as_noted(parts, work))
    deliveries, due, moot = [], {}, []
    for id_, customer in customers.items():
        waiting = pending.get(id_)
        purging = (waiting.purge if waiting else frozenset()).union(purge.get(id_, ()))
        tried = _tried(waiting)
        holding = states[id_] if id_ in states else resolve_all(facts.get(id_, ()), today, same)
        back, stood = _as_it_stood(work, id_, facts.get(id_, ()), holding, same)
        settled = settle(
            customer,
            holding,
            situations[id_],
            register.policy,
            writable=register.port.writable,
            shows_status=register.port.shows_status,
            now=now,
            purge=purging,
            as_read=register.port.as_read,
            same=same,
            spelled={name: h.fact.value for name, h in back.items() if h.fact.value is not None},
            stood=stood,
            uncertain={name for values in tried for name in values} | purging,
        )
        due[id_] = settled.due_on
        status = settled.status if settled.status != customer.status else None
        if not settled.values and status is None and not (tried and (situations[id_].holds or frozen(holding))):
            moot += [id_] if waiting else []
        elif waiting is None or (waiting.values, waiting.status) != (settled.values, status):
            facts_carried = carried(settled.values, holding, back)
            made = Delivery(
                register.name, id_, settled.values, status, now, purging, carried=facts_carried, tried=tried
            )
            # Nothing to write, and what may have been written is not forgotten: it waits until hold or ban is lifted.
            waits = not settled.values and status is None
            deliveries.append(replace(made, not_before=_WHEN_LIFTED) if waits else made)
    work.supersede_deliveries(moot)
    work.add_deliveries(deliveries)
    work.schedule(due)
    return len(deliveries)


def _as_it_stood(
    work: UnitOfWork, id_: int, facts: Sequence[HeldFact], states: Mapping[Field, FieldState], same: Same
) -> tuple[Mapping[Field, HeldFact], Mapping[Field, FactValue]]:
    """Return as which facts the register had values that hold again, and what it had where nothing holds any more."""
    undone = any(held.fact.kind is FactKind.UNDONE for held in facts)
    gone = any(state.current is None and state.taken_back for state in states.values())
    if not (undone or gone):
        return {}, {}
    made = work.deliveries_of(id_)
    return spelled(facts, made, states, same) if undone else {}, last_stood(facts, made, states, same) if gone else {}


def _tried(waiting: Delivery | None) -> tuple[Mapping[Field, FactValue | None], ...]:
    """Return what may have been written by a delivery that waits, and by those before it, without our knowing."""
    if waiting is None:
        return ()
    latest = (waiting.values,) if waiting.attempts and waiting.values not in waiting.tried else ()
    return (*waiting.tried, *latest)


def situations_of(parts: Parts, work: UnitOfWork, ids: Collection[int]) -> dict[int, Situation]:
    """Return what else bears on these customers' fields."""
    return _situations(work, ids, {name: work.feed(name).heard_at for name in parts.feeds})


def _as_noted(parts: Parts, work: UnitOfWork) -> dict[str, datetime | None]:
    """Return the feeds as if each that was last noted as live had just been heard, and the others never.

    What stands in the register's columns follows these notes, as everybody's turns with them (`follow_liveness`). Whoever is
    settled in a silence that nobody has noted would otherwise be left behind when the feed speaks again.
    """
    now = parts.clock.now()
    return {name: now if work.was_live(name) else None for name in parts.feeds}


def _situations(
    work: UnitOfWork, ids: Collection[int], caught_up: Mapping[str, datetime | None]
) -> dict[int, Situation]:
    watched, reviewed, holds = work.coverage(ids), work.under_review(ids), work.holds(ids)
    return {id_: Situation(watched.get(id_, {}), caught_up, id_ in reviewed, holds.get(id_, ())) for id_ in ids}


def follow_liveness(parts: Parts, register: RegisterParts, lease: Lease) -> None:
    """Have customers settled again when a feed that watches them comes alive or stalls.

    The desk's answer follows the clock by itself; what stands in the register's status columns does not.
    """
    now, today = parts.clock.now(), parts.today(register)
    with parts.store.snapshot() as work:
        caught_up = {name: work.feed(name).heard_at for name in register.policy.feeds}
        live = {name: alive(name, caught_up, register.policy, now) for name in caught_up}
        turned = [name for name, is_live in live.items() if work.was_live(name) is not is_live]
    for name in turned:
        with parts.store.begin(lease) as work:
            work.note_live(name, today, live=live[name])
            work.audit("schedule", "feed_alive" if live[name] else "feed_stalled", now, {"feed": name})
            work.commit()


def settle_due(parts: Parts, register: RegisterParts, lease: Lease) -> int:
    """Settle the customers for whom something changes by itself today: a coming move, an ended stay, an age limit."""
    settled = 0
    while not parts.stopping():
        with parts.store.begin(lease) as work:
            ids = work.due(register.name, parts.today(register), BATCH)
            if not ids:
                return settled
            deliveries = settle_customers(parts, register, work, ids)
            now = parts.clock.now()
            work.audit("schedule", "settled", now, {"customers": len(ids), "deliveries": deliveries})
            work.commit()
        settled += len(ids)
    return settled


def ask_again(parts: Parts, register: RegisterParts, work: UnitOfWork, ids: Collection[int]) -> None:
    """Have these customers looked up again: what was not kept meanwhile must be asked for."""
    for feed in parts.feeds.values():
        if ids and feed.register == register.name and feed.provider.capabilities.looks_up:
            work.uncover(feed.name, sorted(ids))
