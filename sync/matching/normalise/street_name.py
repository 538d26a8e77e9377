"""Street names in one spelling: types written out, blanks and case gone. The two languages stay apart."""

import re
from functools import lru_cache

from sync.matching.normalise.street_type import in_english, write_out
from sync.matching.normalise.text import clean, fold, words

# An abbreviated type ends in a full stop or stands alone. "p.", "st." and the like mean too many things.
_TYPES = {
    "k": "katu",
    "t": "tie",
    "kj": "kuja",
    "g": "gatan",
    "v": "vägen",
    "gr": "gränden",
}
_WRITTEN_SHORT = re.compile(
    rf"^(?P<name>.*?[^\s.]{{2}} ?)(?P<type>(?<= )(?:{'|'.join(_TYPES)})|(?:{'|'.join(_TYPES)})\.)$"
)
_INDEFINITE = {
    "gata": "gatan",
    "väg": "vägen",
    "gränd": "gränden",
    "stig": "stigen",
    "torg": "torget",
    "stråk": "stråket",
    "båge": "bågen",
    "brink": "brinken",
    "backe": "backen",
    "kaj": "kajen",
    "esplanad": "esplanaden",
    "allé": "allén",
}
_INDEFINITE_END = re.compile(rf"(?:{'|'.join(_INDEFINITE)})$")
# The numbered lines of Helsinki: "III linja", "3. linja", "Kolmas linja", "Tredje linjen".
_ORDINAL = re.compile(r"^(?P<ordinal>\w+)(?= linja$| linjen$)")
_ORDINALS = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "ensi": "1",
    "ensimmäinen": "1",
    "toinen": "2",
    "kolmas": "3",
    "neljäs": "4",
    "viides": "5",
    "första": "1",
    "andra": "2",
    "tredje": "3",
    "fjärde": "4",
    "femte": "5",
}


_AT_HOME = frozenset({"FI", "AX", "SE"})
UNKNOWN = ""
_NAMES_KEPT = 8_192


@lru_cache(maxsize=_NAMES_KEPT)  # a town has a few thousand
def canonical_street(name: str, country: str = "FI") -> str:
    """Return a street name in small letters without blanks, its type written out, marks kept.

    Args:
        name: as written.
        country: ISO code of the country whose abbreviations are meant. Where it is `UNKNOWN`, Finnish and Swedish ones
            are understood, and English ones at the end of several words, which no Finnish or Swedish name has there.
    """
    if country in _AT_HOME:
        return _at_home(name)
    plain = words(name).split()
    if country != UNKNOWN:
        return "".join(write_out(plain, country, dotted=clean(name).endswith(".")))
    whole = in_english(plain)
    return "".join(whole) if whole != plain else _at_home(name)


def _at_home(name: str) -> str:
    text = clean(name).casefold()
    if " " not in text and not text.endswith("."):
        return _definite(words(text)).replace(" ", "")  # the most of them: one word
    short = _WRITTEN_SHORT.match(text)
    if short:
        text = short["name"] + _TYPES[short["type"].rstrip(".")]
    text = _ORDINAL.sub(lambda found: _ORDINALS.get(found["ordinal"], found["ordinal"]), _definite(words(text)))
    return text.replace(" ", "")


def _definite(text: str) -> str:
    return _INDEFINITE_END.sub(lambda found: _INDEFINITE[found[0]], text)


def folded_street(canonical: str) -> str:
    """Return a canonical street name without marks on letters."""
    return canonical if canonical.isascii() else fold(canonical).replace(" ", "")
