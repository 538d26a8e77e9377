"""The register's records as they come in: first load, staff's own edits, and the echo of our own writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from sync.applying.protection import shielded, without
from sync.applying.same import Same, same_by, same_value
from sync.applying.survivorship import hidden, resolve_all
from sync.matching.normalise.ids import canonical_national_id
from sync.model import PROTECTS, Customer, Fact, FactKind, FactValue, Field, HeldFact, PartialDate, Source, hides_of
from sync.model.codec import storable
from sync.parts import Parts, RegisterParts
from sync.ports.register import Record, UnreadableRecord
from sync.ports.store import Delivery, DeliveryState, Lease, Provenance, StoredFact, UnitOfWork
from sync.settling import ask_again, settle_customers

log = structlog.get_logger()

_PROVENANCE = Provenance()


@dataclass(slots=True)
class ReadReport:
    """What a reading of the register brought."""

    added: int = 0
    edited: int = 0
    unchanged: int = 0
    erased: int = 0  # of people who were erased: not taken in
    unreadable: dict[str, int] = field(default_factory=dict)  # by reason

    @property
    def records(self) -> int:
        """How many records were read."""
        return self.added + self.edited + self.unchanged + self.erased + sum(self.unreadable.values())


def read_register(parts: Parts, register: RegisterParts, lease: Lease) -> ReadReport:
    """Read what has changed in the register since last time; all of it the first time.

    Resumable: each chunk is one unit of work together with the mark after it.
    """
    report = ReadReport()
    with parts.store.snapshot() as work:
        mark = work.mark(register.name)
    progress = parts.progress(f"reading {register.name}")
    for chunk in register.port.changed_since(mark):
        with parts.store.begin(lease) as work:
            absorb(parts, register, work, chunk.records, report)
            work.save_mark(register.name, chunk.mark, parts.clock.now())
            work.commit()
        progress.advance(len(chunk.records), chunk.total)
        if parts.stopping():
            return report
    with parts.store.begin(lease) as work:
        first = work.mark_loaded(register.name, parts.clock.now())
        work.commit()
    if first:
        parts.store.take_stock()
    progress.done()
    log.info(
        "register_read",
        register=register.name,
        added=report.added,
        edited=report.edited,
        unreadable=sum(report.unreadable.values()),
        erased=report.erased,
    )
    return report


def absorb(
    parts: Parts,
    register: RegisterParts,
    work: UnitOfWork,
    records: Sequence[Record | UnreadableRecord],
    report: ReadReport,
) -> None:
    """Take records into the mirror: new ones, staff's edits as facts of theirs, our own writes as acknowledged."""
    records = [_storable(record) for record in records]
    readable = {r.key: canonical(r) for r in records if isinstance(r, Record)}
    for record in records:
        if isinstance(record, UnreadableRecord):
            report.unreadable[record.reason] = report.unreadable.get(record.reason, 0) + 1
            log.warning("record_unreadable", register=register.name, column=record.column, reason=record.reason)
    known = work.by_keys(register.name, list(readable))
    new = [r for key, r in readable.items() if key not in known]
    erased = _erased(parts, register, work, new)
    report.erased += len(erased)
    _add(parts, register, work, [r for r in new if r.key not in erased], report)
    follow_records(parts, register, work, [(known[key], r) for key, r in readable.items() if key in known], report)


def _erased(parts: Parts, register: RegisterParts, work: UnitOfWork, new: Sequence[Record]) -> frozenset[str]:
    """Return the keys of records that bear the key or national id of somebody who was erased (I10)."""
    ids = {r.key: text for r in new if isinstance(text := r.values.get(Field.NATIONAL_ID), str)}
    keys = work.erased_keys(register.name, [r.key for r in new])
    gone = work.erased_ids(register.name, list(ids.values()))
    if keys or gone:
        work.note_seen(register.name, keys, gone, parts.clock.now())
    return keys | {key for key, text in ids.items() if text in gone}


def _add(
    parts: Parts, register: RegisterParts, work: UnitOfWork, records: Sequence[Record], report: ReadReport
) -> None:
    """Mirror records that were not there. Nobody knows since when their values hold, nor who said so."""
    if not records:
        return
    now = parts.clock.now()
    new = [Customer(register.name, r.key, r.version, r.values, status=r.status) for r in records]
    new = [shielded(c, hides_of(name for name, value in c.values.items() if value is True)) for c in new]
    facts = [
        StoredFact(
            customer.id, _held(Fact(name, FactKind.SET, value), Source.REGISTER, register, now, now), _PROVENANCE
        )
        for customer in work.add_customers(new)
        for name, value in customer.values.items()
    ]
    work.add_facts(facts)
    work.audit(register.name, "mirrored", now, {"register": register.name, "customers": len(new)})
    report.added += len(new)


