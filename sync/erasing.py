"""Erasing a customer (GDPR Art. 17), and seeing to it that nothing brings them back.

What is left is a tombstone: keyed hashes of the register's key and the national ids, and the day. While it lasts, a change
that names one of these ids is about nobody, and a record of the register that bears one is not taken in. The record itself is
the controller's to delete.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from sync.applying.holding import restricted
from sync.errors import OnHold, RegisterUnavailable
from sync.holding import customer_of
from sync.mirror import ReadReport, absorb, canonical
from sync.model import Change, Customer, Field
from sync.parts import Parts, RegisterParts
from sync.ports.register import Record
from sync.ports.store import Erased, Tombstone, UnitOfWork

log = structlog.get_logger()


class Ground(StrEnum):
    """Why somebody is erased: the grounds of GDPR Art. 17(1), in the order of the law."""

    NO_LONGER_NEEDED = "no_longer_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    LEGAL_OBLIGATION = "legal_obligation"
    CHILD = "child"  # collected when offering services to a child, Art. 8(1)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did, or would do.

    Attributes:
        rows: how many rows of which kind were removed or emptied.
        in_register: the register still holds the record; None where it could not be asked.
        alike: other customers that bear the same national id: they are not erased.
        kept_outside: a file outside the database keeps it too, so that a restored back-up does not undo it.
        scrubbed: what was deleted is overwritten in the database's files; False where that comes later.
    """

    rows: dict[str, int]
    in_register: bool | None
    alike: int
    kept_outside: bool
    scrubbed: bool = False


def erase_customer(
    parts: Parts, register: RegisterParts, key: str, ground: Ground, *, by: str, dry_run: bool
) -> Erasure:
    """Erase everything that is kept about a customer.

    Args:
        parts: what to work with.
        register: the customer's register.
        key: the register's own key.
        ground: why; stands in the audit chain, which nothing can be erased from.
        by: name of the person who decided.
        dry_run: only tell what would be done: all of it is taken back.

    Raises:
        NotFound: the register has no such record.
        OnHold: processing is restricted, which people ask for instead of erasure (Art. 18(1)(b)).
        LedgerUnusable: the file of erasures cannot be written; nothing was erased.
    """
    there, now = _is_in_register(register, key), parts.clock.now()
    with parts.store.begin() as work:
        customer = customer_of(work, register, key)
        if restricted(work.holds([customer.id]).get(customer.id, ())):
            raise OnHold("processing of this customer is restricted: lift that first")
        alike = _alike(work, customer)
        tombstones = [_seen(one, now if there else None) for one in work.tombstones_of(customer, now)]
        erased = work.erase(customer.id)
        erased.rows["reviews"] += work.erase_reviews(_reviews_naming(work, customer))
        work.bury(tombstones)
        told = {"register": register.name, "ground": ground.value, "rows": erased.rows}
        work.audit(by, "erased", now, told | {"emptied": list(erased.facts)})
        if dry_run:
            return Erasure(erased.rows, there, len(alike), parts.ledger is not None)
        # Before the commit: whoever asked for it wants it done, should we be killed in between.
        _keep_outside(parts, work)
        work.commit()
    log.info("customer_erased", register=register.name, facts=len(erased.facts))
    return Erasure(erased.rows, there, len(alike), parts.ledger is not None, scrubbed=parts.store.scrub())


def readmit_customer(parts: Parts, register: RegisterParts, key: str, *, by: str) -> bool:
    """Take a record in although its key or national id is that of an erased person: they are a customer again.

    Returns:
        Whether the register holds such a record, and there was a tombstone to take away.

    Raises:
        RegisterUnavailable: it cannot be reached.
        LedgerUnusable: the file of erasures cannot be written; nothing was changed.
    """
    found, now = register.port.read(key), parts.clock.now()
    if not isinstance(found, Record):
        return False
    record = canonical(found)
    with parts.store.begin() as work:
        bearer = Customer(register.name, record.key, record.version, record.values)
        marks = {one.hash for one in work.tombstones_of(bearer, now)}
        lifted = [one for one in work.tombstones() if one.register == register.name and one.hash in marks]
        if not lifted:
            return False
        # The same person's other marks go as well: they were made at one moment.
        moments = {one.erased_at for one in lifted}
        gone = [one for one in work.tombstones() if one.register == register.name and one.erased_at in moments]
        work.exhume(gone)
        absorb(parts, register, work, [record], ReadReport())
        work.audit(by, "readmitted", now, {"register": register.name, "tombstones": len(gone)})
        if parts.ledger:
            dropped = {one.hash for one in gone}
            parts.ledger.write([one for one in parts.ledger.read() if one.hash not in dropped])
        work.commit()
    return True


