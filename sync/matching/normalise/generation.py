"""Junior and senior: no part of a name, but what tells a parent from a child of the same name."""

from typing import Final

from sync.matching.normalise.text import words
from sync.model import PersonName

JUNIOR: Final = "junior"
SENIOR: Final = "senior"

# As `words` gives them: "d.y." is "d y". Each language's own.
_SUFFIXES: dict[tuple[str, ...], str] = {
    **{(word,): JUNIOR for word in ("jr", "jnr", "junior", "nuorempi", "yngre")},
    **{(word,): SENIOR for word in ("sr", "snr", "senior", "vanhempi", "äldre", "aldre")},
    **{(den, word): JUNIOR for den in ("d", "den") for word in ("y", "yngre")},
    **{(den, word): SENIOR for den in ("d", "den") for word in ("ä", "äldre", "aldre")},
    **{(der, word): JUNIOR for der in ("d", "der") for word in ("j", "jüngere")},
    ("der", "ältere"): SENIOR,
    **{(word,): "2" for word in ("ii", "2nd")},
    **{(word,): "3" for word in ("iii", "3rd")},
    **{(word,): "4" for word in ("iv", "4th")},
}
_LAST_WORDS = frozenset(key[-1] for key in _SUFFIXES)
_INITIALS = frozenset({"y", "ä", "j"})
"""Last words of suffixes that are initials just as well when they stand among given names."""
_ALONE = frozenset({"jr", "jnr", "sr", "snr", "ii", "iii", "2nd", "3rd", "4th"})
"""Suffixes that are no given name, even where no other stands beside them."""


def without_generation(surname: str, given: str) -> tuple[str, str]:
    """Return surname and given names, as `words` gives them, without what tells the generation."""
    return _apart(surname, among_given=False)[0], _apart(given, among_given=True)[0]


def generation(name: PersonName) -> str:
    """Return "junior", "senior", "2", "3" or "4" where the name says so, as its last word; else the empty text."""
    told = _apart(words(name.surname), among_given=False)[1]
    return told or _apart(words(name.given_names), among_given=True)[1]


def split_suffix(text: str) -> tuple[str, str]:
    """Part a whole name from the suffix that ends it: "Matti Virtanen d.y." into "Matti Virtanen" and "junior"."""
    tokens = text.split()
    for count in (2, 1):
        ending = tuple(words(" ".join(tokens[-count:])).split())
        told = _SUFFIXES.get(ending, "")
        # "Anna D. J." has two more names; "d.j." is younger than another.
        if told and not (ending[-1] in _INITIALS and tokens[-count][0].isupper()):
            return " ".join(tokens[:-count]).rstrip(" ,"), told
    return text, ""


def _apart(plain: str, *, among_given: bool) -> tuple[str, str]:
    last = plain[plain.rfind(" ") + 1 :]
    if last not in _LAST_WORDS or (among_given and last in _INITIALS):
        return plain, ""
    parts = plain.split()
    for count in (2, 1):
        told = _SUFFIXES.get(tuple(parts[-count:]))
        if told and (len(parts) > count or (among_given and last in _ALONE)):
            return " ".join(parts[:-count]), told
    return plain, ""
