"""Who could be meant by a change: found by blocking keys, unsealed in the form in which they are compared.

The hottest path that there is, so its two statements are written out for each engine: one walks from the keys to the
customers that share them, one fetches what is compared. Each is asked once for a whole page of changes.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from adapters.store.rows import table_of
from adapters.store.streets import StreetRows
from adapters.store.tables import CustomerRow
from sync.matching.keys import BLOCK_LIMIT, SMALL_REGISTER
from sync.matching.prepared import Prepared, prepared_from_plain

_CUSTOMER = table_of(CustomerRow)

MOST_CANDIDATES = 8
"""Customers that are looked at for one change: those who share the most keys with it, then the rarest."""
MOST_OF_FEW = 40
"""The same in a small register, where wide keys bring more of them."""
_SURELY = 3
"""Keys that somebody must share for those to be passed over who share a single one."""

# Of a key that too many share, no more than the limit is ever read: a telephone number that stands for "unknown" costs
# as much as any other. SQLite knows no LATERAL, so it first looks whether there is one too many.
_HOLDERS = {
    "sqlite": f"""
        SELECT k.hash, k.customer_id FROM json_each(?) AS wanted CROSS JOIN blocking_key AS k ON k.hash = wanted.value
        WHERE NOT EXISTS (SELECT 1 FROM blocking_key WHERE hash = wanted.value LIMIT 1 OFFSET {BLOCK_LIMIT})
        """,  # noqa: S608 - the limit is ours
    "postgresql": f"""
        SELECT wanted.hash, k.customer_id FROM unnest(%s::bigint[]) AS wanted (hash) CROSS JOIN LATERAL
        (SELECT customer_id FROM blocking_key WHERE hash = wanted.hash LIMIT {BLOCK_LIMIT + 1}) AS k
        """,  # noqa: S608 - the limit is ours
}
_FORMS = {
    "sqlite": """
        SELECT c.id, c.sealed_forms FROM json_each(?) AS wanted CROSS JOIN customer AS c ON c.id = wanted.value
        """,
    "postgresql": "SELECT id, sealed_forms FROM customer WHERE id = ANY(%s::bigint[])",
}


class CandidateRows(StreetRows):
    """Customers as matching sees them."""

    def prepared(self, ids: Iterable[int]) -> dict[int, Prepared]:
        """Return customers in the form in which they are compared."""
        unseal = self._keyring.open
        return {
            id_: prepared_from_plain(id_, json.loads(unseal(f"customer_forms/{id_}", sealed)))
            for id_, sealed in self._walk(_FORMS, ids)
        }

    def candidates(self, register: str, keys: Sequence[Collection[str]]) -> list[list[Prepared]]:
        """Return, for each set of keys, the customers that share the most of them, by ascending id."""
        hashed = [self._key_hashes(register, group) for group in keys]
        holders: dict[int, list[int]] = defaultdict(list)
        for hash_, customer in self._walk(_HOLDERS, set().union(*hashed)):
            holders[hash_].append(customer)
        for hash_ in [hash_ for hash_, block in holders.items() if len(block) > BLOCK_LIMIT]:
            del holders[hash_]
        most = MOST_OF_FEW if self.small(register) else MOST_CANDIDATES
        best = [_best(group, holders, most) for group in hashed]
        people = self.prepared({customer for group in best for customer in group})
        return [[people[customer] for customer in group] for group in best]

    def small(self, register: str) -> bool:
        """Tell whether a register is small enough for wide blocking keys."""
        # Counting so far takes half a millisecond: once in a unit of work, and never again of a register found large.
        if register in self._shelf.large:
            return False
        if register not in self._small:
            here = select(_CUSTOMER.c.id).where(_CUSTOMER.c.register_name == register).order_by(_CUSTOMER.c.id)
            self._small[register] = self._db.scalar(here.limit(1).offset(SMALL_REGISTER)) is None
            if not self._small[register]:
                self._shelf.large.add(register)
        return self._small[register]

    def _key_hashes(self, register: str, keys: Iterable[str]) -> tuple[int, ...]:
        return self._keyring.numbers(f"key/{register}", keys)

    def _walk(self, statements: Mapping[str, str], numbers: Iterable[int]) -> Sequence[tuple[int, Any]]:
        """Ask about many numbers at once. In order: neighbours share pages of the index."""
        wanted = sorted(numbers)
        if not wanted:
            return ()
        dialect = self._db.dialect.name
        given = json.dumps(wanted) if dialect == "sqlite" else wanted
        return self._db.exec_driver_sql(statements[dialect], (given,)).all()


def _best(hashes: Iterable[int], holders: Mapping[int, Sequence[int]], most: int) -> list[int]:
    """Return who shares the most keys, at most so many; of those who share as many, who shares the rarest."""
    shared: dict[int, int] = {}
    rarest: dict[int, int] = {}
    for block in sorted((holders[hash_] for hash_ in hashes if hash_ in holders), key=len):
        for customer in block:
            shared[customer] = shared.get(customer, 0) + 1
            rarest.setdefault(customer, len(block))
    if len(shared) > 1 and max(shared.values()) >= _SURELY:
        shared = {customer: count for customer, count in shared.items() if count > 1}
    if len(shared) > most:
        ranked = sorted(shared, key=lambda customer: (-shared[customer], rarest[customer], customer))
        return sorted(ranked[:most])
    return sorted(shared)