def erase_again(parts: Parts) -> int:
    """Erase whom the file of erasures names and the database does not: a back-up was restored. Returns how many.

    Called before anything else is done. What only the database knows is added to the file.

    Raises:
        LedgerUnusable: the file cannot be read or written.
    """
    if parts.ledger is None:
        return 0
    now, kept = parts.clock.now(), parts.ledger.read()
    with parts.store.snapshot() as work:
        known = {(one.register, one.hash) for one in work.tombstones()}
    missing = [
        one
        for one in kept
        if (one.register, one.hash) not in known and one.erased_at >= now - parts.retention.tombstones
    ]
    if not missing and known <= {(one.register, one.hash) for one in kept}:
        return 0
    with parts.store.begin() as work:
        back = work.buried_customers(missing)
        erased = [work.erase(customer) for customer in back]
        work.bury(missing)
        _keep_outside(parts, work)
        work.audit("erasures", "erased_again", now, _told(erased, len(missing)))
        work.commit()
    if back:
        parts.store.scrub()
        log.warning("erased_again", customers=len(back))
    return len(back)


def forget_tombstones(parts: Parts, before: datetime) -> int:
    """Delete tombstones whose time is over, in the file too; returns how many."""
    with parts.store.begin() as work:
        gone = work.forget_before("tombstones", before)
        if gone:
            if parts.ledger:
                parts.ledger.write([one for one in parts.ledger.read() if one.erased_at >= before])
            work.audit("retention", "forgotten", parts.clock.now(), {"tombstones": gone})
            work.commit()
    return gone


def _keep_outside(parts: Parts, work: UnitOfWork) -> None:
    if parts.ledger:
        everything = {(one.register, one.hash): one for one in (*parts.ledger.read(), *work.tombstones())}
        parts.ledger.write(list(everything.values()))


def _is_in_register(register: RegisterParts, key: str) -> bool | None:
    try:
        return register.port.read(key) is not None
    except RegisterUnavailable:
        return None


def _seen(tombstone: Tombstone, at: datetime | None) -> Tombstone:
    return Tombstone(tombstone.register, tombstone.mark, tombstone.hash, tombstone.erased_at, at)


def _alike(work: UnitOfWork, customer: Customer) -> frozenset[int]:
    """Return the other customers that bear the same national id."""
    ids = _ids_of(customer)
    named = work.by_national_ids(customer.register, ids) if ids else {}
    return frozenset(one for group in named.values() for one in group) - {customer.id}


def _reviews_naming(work: UnitOfWork, customer: Customer) -> list[int]:
    """Return the open reviews whose change names an id of this customer, whoever it is taken to be about."""
    ids = _ids_of(customer)
    waiting = (work.review(review.id) for review in work.reviews()) if ids else ()
    return [review.id for review in waiting if review.change and not ids.isdisjoint(_named(review.change))]


def _ids_of(customer: Customer) -> frozenset[str]:
    written = customer.values.get(Field.NATIONAL_ID)
    own = (customer.national_id, written if isinstance(written, str) else None, *customer.former_ids)
    return frozenset(text for text in own if text)


def _named(change: Change) -> Iterable[str]:
    identity = change.identity
    return (*identity.former_ids, *((identity.national_id,) if identity.national_id else ()))


def _told(erased: Iterable[Erased], tombstones: int) -> dict[str, object]:
    return {"emptied": [fact for one in erased for fact in one.facts], "tombstones": tombstones}
