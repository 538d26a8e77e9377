"""Takes a delivery line apart: street, number, stairwell and flat, a box, or somebody it is sent care of."""

import re
from dataclasses import replace

from sync.matching.normalise.abroad import (
    is_english_street,
    parse_place_abroad,
    parse_place_anywhere,
    plain_words,
)
from sync.matching.normalise.text import LONGEST, clean
from sync.model import Address, Text

_AT_HOME = frozenset({"FI", "AX", "SE"})
_L = "[A-Za-zÅÄÖåäö]"
_BOX = re.compile(r"(?i:p\.? ?[lb]\.?|postilokero|postlåda) ?([0-9]{1,6})")
# Stays a line: printed as "PL 12", Swedish "Box 12" would be an address that no Swede knows.
BOX_ABROAD = re.compile(
    r"(?i:p\.? ?o\.? ?box|postbox|postboks|postfach|postbus|bo[iî]te postale|b\.?p\.?|box) ?(?P<number>[0-9]{1,6})"
)
_CARE_OF = r"(?i:c/o\b\.?:?|℅) ?"
_CARE_OF_MARK = re.compile(_CARE_OF)
_CARE_OF_FIRST = re.compile(rf"{_CARE_OF}(?P<care_of>[^,]*[^, ]) ?, ?(?P<rest>.*\S)")
_CARE_OF_LAST = re.compile(rf"(?P<rest>[^,]*[^, ]),? {_CARE_OF}(?P<care_of>[^,]*[^, ])")
_CARE_OF_ONLY = re.compile(rf"{_CARE_OF}(?P<care_of>[^,0-9]*[^, 0-9])")

# The first blank before a digit parts street and number, so that "2. linja 5 A" keeps its ordinal.
_STREET_AND_UNIT = re.compile(r"(?P<street>[^ ,][^,]*?),? (?P<unit>[0-9].*)")
_TYPE = (
    "(?i:katu|tie|kuja|polku|kaari|raitti|ranta|rinne|tori|penger|puistikko|portti|linja|mäki|aukio|väylä"
    "|gatan|vägen|gränden|gränd|stigen|bågen|stråket|stranden|brinken|torget|linjen|backen|plan|leden)"
)
_STREET_ALONE = re.compile(rf"[^,0-9]*{_TYPE}")
_ENDS_IN_TYPE = re.compile(rf"{_TYPE}$")
_FLAT_WORD = re.compile(
    r"(?<![^\W\d_])(?:(?i:asunto|asnto|as|huoneisto|huon|hsto|bostad|bost|bst|lägenhet|lght|lgh|apt)|h|#)\.? ?"
    r"(?:(?i:nro|nr|n:o|no)\.? ?)?(?=[0-9])"
)
_STAIR = r"(?i:rappu|porras|trappan|trappa|trapphus|uppgång|uppg|rp|tr)"
_STAIR_WORD = re.compile(rf"(?<= ){_STAIR}\b\.? ?(?={_L}\b)")
_WORD_AFTER_STAIR = re.compile(rf"(?<=[ 0-9])({_L})[- ]{_STAIR}\b\.?")
_RANGE = re.compile(r" ?([-/]) ?")
_UNIT = re.compile(
    rf"(?P<number>[0-9]{{1,4}}(?:{_L}?[-/](?:[0-9]{{1,4}}{_L}?|{_L}))?)"  # 6, 5-7, 6a-6b, 6a-b
    rf"(?P<gap> ?)(?P<first>{_L})?(?: (?P<second>{_L}))?"
    rf"(?: ?#?(?<![0-9])(?P<flat>[0-9]{{1,4}})(?: ?(?P<split>{_L}))?)?"
)
_HOUSE_OF_NUMBER = re.compile(rf"[0-9]{{1,4}}[hH][0-9]{{1,3}}(?= {_L}\b| {_L}[0-9])")


