"""A whole name in one column."""

from typing import Literal

from sync.model import PersonName

_PARTICLES = frozenset(
    {"af", "av", "da", "de", "del", "den", "der", "di", "du", "el", "la", "le", "ten", "ter", "van", "von", "zu"}
)

Order = Literal["surname given", "given surname"]


def read_full_name(text: str, order: Order) -> PersonName:
    """Take a name apart: a comma ends the surname, particles go with it ("von Essen Anna")."""
    surname, comma, given = text.partition(",")
    if comma:
        return PersonName(" ".join(surname.split()), " ".join(given.split()))
    words = text.split()
    return _surname_first(words) if order == "surname given" else _surname_last(words)


def print_full_name(name: PersonName, order: Order) -> str:
    """Print a name so that it reads back as it is; with a comma where the order alone would not tell its parts."""
    parts = (name.surname, name.given_names)
    plain = " ".join(part for part in (parts if order == "surname given" else reversed(parts)) if part)
    back = read_full_name(plain, order)
    if (back.surname, back.given_names) == parts:
        return plain
    return f"{name.surname}, {name.given_names}".rstrip()


def _surname_first(words: list[str]) -> PersonName:
    end = 0
    while end < len(words) - 1 and words[end].casefold() in _PARTICLES:
        end += 1
    return PersonName(" ".join(words[: end + 1]), " ".join(words[end + 1 :]))


def _surname_last(words: list[str]) -> PersonName:
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return PersonName(" ".join(words[start:]), " ".join(words[:start]))
