"""How well the clinic's table was kept right: what stands there, against what is true."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Any

from rapidfuzz import fuzz

from adapters.sandbox.clinic import Clinic, TypedAddress
from adapters.sandbox.person import MOVES_HOUSE, EventKind, Person, Provider
from sync.matching.normalise.ids import canonical_national_id
from sync.matching.normalise.text import fold
from sync.model import Address

_SAME_STREET = 75.0  # of 100: an abbreviated or mistyped name of the same street
_CHANGE_OF_HOME = MOVES_HOUSE | {EventKind.ADDRESS_CORRECTED}


@dataclass(frozen=True, slots=True)
class Score:
    """Customers (`asiakasnumero`) by what became of their address.

    Attributes:
        updated: it was changed to where the person really lives.
        wrong: it was changed to where this person never lived: another person's address. Must be empty.
        outdated: it was changed to where the person lived at another time, and does not live now.
        stale: a change of home was delivered and has come into effect, and yet the row does not show it.
        excused: as `outdated` or `stale`, but for a reason: a ban on updates, death, a home abroad or unknown, or the
            caller's.
        protected: the address of a person, of whose protection a provider told, stands in the table. Must be empty.
        vanished: the row of a customer is gone. Must be empty.
        untouched: all others.
    """

    updated: tuple[int, ...]
    wrong: tuple[int, ...]
    outdated: tuple[int, ...]
    stale: tuple[int, ...]
    excused: tuple[int, ...]
    protected: tuple[int, ...]
    vanished: tuple[int, ...]
    untouched: tuple[int, ...]

    def counts(self) -> dict[str, int]:
        """Return how many there are of each."""
        return {name: len(getattr(self, name)) for name in self.__slots__}


class _Fate(Enum):
    UPDATED = auto()
    WRONG = auto()
    OUTDATED = auto()
    STALE = auto()
    EXCUSED = auto()
    UNTOUCHED = auto()


def score(
    clinic: Clinic,
    *,
    at: datetime,
    on: date,
    providers: Collection[Provider] = ("dvv", "moves"),
    washed: bool = False,
    touched: Collection[int] | None = None,
    in_review: Collection[int] = (),
) -> Score:
    """Compare the clinic's table with the truth.

    Args:
        clinic: its table as it is now, and who its customers are.
        at: when the providers were read for the last time.
        on: the day, of the Finnish calendar, on which the table should be right.
        providers: that were read.
        washed: the base data of every customer with an id were read too, which tells of moves before the story.
        touched: customers that the run changed; None takes those whose address differs from what the clinic typed.
        in_review: customers about whom a person is to decide; they count as excused.
    """
    rows = {row["asiakasnumero"]: row for row in clinic.rows()}
    judge = _Judge(clinic, at, on, frozenset(providers), washed, touched, frozenset(in_review))
    fates = {customer: judge.fate(customer, row) for customer, row in rows.items() if customer in clinic.truth.people}

    def those(fate: _Fate) -> tuple[int, ...]:
        return tuple(customer for customer, found in fates.items() if found is fate)

    return Score(
        updated=those(_Fate.UPDATED),
        wrong=those(_Fate.WRONG),
        outdated=those(_Fate.OUTDATED),
        stale=those(_Fate.STALE),
        excused=those(_Fate.EXCUSED),
        untouched=those(_Fate.UNTOUCHED),
        protected=tuple(customer for customer in fates if judge.shows_protected(customer, rows[customer])),
        vanished=tuple(sorted(clinic.truth.people.keys() - rows.keys())),
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    clinic: Clinic
    at: datetime
    on: date
    providers: frozenset[Provider]
    washed: bool
    touched: Collection[int] | None
    in_review: frozenset[int]

    def _person(self, customer: int) -> Person:
        """Return the person as providers can know them: what is recorded later cannot be demanded."""
        return self.clinic.population.at(self.clinic.truth.people[customer], self.on, known_at=self.at)

    def shows_protected(self, customer: int, row: dict[str, Any]) -> bool:
        shown = TypedAddress.of(row)
        # Only the population register tells of orders, and only of people whose id it is asked about.
        told = "dvv" in self.providers and canonical_national_id(row["hetu"] or "") is not None
        return told and self._person(customer).protected and any((shown.line, shown.postcode, shown.town))

    def fate(self, customer: int, row: dict[str, Any]) -> _Fate:
        person, shown, typed = self._person(customer), TypedAddress.of(row), self.clinic.truth.typed[customer]
        changed = shown != typed if self.touched is None else customer in self.touched and shown != typed
        changed = changed and any((shown.line, shown.postcode, shown.town))
        if person.home is not None and agrees(shown, person.home):
            return _Fate.UPDATED if changed else _Fate.UNTOUCHED
        if changed and not any(agrees(shown, home) for home in self.clinic.population.homes_of(person.number)):
            return _Fate.WRONG
        if not changed and (person.protected or not self._delivered(customer, row)):
            return _Fate.UNTOUCHED
        late = _Fate.OUTDATED if changed else _Fate.STALE
        excused = person.update_ban or person.dead_on or person.home is None or person.abroad
        return _Fate.EXCUSED if excused or customer in self.in_review else late

    def _delivered(self, customer: int, row: dict[str, Any]) -> bool:
        """Tell whether a change of home that holds by now was told by a provider that can tell of this customer."""
        if self.washed and row["hetu"]:
            return True
        population, number = self.clinic.population, self.clinic.truth.people[customer]
        events = [event for event in population.events_of(number) if event.recorded <= self.at]
        cancelled = {event.cancels for event in events if event.cancels}
        watched = {"moves", "dvv"} if row["hetu"] else {"moves"}  # the register tells only of ids it is asked about
        return any(
            event.kind in _CHANGE_OF_HOME
            and event.effective <= self.on
            and event.notice not in cancelled
            and watched & self.providers & set(event.providers)
            for event in events
        )


def agrees(shown: TypedAddress, home: Address) -> bool:
    """Tell whether the typed address means this home, mistakes and missing parts forgiven."""
    if not shown.line:
        return False
    if home.street is None:
        said = " ".join(part for part in (shown.line, shown.postcode, shown.town) if part)
        place = " ".join((*home.lines, home.post_office.text() if home.post_office else ""))
        return fuzz.token_set_ratio(said.casefold(), place.casefold()) > 90
    if (
        shown.postcode
        and home.postcode
        and sum(a != b for a, b in zip(shown.postcode, home.postcode, strict=False)) > 1
    ):
        return False
    street, door = _split(shown.line)
    forms = [_plain(form) for form in home.street.forms()]
    # "Lerg. 5" was cut short on purpose and is the beginning of a name; else a mistype or two are forgiven.
    cut = re.match(r"\D*", shown.line).group().rstrip().endswith(".")  # type: ignore[union-attr]  # it fits anything
    same = any((cut and form.startswith(street)) or fuzz.ratio(street, form) >= _SAME_STREET for form in forms)
    parts = _door(f"{home.number or ''} {home.stairwell or ''} {home.flat or ''} {home.split_letter or ''}")
    return same and door[:1] == parts[:1] and _is_part(door, parts)


def _split(line: str) -> tuple[str, list[str]]:
    found = re.match(r"\D*", line)
    street = found.group() if found else ""
    return _plain(street), _door(line[len(street) :])


def _plain(text: str) -> str:
    return fold(text).replace(" ", "")


def _door(text: str) -> list[str]:
    return re.findall(r"\d+|[a-z]", text.casefold())


def _is_part(some: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(part in rest for part in some)
