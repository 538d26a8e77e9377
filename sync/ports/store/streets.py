"""The names of streets and towns in both languages, as the postal operator lists them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from sync.matching.normalise.bilingual import StreetNames, StreetPair, TownPair


class ListKind(StrEnum):
    """The postal operator's lists."""

    BAF = "baf"  # every street of every postcode
    PCF = "pcf"  # every postcode


@dataclass(frozen=True, slots=True)
class NameList:
    """One list, as far as we keep it. A later one of its kind takes its place.

    Attributes:
        kind: which of the lists.
        run_on: the day on which the operator made it.
        entries: how many streets (BAF: once for each postcode) or postcodes (PCF) it has, whatever they are called.
        streets: those with two different names.
        towns: postal towns and municipalities by postcode.
    """

    kind: ListKind
    run_on: date
    entries: int
    streets: frozenset[StreetPair] = field(default=frozenset(), repr=False)
    towns: frozenset[TownPair] = field(default=frozenset(), repr=False)


class StreetWork(Protocol):
    """Names in both languages."""

    def street_names(self) -> StreetNames:
        """Return all names, in the form in which they are looked up; the newest ones, in every unit of work."""
        ...

    def name_list(self, kind: ListKind) -> NameList | None:
        """Return what an earlier import brought, None when there was none."""
        ...

    def replace_names(self, names: NameList) -> None:
        """Put a list in the place of the earlier one of its kind."""
        ...

    def refresh_forms(self, after: int, limit: int) -> int | None:
        """Make comparable forms and blocking keys of customers anew, with the names that are there now.

        Returns:
            Our own id of the last customer done; None when there are none after the given one.
        """
        ...
