"""What was said about customers, and the audit chain that binds it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, func, select, update

from adapters.store.commitments import SALT, commitment
from adapters.store.rows import Rows, in_chunks, table_of
from adapters.store.spelling import canonical_whole
from adapters.store.tables import AuditRow, CancellationRow, FactRow
from sync.applying.settle import ENDS_EMPTY
from sync.model import (
    STANDING_FIELDS,
    Evidence,
    Fact,
    FactKind,
    Field,
    HeldFact,
    MatchRule,
    NullHypothesis,
    PartialDate,
    Source,
)
from sync.model.codec import (
    canonical,
    evidence_from_plain,
    evidence_to_plain,
    prior_left,
    to_storable,
    value_from_plain,
    value_to_plain,
)
from sync.ports.store import Provenance, StoredFact

_FACT = table_of(FactRow)
_AUDIT = table_of(AuditRow)
_CANCELLATION = table_of(CancellationRow)

_FIELDS = {one.value: one for one in Field}
_KINDS = {one.value: one for one in FactKind}
_SOURCES = {one.value: one for one in Source}
_date = lru_cache(maxsize=4_096)(PartialDate.parse)
_STANDING = [field.value for field in STANDING_FIELDS]
_ALONE = [field.value for field in ENDS_EMPTY]

_WHY = tuple(_FACT.c[name] for name in ("position", "rule", "weight", "evidence", "model", "decided_by", "undo"))
"""The columns of its provenance."""

PURGED = b""
"""Stands in the sealed column of a fact whose value is no longer kept; NULL is one that never had any."""

_WHAT = tuple(
    _FACT.c[name]
    for name in (
        "id",
        "customer_id",
        "field",
        "kind",
        "sealed",
        "valid_from",
        "valid_until",
        "source",
        "origin",
        "event",
        "notice",
        "learned_at",
        "recorded_at",
        "about",
    )
)
"""The columns of a fact without its provenance, in the order in which `_held_fact` takes them; `cancelled_at` follows."""

GENESIS = "0" * 64
"""What the first entry of the audit chain follows."""


class FactRows(Rows):
    """Facts with their provenance, and the audit chain."""

    def new_id(self) -> int:
        """Return an id of our own, for a fact that is still to be added."""
        return self._ids.next()

    def add_facts(self, facts: Sequence[StoredFact]) -> tuple[int, ...]:
        """Keep facts, bound by the next audit entry; returns our own ids, in their order: those that they bring, or new ones."""
        if not facts:
            return ()
        entry, _ = self._next_entry()
        rows = [self._fact_row(stored, entry) for stored in facts]
        self._unaudited += [(row["id"], row["commitment"]) for row in rows]
        self._insert(FactRow, rows)
        return tuple(row["id"] for row in rows)

    def facts(self, ids: Iterable[int]) -> dict[int, tuple[HeldFact, ...]]:
        """Return everything held about these customers, the oldest first."""
        found: dict[int, list[HeldFact]] = defaultdict(list)
        for chunk in in_chunks(ids):
            query = _held().where(self._among(_FACT.c.customer_id, chunk)).order_by(_FACT.c.id)
            for row in self._db.execute(query).all():
                found[row[1]].append(self._held_fact(row))
        return {customer: tuple(held) for customer, held in found.items()}

    def stored_facts(self, customer_id: int) -> tuple[StoredFact, ...]:
        """Return everything held about one customer, with its provenance."""
        rows = self._db.execute(_held(*_WHY).where(_FACT.c.customer_id == customer_id).order_by(_FACT.c.id))
        held = ((self._held_fact(row[: -len(_WHY)]), self._provenance(row)) for row in rows)
        return tuple(StoredFact(customer_id, *each) for each in held)

    def by_notices(self, feed: str, notices: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the customers that hold facts of each of these notices (keyed hashes)."""
        found: dict[str, set[int]] = defaultdict(set)
        for chunk in in_chunks(notices):
            query = select(_FACT.c.notice, _FACT.c.customer_id).where(
                self._among(_FACT.c.notice, chunk), _FACT.c.notice != "", _FACT.c.origin == feed
            )
            for notice, customer in self._db.execute(query):
                found[notice].add(customer)
        return {notice: tuple(sorted(customers)) for notice, customers in found.items()}

    def forget_location_facts(self, ids: Sequence[int], fields: Collection[Field], keep: Collection[int] = ()) -> None:
        """Remove the values of every fact of these fields of these customers, but for those to keep; that there was one stays.

        A fact that never had any keeps its force: that staff emptied a field tells of no place.
        """
        about = [_FACT.c.field.in_([field.value for field in fields]), _FACT.c.sealed.is_not(None)]
        if keep:
            about.append(_FACT.c.id.not_in(keep))
        for chunk in in_chunks(ids):
            self._db.execute(update(_FACT).where(self._among(_FACT.c.customer_id, chunk), *about).values(sealed=PURGED))

    def with_history(self, before: datetime, after: int, limit: int) -> tuple[int, ...]:
        """Return customers, by ascending id from `after`, who may hold values that were superseded before then."""
        several = (
            (func.count() > 1) | (_FACT.c.field.in_(_ALONE)) | (func.max(_FACT.c.kind) == FactKind.CORRECTED.value)
        )
        query = (
            select(_FACT.c.customer_id)
            .where(_FACT.c.customer_id > after, _FACT.c.learned_at < before, _FACT.c.sealed != PURGED)
            .where(_FACT.c.field.not_in(_STANDING))
            .group_by(_FACT.c.customer_id, _FACT.c.field)
            .having(several)
            .order_by(_FACT.c.customer_id)
            .distinct()
            .limit(limit)
        )
        return tuple(self._db.scalars(query))

    def forget_values(self, whole: Sequence[int], wrong: Sequence[int]) -> None:
        """Empty the values of these facts, and of those corrections the wrong value; the rows stay."""
        for chunk in in_chunks(whole):
            self._db.execute(update(_FACT).where(self._among(_FACT.c.id, chunk)).values(sealed=PURGED))
        for chunk in in_chunks(wrong):
            for row in self._db.execute(select(_FACT.c.id, _FACT.c.sealed).where(self._among(_FACT.c.id, chunk))).all():
                plain = self._unseal(f"fact/{row.id}", row.sealed) | {"w": None}
                plain.pop(SALT, None)  # with it, the wrong value could be found again by trying every one
                sealed = self._seal(f"fact/{row.id}", plain)
                self._db.execute(update(_FACT).where(_FACT.c.id == row.id).values(sealed=sealed))

    def audit(self, actor: str, action: str, at: datetime, body: Mapping[str, Any]) -> None:
        """Append to the audit chain; the facts added in this unit of work are bound to this entry."""
        seq, previous = self._next_entry()
        at = at.astimezone(UTC)  # as it is read back
        bound, self._unaudited = self._unaudited, []
        if bound:
            body = {**body, "facts": len(bound), "facts_digest": facts_digest(sorted(bound))}
        text = canonical(body)
        entry = {"seq": seq, "at": at, "actor": actor, "action": action, "body": text, "previous": previous}
        self._insert(AuditRow, [entry | {"hash": entry_hash(seq, at, actor, action, text, previous)}])

    def _next_entry(self) -> tuple[int, str]:
        """Return the number of the audit entry that comes next, and the hash that it follows.

        Writers wait for one another, so that nobody else takes the number: facts are written with it at once.
        """
        last = self._db.execute(select(_AUDIT.c.seq, _AUDIT.c.hash).order_by(_AUDIT.c.seq.desc()).limit(1)).first()
        return (last.seq + 1, last.hash) if last else (1, GENESIS)

    def _fact_row(self, stored: StoredFact, entry: int) -> dict[str, Any]:
        held, why = stored.held, stored.provenance
        id_ = held.id or self._ids.next()
        fact = held.fact
        plain: dict[str, Any] | None = None
        if fact.value is not None or fact.wrong is not None:
            plain = {"v": value_to_plain(fact.value), "w": value_to_plain(fact.wrong), SALT: self._keyring.salt()}
        elif held.about:
            plain = {"r": why.reason, SALT: self._keyring.salt()}
        text = canonical_whole(plain) if plain else None
        row = {
            "id": id_,
            "customer_id": stored.customer_id,
            "field": fact.field.value,
            "kind": fact.kind.value,
            "sealed": self._seal_text(f"fact/{id_}", text) if text else None,
            "valid_from": str(fact.valid_from) if fact.valid_from else None,
            "valid_until": str(fact.valid_until) if fact.valid_until else None,
            "source": held.source.value,
            "origin": held.origin,
            "event": held.event,
            "notice": held.notice,
            "position": to_storable(why.position),
            "learned_at": held.learned_at,
            "recorded_at": held.recorded_at,
            "rule": why.rule.value if why.rule else None,
            "weight": None if why.weight is None else float(why.weight),
            "evidence": _evidence(why),
            "model": why.model,
            "decided_by": why.decided_by,
            "about": held.about or None,
            "undo": why.undo or None,
        }
        return row | {"commitment": commitment(self._keyring, row, text), "audit_seq": entry}

    def _provenance(self, row: Row[Any]) -> Provenance:
        why = _provenance(row)
        if row.about is None or not row.sealed:
            return why
        return replace(why, reason=self._unseal(f"fact/{row.id}", row.sealed)["r"])

    def _held_fact(self, row: Sequence[Any]) -> HeldFact:
        # Read for every field of every customer who is spoken of: a column is taken by its place, which costs a tenth of
        # taking it by its name, and what a text means is looked up, not worked out.
        id_, _, name, kind, sealed, since, until, source, origin, event, notice, learned, recorded, about, cancelled = (
            row
        )
        field = _FIELDS[name]
        plain = self._unseal(f"fact/{id_}", sealed) if sealed else {}
        fact = Fact(
            field,
            _KINDS[kind],
            value_from_plain(field, plain.get("v")),
            _date(since) if since else None,
            _date(until) if until else None,
            value_from_plain(field, plain.get("w")),
        )
        return HeldFact(
            fact,
            _SOURCES[source],
            origin,
            learned,
            recorded,
            event,
            notice,
            cancelled=cancelled is not None,
            cancelled_at=cancelled,
            purged=sealed == PURGED,
            about=about or 0,
            id=id_,
        )


