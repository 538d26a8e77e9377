"""Whole names in one column, taken apart."""

import re

from sync.matching.normalise.generation import split_suffix
from sync.matching.normalise.name import PARTICLES, TIED
from sync.matching.normalise.text import clean, words
from sync.model import PersonName

_TITLES = frozenset(
    {
        *("dr", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "prof", "professor", "rev", "doctor"),
        *("herra", "hra", "rouva", "rva", "neiti", "nti", "tohtori", "tri", "professori", "maisteri"),
        *("herr", "hr", "fru", "fröken", "frk", "doktor", "frau", "ing", "dipl ing", "härra", "proua", "pr"),
    }
)
_DEGREES = frozenset({"phd", "ph d", "md", "m d", "mba", "msc", "m sc", "esq", "ft", "fm"})
# Capitalised these are given names or whole surnames in some languages: Al, Ben, Le, Da.
_PARTICLES_ALWAYS = frozenset({"von", "vom", "zum", "zur", "van", "af", "del", "dos", "bin", "ibn", "binti", "de"})
# No given name ends so, so that a name that begins with such a word begins with the surname.
_SURNAME = re.compile(r".{2,}(?:nen|sson|enko|poulos)")
_PATRONYMIC = re.compile(r".+(?:[oe]vi(?:ch|c|tš|č|tsch|tj)|[oe]vna|ович|евич|овна|евна|івна)")
_MC = re.compile(r"^Ma?c(?=[A-Z]{2})")
_SHOWN = {"junior": "jr", "senior": "sr", "2": "II", "3": "III", "4": "IV"}


def parse_full_name(text: str) -> PersonName:
    """Take a whole name apart: "Virtanen, Matti Juhani", "Matti Virtanen", "VIRTANEN Matti", "von Essen Carl".

    The surname is what stands before a comma; else what alone is in capitals; else what begins with a particle; else
    the last word, unless the first can only be a surname. Titles and degrees are left out. What tells the generation is
    written behind the given names ("Matti jr"), where `generation` finds it and comparing overlooks it.
    """
    parts = [part.strip() for part in clean(text).split(",")]
    parts, told = _without_suffix([part for part in parts if part and words(part) not in _DEGREES])
    if len(parts) > 1:
        surname, given = _without_titles(parts[0]), _without_titles(" ".join(parts[1:]))
    else:
        surname, given = _split(_without_titles(parts[0]).split()) if parts else ("", "")
    return PersonName(surname, f"{given} {_SHOWN[told]}".strip() if told else given)


def _without_suffix(parts: list[str]) -> tuple[list[str], str]:
    """Take the suffix off whichever part it ends: "Koe jr, Matti", "Koe, Matti jr", "Koe, Matti, jr"."""
    for at in reversed(range(len(parts))):
        rest, told = split_suffix(parts[at])
        if told and (rest or at):
            return [part for part in (*parts[:at], rest, *parts[at + 1 :]) if part], told
    return parts, ""


def _without_titles(part: str) -> str:
    """Leave titles out, but for one that is the whole name."""
    tokens = part.split()
    while len(tokens) > 1 and words(tokens[0]) in _TITLES:
        tokens = tokens[1:]
    return " ".join(tokens)


def _split(tokens: list[str]) -> tuple[str, str]:
    """Return surname and given names of a name without a comma."""
    if len(tokens) == 1:
        return tokens[0], ""
    start, end = _in_capitals(tokens) or _led_by_particle(tokens) or _by_their_ends(tokens) or _last_word(tokens)
    return " ".join(tokens[start:end]), " ".join(tokens[:start] + tokens[end:])


def _in_capitals(tokens: list[str]) -> tuple[int, int] | None:
    """Find a run of words in capitals at either end, the others not being so; initials count for nothing."""
    capital = [_MC.sub("", token).isupper() and len(words(token)) > 1 for token in tokens]
    if True not in capital or all(capital[at] or len(words(tokens[at])) < 2 for at in range(len(tokens))):
        return None
    first, last = capital.index(True), len(capital) - capital[::-1].index(True)
    if not all(capital[first:last]) or (first > 0 and last < len(tokens)):
        return None
    while first > 0 and tokens[first - 1].islower() and words(tokens[first - 1]) in PARTICLES:
        first -= 1
    return first, last


def _led_by_particle(tokens: list[str]) -> tuple[int, int] | None:
    """Find "von Essen" in front or behind: a surname led by a particle ends the name, or begins it."""
    if _is_particle(tokens[0]) and (tokens[0].islower() or len(tokens) > 2):
        end = next((at for at, token in enumerate(tokens) if not _is_particle(token)), len(tokens) - 1) + 1
        if tokens[0].islower() or _is_particle(tokens[1]) or words(tokens[0]) in {"von", "af"}:
            return 0, end
    start = next((at for at, token in enumerate(tokens[1:-1], 1) if _is_particle(token)), None)
    return (start, len(tokens)) if start else None


def _is_particle(token: str) -> bool:
    word = words(token)
    return word in PARTICLES and (token.islower() or word in _PARTICLES_ALWAYS)


def _by_their_ends(tokens: list[str]) -> tuple[int, int] | None:
    """Tell "Virtanen Matti" and "Иванов Иван Иванович", whose first word can only be a surname."""
    ends = [bool(_SURNAME.fullmatch(words(token))) for token in tokens]
    if ends[0] and not ends[-1]:
        return 0, ends.index(False)
    if len(tokens) == 3 and [bool(_PATRONYMIC.fullmatch(words(token))) for token in tokens] == [False, False, True]:
        return 0, 1
    return None


def _last_word(tokens: list[str]) -> tuple[int, int]:
    """Take the last word, with what is tied to it: "Mary O Brien"."""
    tied = len(tokens) > 2 and words(tokens[-2]) in TIED and not tokens[-2].endswith(".")
    return len(tokens) - (2 if tied else 1), len(tokens)
