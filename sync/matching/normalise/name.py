"""A person's name in the forms under which it is compared."""

import re
from functools import lru_cache
from typing import NamedTuple

from sync.matching.normalise.generation import without_generation
from sync.matching.normalise.romanisation import romanised
from sync.matching.normalise.text import unmark, words
from sync.matching.normalise.transliteration import latin
from sync.model import PersonName

PARTICLES = frozenset(
    {
        *("von", "vom", "zu", "zum", "zur", "af", "av", "van", "der", "den", "ter", "ten", "t"),
        *("de", "del", "della", "di", "da", "do", "dos", "das", "du", "la", "las", "los", "le", "el", "y", "e"),
        *("al", "ul", "bin", "ibn", "bint", "binti"),
    }
)
"""Words before a family name that registers leave out or put elsewhere."""

_TRAILING = frozenset({"von", "zu", "af", "av", "van", "der", "den", "de", "del", "la", "dos"})
"""Particles that no given name is, so that they belong to the surname when they stand last among given names."""

TIED = frozenset({"o", "d", "l", "mc", "mac", "fitz"})
"""Beginnings of a surname that are written together with it or apart: O'Brien, O Brien, OBrien."""

_WORDS_KEPT = 16_384
_NAMES_KEPT = 8_192
_SHORTEST_TYPED_APART = 4
"""Below it "ae" and "oe" are themselves: Joe, Mae, Zoe."""

# Ä, Ö and Ü typed as Ae, Oe and Ue, also twice ("Maeaettae"); but Michael, Joel, Joey, Nikolaev and Saenz hold no
# umlaut, nor do Bauer and Manuel. Å typed as Aa where no Finnish or Estonian name has a long a: Aagaard, Haakon, Aase.
_TYPED_APART = re.compile(
    r"([ao])e+(?!(?:la?|le|ll[ae]|va?|vsk.*|y|n?z)$)|(?<![aeioq])(u)e(?=[bcdfghjkmnprstwxz]|l[^ae])"
)
_LONG_A = re.compile(r"aa(?=rd)|^aa(?=s|g|mo|ke|kr)|(?<=^h)aa(?=k[oa]n)|(?<=^p)aa(?=l$)|(?<=^st)aa(?=l)")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiouyj]")
_UNHEARD = re.compile(r"(?<=[ckstz])h|t(?=s)|^i(?=e)")
_SOUNDS = str.maketrans({"z": "s", "f": "v", "b": "p", "g": "k", "d": "t"})


class NameForms(NamedTuple):
    """One name, ready to be compared. Texts are empty where the name has no such part.

    Attributes:
        surname: words in small letters, particles included, "junior" and the like left out.
        surname_folded: letters alone, without particles and marks.
        surname_parts: the folded parts of a double surname, or the one surname; where it has particles, also with
            them ("alhassan" for al-Hassan).
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
    surname, given = without_generation(words(name.surname), words(name.given_names))
    calling = words(name.calling_name or "")
    surname_folded, parts = _surname_forms(surname)
    given_words, folded, same = _given_forms(given)
    return NameForms(
        surname=surname,
        surname_folded=surname_folded,
        surname_parts=parts,
        given=given_words,
        given_folded=folded,
        given_set=same,
        calling=calling,
        head="".join(_folded(calling)[:1]) or (folded[0] if folded else ""),
    )


@lru_cache(maxsize=_NAMES_KEPT)
def _surname_forms(surname: str) -> tuple[str, frozenset[str]]:
    whole = _tie(_folded(surname))
    parts = [part for part in whole if part not in PARTICLES] or whole
    return "".join(parts), frozenset(parts) if len(parts) == len(whole) else frozenset((*parts, "".join(whole)))


@lru_cache(maxsize=_NAMES_KEPT)
def _given_forms(given: str) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
    plain = _without_trailing(given.split())
    folded = tuple(_folded(" ".join(plain)))
    return tuple(plain), folded, frozenset(folded)


def fold_name(text: str) -> str:
    """Fold a name to plain Latin letters.

    What stands for a letter with marks is the same: the letter without them, "ae", "oe" and "ue", and "aa" where it can
    only be Å. Cyrillic and Greek become what a passport writes.
    """
    return " ".join(_folded(words(text)))


@lru_cache(maxsize=_WORDS_KEPT)
def sound(folded: str) -> str:
    """Return a coarse phonetic code of a folded name: its first letter and its consonants, doubled ones once.

    Made for finding candidates, never for comparing: "virtanen", "wirtanen" and "virtaneen" share one code, and so do
    all romanisations of one name.
    """
    plain = _DOUBLED.sub(r"\1", _UNHEARD.sub("", romanised(folded)).translate(_SOUNDS))
    return plain[:1] + _DOUBLED.sub(r"\1", _VOWELS.sub("", plain[1:]))


def _tie(parts: list[str]) -> list[str]:
    """Write the beginnings of a surname together with what follows them: "o brien" becomes "obrien"."""
    if TIED.isdisjoint(parts):
        return parts
    tied: list[str] = []
    for part in reversed(parts):
        tied[-1:] = [part + tied[-1]] if tied and part in TIED else [*tied[-1:], part]
    return tied[::-1]


def _without_trailing(given: list[str]) -> list[str]:
    while len(given) > 1 and given[-1] in _TRAILING:
        given = given[:-1]
    return given


def _folded(plain: str) -> list[str]:
    """Fold words, as `words` gives them."""
    return [part for word in plain.split() for part in _folded_word(word)]


@lru_cache(maxsize=_WORDS_KEPT)  # single words, the common ones of which come again and again
def _folded_word(word: str) -> tuple[str, ...]:
    """Fold one word; none or several come of it only where it holds letters that are no letters when folded."""
    if not word.isascii():
        word = unmark(latin(word))
        if not word.isascii():
            word = unmark(words(latin(word)))
    return tuple(map(_typed_together, word.split()))


def _typed_together(word: str) -> str:
    if len(word) < _SHORTEST_TYPED_APART:
        return word
    return _LONG_A.sub("a", _TYPED_APART.sub(r"\1\2", word))
