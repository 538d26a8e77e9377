"""Made-up people of no country in particular: a register, changes about some of them and about others, and the truth."""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

_LATIN = (
    "Abelardo Balendin Celestyna Dagoberto Eufrasia Fortunata Grzegorz Hortensia Ildefonso Jadwiga Kazimiera Leocadia"
)
_CYRILLIC = "Борислав Валентина Вячеслав Геннадий Добромир Евдокия Зинаида Калистрат Людмила Мирослава Никифор Пелагея"
_LATIN_ENDS = (
    "Barrientos",
    "Castellanos",
    "Dombrowski",
    "Echeverria",
    "Figueiredo",
    "Gutierrez",
    "Henriques",
    "Jankowski",
)
_CYRILLIC_ENDS = (
    "Андреенко",
    "Бондаренко",
    "Виноградов",
    "Григоренко",
    "Долгоруков",
    "Жуковский",
    "Кондратьев",
    "Лебедєнко",
)
_SYLLABLES = {
    "latin": ("Alba", "Bel", "Cor", "Dom", "Est", "Fra"),
    "cyrillic": ("Ала", "Бел", "Вер", "Гор", "Дон", "Зел"),  # noqa: RUF001 - Cyrillic is meant
}
_STREETS = ("Calle Mayor", "Ulica Polna", "Вулиця Садова", "Rua Direita", "Улица Мира", "High Street")
_FIRST_DAY = date(1930, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    given: str
    surname: str
    born: date
    street: str
    number: int
    postcode: str
    phone: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A register, changes, and which change is about which records.

    Attributes:
        register: key and person; a few people stand in it twice.
        changes: key and what a provider says of a person, slips of the pen included.
        truth: keys of a record and of a change.
    """

    register: Sequence[tuple[str, Person]]
    changes: Sequence[tuple[str, Person]]
    truth: Sequence[tuple[str, str]]

    def values(self) -> set[str]:
        """Return everything that tells who somebody is."""
        people = [person for _, person in (*self.register, *self.changes)]
        texts = {text for one in people for text in (one.given, one.surname, one.phone, str(one.born), one.street)}
        return texts | {f"{one.born:%d.%m.%Y}" for one in people} | {f"{one.born:%Y%m%d}" for one in people}


def made_up(customers: int = 400, changes: int = 300, seed: int = 1) -> Labelled:
    """Make up families, of whom not everybody is a customer; a third of the changes is about those who are not."""
    chance = random.Random(seed)
    people = [person for at in range(customers) for person in _family(at, chance)]
    is_customer = [chance.random() < 0.8 for _ in people]
    known = [person for person, customer in zip(people, is_customer, strict=True) if customer][:customers]
    others = [person for person, customer in zip(people, is_customer, strict=True) if not customer]
    register = [(f"K{at}", person) for at, person in enumerate(known)]
    twice = [(f"D{at}", person) for at, person in enumerate(known[:3])]
    about = chance.sample(range(3, len(known)), round(changes * 2 / 3) - 3)
    said = [(register[at][0], known[at]) for at in (0, 1, 2, *about)]
    said += [("", person) for person in chance.sample(others, changes - len(said))]
    chance.shuffle(said)
    told = [(f"m{at}", key, _mistyped(person, chance)) for at, (key, person) in enumerate(said)]
    truth = [(key, change) for change, key, _ in told if key]
    truth += [(key.replace("K", "D"), change) for key, change in truth if key in {"K0", "K1", "K2"}]
    return Labelled([*register, *twice], [(change, person) for change, _, person in told], truth)


def write(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_all(folder: Path, data: Labelled) -> list[str]:
    """Write the four files as two organisations would, each in its own manner; return them as options."""
    write(
        folder / "register.csv",
        ("nro", "etunimi", "sukunimi", "synt.", "katu", "talo", "posti"),
        ((k, p.given, p.surname, f"{p.born:%d.%m.%Y}", p.street, p.number, p.postcode) for k, p in data.register),
    )
    write(
        folder / "changes.csv",
        ("id", "name", "born", "address", "zip", "memo"),
        (
            (key, f"{p.surname}, {p.given}", p.born, f"{p.street} {p.number}", p.postcode, 'said "yes",\nthen left')
            for key, p in data.changes
        ),
        delimiter=";",
        encoding="utf-8-sig",
    )
    write(folder / "truth.csv", ("register", "change"), data.truth, delimiter="\t")
    (folder / "map.toml").write_text(
        """
        [register]
        id = "nro"
        given_names = "etunimi"
        surname = "sukunimi"
        birth_date = "synt."
        street_line = ["katu", "talo"]
        postcode = "posti"
        phone = "a column that is not there: nothing to compare it with"
        [changes]
        id = "id"
        full_name = "name"
        birth_date = "born"
        street_line = "address"
        postcode = "zip"
        [truth]
        register = "register"
        change = "change"
        """,
        "utf-8",
    )
    files = ("register.csv", "changes.csv", "truth.csv", "map.toml")
    return [part for name in files for part in (f"--{Path(name).stem}", str(folder / name))]


def _family(number: int, chance: random.Random) -> list[Person]:
    """Make up one to four people of one surname at one door."""
    script = chance.choice(("latin", "cyrillic"))
    names, ends = (_LATIN, _LATIN_ENDS) if script == "latin" else (_CYRILLIC, _CYRILLIC_ENDS)
    surname = chance.choice(("", *_SYLLABLES[script])) + chance.choice(ends)
    street, house, postcode = chance.choice(_STREETS), chance.randrange(1, 400), f"{chance.randrange(100, 160)}00"
    return [
        Person(
            given,
            surname,
            _FIRST_DAY + timedelta(days=chance.randrange(33_000)),
            street,
            house,
            postcode,
            f"+358401{number:04d}{at}",
        )
        for at, given in enumerate(chance.sample(names.split(), chance.choice((1, 1, 2, 3, 4))))
    ]


def _mistyped(person: Person, chance: random.Random) -> Person:
    """Let a slip of the pen happen in a name, or in the birth date."""
    which = chance.random()
    if which < 0.15:
        at = chance.randrange(2, len(person.surname) - 1)
        return replace(person, surname=person.surname[:at] + person.surname[at + 1 :])
    if which < 0.25:
        return replace(person, born=person.born + timedelta(days=chance.choice((1, 10))))
    return person
