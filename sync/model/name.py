"""A person's name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonName:
    """One name of a person, as the source spells it.

    Attributes:
        surname: family name, particles included ("von Essen").
        given_names: all given names, space separated, in the source's order ("Anna Maija").
        calling_name: the given name in use, where the source tells it.
    """

    surname: str
    given_names: str
    calling_name: str | None = None

    def __str__(self) -> str:
        return f"{self.given_names} {self.surname}".strip()
