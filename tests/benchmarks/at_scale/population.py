"""A made-up register of any size, for measuring: lean, the same for every run, and as skewed as real ones.

A few names are carried by very many and thousands by a few; families share surname, home and sometimes a phone; about
as many people to a postcode as in a large town. Other people live in the customers' own households, and some customers'
particulars are mistyped in what a provider says of them. Nobody carries a national id.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from adapters.sandbox.names import CROWDED, NameGiver
from adapters.sandbox.places import AREAS, streets_of
from adapters.sandbox.surnames import rare_surnames
from adapters.sandbox.typist import abbreviate, drop_letter, fold, swap_letters, wrong_digit
from sync.model import Address, Customer, FactValue, Field, Identity, PartialDate, PersonName, Text

VERSION = 1
"""To be raised when other people come out for the same seed."""
REGISTER = "bench"
_SEED = 20261121
_IS_CUSTOMER = 0.75  # of all people: the others of a household are strangers
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5), (45, 29, 11, 10, 5)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, customer or not.

    Attributes:
        number: counts everybody, from 1.
        customer: stands in the register.
        surname: as it is.
        given: all given names.
        birth: to the day.
        home: where they live.
        phone: E.164, or None.
        email: canonical, or None.
    """

    number: int
    customer: bool
    surname: str
    given: str
    birth: PartialDate
    home: Address
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a change is about.

    Attributes:
        identity: what the provider says of the person.
        key: of the customer who it is; None for a stranger.
    """

    identity: Identity
    key: str | None


def people() -> Iterator[Person]:
    """Give people without end, household by household."""
    rng, names, number = random.Random(_SEED), _Names(random.Random(_SEED)), 0
    streets = [(area, streets_of(area), Text(area.fi, area.sv)) for area in AREAS]
    weights = list(accumulate(area.weight for area in AREAS))
    while True:
        area, around, town = rng.choices(streets, cum_weights=weights)[0]
        stairwell, flat = _door(rng)
        home = Address(
            street=rng.choice(around),
            number=str(rng.randint(1, 68)),
            stairwell=stairwell,
            flat=flat,
            postcode=area.postcode,
            post_office=town,
            municipality=area.municipality,
        )
        for person in _household(rng, names, home):
            number += 1
            yield replace(person, number=number)


def customers(count: int) -> Iterator[Customer]:
    """Give the customers of a register of so many."""
    found = 0
    for person in people():
        if person.customer:
            found += 1
            yield customer(person)
        if found == count:
            return


def customer(person: Person) -> Customer:
    """Return the record that the register holds of a person."""
    values: dict[Field, FactValue] = {
        Field.NAME: PersonName(person.surname, person.given),
        Field.BIRTH_DATE: person.birth,
        Field.ADDRESS: person.home,
    }
    if person.phone:
        values[Field.PHONE] = person.phone
    if person.email:
        values[Field.EMAIL] = person.email
    return Customer(REGISTER, str(person.number), None, values)


def changes(customers: int, count: int) -> list[Asked]:
    """Return changes about a register of so many, two of three about customers, in an order of chance."""
    rng = random.Random(_SEED + 1)
    known = set(rng.sample(range(customers), count * 2 // 3))
    strangers = count - len(known)
    wanted = set(rng.sample(range(max(strangers, int(customers * (1 - _IS_CUSTOMER)))), strangers))
    asked, seen, others = [], 0, 0
    for person in people():
        if person.customer:
            if seen in known:
                asked.append(Asked(_told(person, rng), str(person.number)))
            seen += 1
        else:
            if others in wanted:
                asked.append(Asked(_told(person, rng), None))
            others += 1
        if len(asked) == count:
            break
    rng.shuffle(asked)
    return asked


class _Names:
    """Draws names: half from the common ones as common as they are, half from thousands of rare ones."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._common = NameGiver(rng, CROWDED)
        self._rare = rare_surnames()
        rng.shuffle(self._rare)
        self._weights = list(accumulate(1 / (rank + 20) for rank in range(len(self._rare))))

    def surname(self) -> str:
        if self._rng.random() < 0.55:
            return self._common.surname("sv" if self._rng.random() < 0.06 else "fi")
        return self._rng.choices(self._rare, cum_weights=self._weights)[0]

    def given(self, *, female: bool) -> str:
        return self._common.given("sv" if self._rng.random() < 0.06 else "fi", female=female)


