"""Who could be meant by a change: found by blocking keys, unsealed in the form in which they are compared.

The hottest path that there is, so its two statements are written out for each engine: one walks from the keys to the
customers that share them, one fetches what is compared. Each is asked once for a whole page of changes.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from adapters.store.forms import from_bytes
from adapters.store.rows import table_of, written_array
from adapters.store.streets import StreetRows
from adapters.store.tables import CustomerRow
from sync.matching.keys import BLOCK_LIMIT, SMALL_REGISTER, shared_part
from sync.matching.prepared import Prepared

_CUSTOMER = table_of(CustomerRow)

MOST_CANDIDATES = 8
"""Customers that are looked at for one change: those who share the most keys with it, then the rarest."""
MOST_OF_FEW = 40
"""The same in a small register, where wide keys bring more of them."""
_SURELY = 3
"""Keys that somebody must share, in a large register, for those to be passed over who share a single weak one."""
_WEAK = ("unit|", "birth_name|")
"""One of these alone makes nobody a rival; whoever shares both names or a phone may be a namesake, and is looked at."""

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
        return {id_: from_bytes(unseal(f"customer_forms/{id_}", sealed)) for id_, sealed in self._walk(_FORMS, ids)}

    def candidates(self, register: str, keys: Sequence[Collection[str]], *, least: int = 1) -> list[list[Prepared]]:
        """Return, for each set of keys, the customers that share the most of them, by ascending id."""
        holders = self._holders(register, keys)
        most = MOST_OF_FEW if self.small(register) else MOST_CANDIDATES
        best = [_best(group, holders, most, least) for group in keys]
        people = self.prepared({customer for group in best for customer in group})
        return [[people[customer] for customer in group] for group in best]

    def _holders(self, register: str, asked: Iterable[Iterable[str]]) -> dict[str, list[int]]:
        """Return who holds each key, keys that nobody or too many hold left out."""
        keys = list(set().union(*asked))
        by_hash = dict(zip(self._key_hashes(register, keys), keys, strict=True))
        blocks: dict[int, list[int]] = defaultdict(list)
        for hash_, customer in self._walk(_HOLDERS, by_hash):
            blocks[hash_].append(customer)
        return {by_hash[hash_]: block for hash_, block in blocks.items() if len(block) <= BLOCK_LIMIT}

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
        return self._keyring.numbers(f"key/{register}", ((shared_part(key), key) for key in keys))

    def _walk(self, statements: Mapping[str, str], numbers: Iterable[int]) -> Sequence[tuple[int, Any]]:
        """Ask about many numbers at once. In order: neighbours share pages of the index."""
        wanted = sorted(numbers)
        if not wanted:
            return ()
        dialect = self._db.dialect.name
        given = json.dumps(wanted) if dialect == "sqlite" else written_array(wanted)
        found: list[tuple[int, Any]] = self._driver().execute(statements[dialect], (given,)).fetchall()
        return found


def _best(keys: Iterable[str], holders: Mapping[str, Sequence[int]], most: int, least: int) -> list[int]:
    """Return who shares the most keys, at most so many; of those who share as many, who shares the rarest."""
    found = [(key, holders[key]) for key in keys if key in holders]
    shared: dict[int, int] = {}
    for _, block in found:
        for customer in block:
            shared[customer] = shared.get(customer, 0) + 1
    if least > 1:
        shared = {customer: count for customer, count in shared.items() if count >= least}
    elif most == MOST_CANDIDATES and len(shared) > 1 and max(shared.values()) >= _SURELY:
        rivals = {customer for key, block in found if not key.startswith(_WEAK) for customer in block}
        shared = {customer: count for customer, count in shared.items() if count > 1 or customer in rivals}
    if len(shared) > most:
        blocks = sorted([block for _, block in found], key=len, reverse=True)
        rarest = {customer: len(block) for block in blocks for customer in block}
        ranked = sorted(shared, key=lambda customer: (-shared[customer], rarest[customer], customer))
        return sorted(ranked[:most])
    return sorted(shared)