def follow_records(
    parts: Parts,
    register: RegisterParts,
    work: UnitOfWork,
    pairs: Sequence[tuple[Customer, Record]],
    report: ReadReport,
    made: Mapping[int, Delivery] | None = None,
) -> None:
    """Take over what changed in records that we mirror.

    Args:
        parts: what to work with.
        register: the records' register.
        work: the unit of work to do it in.
        pairs: each customer as we mirror it, with the record as it reads now.
        report: counts what was found.
        made: deliveries that were just written into these records, by customer.
    """
    now, same = parts.clock.now(), same_by(work.street_names(), register.policy.precedence)
    moved = [(c, r) for c, r in pairs if (c.version, c.status, c.values) != (r.version, r.status, _visible(c, r))]
    report.unchanged += len(pairs) - len(moved)
    if not moved:
        return
    pending = work.pending(customer.id for customer, _ in moved)
    facts = []
    for customer, record in moved:
        deliveries = [d[customer.id] for d in (pending, made or {}) if customer.id in d]
        ours = [register.port.as_read(v) for d in deliveries for v in (d.values, *d.tried)]
        changed = min(record.changed_at or now, now)
        edits = staff_edits(customer, record, ours, changed.astimezone(register.policy.zone).date(), same)
        before_order = _stood_before_order(customer, pending.get(customer.id), (made or {}).get(customer.id))
        found = [(replace(f, valid_from=None), Source.REGISTER) for f in edits if f.field in before_order]
        edits = [fact for fact in edits if fact.field not in before_order]
        found += [(fact, Source.STAFF) for fact in edits]
        facts += [
            StoredFact(customer.id, _held(fact, source, register, now, changed), _PROVENANCE) for fact, source in found
        ]
        report.edited += bool(edits)
        report.unchanged += not edits
    facts = _in_order(register, work, facts)
    work.add_facts(facts)
    work.update_customers([take_over(customer, record) for customer, record in moved])
    found_made = [
        replace(done, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=now)
        for customer, record in moved
        if (done := pending.get(customer.id)) and carried_out(register, done, record, same)
    ]
    work.save_deliveries(found_made)
    edited = {fact.customer_id for fact in facts}
    if facts:
        work.audit(register.name, "staff_edits", now, {"register": register.name, "customers": len(edited)})
        _follow_orders(parts, register, work, {f.customer_id for f in facts if f.held.fact.field in PROTECTS})
        # What was said under another id, or that nobody was known by it, tells nothing of orders about this one (P2).
        ask_again(
            parts, register, work, sorted({f.customer_id for f in facts if f.held.fact.field is Field.NATIONAL_ID})
        )
        settle_customers(parts, register, work, edited)
    if found_made:
        body = {"register": register.name, "deliveries": [delivery.id for delivery in found_made]}
        work.audit(register.name, "found_delivered", now, body)


def _in_order(register: RegisterParts, work: UnitOfWork, facts: Sequence[StoredFact]) -> list[StoredFact]:
    """Have no edit of staff's be older than the one before it, which it replaced: a register's clock may be set back."""
    by_staff = {stored.customer_id for stored in facts if stored.held.source is Source.STAFF}
    before: dict[tuple[int, Field], datetime] = {}
    for id_, known in (work.facts(by_staff) if by_staff else {}).items():
        for held in known:
            if held.source is Source.STAFF and held.origin == register.name and held.fact.kind is not FactKind.UNDONE:
                at = id_, held.fact.field
                before[at] = max(before.get(at, held.recorded_at), held.recorded_at)
    return [_after(stored, before.get((stored.customer_id, stored.held.fact.field)), register) for stored in facts]


def _after(stored: StoredFact, earlier: datetime | None, register: RegisterParts) -> StoredFact:
    held, fact = stored.held, stored.held.fact
    if held.source is not Source.STAFF or earlier is None or earlier < held.recorded_at:
        return stored
    moment = earlier + timedelta(microseconds=1)
    day = PartialDate.of(moment.astimezone(register.policy.zone).date())
    fact = replace(fact, valid_from=day) if fact.kind is FactKind.SET else replace(fact, valid_until=day)
    return replace(stored, held=replace(held, fact=fact, recorded_at=moment))


