"""A person's name in the forms under which it is compared."""

import re
from dataclasses import dataclass

from sync.matching.normalise.text import fold, unmark, words
from sync.model import PersonName

PARTICLES = frozenset({"von", "af", "av", "de", "la", "le", "du", "der", "den", "van", "zu", "di", "da"})
"""Words before a family name that registers leave out or put elsewhere."""

# Ä and Ö typed as Ae and Oe, also in capitals and twice ("Maeaettae").
_TYPED_APART = re.compile(r"([ao])e+")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiouyj]")
_SOUNDS = str.maketrans({"w": "v", "c": "k", "q": "k", "z": "s", "x": "ks", "f": "v", "b": "p", "g": "k", "d": "t"})


@dataclass(frozen=True, slots=True)
class NameForms:
    """One name, ready to be compared. Texts are empty where the name has no such part.

    Attributes:
        surname: words in small letters, particles included.
        surname_folded: letters alone, without particles and marks.
        surname_parts: the folded parts of a double surname, or the one surname.
        given: all given names in small letters.
        given_folded: the same without marks.
        given_set: the same without order.
        calling: the given name in use, in small letters; empty where the source does not tell it.
        head: the folded name that others call the person by: the calling name, or else the first.
    """

    surname: str
    surname_folded: str
    surname_parts: frozenset[str]
    given: tuple[str, ...]
    given_folded: tuple[str, ...]
    given_set: frozenset[str]
    calling: str
    head: str


def name_forms(name: PersonName) -> NameForms:
    """Bring a name into its forms."""
    surname, given, calling = words(name.surname), words(name.given_names), words(name.calling_name or "")
    whole = _typed_together(unmark(surname)).split()
    parts = [part for part in whole if part not in PARTICLES] or whole
    folded = tuple(_typed_together(unmark(given)).split())
    return NameForms(
        surname=surname,
        surname_folded="".join(parts),
        surname_parts=frozenset(parts),
        given=tuple(given.split()),
        given_folded=folded,
        given_set=frozenset(folded),
        calling=calling,
        head=_typed_together(unmark(calling)) or (folded[0] if folded else ""),
    )


def fold_name(text: str) -> str:
    """Fold a name; what stands for Ä, Ö and Å in it, marks left out or "ae" and "oe", is the same."""
    return _typed_together(fold(text))


def sound(folded: str) -> str:
    """Return a coarse phonetic code of a folded name: its first letter and its consonants, doubled ones once.

    Made for finding candidates, never for comparing: "virtanen", "wirtanen" and "virtaneen" share one code.
    """
    plain = _DOUBLED.sub(r"\1", folded.translate(_SOUNDS))
    return plain[:1] + _DOUBLED.sub(r"\1", _VOWELS.sub("", plain[1:]))


def _typed_together(folded: str) -> str:
    return _TYPED_APART.sub(r"\1", folded) if "ae" in folded or "oe" in folded else folded
