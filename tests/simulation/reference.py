"""A small second opinion on which address holds, written from the rules of the design and from nothing else."""

from collections.abc import Collection, Iterable, Sequence
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
    event: str = ""
    learned: tuple[datetime, int] | None = None


@dataclass(frozen=True)
class Word:
    """An order, or its end, by the one provider that speaks of orders."""

    active: bool
    recorded: datetime
    learned: datetime

    def ends(self, order: "Word") -> bool:
        """Tell whether it is an end of that order: what we did not know yet it ends if it was written before this came."""
        before = order.recorded <= min(self.recorded, self.learned) or order.learned <= self.learned
        return not self.active and order.recorded < self.recorded and before


def protected(words: Collection[Word]) -> bool:
    """Tell whether there is an order without an end."""
    return any(one.active and not any(other.ends(one) for other in words) for one in words)


class Marks:
    """What people took out of account: events, by their keyed hashes, and their own marks about those."""

    def __init__(self) -> None:
        self._made: list[tuple[int, str | int]] = []
        self._gone: set[int] = set()

    def add(self, undo: int, about: Iterable[str | int]) -> None:
        """Note that an undoing takes these out of account."""
        self._made += [(undo, one) for one in about]

    def forget(self, events: Collection[str]) -> None:
        """Forget what was marked about these: whom they were about was erased."""
        self._gone |= {mark for mark in range(len(self._made)) if self.root(mark) in events}

    def of(self, undo: int) -> list[int]:
        """Return the marks of an undoing that were not undone themselves."""
        return [mark for mark, (by, _) in enumerate(self._made) if by == undo and self._has_force(mark)]

    def undone(self) -> set[str]:
        """Return the events that do not count."""
        return {about for mark, (_, about) in enumerate(self._made) if isinstance(about, str) and self._has_force(mark)}

    def root(self, about: str | int) -> str:
        """Return the event that a mark is about, through whatever other marks."""
        return about if isinstance(about, str) else self.root(self._made[about][1])

    def _has_force(self, mark: int) -> bool:
        ended = any(about == mark and self._has_force(n) for n, (_, about) in enumerate(self._made))
        return mark not in self._gone and not ended


def counting(statements: Sequence[Statement], undone: Collection[str]) -> list[Statement]:
    """Leave out what a person has undone, and what the same provider has said again since, word for word."""
    gone = [s for s in statements if s.event in undone]
    return [s for s in statements if s.event not in undone and not any(_says_again(s, one) for one in gone)]


def _says_again(statement: Statement, gone: Statement) -> bool:
    words = [(s.source, s.kind, s.street, s.wrong, s.since, s.until) for s in (statement, gone)]
    return words[0] == words[1] and bool(statement.learned and gone.learned and statement.learned > gone.learned)


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