def _stood_before_order(customer: Customer, waiting: Delivery | None, made: Delivery | None) -> frozenset[Field]:
    """Return the fields of which nobody knows who wrote them, nor when.

    A protection order has ended before the register could be purged: we no longer know what stood there, and what we
    find is what the order found.
    """
    waits = waiting.purge if waiting else frozenset()
    # Under a hold it was made without these fields.
    left = made.purge.difference(made.values) if made else frozenset()
    return (waits | left) - customer.hidden


def _follow_orders(parts: Parts, register: RegisterParts, work: UnitOfWork, ids: Collection[int]) -> None:
    """Carry an order that staff noted in the register, or took back, into everything that we keep."""
    today, facts, same = (
        parts.today(register),
        work.facts(ids),
        same_by(work.street_names(), register.policy.precedence),
    )
    customers = work.customers(ids)
    now = {id_: hidden(resolve_all(facts.get(id_, ()), today, same)) for id_ in customers}
    turned = [customer for customer in customers.values() if customer.hidden != now[customer.id]]
    work.update_customers([shielded(customer, now[customer.id]) for customer in turned])
    work.forget_location({c.id: begun for c in turned if (begun := now[c.id] - c.hidden)})
    ask_again(parts, register, work, [c.id for c in turned if c.hidden - now[c.id]])


def take_over(customer: Customer, record: Record) -> Customer:
    """Return the mirror of a record as it reads now, without what orders hide (P3)."""
    before, after = customer.values.get(Field.NATIONAL_ID), record.values.get(Field.NATIONAL_ID)
    former, corrected = customer.former_ids, customer.corrected_id
    if before != after:
        # What staff type otherwise was a mistake, unless a provider has said that both ids are this person's.
        known = (*former, customer.national_id) if after in (*former, customer.national_id) else ()
        former = tuple(dict.fromkeys(i for i in known if i and i != after))
        corrected = None  # staff have written an id themselves
    return replace(
        customer,
        version=record.version,
        status=record.status,
        values=_visible(customer, record),
        former_ids=former,
        corrected_id=corrected,
    )


def staff_edits(
    customer: Customer,
    record: Record,
    ours: Sequence[Mapping[Field, FactValue | None]],
    day: date,
    same: Same = same_value,
) -> list[Fact]:
    """Return what somebody else than us changed in a record, as facts that hold from the day it was changed.

    A field that now holds what we wrote, or were about to, is our own write, whose answer was lost.

    Args:
        customer: the record as we last read it.
        record: as it reads now.
        ours: what deliveries of this customer may have written, as it reads back.
        day: on which it was changed, in the register's time zone; the day of reading where the register does not say.
        same: tells which values mean one thing.
    """
    now = _visible(customer, record)
    edits = []
    for name in sorted(customer.values.keys() | now.keys()):
        before, after = customer.values.get(name), now.get(name)
        if before == after or any(name in values and same(name, values[name], after) for values in ours):
            continue
        if after is None:
            edits.append(Fact(name, FactKind.ENDED, None, valid_until=PartialDate.of(day)))
        else:
            edits.append(Fact(name, FactKind.SET, after, valid_from=PartialDate.of(day)))
    return edits


def carried_out(register: RegisterParts, delivery: Delivery, record: Record, same: Same = same_value) -> bool:
    """Tell whether the record holds what the delivery was to write."""
    wanted = register.port.as_read(delivery.values)
    return all(same(name, value, record.values.get(name)) for name, value in wanted.items()) and (
        delivery.status is None or delivery.status == record.status
    )


def _visible(customer: Customer, record: Record) -> dict[Field, FactValue]:
    return without(record.values, customer.hidden) if customer.hidden else record.values


def _storable(record: Record | UnreadableRecord) -> Record | UnreadableRecord:
    """Set aside a record that could never be found again: no database keeps such a key."""
    if isinstance(record, UnreadableRecord) or all(storable(text) for text in (record.key, record.version or "")):
        return record
    return UnreadableRecord("", "key", "key_not_storable")


def canonical(record: Record) -> Record:
    """Spell the national id canonically; one that is none is left out, so that it can never match."""
    text = record.values.get(Field.NATIONAL_ID)
    if not isinstance(text, str):
        return record
    values: dict[Field, Any] = {**record.values, Field.NATIONAL_ID: canonical_national_id(text)}
    return replace(record, values={name: value for name, value in values.items() if value is not None})


def _held(fact: Fact, source: Source, register: RegisterParts, now: datetime, recorded: datetime) -> HeldFact:
    return HeldFact(fact, source, register.name, learned_at=now, recorded_at=recorded)
