"""What a hold does to a change: what goes on at once, and what is parked until it is lifted.

Pure functions. A protection order is carried out whatever is on hold: it outranks data, and a restriction protects the
same person. Its end waits, like everything else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sync.applying.protection import change_without
from sync.model import PROTECTS, Change, Field, Hold, HoldKind

REASONS = {HoldKind.RESTRICTION: "restricted", HoldKind.OBJECTION: "objection", HoldKind.LOCK: "locked"}
"""Reason code of a parked change, by the hold that parked it."""

_NEVER_HELD = frozenset(PROTECTS)


@dataclass(frozen=True, slots=True)
class Division:
    """A change, divided by what is on hold.

    Attributes:
        now: what goes on at once; None when nothing does.
        later: what is parked; None when nothing is.
        reason: code of why something is parked; empty when nothing is.
    """

    now: Change | None
    later: Change | None = None
    reason: str = ""


def divide(change: Change, holds: Sequence[Hold], hides: frozenset[Field]) -> Division:
    """Divide a change about a customer whom these holds are in force for.

    Args:
        change: what arrived.
        holds: those in force, in order.
        hides: location fields that may not be kept of this customer: an order or an update ban is in force.
    """
    if not holds:
        return Division(change)
    order = change.protection if change.protection and change.protection.active else None
    hides = hides.union(order.hides if order else ())
    whole = next((hold for hold in holds if hold.field is None), None)
    if whole is None:
        return _divide_fields(change, holds, hides)
    now = replace(change, facts=(), complete=False) if order else None
    later = replace(change, protection=None) if order else change
    later = change_without(later, hides)
    empty = not (later.facts or later.protection or later.cancels)
    if now is not None and empty:
        return Division(now)
    return Division(now, later, REASONS[whole.kind])


def withheld(holds: Collection[Hold]) -> frozenset[Field]:
    """Return the fields that automation may not write into the register."""
    if not holds:
        return frozenset()
    return frozenset(name for name in Field if any(hold.covers(name) for hold in holds)) - _NEVER_HELD


def restricted(holds: Collection[Hold]) -> bool:
    """Tell whether a restriction (GDPR Art. 18) is in force for the whole customer."""
    return any(hold.kind is HoldKind.RESTRICTION and hold.field is None for hold in holds)


def _divide_fields(change: Change, holds: Sequence[Hold], hides: frozenset[Field]) -> Division:
    held = [fact for fact in change.facts if any(hold.field is fact.field for hold in holds)]
    if not held:
        return Division(change)
    later = change_without(replace(change, facts=tuple(held), protection=None, complete=False), hides)
    now = replace(change, facts=tuple(fact for fact in change.facts if fact not in held))
    reason = next(REASONS[hold.kind] for hold in holds if any(hold.field is fact.field for fact in held))
    return Division(now, later if later.facts else None, reason if later.facts else "")
