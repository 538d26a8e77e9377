"""Delivery lines in the spelling of their country: the number before the street, or a flat written otherwise than here.

The result is for comparing only: printed again it would stand in the Finnish order.
"""

import re

from sync.matching.normalise.street_type import is_english
from sync.matching.normalise.text import words
from sync.model import Address, Text

NUMBER_FIRST = frozenset({"GB", "IE", "US", "CA", "AU", "NZ", "ZA", "IN", "FR", "LU", "MC"})
"""Countries that write the number before the street."""

_NUMBER_LAST = frozenset(
    (
        "FI",
        "SE",
        "NO",
        "DK",
        "FO",
        "GL",
        "IS",
        "EE",
        "LV",
        "LT",
        "PL",
        "DE",
        "AT",
        "CH",
        "LI",
        "NL",
        "BE",
        "CZ",
        "SK",
        "HU",
        "SI",
        "HR",
        "RO",
        "BG",
        "GR",
        "IT",
        "ES",
        "PT",
        "TR",
        "RU",
        "UA",
    )
)

_FLAT_IN_FRONT = frozenset({"AU", "NZ"})  # "4/12 High Street" is flat 4 of number 12
_FLAT_BY_HYPHEN = frozenset({"CA"})  # "4-12 High Street"
_FLAT_BEHIND = frozenset({"EE"})  # "Pikk 12-4"

_UNIT_WORD = r"(?:(?i:unit|apartment|appartement|apt|flat|suite|ste|room|rm|shop|level|lot|appt|app)(?![^\W\d_])\.?|(?i:u)(?=[0-9 ])|#)"
_UNIT = r"(?P<flat>[0-9]{1,5}[A-Za-z]?|[A-Za-z])"
_FLAT_FIRST = re.compile(rf"{_UNIT_WORD} ?#? ?{_UNIT}(?: ?[,/] ?| )(?P<rest>(?:[^,0-9]+, ?)?[0-9].*)")
_FLAT_LAST = re.compile(rf"(?P<rest>.*[^ ,]),? ?(?<![^\W\d_]){_UNIT_WORD} ?#? ?{_UNIT}")
_FLAT_AND_NUMBER = re.compile(r"(?P<flat>[0-9]{1,5}[A-Za-z]?) ?(?P<between>[-/]) ?(?P<rest>[0-9].*)")
_NUMBER = r"[0-9]{1,6}[A-Za-z]?(?: ?[-/\u2013] ?[0-9]{1,6}[A-Za-z]?)?"
_NUMBER_THEN_STREET = re.compile(
    rf"(?:(?i:no|n°)\.? ?)?(?P<number>{_NUMBER})(?: ?(?P<again>(?i:bis|ter|quater)))?,? (?P<street>[^,]+)"
)
_NUMBER_AND_FLAT = re.compile(r"(?P<number>[0-9]{1,4}[A-Za-z]?) ?- ?(?P<flat>[0-9]{1,4}[A-Za-z]?)")
_DANISH = re.compile(
    r"(?P<street>[^,]*[^\W\d_][^,]*?),? (?P<number>[0-9]{1,4}[A-Za-z]?)"
    r",? (?P<floor>[0-9]{1,2}|(?i:st|kl))[. ,]*(?P<side>(?i:tv|th|mf)|[0-9]{1,4})\.?"
)
_FLAT_WORD = re.compile(
    r",? ?(?<![^\W\d_])(?i:wohnung|whg|appartement|app|top|bus|bte|leilighet|leil|korter|krt|kv|lejlighed|lejl)\.? ?(?=[0-9])"
)
_HOUSE_NAME = re.compile(r"[^,0-9]+, ?(?=[0-9])")
_LOOKS_FIRST = re.compile(rf"(?:{_UNIT_WORD} ?(?:[A-Za-z],? )?)?[0-9]")


def spelling_of(country: str) -> str:
    """Return the country whose spelling its addresses are in; empty where we do not know how it writes them."""
    return country if country in NUMBER_FIRST or country in _NUMBER_LAST else ""


def parse_place_abroad(text: str, country: str) -> Address | None:
    """Take a clean line apart whose country writes the number first, or a flat in its own way; None if it is not so."""
    if country in NUMBER_FIRST:
        return _number_first(text, country)
    if country in _FLAT_BEHIND:
        street, _, unit = text.rpartition(" ")
        found = _NUMBER_AND_FLAT.fullmatch(unit)
        return _address(street.rstrip(", "), found["number"], found["flat"]) if found and street else None
    if country in {"DK", "FO", "GL"} and (found := _DANISH.fullmatch(text)):
        return _address(found["street"], found["number"], found["floor"] + found["side"])
    return None


def parse_place_anywhere(text: str) -> Address | None:
    """Take a clean line of an unknown country apart, if it begins with its number; None if it does not."""
    if not _LOOKS_FIRST.match(text):
        return None
    country = "AU"  # "4/12" in front of a street can hardly be anything else
    found = _number_first(text, country)
    return found if found and (found.flat is None or is_english_street(found)) else _number_first(text, "")


def is_english_street(address: Address) -> bool:
    """Tell whether the street's name ends in an English type."""
    return address.street is not None and any(is_english(words(form).split()) for form in address.street.forms())


def plain_words(text: str) -> str:
    """Write the words for a flat that other countries have as a sign that is understood here."""
    return _FLAT_WORD.sub(" #", text)


def split_number(number: str, country: str, *, english: bool) -> tuple[str, str]:
    """Take a flat out of a number: "4/12" in Australia, "4-12" in Canada, "12-4" in Estonia. Gives number and flat."""
    found = _FLAT_AND_NUMBER.fullmatch(number)
    if found and _flat_stands_first(found["between"], country or ("AU" if english else "")):
        return found["rest"], found["flat"]
    behind = _NUMBER_AND_FLAT.fullmatch(number) if country in _FLAT_BEHIND else None
    return (behind["number"], behind["flat"]) if behind else (number, "")


def _flat_stands_first(between: str, country: str) -> bool:
    return country in (_FLAT_IN_FRONT if between == "/" else _FLAT_BY_HYPHEN)


def _number_first(text: str, country: str) -> Address | None:
    flat = None
    found = _FLAT_FIRST.fullmatch(text) or _FLAT_LAST.fullmatch(text)
    if not found:
        found = _FLAT_AND_NUMBER.fullmatch(text)
        found = found if found and _flat_stands_first(found["between"], country) else None
    if found:
        flat, text = found["flat"], found["rest"]
    apart = _NUMBER_THEN_STREET.fullmatch(_HOUSE_NAME.sub("", text, count=1))
    if not apart or not any(letter.isalpha() for letter in apart["street"]):
        return None
    return _address(apart["street"], apart["number"] + (apart["again"] or ""), flat)


def _address(street: str, number: str, flat: str | None) -> Address:
    return Address(
        street=Text(fi=street.strip()), number=number.casefold().replace(" ", ""), flat=flat and flat.casefold()
    )
