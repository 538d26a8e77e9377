"""The mirror of the registers, what customers are found by, and who is watched by which feed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from sync.matching.prepared import Prepared
from sync.model import (
    Customer,
)


class CustomerWork(Protocol):
    """Customers, candidates and coverage."""

    def by_keys(self, register: str, keys: Sequence[str]) -> dict[str, Customer]:
        """Return the mirrored customers with these keys of the register."""
        ...

    def by_national_ids(self, register: str, ids: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the customers that have, or had, each of these national ids."""
        ...

    def candidates(
        self, register: str, keys: Sequence[Collection[str]], *, least: int = 1
    ) -> Sequence[Sequence[Prepared]]:
        """Return, for each set of keys, the customers who could be meant, in the form in which they are compared.

        Those who share the most keys, by ascending id: few enough that looking at all of them costs little, whatever the
        size of the register. A key that too many customers hold is passed over, and costs no more than any other.

        Args:
            register: whose customers.
            keys: of each change.
            least: how many of its keys a customer must share.
        """
        ...

    def small(self, register: str) -> bool:
        """Tell whether a register is small enough for wide blocking keys (`sync.matching.keys`)."""
        ...

    def count_customers(self, register: str) -> int:
        """Return how many customers of a register are mirrored."""
        ...

    def customer_ids(self, register: str, after: int, limit: int) -> tuple[int, ...]:
        """Return our own ids of a register's customers, in order, those after the given one."""
        ...

    def prepared(self, ids: Iterable[int]) -> dict[int, Prepared]:
        """Return customers in the form in which they are compared."""
        ...

    def customers(self, ids: Iterable[int]) -> dict[int, Customer]:
        """Return mirrored customers by our own id."""
        ...

    def add_customers(self, customers: Sequence[Customer], forms: Sequence[Prepared] | None = None) -> list[Customer]:
        """Mirror new customers; returns them with our own ids.

        Args:
            customers: as the register holds them.
            forms: how they compare, where the caller knows more than their records tell; else made from the records.
        """
        ...

    def update_customers(self, customers: Sequence[Customer]) -> None:
        """Replace mirrored customers, with their blocking keys and identifiers."""
        ...

    def schedule(self, due: Mapping[int, date | None]) -> None:
        """Say on which day each customer must be settled again; None for never."""
        ...

    def due(self, register: str, today: date, limit: int) -> tuple[int, ...]:
        """Return customers whose day has come."""
        ...

    def watched(self, register: str, feed: str) -> list[str]:
        """Return the national ids of the customers that the feed covers."""
        ...

    def unwatched(
        self, register: str, feed: str, after: int, limit: int, asked_before: datetime
    ) -> list[tuple[int, str]]:
        """Return customers with a national id whom the feed neither covers nor has been asked about since.

        Args:
            register: the customers' register.
            feed: the feed.
            after: our own id of the customer after whom to begin.
            limit: how many at most.
            asked_before: the provider did not know them, and was last asked before this moment.
        """
        ...

    def cover(self, feed: str, ids: Iterable[int], since: datetime) -> None:
        """Note that the feed watches these customers."""
        ...

    def absent(self, feed: str, ids: Iterable[int], asked_at: datetime) -> None:
        """Note that the provider knows nothing of these customers."""
        ...

    def uncover(self, feed: str, ids: Sequence[int] | None = None) -> None:
        """Forget coverage, of all customers unless some are named, so that they are looked up again."""
        ...

    def coverage(self, ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
        """Return, for each customer, which feeds watch it since when."""
        ...
