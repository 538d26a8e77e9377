"""What an outsider with the database and nothing else can check: the audit chain, and what it binds."""

import json
from typing import Any

from sqlalchemy import text

from adapters.audit.export import lines
from adapters.audit.verifier import verify
from adapters.store import SqlStore
from adapters.store.columns import moment_of
from adapters.store.facts import GENESIS, entry_hash, facts_digest


def verify_chain(store: SqlStore) -> list[str]:
    """Verify every entry and every fact that it binds (I5, I7); returns the hashes, oldest first."""
    with store.snapshot() as work:
        db: Any = work._db  # type: ignore[attr-defined]  # below the port on purpose
        rows = db.execute(text("SELECT seq, at, actor, action, body, previous, hash FROM audit ORDER BY seq")).all()
        facts = db.execute(text("SELECT id, commitment, audit_seq FROM fact ORDER BY id")).all()
        # Ours must come to the same: the verifier that we ship, and what only the holder of the key can compare.
        assert verify(lines(work.trail())).faults == []
        assert work.compare_facts(lambda _done, _total: None).altered == []
    bound: dict[int, list[tuple[int, str]]] = {}
    for id_, commitment, seq in facts:
        bound.setdefault(seq, []).append((id_, commitment))
    assert 0 not in bound, "a fact outside the audit chain"
    previous = GENESIS
    for number, (seq, at, actor, action, body, before, hash_) in enumerate(rows, 1):
        moment = moment_of(at)
        assert moment
        assert (seq, before) == (number, previous)
        assert hash_ == entry_hash(seq, moment, actor, action, body, before)
        told = json.loads(body)
        assert told.get("facts", 0) == len(bound.get(seq, []))
        if seq in bound:
            assert told["facts_digest"] == facts_digest(bound[seq])
        previous = hash_
    return [row[-1] for row in rows]
