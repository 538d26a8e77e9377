"""Deciding about people of whom nothing is known but what their own change says: no id that we hold, no companions."""

from collections.abc import Sequence

from sync.matching.decide import decide
from sync.matching.keys import change_keys, personal_keys
from sync.matching.model import Model
from sync.matching.prepared import Prepared, prepare_identity
from sync.model import Identity, Match, Verdict
from sync.ports.store import UnitOfWork

Looked = tuple[Match, Sequence[Prepared]]
"""The verdict about a change, and the customers who were looked at for it."""


def decide_lone(work: UnitOfWork, register: str, people: Sequence[Identity], model: Model) -> list[Match]:
    """Return the verdict about each of them, in the same order."""
    streets = work.street_names()
    changes = [prepare_identity(identity, streets) for identity in people]
    return [match for match, _ in look_for(work, register, changes, model)]


def look_for(work: UnitOfWork, register: str, changes: Sequence[Prepared], model: Model) -> list[Looked]:
    """Look for whom each change is about, in a large register in two steps.

    Most are about somebody who has both their names and their birth date: no two keys of one customer are found more
    cheaply, and whoever is sure by them is decided about. All others are looked for by everything.
    """
    if work.small(register):
        return _thoroughly(work, register, changes, model)
    found = work.candidates(register, [personal_keys(change) for change in changes], least=2)
    looked = [(decide(change, people, model), people) for change, people in zip(changes, found, strict=True)]
    unsure = [n for n, (match, _) in enumerate(looked) if match.verdict is not Verdict.APPLY]
    for n, again in zip(unsure, _thoroughly(work, register, [changes[n] for n in unsure], model), strict=True):
        looked[n] = again
    return looked


def _thoroughly(work: UnitOfWork, register: str, changes: Sequence[Prepared], model: Model) -> list[Looked]:
    wide = work.small(register)
    found = work.candidates(register, [change_keys(change, wide=wide) for change in changes])
    return [(decide(change, people, model), people) for change, people in zip(changes, found, strict=True)]