def _held(*why: Any) -> Any:
    taken_back = (_CANCELLATION.c.feed == _FACT.c.origin) & (_CANCELLATION.c.notice == _FACT.c.notice)
    return select(*_WHAT, _CANCELLATION.c.at.label("cancelled_at"), *why).outerjoin(_CANCELLATION, taken_back)


def _evidence(why: Provenance) -> str | None:
    return canonical([evidence_to_plain(why.evidence), why.against.value, why.prior]) if why.evidence else None


def _weighed(row: Row[Any]) -> tuple[tuple[Evidence, ...], NullHypothesis, float]:
    """Read evidence, null hypothesis and prior; rows from before the latter two were kept have the evidence alone."""
    plain = json.loads(row.evidence) if row.evidence else []
    if len(plain) == 3 and isinstance(plain[1], str):
        return evidence_from_plain(plain[0]), NullHypothesis(plain[1]), plain[2]
    evidence = evidence_from_plain(plain)
    prior = 0.0 if row.weight is None else prior_left(row.weight, evidence)
    return evidence, NullHypothesis.OTHER_PERSON, prior


def _provenance(row: Row[Any]) -> Provenance:
    evidence, against, prior = _weighed(row)
    return Provenance(
        position=row.position,
        rule=MatchRule(row.rule) if row.rule else None,
        weight=row.weight,
        evidence=evidence,
        against=against,
        prior=prior,
        model=row.model,
        decided_by=row.decided_by,
        undo=row.undo or 0,
    )


def entry_hash(seq: int, at: datetime, actor: str, action: str, body: str, previous: str) -> str:
    """Return the hash of an audit entry: SHA-256 over its canonical JSON, the hash of the one before included."""
    text = canonical([seq, at.isoformat(), actor, action, body, previous])
    return hashlib.sha256(text.encode()).hexdigest()


def facts_digest(rows: Iterable[Any]) -> str:
    """Return SHA-256 over (id, commitment) of the facts that an entry binds, in the order of their ids."""
    digest = hashlib.sha256()
    for id_, committed in rows:
        digest.update(f"{id_}:{committed}\n".encode())
    return digest.hexdigest()
