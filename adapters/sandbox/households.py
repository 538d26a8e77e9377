"""Who lives with whom when the story starts."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from adapters.sandbox.ids import IdMint
from adapters.sandbox.names import FINNISH, Customs, NameGiver, Tongue
from adapters.sandbox.person import Person
from adapters.sandbox.places import Area, Gazetteer
from sync.model import Address, PersonName

ADULT = 18
_MAIL_HOSTS = ("example.org", "example.com", "example.net", "posti.example", "meili.example")  # reserved for examples
_TONGUES: tuple[Tongue, ...] = ("fi", "sv", "xx")
_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ı": "i", "ø": "o", "æ": "ae", "ß": "ss"})
_HEAD_START_DAYS = 90  # nobody moved so shortly before the story that the two stories could meet


@dataclass(slots=True)
class Seat:
    """A member of a household to be.

    Attributes:
        female: sex.
        birth: birth date.
        surname: now.
        given: all given names.
        maiden: the surname before marriage, if it was another.
        married: marital status.
    """

    female: bool
    birth: date
    surname: str
    given: str
    maiden: str | None = None
    married: bool = False


@dataclass(slots=True)
class Settlement:
    """Founds households until there are as many people as wanted.

    Attributes:
        rng: the source of chance.
        start: the first day of the story.
        gazetteer: gives out homes.
        customs: how names are given, and how many families mislead.
        people: those settled so far.
        members: numbers of the people of each household.
    """

    rng: random.Random
    start: date
    gazetteer: Gazetteer
    customs: Customs = FINNISH
    people: list[Person] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)
    mint: IdMint = field(init=False)
    _names: NameGiver = field(init=False)
    _mails: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.mint = IdMint(self.rng)
        self._names = NameGiver(self.rng, self.customs)

    def settle(self, people: int) -> None:
        """Found households: one of each notable kind first, then as chance has it."""
        notable: Iterator[Callable[[Tongue], list[Seat]]] = iter(
            (self._twins, self._namesakes, self._flat_share, self._family, self._couple, self._single)
        )
        while len(self.people) < people:
            tongue = self.rng.choices(_TONGUES, (87, 7, 6))[0]
            kind = (
                next(notable, None)
                or self.rng.choices(
                    (
                        self._single,
                        self._couple,
                        self._family,
                        self._one_parent,
                        self._flat_share,
                        self._namesakes,
                        self._twins,
                    ),
                    (400, 280, 200, 55, 45, self.customs.namesakes, self.customs.twins),
                )[0]
            )
            self._move_in(kind(tongue)[: people - len(self.people)], tongue)

    def _birth(self, youngest: int, oldest: int) -> date:
        return self.start - timedelta(days=self.rng.randint(youngest * 365 + 40, oldest * 365 + 320))

    def _adult(self, tongue: Tongue, *, youngest: int = 19, oldest: int = 92, female: bool | None = None) -> Seat:
        sex = self.rng.random() < 0.51 if female is None else female
        given = self._names.given(tongue, female=sex)
        return Seat(sex, self._birth(youngest, oldest), self._names.surname(tongue), given)

    def _single(self, tongue: Tongue) -> list[Seat]:
        return [self._adult(tongue)]

    def _couple(self, tongue: Tongue, youngest: int = 20, oldest: int = 88) -> list[Seat]:
        """Found a couple: most are married, most of those share a name."""
        first = self._adult(tongue, youngest=youngest, oldest=oldest)
        age = (self.start - first.birth).days // 365
        span = (max(19, age - 7), max(20, min(92, age + 7)))
        same_sex = self.rng.random() < 0.03
        second = self._adult(tongue, youngest=span[0], oldest=span[1], female=first.female == same_sex)
        if self.rng.random() < 0.7:
            first.married = second.married = True
            if self.rng.random() < 0.75:
                taker = second if second.female or self.rng.random() < 0.1 else first
                giver = first if taker is second else second
                if taker.surname != giver.surname:
                    taker.maiden, taker.surname = taker.surname, giver.surname
        return [first, second]

    def _child(self, tongue: Tongue, surname: str, oldest: int, family: Iterable[Seat]) -> Seat:
        female = self.rng.random() < 0.49
        birth = self._birth(0, oldest)
        return Seat(female, birth, surname, self._names.given(tongue, female=female, unlike=_first_names(family)))

    def _children(self, tongue: Tongue, parents: list[Seat]) -> list[Seat]:
        youngest_parent = min((self.start - parent.birth).days // 365 for parent in parents)
        oldest = max(0, min(20, youngest_parent - 20))
        surname = self.rng.choice(parents).surname
        family = list(parents)
        for _ in range(self.rng.choices((1, 2, 3, 4), (38, 40, 16, 6))[0]):
            family.append(self._child(tongue, surname, oldest, family))
        return family[len(parents) :]

    def _family(self, tongue: Tongue) -> list[Seat]:
        parents = self._couple(tongue, 24, 50)
        return parents + self._children(tongue, parents)

    def _one_parent(self, tongue: Tongue) -> list[Seat]:
        parent = self._adult(tongue, youngest=22, oldest=52, female=self.rng.random() < 0.8)
        return [parent, *self._children(tongue, [parent])]

    def _twins(self, tongue: Tongue) -> list[Seat]:
        """Found a family whose twins share everything but their given names."""
        family = self._family(tongue)
        twin = family[2]
        given = self._names.given(tongue, female=twin.female, unlike=_first_names(family))
        while given.split()[0] == twin.given.split()[0]:
            given = self._names.given(tongue, female=twin.female)
        return [*family[:3], replace(twin, given=given), *family[3:]]

    def _namesakes(self, tongue: Tongue) -> list[Seat]:
        """Found a large family whose eldest son, and his son, carry the same names as the eldest man."""
        elder = self._adult(tongue, youngest=70, oldest=84, female=False)
        junior = Seat(False, self._birth(42, 48), elder.surname, elder.given, married=True)
        wife = self._adult(tongue, youngest=38, oldest=46, female=True)
        wife.maiden, wife.surname, wife.married = wife.surname, elder.surname, True
        grandson = Seat(False, self._birth(6, 15), elder.surname, elder.given)
        family = [elder, junior, wife, grandson]
        for _ in range(3):
            family.append(self._child(tongue, elder.surname, 16, family))
        return family

    def _flat_share(self, tongue: Tongue) -> list[Seat]:
        tongues: tuple[Tongue, ...] = (tongue, "fi", "fi", "xx")
        return [self._adult(tongues[n], youngest=19, oldest=30) for n in range(self.rng.randint(2, 4))]

    def _move_in(self, seats: list[Seat], tongue: Tongue) -> None:
        """Give the household a home, and each of its members a life before the story."""
        rng = self.rng
        area = self.gazetteer.area(swedish=tongue == "sv")
        home, since = self.gazetteer.home(area), self._since()
        heads = [seat.birth for seat in seats[:2] if (self.start - seat.birth).days > 19 * 366]
        since = max([since, *(birth + timedelta(days=ADULT * 366) for birth in heads)])
        earlier = self._since(before=since)
        previous = self.gazetteer.home(self._area_before(area)) if rng.random() < 0.75 else None
        household, numbers = len(self.members), []
        parent: Person | None = None
        for seat in seats:
            moved = max(since, seat.birth)
            been = previous if moved == since else None
            person = self._person(seat, tongue, household, (home, moved, been, max(earlier, seat.birth)), parent)
            parent = parent or person
            numbers.append(person.number)
            self.people.append(person)
        self.members.append(numbers)

    def _since(self, before: date | None = None) -> date:
        days = min(int(self.rng.expovariate(1 / 2200)), 40 * 365)
        return (before or self.start - timedelta(days=_HEAD_START_DAYS)) - timedelta(days=days + 1)

    def _area_before(self, area: Area) -> Area:
        return area if self.rng.random() < 0.5 else self.gazetteer.area(swedish=area.languages == "sv")

    def _person(
        self,
        seat: Seat,
        tongue: Tongue,
        household: int,
        lived: tuple[Address, date, Address | None, date],
        parent: Person | None,
    ) -> Person:
        calling = self._names.calling(seat.given)
        child = parent is not None and (self.start - seat.birth).days < 13 * 365
        phone, email = (parent.phone, None) if child and parent else (self._phone(), self._mail(calling, seat.surname))
        former_id = self.mint.mint(seat.birth, female=seat.female) if self.rng.random() < 0.006 else None
        return Person(
            number=len(self.people),
            household=household,
            national_id=self.mint.mint(seat.birth, female=seat.female),
            birth=seat.birth,
            female=seat.female,
            tongue=tongue,
            name=PersonName(seat.surname, seat.given, calling),
            home=lived[0],
            home_since=lived[1],
            previous_home=lived[2],
            previous_since=lived[3],
            phone=phone,
            email=email,
            former_ids=(former_id,) if former_id else (),
            former_surnames=(seat.maiden,) if seat.maiden else (),
            married=seat.married,
            protected=self.rng.random() < 0.004,
            update_ban=self.start - timedelta(days=400) if self.rng.random() < 0.012 else None,
            marketing_ban=self.start - timedelta(days=700) if self.rng.random() < 0.05 else None,
        )

    def _phone(self) -> str | None:
        if self.rng.random() < 0.04:
            return None
        return f"+358{self.rng.choice(('40', '41', '44', '45', '46', '50'))}{self.rng.randint(2_000_000, 9_999_999)}"

    def _mail(self, calling: str, surname: str) -> str | None:
        if self.rng.random() < 0.18:
            return None
        local = f"{_ascii(calling)}.{_ascii(surname)}"
        host = self.rng.choice(_MAIL_HOSTS)
        tail = ""
        while f"{local}{tail}@{host}" in self._mails:
            tail = str(self.rng.randint(1, 99_999))
        self._mails.add(f"{local}{tail}@{host}")
        return f"{local}{tail}@{host}"


def _first_names(family: Iterable[Seat]) -> set[str]:
    return {seat.given.split(" ")[0] for seat in family}


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9-]+", "", plain)
