"""From the outbox into a register, until acknowledged."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from sync.errors import RegisterUnavailable
from sync.mirror import ReadReport, absorb, canonical, follow_records
from sync.model import Customer, FactValue, Field
from sync.parts import Parts, RegisterParts
from sync.ports.register import Conflict, Record, Rejected, Write, Written
from sync.ports.store import Delivery, DeliveryState, Lease, UnitOfWork
from sync.settling import settle_customers

log = structlog.get_logger()

Result = Written | Conflict | Rejected

BATCH = 100
"""Deliveries made before they are acknowledged together. Killed in between, the register is found to hold them."""

_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_MOST_DOUBLINGS = 16  # a register that is away for days must not overflow the wait


@dataclass(slots=True)
class DeliveryReport:
    """What a run of deliveries did."""

    acknowledged: int = 0
    conflicts: int = 0
    rejected: int = 0
    gone: int = 0


def deliver(parts: Parts, register: RegisterParts, lease: Lease) -> DeliveryReport:
    """Write every due delivery into its register; what a person changed meanwhile is read again, never overwritten.

    Raises:
        RegisterUnavailable: the rest waits, longer each time.
        LeaseLost: somebody else took over.
    """
    report = DeliveryReport()
    progress = parts.progress(f"delivering to {register.name}")
    while not parts.stopping():
        due = _announce(parts, register, lease)
        if not due:
            break
        unavailable = _deliver_batch(parts, register, lease, due, report)
        progress.advance(len(due))
        if unavailable:
            raise unavailable
    progress.done()
    return report


def _announce(parts: Parts, register: RegisterParts, lease: Lease) -> list[tuple[Delivery, Customer]]:
    """Note durably which deliveries are about to be made: should no answer come, it is known that they may have been."""
    now = parts.clock.now()
    with parts.store.snapshot() as work:
        if not work.due_deliveries(register.name, now, limit=1):
            return []
    with parts.store.begin(lease) as work:
        due = [replace(d, attempts=d.attempts + 1) for d in work.due_deliveries(register.name, now, BATCH)]
        customers = work.customers(delivery.customer_id for delivery in due)
        work.save_deliveries(due)
        work.commit()
    return [(delivery, customers[delivery.customer_id]) for delivery in due]


def _deliver_batch(
    parts: Parts,
    register: RegisterParts,
    lease: Lease,
    due: Sequence[tuple[Delivery, Customer]],
    report: DeliveryReport,
) -> RegisterUnavailable | None:
    """Write a batch, then keep what became of it in one unit of work."""
    results, failure = _write_batch(register, due)
    late = [delivery for delivery, _ in due[len(results) :]]
    with parts.store.begin(lease) as work:
        # While we wrote, a feed may have said more: what it replaced is not brought back.
        waiting = {delivery.id for delivery in work.pending(d.customer_id for d, _ in due).values()}
        _acknowledge(parts, register, work, [(d, r.record) for d, r in results if isinstance(r, Written)], waiting)
        for delivery, result in results:
            _conclude(parts, register, work, delivery, result, report, waits=delivery.id in waiting)
        work.save_deliveries([_postponed(parts, delivery) for delivery in late if delivery.id in waiting])
        body = {"register": register.name, "deliveries": [d.id for d, r in results if isinstance(r, Written)]}
        work.audit("delivery", "delivered", parts.clock.now(), body)
        work.commit()
    return failure


def _write_batch(
    register: RegisterParts, due: Sequence[tuple[Delivery, Customer]]
) -> tuple[list[tuple[Delivery, Result]], RegisterUnavailable | None]:
    """Write all at once; where that fails, one by one, so that a record which somebody holds stops only itself."""
    if len(due) > 1 and not any(delivery.purge for delivery, _ in due):
        with suppress(RegisterUnavailable):
            writes = [_write_of(delivery, customer, customer.values, customer.version) for delivery, customer in due]
            return list(zip((d for d, _ in due), register.port.write_all(writes), strict=True)), None
    results: list[tuple[Delivery, Result]] = []
    for delivery, customer in due:
        try:
            results.append((delivery, _write(register, delivery, customer)))
        except RegisterUnavailable as error:
            return results, error
    return results, None


def _write(register: RegisterParts, delivery: Delivery, customer: Customer) -> Result:
    """Write against the record as we last read it; a purge against the record as it is now (trust rule P4)."""
    if not delivery.purge:
        return register.port.write(_write_of(delivery, customer, customer.values, customer.version))
    # We no longer hold what stands there: the mirror of a protected customer has no location.
    record = register.port.read(customer.key)
    if not isinstance(record, Record):
        return Conflict(None) if record is None else Rejected("record_unreadable")
    return register.port.write(_write_of(delivery, customer, record.values, record.version))


def _write_of(
    delivery: Delivery, customer: Customer, expected: Mapping[Field, FactValue], version: str | None
) -> Write:
    return Write(
        key=customer.key,
        values=delivery.values,
        status=delivery.status,
        expected={name: expected[name] for name in delivery.values if name in expected},
        expected_version=version,
        idempotency_key=str(delivery.id),
    )


def _acknowledge(
    parts: Parts,
    register: RegisterParts,
    work: UnitOfWork,
    made: Sequence[tuple[Delivery, Record]],
    waiting: Collection[int],
) -> None:
    """Take over how the records read now: what we wrote, and what staff changed beside it."""
    now = parts.clock.now()
    done = [replace(d, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=now) for d, _ in made if d.id in waiting]
    work.save_deliveries(done)
    customers = work.customers(d.customer_id for d, _ in made)
    # Somebody may have been erased while we wrote.
    pairs = [(customers[d.customer_id], canonical(record)) for d, record in made if d.customer_id in customers]
    follow_records(parts, register, work, pairs, ReadReport(), {d.customer_id: d for d, _ in made})
    # What replaced a delivery while it was made was worked out from the record as it read before.
    settle_customers(parts, register, work, {d.customer_id for d, _ in made if d.id not in waiting})


def _conclude(
    parts: Parts,
    register: RegisterParts,
    work: UnitOfWork,
    delivery: Delivery,
    result: Result,
    report: DeliveryReport,
    *,
    waits: bool,
) -> None:
    match result:
        case Written():
            report.acknowledged += 1
        case Conflict(record) if record is not None:
            report.conflicts += 1
            _decide_again(parts, register, work, delivery, record)
        case Conflict():
            report.gone += 1
            log.warning("record_gone", register=register.name, delivery=delivery.id)
            gone = replace(delivery, state=DeliveryState.GONE, reason="record_gone")
            work.save_deliveries([gone] if waits else [])
        case Rejected(reason):
            report.rejected += 1
            log.error("delivery_rejected", register=register.name, delivery=delivery.id, reason=reason)
            rejected = replace(delivery, state=DeliveryState.REJECTED, reason=reason)
            if delivery.purge:  # a protected home is not left behind: tried until it is acknowledged (trust rule P4)
                rejected = _postponed(parts, delivery)
            work.save_deliveries([rejected] if waits else [])


def _decide_again(parts: Parts, register: RegisterParts, work: UnitOfWork, delivery: Delivery, record: Record) -> None:
    """Somebody edited the record: their edit comes in as theirs, and what is still wanted goes out anew."""
    absorb(parts, register, work, [record], ReadReport())
    still = work.pending([delivery.customer_id]).get(delivery.customer_id)
    if still is not None and still.id == delivery.id and delivery.attempts > 1:
        # Still wanted, against the record as it reads now: at once the first time, then less and less often.
        work.save_deliveries([_postponed(parts, delivery)])


def _postponed(parts: Parts, delivery: Delivery) -> Delivery:
    """Put off a delivery, twice as long each time."""
    wait = min(_FIRST_WAIT * 2 ** min(delivery.attempts - 1, _MOST_DOUBLINGS), _LONGEST_WAIT)
    return replace(delivery, not_before=parts.clock.now() + wait)
