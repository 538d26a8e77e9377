"""How right the whole register is: in which state the address of every customer stands now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from sync.applying.same import same_by
from sync.applying.survivorship import resolve_all
from sync.freshness.accuracy import Accuracy, accuracy
from sync.freshness.state import Judgement, judge
from sync.freshness.status import State
from sync.model import Field
from sync.parts import Parts, RegisterParts
from sync.ports.store import UnitOfWork
from sync.settling import situations_of

log = structlog.get_logger()

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Census:
    """Every customer of a register, counted.

    Attributes:
        at: when the counting began, UTC.
        states: customers by the state of the field.
        accuracy: the same in fewer words.
    """

    at: datetime
    states: Counter[State] = field(default_factory=Counter)
    accuracy: Counter[Accuracy] = field(default_factory=Counter)


def census(parts: Parts, register: RegisterParts, name: Field = Field.ADDRESS) -> Census:
    """Count the customers of a register by the state of one field, each at the moment of looking.

    A batch is a snapshot of its own: a large register takes minutes, and nothing waits for it.
    """
    found = Census(parts.clock.now())
    limit, after = register.policy.limit(name), 0
    progress = parts.progress(f"counting {register.name}")
    while not parts.stopping():
        with parts.store.snapshot() as work:
            ids = work.customer_ids(register.name, after, _BATCH)
            judged = _judged(parts, register, work, ids, name)
        if not ids:
            break
        found.states.update(one.state for one in judged)
        found.accuracy.update(accuracy(one, limit, found.at) for one in judged)
        after = ids[-1]
        progress.advance(len(ids))
    progress.done()
    return found


def take_census(parts: Parts, register: RegisterParts) -> None:
    """Count, and keep the figures for status and metrics."""
    found = census(parts, register)
    if parts.stopping():
        return  # not everybody was counted
    with parts.store.begin() as work:
        work.save_census(register.name, plain(found.accuracy), found.at)
        work.commit()
    log.info("register_counted", register=register.name, **plain(found.accuracy))


def plain(counts: Mapping[Accuracy, int]) -> dict[str, int]:
    """Return every word with its figure, those that nobody is counted under too."""
    return {one.value: counts.get(one, 0) for one in Accuracy}


def _judged(
    parts: Parts, register: RegisterParts, work: UnitOfWork, ids: Sequence[int], name: Field
) -> list[Judgement]:
    now, today = parts.clock.now(), parts.today(register)
    facts, situations, same = (
        work.facts(ids),
        situations_of(parts, work, ids),
        same_by(work.street_names(), register.policy.precedence),
    )
    return [
        judge(name, resolve_all(facts.get(id_, ()), today, same), situations[id_], register.policy, now) for id_ in ids
    ]
