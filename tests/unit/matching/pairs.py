"""Made-up people of whom some are others, mistyped: between them every level of every comparison occurs."""

import random

from sync.matching.prepared import Prepared, prepare_identity
from sync.model import Identity, PersonName

GIVEN = (
    *("Anna", "Maija", "Annamaija", "Anni", "Änna", "Juri", "Yuri", "Matti", "Mattias", "Marja", "Maria", "Ella"),
    *("Elli", "Jöran", "Juhani", "Ari", "Aki", "Muhammad", "Mohammed", "Elisabet", "Elisabeth", "M", "J.", "Baby"),
)
SURNAMES = (
    *("Virtanen", "Wirtanen", "von Koe", "Koe", "Mäkelä", "Makela", "Maekelae", "Mäkelä-Koe", "Koe-Mäkelä", "Anna"),
    *("Maria", "Matti", "al-Hassan", "Hassan", "Unknown", "Nieminen", "Niemi", "Gorbatšov", "Gorbachev", "Ahonen"),
    *("O'Brien", "O Brien", "Yuri", "Cruz López", "Åkerlund", ""),
)
BORN = (
    *("19520313", "19521303", "19520331", "20520313", "19520314", "19520413", "19531231", "19251001", "19521001"),
    *("195203", "1952", "19620313", ""),
)
PHONES = ("", "+358401234567", "+358401234576", "+358401234568", "+358501234567")
EMAILS = ("", "anna@example.org", "ana@example.org", "anna+koe@example.org", "a.n@gmail.com", "an@gmail.com")


def people(count: int, seed: int) -> tuple[list[Prepared], list[Prepared]]:
    """Return so many people, and for each one who may be the same: some truly, some by one slip, some not at all."""
    chance = random.Random(seed)
    names = [_name(chance) for _ in range(count)]
    others = [_mistyped(name, chance) if chance.random() < 0.7 else _name(chance) for name in names]
    return [_person(name, chance) for name in names], [_person(name, chance) for name in others]


def _person(name: PersonName, chance: random.Random) -> Prepared:
    return prepare_identity(Identity(names=(name,)))._replace(
        birth_date=chance.choice(BORN),
        phone=chance.choice(PHONES),
        email=chance.choice(EMAILS),
        sex=chance.choice(["", "f", "m"]),
    )


def _name(chance: random.Random) -> PersonName:
    given = [chance.choice(GIVEN) for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3]))]
    calling = chance.choice(given) if given and chance.random() < 0.3 else None
    return PersonName(chance.choice(SURNAMES), chance.choice([" ", " ", "-", ""]).join(given), calling)


def _mistyped(name: PersonName, chance: random.Random) -> PersonName:
    surname, given = name.surname, name.given_names
    match chance.randrange(8):
        case 0:
            surname, given = given, surname
        case 1:
            surname, given = _slip(given, chance), _slip(surname, chance)
        case 2:
            surname = _slip(surname, chance)
        case 3:
            given = _slip(given, chance)
        case 4:
            given = " ".join(reversed(given.split()))
        case 5:
            given = " ".join(word[:1] for word in given.split())
        case 6:
            given = " ".join([*given.split()[:1], *(word[:1] for word in given.split()[1:])])
    return PersonName(surname, given, name.calling_name if chance.random() < 0.5 else None)


def _slip(word: str, chance: random.Random) -> str:
    if len(word) < 2:
        return word
    at = chance.randrange(len(word) - 1)
    before, one, two, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    return before + chance.choice([two + after, two + one + after, chance.choice("aeikö") + two + after]) or word
