"""What kinds of street are called, written short and written out, in the languages of the countries where people move to.

Each rule takes the words of a name, in small letters, and returns them with the type written out. None is applied to a
Finnish or Swedish name, whose types are part of the last word: see `street_name`.
"""

import re
from collections.abc import Callable

Words = list[str]
Rule = Callable[[Words], Words]

_ENGLISH = {
    **dict.fromkeys(("st", "str"), "street"),
    "rd": "road",
    **dict.fromkeys(("av", "ave"), "avenue"),
    "pl": "place",
    **dict.fromkeys(("cr", "cres", "crs", "crescnt"), "crescent"),
    **dict.fromkeys(("cct", "circ", "crct"), "circuit"),
    "cir": "circle",
    **dict.fromkeys(("ct", "crt"), "court"),
    **dict.fromkeys(("cl", "clse"), "close"),
    **dict.fromkeys(("dr", "drv"), "drive"),
    "ln": "lane",
    **dict.fromkeys(("tce", "ter", "terr"), "terrace"),
    "pde": "parade",
    **dict.fromkeys(("hwy", "hway"), "highway"),
    "fwy": "freeway",
    **dict.fromkeys(("blvd", "bvd", "boul"), "boulevard"),
    **dict.fromkeys(("gve", "grv"), "grove"),
    "sq": "square",
    "esp": "esplanade",
    **dict.fromkeys(("pkwy", "pwy", "pky"), "parkway"),
    "wy": "way",
    **dict.fromkeys(("gdn", "gdns"), "gardens"),
    **dict.fromkeys(("wk", "wlk"), "walk"),
    "trl": "trail",
    "vw": "view",
    "pt": "point",
    "pk": "park",
    "lp": "loop",
    "rdge": "ridge",
    "xing": "crossing",
}
_ENGLISH_WHOLE = frozenset(_ENGLISH.values()) | {"mews", "rise", "row", "track", "glade", "retreat", "chase", "quay"}
_DIRECTIONS = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "ne": "northeast",
    "nw": "northwest",
    "se": "southeast",
    "sw": "southwest",
}
_FRENCH = {
    "r": "rue",
    **dict.fromkeys(("av", "ave"), "avenue"),
    **dict.fromkeys(("bd", "bld", "blvd", "boul"), "boulevard"),
    "pl": "place",
    "all": "allée",
    **dict.fromkeys(("ch", "che", "chem"), "chemin"),
    "imp": "impasse",
    "rte": "route",
    "sq": "square",
    **dict.fromkeys(("fg", "fbg"), "faubourg"),
}
_ESTONIAN = {"mnt": "maantee", "pst": "puiestee", "pl": "plats"}
_STREET_IN_ESTONIAN = frozenset({"tn", "tänav"})


def is_english(words: Words) -> bool:
    """Tell whether a name ends in an English type, as few names of other languages do."""
    if len(words) > 2 and (words[-1] in _DIRECTIONS or words[-1] in _DIRECTIONS.values()):
        words = words[:-1]
    return len(words) > 1 and (words[-1] in _ENGLISH or words[-1] in _ENGLISH_WHOLE)


def in_english(words: Words) -> Words:
    """Write type, direction and saints out: "N Saint Marys St" is "North St Marys Street"."""
    if not is_english(words):
        return words
    found = ["st" if word == "saint" else word for word in words]
    if len(found) > 2:
        found[0] = _DIRECTIONS.get(found[0], found[0])
        found[-1] = _DIRECTIONS.get(found[-1], found[-1])
    at = -2 if len(found) > 2 and found[-1] in _DIRECTIONS.values() else -1
    found[at] = _ENGLISH.get(words[at], found[at])
    return found


def in_french(words: Words) -> Words:
    """Write the first word out: "av. de la Gare" is "avenue de la Gare"."""
    if len(words) < 2:
        return words
    return [_FRENCH.get(words[0], words[0]), *({"saint": "st", "sainte": "ste"}.get(word, word) for word in words[1:])]


def in_estonian(words: Words) -> Words:
    """Write the last word out, and leave out the word for street, as everybody does."""
    if len(words) < 2:
        return words
    if words[-1] in _STREET_IN_ESTONIAN:
        return words[:-1]
    return [*words[:-1], _ESTONIAN.get(words[-1], words[-1])]


def _ending(whole: dict[str, str]) -> Rule:
    """Make a rule for types that end the last word, or are it."""
    end = re.compile(rf"(?:{'|'.join(whole)})$")

    def rule(words: Words) -> Words:
        return [*words[:-1], end.sub(lambda found: whole[found[0]], words[-1])] if words else words

    return rule


in_german = _ending({"str": "strasse"})
in_dutch = _ending({"str": "straat"})
in_norwegian = _ending(
    {"gt": "gate", "gata": "gate", "gaten": "gate", "veien": "vei", "vegen": "vei", "veg": "vei", "vn": "vei"}
)
in_danish = _ending({"gd": "gade", "vj": "vej"})

_GERMAN = {"pl": "platz", "all": "allee"}
_DUTCH = {"ln": "laan", "wg": "weg", "pln": "plein"}
_DANISH = {"g": "gade", "v": "vej", "pl": "plads"}
_NORWEGIAN = {"g": "gate", "v": "vei", "pl": "plass"}

_COUNTRIES: dict[str, tuple[Rule, dict[str, str]]] = {
    **dict.fromkeys(("GB", "IE", "US", "CA", "AU", "NZ", "ZA", "IN"), (in_english, {})),
    **dict.fromkeys(("FR", "LU", "MC"), (in_french, {})),
    **dict.fromkeys(("DE", "AT", "CH", "LI"), (in_german, _GERMAN)),
    **dict.fromkeys(("NL", "BE"), (in_dutch, _DUTCH)),
    "NO": (in_norwegian, _NORWEGIAN),
    **dict.fromkeys(("DK", "FO", "GL"), (in_danish, _DANISH)),
    "EE": (in_estonian, {}),
}
"""For each country its rule, and what is short for a type as a word of its own or, with a full stop, as the end of one."""


def write_out(words: Words, country: str, *, dotted: bool) -> Words:
    """Write the type of a street out.

    Args:
        words: of the name, in small letters, without full stops.
        country: ISO code; where we know no rule, nothing is written out.
        dotted: the name ended in a full stop.
    """
    if country not in _COUNTRIES or not words:
        return words
    rule, short = _COUNTRIES[country]
    last = words[-1]
    if len(words) > 1 and last in short:
        return [*words[:-1], short[last]]
    for end, whole in short.items():
        if dotted and last.endswith(end) and last != end:
            return [*words[:-1], last.removesuffix(end) + whole]
    return rule(words)