def parse_street_line(line: str, country: str = "FI") -> Address:
    """Take a delivery line apart; what cannot be taken apart stays whole in `lines`.

    The street's language is not told by the line, so that its name stands in the Finnish form. A letter after the
    number is a stairwell ("5 A", "5A 3", "5a3"), unless another letter follows it ("6 a B 12") or it is a small one
    written together with the number ("6a"). Printing the result and parsing it again gives the same.

    Args:
        line: as written.
        country: ISO code of the country in whose spelling it is, empty when that is not known. From a line of another
            country than Finland comes an address for comparing, not for printing: it would be printed as in Finland.
    """
    if len(line) > LONGEST:
        return Address(lines=(line,))
    text = clean(line)
    if not _CARE_OF_MARK.search(text):
        return _parse_place(text, country)
    found = _CARE_OF_FIRST.fullmatch(text) or _CARE_OF_LAST.fullmatch(text)
    if found and not any(_CARE_OF_MARK.search(found[part]) for part in ("rest", "care_of")):
        return replace(_parse_place(found["rest"], country), care_of=found["care_of"])
    alone = _CARE_OF_ONLY.fullmatch(text)
    return Address(care_of=alone["care_of"]) if alone else Address(lines=(text,))


def _parse_place(text: str, country: str) -> Address:
    if country in _AT_HOME or BOX_ABROAD.fullmatch(text):
        return _parse_place_here(text)
    if country:
        return parse_place_abroad(text, country) or _parse_place_here(plain_words(text))
    here, found = _parse_place_here(text), parse_place_anywhere(text)
    if found is None or (here.number and not is_english_street(found) and _is_ours(here)):
        return here
    return found


def _is_ours(address: Address) -> bool:
    """Tell whether the street ends as only Finnish and Swedish ones do: "2 linja 5" begins with a number, too."""
    return address.street is not None and bool(_ENDS_IN_TYPE.search(address.street.text()))


def _parse_place_here(text: str) -> Address:
    box = _BOX.fullmatch(text)
    if box:
        return Address(po_box=box[1])
    if BOX_ABROAD.fullmatch(text):
        return Address(lines=(text,))
    parts = _STREET_AND_UNIT.fullmatch(text)
    if parts and any(letter.isalpha() for letter in parts["street"]):
        apart = _parse_unit(parts["street"].rstrip(), parts["unit"])
        return apart if apart and _is_street(apart.street_line()) else Address(lines=(text,))
    if _STREET_ALONE.fullmatch(text):
        return Address(street=Text(fi=text))
    return Address(lines=(text,)) if text else Address()


def _is_street(printed: str) -> bool:
    """Tell whether the line, once printed, would be read as a street again: "PL, 12" would not."""
    return len(printed) <= LONGEST and not _BOX.fullmatch(printed) and not BOX_ABROAD.fullmatch(printed)


def _parse_unit(street: str, unit: str) -> Address | None:
    """Read what follows the street name: "5-7 a B 12 c"; None when it is anything else."""
    tidy = _RANGE.sub(r"\1", re.sub(r"[ ,]+", " ", unit.replace("\u2013", "-"))).strip()
    house = _HOUSE_OF_NUMBER.match(tidy)
    if house:
        # "65h1 D 15": the first house of number 65. Without a stairwell behind it, "10h5" is flat 5.
        apart = _parse_unit(street, "1" + tidy[house.end() :])
        return replace(apart, number=house[0].lower()) if apart and apart.number == "1" else None
    found = _UNIT.fullmatch(_without_words(tidy))
    if found is None:
        return None
    number, first, second, split = found["number"], found["first"], found["second"], found["split"]
    flat = (found["flat"] or "").lstrip("0") or None
    if split and not flat:
        return None
    if first and (second or _is_house_letter(found)):
        number, first = number + first.lower(), None
    stairwell = second or first
    return Address(
        street=Text(fi=street),
        number=number,
        stairwell=stairwell.upper() if stairwell else None,
        flat=flat,
        split_letter=split.lower() if split else None,
    )


def _without_words(unit: str) -> str:
    plain = _STAIR_WORD.sub("", _FLAT_WORD.sub(" #", unit).replace("  ", " "))
    return _WORD_AFTER_STAIR.sub(r"\1", plain)


def _is_house_letter(found: re.Match[str]) -> bool:
    """Tell "6a" from "6 a", "6A" and "6a3"."""
    flat_follows = found.start("flat") == found.end("first")
    return not found["gap"] and found["first"].islower() and not flat_follows
