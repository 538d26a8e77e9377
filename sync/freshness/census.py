"""How right the whole register is: in which state the address of every customer stands now."""

from collections import Counter
from collections.abc import Sequence

from sync.applying.same import same_by
from sync.applying.survivorship import resolve_all
from sync.freshness.state import judge
from sync.freshness.status import State
from sync.model import Field
from sync.parts import Parts, RegisterParts
from sync.ports.store import UnitOfWork
from sync.settling import situations_of

_BATCH = 2_000


def census(parts: Parts, register: RegisterParts, field: Field = Field.ADDRESS) -> Counter[State]:
    """Count the customers of a register by the state of one field, at the moment of asking."""
    found: Counter[State] = Counter()
    after = 0
    progress = parts.progress(f"counting {register.name}")
    with parts.store.snapshot() as work:
        while ids := work.customer_ids(register.name, after, _BATCH):
            found.update(_states(parts, register, work, ids, field))
            after = ids[-1]
            progress.advance(len(ids))
    progress.done()
    return found


def _states(parts: Parts, register: RegisterParts, work: UnitOfWork, ids: Sequence[int], field: Field) -> list[State]:
    now, today = parts.clock.now(), parts.today(register)
    facts, situations, same = work.facts(ids), situations_of(parts, work, ids), same_by(work.street_names())
    return [
        judge(field, resolve_all(facts.get(id_, ()), today, same), situations[id_], register.policy, now).state
        for id_ in ids
    ]
