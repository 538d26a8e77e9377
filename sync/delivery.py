"""From the outbox into a register, until acknowledged."""

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from sync.errors import RegisterUnavailable
from sync.mirror import ReadReport, absorb, take_over
from sync.model import Customer
from sync.parts import Parts, RegisterParts
from sync.ports.register import Conflict, Record, Rejected, Write, Written
from sync.ports.store import Delivery, DeliveryState, Lease, UnitOfWork

log = structlog.get_logger()

BATCH = 50
"""Deliveries made before they are acknowledged together. Killed in between, the register is found to hold them."""

_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)


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
        with parts.store.snapshot() as work:
            due = work.due_deliveries(register.name, parts.clock.now(), BATCH)
            customers = work.customers(d.customer_id for d in due)
        if not due:
            break
        unavailable = _deliver_batch(parts, register, lease, due, customers, report)
        progress.advance(len(due))
        if unavailable:
            raise unavailable
    progress.done()
    return report


def _deliver_batch(
    parts: Parts,
    register: RegisterParts,
    lease: Lease,
    due: tuple[Delivery, ...],
    customers: dict[int, Customer],
    report: DeliveryReport,
) -> RegisterUnavailable | None:
    """Write a batch, then keep what became of it in one unit of work."""
    results: list[tuple[Delivery, Customer, Written | Conflict | Rejected]] = []
    failure: RegisterUnavailable | None = None
    late: list[Delivery] = []
    for delivery in due:
        customer = customers[delivery.customer_id]
        if failure is None:
            try:
                results.append((delivery, customer, _write(register, delivery, customer)))
                continue
            except RegisterUnavailable as error:
                failure = error
        late.append(delivery)
    with parts.store.begin(lease) as work:
        for delivery, customer, result in results:
            _conclude(parts, register, work, delivery, customer, result, report)
        work.save_deliveries([_postponed(parts, delivery) for delivery in late])
        body = {"register": register.name, "deliveries": [d.id for d, _, r in results if isinstance(r, Written)]}
        work.audit("delivery", "delivered", parts.clock.now(), body)
        work.commit()
    return failure


def _write(register: RegisterParts, delivery: Delivery, customer: Customer) -> Written | Conflict | Rejected:
    """Write against the record as we last read it; a purge against the record as it is now (trust rule P4)."""
    expected, version = customer.values, customer.version
    if delivery.purge:
        # We no longer hold what stands there: the mirror of a protected customer has no location.
        record = register.port.read(customer.key)
        if not isinstance(record, Record):
            return Conflict(None) if record is None else Rejected("record_unreadable")
        expected, version = record.values, record.version
    return register.port.write(
        Write(
            key=customer.key,
            values=delivery.values,
            status=delivery.status,
            expected={name: expected[name] for name in delivery.values if name in expected},
            expected_version=version,
            idempotency_key=str(delivery.id),
        )
    )


def _conclude(
    parts: Parts,
    register: RegisterParts,
    work: UnitOfWork,
    delivery: Delivery,
    customer: Customer,
    result: Written | Conflict | Rejected,
    report: DeliveryReport,
) -> None:
    now = parts.clock.now()
    match result:
        case Written(record):
            report.acknowledged += 1
            work.update_customers([take_over(customer, record)])
            done = replace(delivery, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=now)
            work.save_deliveries([done])
        case Conflict(None):
            report.gone += 1
            log.warning("record_gone", register=register.name, delivery=delivery.id)
            work.save_deliveries([replace(delivery, state=DeliveryState.GONE, reason="record_gone")])
        case Conflict(record) if record is not None:
            report.conflicts += 1
            _decide_again(parts, register, work, delivery, record)
        case Rejected(reason):
            report.rejected += 1
            log.error("delivery_rejected", register=register.name, delivery=delivery.id, reason=reason)
            work.save_deliveries([replace(delivery, state=DeliveryState.REJECTED, reason=reason)])


def _decide_again(parts: Parts, register: RegisterParts, work: UnitOfWork, delivery: Delivery, record: Record) -> None:
    """Somebody edited the record: their edit comes in as theirs, and what is still wanted goes out anew."""
    absorb(parts, register, work, [record], ReadReport())
    waiting = work.pending([delivery.customer_id]).get(delivery.customer_id)
    if waiting is not None and waiting.id == delivery.id:
        # Still wanted, against the record as it reads now: at once the first time, then less and less often.
        tried = replace(delivery, attempts=delivery.attempts + 1)
        work.save_deliveries([_postponed(parts, delivery) if delivery.attempts else tried])


def _postponed(parts: Parts, delivery: Delivery) -> Delivery:
    """Put off a delivery, twice as long each time."""
    wait = min(_FIRST_WAIT * 2**delivery.attempts, _LONGEST_WAIT)
    return replace(delivery, attempts=delivery.attempts + 1, not_before=parts.clock.now() + wait)
