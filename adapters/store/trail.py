"""Reading the audit chain: its entries, the facts that they bind, and whether those are as they were bound."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Row, Select, func, select

from adapters.store.commitments import SALT, can_be_compared, had_value, told_as_committed, value_as_committed
from adapters.store.erasure import NOBODY, is_emptied
from adapters.store.rows import Rows, table_of
from adapters.store.tables import AuditRow, FactRow
from sync.errors import KeyUnusable
from sync.model import FactKind
from sync.ports.store import ERASURES, AuditEntry, BoundFact, FactCheck

_AUDIT = table_of(AuditRow)
_FACT = table_of(FactRow)
_AT_ONCE = 1_000
_ALTERED_TOLD = 100


class TrailRows(Rows):
    """Reading the audit chain."""

    def audit_head(self) -> AuditEntry | None:
        """Return the last entry; None while there is none."""
        row = self._db.execute(select(_AUDIT).order_by(_AUDIT.c.seq.desc()).limit(1)).first()
        return _entry(row) if row else None

    def audit_entry(self, seq: int) -> AuditEntry | None:
        """Return one entry, or None."""
        row = self._db.execute(select(_AUDIT).where(_AUDIT.c.seq == seq)).first()
        return _entry(row) if row else None

    def audit_entries(self, action: str) -> Iterator[AuditEntry]:
        """Yield the entries of one action, the oldest first; reads the whole chain."""
        yield from map(_entry, self._stream(select(_AUDIT).where(_AUDIT.c.action == action).order_by(_AUDIT.c.seq)))

    def trail(self) -> Iterator[AuditEntry | BoundFact]:
        """Yield every entry, the oldest first, each followed by the facts that name it; none is held in memory."""
        columns = (_FACT.c.id, _FACT.c.commitment, _FACT.c.audit_seq)
        facts = map(_bound, self._stream(select(*columns).order_by(_FACT.c.audit_seq, _FACT.c.id)))
        fact = next(facts, None)
        for entry in map(_entry, self._stream(select(_AUDIT).order_by(_AUDIT.c.seq))):
            while fact and fact.entry < entry.seq:  # names no entry that is there: for the verifier to find
                yield fact
                fact = next(facts, None)
            yield entry
            while fact and fact.entry == entry.seq:
                yield fact
                fact = next(facts, None)
        if fact:
            yield fact
        yield from facts

    def compare_facts(self, advance: Callable[[int, int | None], None]) -> FactCheck:
        """Compare every fact with its commitment; `advance` is told how many more are done, and of how many."""
        found = FactCheck()
        erased = self._erased_facts()
        total = self._db.scalar(select(func.count()).select_from(_FACT))
        for row in self._stream(select(_FACT).order_by(_FACT.c.id)):
            found.facts += 1
            if found.facts % _AT_ONCE == 0:
                advance(_AT_ONCE, total)
            if row.customer_id == NOBODY and row.id in erased and is_emptied(row._asdict()):
                found.erased += 1
            elif not can_be_compared(row.commitment):
                found.older += 1
            elif not self._as_committed(row, found):
                found.altered_count += 1
                if len(found.altered) < _ALTERED_TOLD:
                    found.altered.append(row.id)
        return found

    def _erased_facts(self) -> frozenset[int]:
        """Return the facts of which the chain itself says that they were emptied with the person."""
        return frozenset(
            id_
            for action in ERASURES
            for entry in self.audit_entries(action)
            for id_ in json.loads(entry.body)["emptied"]
        )

    def _as_committed(self, row: Row[Any], found: FactCheck) -> bool:
        columns: dict[str, Any] = row._asdict()
        if not told_as_committed(self._keyring, columns, row.commitment):
            return False
        if not had_value(row.commitment):
            return not row.sealed
        if row.sealed is None:
            return False
        if not row.sealed:  # purged
            found.without_value += 1
            return True
        try:
            plain = self._unseal(f"fact/{row.id}", row.sealed)
        except KeyUnusable:
            return False
        # It goes with the wrong value of a correction. From elsewhere only whoever has the key, and another value, leaves it out.
        if SALT not in plain:
            found.without_value += 1
            return bool(row.kind == FactKind.CORRECTED and plain["w"] is None)
        return value_as_committed(self._keyring, columns, plain, row.commitment)

    def _stream(self, query: Select[Any]) -> Iterator[Row[Any]]:
        yield from self._db.execute(query, execution_options={"yield_per": _AT_ONCE})


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.seq, row.at, row.actor, row.action, row.body, row.previous, row.hash)


def _bound(row: Row[Any]) -> BoundFact:
    return BoundFact(row.id, row.commitment, row.audit_seq)
