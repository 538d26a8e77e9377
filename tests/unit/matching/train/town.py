"""A made-up town: families in flats, and what a feed says of whoever moves away."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sync.matching.keys import BLOCK_LIMIT, change_keys, customer_keys, is_location
from sync.matching.normalise.address import Place, place
from sync.matching.normalise.name import name_forms
from sync.matching.prepared import Prepared
from sync.model import Address, PersonName
from tests.unit.matching.people import home

_SURNAMES = [
    first + last
    for last in ("nen", "la", "mäki", "virta")
    for first in ("Korho", "Niemi", "Lahti", "Virta", "Mäke", "Hei")
]
_GIVEN = (
    "Anna Maria Matti Juhani Liisa Mikko Helena Antti Johanna Timo Kaarina Jukka Anneli Pekka Sari Heikki Eeva Ville"
)
_STREETS = ("Rantatie", "Koulukatu", "Asemakatu", "Kirkkotie", "Mäkitie")
_POSTCODES = ("33100", "33540", "20100", "90100", "00100")


def somebody(number: int = 0) -> Prepared:
    """Return a person of whom nothing is known."""
    return Prepared(number, frozenset(), (), "", (), "", "")


def living_at(*homes: Address) -> Prepared:
    """Return a person of whom nothing but addresses are known."""
    return somebody()._replace(places=tuple(place(home) for home in homes))


@dataclass(frozen=True)
class Town:
    """Customers, and who would have come to be one."""

    customers: Sequence[Prepared]
    changes: Sequence[Prepared]
    truth: Sequence[int]

    def size(self) -> int:
        return len(self.customers)

    def people(self) -> Iterator[Prepared]:
        return iter(self.customers)

    def candidates(self, changes: Sequence[Prepared], *, location: bool = True) -> list[list[Prepared]]:
        blocks, found = self._blocks, []
        for change in changes:
            keys = [key for key in sorted(change_keys(change, wide=True)) if location or not is_location(key)]
            near = [blocks[key] for key in keys if key in blocks and len(blocks[key]) <= BLOCK_LIMIT]
            met = {person.id: person for block in near for person in block}
            found.append([met[id_] for id_ in sorted(met)])
        return found

    @cached_property
    def _blocks(self) -> dict[str, list[Prepared]]:
        blocks: dict[str, list[Prepared]] = defaultdict(list)
        for person in self.customers:
            for key in customer_keys(person, wide=True):
                blocks[key].append(person)
        return blocks


def town(households: int, chance: random.Random) -> Town:
    """Make a town in which two of three people are customers, and everybody moves, with some writing errors."""
    people = [person for number in range(households) for person in _household(number, chance)]
    customers = [person._replace(id=number) for number, person in enumerate(people, 1) if chance.random() < 2 / 3]
    ids = {person.id for person in customers}
    changes = [_written(person, chance) for person in people]
    return Town(customers, changes, [number if number in ids else 0 for number in range(1, len(people) + 1)])


def _household(number: int, chance: random.Random) -> Iterator[Prepared]:
    surname, born = _one_of(_SURNAMES, chance), chance.randrange(1930, 1990)
    line = f"{_STREETS[number % 5]} {chance.randrange(1, 30)} {chance.choice('ABC')} {chance.randrange(1, 40)}"
    here = place(home(line, chance.choice(_POSTCODES), None))
    size = chance.choice((1, 1, 2, 2, 3, 4))
    for member in range(size):
        other = surname if chance.random() < 0.8 else _one_of(_SURNAMES, chance)
        year = born + (chance.randrange(-4, 5) if member < 2 else 28)
        yield _person(other if member else surname, year, here, chance)


def _person(surname: str, year: int, here: Place, chance: random.Random) -> Prepared:
    given = " ".join(dict.fromkeys(_one_of(_GIVEN.split(), chance) for _ in range(2)))
    phone = f"+35840{chance.randrange(10**7):07d}" if chance.random() < 0.5 else ""
    return somebody()._replace(
        names=(name_forms(PersonName(surname, given)),),
        birth_date=f"{year}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}",
        places=(here,),
        phone=phone,
    )


def _written(person: Prepared, chance: random.Random) -> Prepared:
    """Write a person down as somebody does who may err, or may not know everything."""
    (name,), (here,) = person.names, person.places
    given, surname = " ".join(name.given), name.surname
    if chance.random() < 0.3:
        given = given.split()[0]
    if chance.random() < 0.06:
        surname = surname[:2] + surname[3:]
    birth_date = person.birth_date[:-1] + chance.choice("0123456789") if chance.random() < 0.05 else person.birth_date
    return person._replace(
        id=0,
        names=(name_forms(PersonName(surname, given)),),
        birth_date="" if chance.random() < 0.1 else birth_date,
        places=(here._replace(flat=""),) if chance.random() < 0.1 else () if chance.random() < 0.1 else (here,),
        phone=person.phone if chance.random() < 0.7 else "",
    )


def _one_of(values: Sequence[str], chance: random.Random) -> str:
    """Choose as names are given: the first of the list far more often than the last."""
    return chance.choices(values, [1 / (rank + 1) for rank in range(len(values))])[0]
