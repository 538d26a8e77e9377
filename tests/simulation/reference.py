"""A small second opinion on which address holds, written from the rules of the design and from nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

RANK = {"customer": 0, "staff": 1, "population_register": 2, "postal_operator": 3, "returned_mail": 4, "register": 5}


@dataclass(frozen=True)
class Statement:
    """Something said about where a person lives; streets are told apart by their names alone."""

    kind: str
    street: str | None
    source: str
    recorded: datetime
    since: date | None = None
    until: date | None = None
    wrong: str | None = None
    cancelled: bool = False


def holding(statements: Sequence[Statement], today: date) -> tuple[str | None, bool]:
    """Return the street that holds and whether that is sure; None where nothing holds, or it has ended."""
    valid = [s for s in statements if not s.cancelled]
    claims = [
        s for s in valid if s.kind in ("set", "corrected") and not any(_undoes(o, s) for o in valid if o is not s)
    ]
    begun = sorted((s for s in claims if _start(s) <= today), key=_order)
    if not begun:
        return None, True
    best = begun[-1]
    tied = {s.street for s in begun if _order(s) == _order(best)}
    for other in valid:
        if other.kind == "ended" and _speaks_of(other, best) and other.street in (None, best.street):
            last = other.until or other.recorded.date()
            if other.source == "staff" and _start(best) <= last:
                return None, len(tied) == 1
            if _start(best) <= last < today:
                return None, len(tied) == 1
    if best.until and best.until < today:
        return None, len(tied) == 1
    return best.street, len(tied) == 1


def _undoes(other: Statement, claim: Statement) -> bool:
    if not _speaks_of(other, claim):
        return False
    if other.kind == "withdrawn":
        whole = other.since is None or claim.since is None or other.since == claim.since
        return other.street in (None, claim.street) and whole
    return other.kind == "corrected" and other.wrong == claim.street


def _speaks_of(other: Statement, claim: Statement) -> bool:
    """Tell whether the claim was there when the other was written down; what we found was there before all."""
    if other.source == "staff" and other.kind == "ended" and claim.source not in ("staff", "register"):
        return True
    return claim.source == "register" or other.recorded >= claim.recorded


def _start(statement: Statement) -> date:
    return statement.since or date.min


def _order(statement: Statement) -> tuple[date, int, datetime]:
    return _start(statement), -RANK[statement.source], statement.recorded