def _door(rng: random.Random) -> tuple[str | None, str | None]:
    """Draw a block of flats, or a house of its own."""
    return (rng.choice("AAABBBCCDEF"), str(rng.randint(1, 60))) if rng.random() < 0.75 else (None, None)


def _household(rng: random.Random, names: _Names, home: Address) -> Iterator[Person]:
    surname, landline = names.surname(), _phone(rng)
    oldest = rng.randint(1935, 2004)
    for at in range(rng.choices(_SIZES, _SIZE_WEIGHTS)[0]):
        child = at >= 2
        born = (
            rng.randint(min(oldest + 20, 2008), min(oldest + 40, 2025)) if child else oldest + at * rng.randint(-6, 6)
        )
        surname = surname if child or rng.random() < 0.6 else names.surname()
        given = names.given(female=rng.random() < 0.51)
        phone = (landline if rng.random() < 0.1 else _phone(rng)) if rng.random() < 0.85 else None
        email = f"{fold(given.split()[0])}.{fold(surname)}{rng.randint(1, 9999)}@example.org".lower().replace(" ", "")
        yield Person(
            number=0,
            customer=rng.random() < _IS_CUSTOMER,
            surname=surname,
            given=given,
            birth=PartialDate(born, rng.randint(1, 12), rng.randint(1, 28)),
            home=home,
            phone=phone,
            email=email if rng.random() < 0.6 else None,
        )


def _phone(rng: random.Random) -> str:
    return f"+358{rng.choice(('40', '41', '44', '45', '46', '50'))}{rng.randint(2_000_000, 9_999_999)}"


def _told(person: Person, rng: random.Random) -> Identity:
    """Say whom a move is about as a postal operator does: mistyped here and there, and not everything told."""
    given = person.given.split()[0] if rng.random() < 0.3 else person.given
    surname, given = _slip(person.surname, rng), _slip(given, rng)
    if rng.random() < 0.01:
        surname, given = given, surname
    birth = person.birth
    if rng.random() < 0.03:
        birth = PartialDate.parse(_other_day(str(birth), rng))
    return Identity(
        names=(PersonName(surname, given),),
        birth_date=birth if rng.random() < 0.95 else None,
        addresses=(_mistyped(person.home, rng),),
        phone=person.phone if rng.random() < 0.5 else None,
        email=person.email if rng.random() < 0.3 else None,
    )


def _mistyped(home: Address, rng: random.Random) -> Address:
    """Return an address as somebody wrote it down; one in ten is another that the person had before."""
    if rng.random() < 0.1:
        home = replace(home, number=str(rng.randint(1, 68)), flat=str(rng.randint(1, 60)))
    street = home.street.text() if home.street else ""
    if rng.random() < 0.06:
        street = abbreviate(street)
    postcode = wrong_digit(home.postcode or "", rng) if rng.random() < 0.02 else home.postcode
    flat = home.flat if rng.random() < 0.96 else None
    return replace(home, street=Text(_slip(street, rng)), postcode=postcode, flat=flat)


def _slip(text: str, rng: random.Random) -> str:
    """Make one of the mistakes of fingers, rarely."""
    dice = rng.random()
    if dice < 0.03:
        return swap_letters(text, rng)
    if dice < 0.05:
        return drop_letter(text, rng)
    return fold(text) if dice < 0.09 else text


def _other_day(day: str, rng: random.Random) -> str:
    """Swap day and month where that is a day, or else be a day off."""
    year, month, date = day.split("-")
    if int(date) <= 12 and rng.random() < 0.5:
        return f"{year}-{date}-{month}"
    return f"{year}-{month}-{int(date) % 28 + 1:02d}"
