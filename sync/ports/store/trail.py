"""Reading the audit chain: its entries, the facts that they bind, and whether those are as they were bound."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit chain.

    Attributes:
        seq: its number, from 1 without gaps.
        at: when it was appended, in UTC.
        actor: who acted: a feed, a register, a part of the program, or the account of a person on the staff.
        action: what was done.
        body: canonical JSON: counts, reasons and the digest of the facts that it binds; never a value.
        previous: the hash of the entry before.
        hash: SHA-256 over all of these.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    body: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class BoundFact:
    """That a fact names the entry that binds it, with what that entry holds instead of it."""

    id: int
    commitment: str
    entry: int


@dataclass(slots=True)
class FactCheck:
    """What comparing facts with their commitments came to.

    Attributes:
        facts: how many there are.
        without_value: how many of them have lost their value, or a part of it, to a purge: the rest was compared.
        erased: how many were emptied with the person whom they were about, as an entry of the chain says.
        older: how many cannot be compared, because an earlier build committed to them in another form.
        altered: the ids of those that are not as they were when the chain bound them, the first of them only.
        altered_count: how many those are in all.
    """

    facts: int = 0
    without_value: int = 0
    erased: int = 0
    older: int = 0
    altered: list[int] = field(default_factory=list)
    altered_count: int = 0


class TrailWork(Protocol):
    """Reading the audit chain."""

    def audit_head(self) -> AuditEntry | None:
        """Return the last entry; None while there is none."""
        ...

    def audit_entry(self, seq: int) -> AuditEntry | None:
        """Return one entry, or None."""
        ...

    def audit_entries(self, action: str) -> Iterator[AuditEntry]:
        """Yield the entries of one action, the oldest first; reads the whole chain."""
        ...

    def trail(self) -> Iterator[AuditEntry | BoundFact]:
        """Yield every entry, the oldest first, each followed by the facts that name it; none is held in memory."""
        ...

    def compare_facts(self, advance: Callable[[int, int | None], None]) -> FactCheck:
        """Compare every fact with its commitment; `advance` is told how many more are done, and of how many."""
        ...
