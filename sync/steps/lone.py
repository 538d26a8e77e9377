"""Deciding about people of whom nothing is known but what their own change says: no id that we hold, no companions."""

from collections.abc import Sequence

from sync.matching.decide import decide
from sync.matching.keys import change_keys
from sync.matching.model import Model
from sync.matching.prepared import prepare_identity
from sync.model import Identity, Match
from sync.ports.store import UnitOfWork


def decide_lone(work: UnitOfWork, register: str, people: Sequence[Identity], model: Model) -> list[Match]:
    """Return the verdict about each of them, in the same order."""
    streets, wide = work.street_names(), work.small(register)
    changes = [prepare_identity(identity, streets) for identity in people]
    found = work.candidates(register, [change_keys(change, wide=wide) for change in changes])
    return [decide(change, customers, model) for change, customers in zip(changes, found, strict=True)]
