"""Addresses in the form under which they are compared, and whether two are one place spelled otherwise."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from sync.matching.normalise.abroad import is_english_street, spelling_of, split_number
from sync.matching.normalise.bilingual import NO_STREETS, StreetNames
from sync.matching.normalise.street import BOX_ABROAD, parse_street_line
from sync.matching.normalise.street_name import canonical_street, folded_street
from sync.matching.normalise.text import clean, fold, words
from sync.model import Address, Text
from sync.model.address import country_of

_PLAIN_NUMBER = re.compile(r"[0-9]{1,4}")
_PLAIN_FLAT = re.compile(r"[0-9]{1,5}")
_PLAIN_LETTER = re.compile(r"[A-ZÅÄÖ]")
_NUMBER = re.compile(r"0*(?P<base>[0-9]+)(?P<letter>[a-zåäö]?)")
_FLAT_WORD = re.compile(
    r"^(?:(?:unit|apartment|apt|flat|suite|ste|room|rm|no|nr|nro|n:o|asunto|as|huoneisto|huon|hsto|bostad|bst|lgh)"
    r"(?![^\W\d_])\.?|#) ?#?(?=.)"
)
# No country writes a letter or three and then four digits, but before the postcode of another one.
_COUNTRY_BEFORE_POSTCODE = re.compile(r"^(?:(?:fi|fin|ax)(?=[0-9])|[a-z]{1,3}(?=[0-9]{4}))")
_ZIP_AND_MORE = re.compile(r"([0-9]{5})-[0-9]{4}")
_BILINGUAL = ("FI", "")
"""Countries, as `Place` has them, in which streets and towns have names in Finnish and Swedish."""


class Place(NamedTuple):
    """One address, ready to be compared. Texts are empty where the address has no such part.

    Attributes:
        streets: canonical street names in every language given; or the canonical free line, or the box ("pl12").
        folded: the same, and those of `also`, without marks on letters.
        number: house number without its letter.
        letters: letter of the house, then of the stairwell: "6a B" and "6 AB" are written for one door.
        flat: flat and split letter.
        postcode: without blanks and country prefix.
        towns: folded names of the postal town; the Finnish one beside the Swedish where it is known.
        municipality: its code.
        country: ISO code; Åland counts as Finland.
        care_of: folded.
        also: the street's canonical names in the other language, as far as they were imported.
        region: folded name or code of the state or county.
    """

    streets: frozenset[str]
    folded: frozenset[str]
    number: str
    letters: str
    flat: str
    postcode: str
    towns: frozenset[str]
    municipality: str
    country: str
    care_of: str
    also: frozenset[str] = frozenset()
    region: str = ""

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to compare."""
        return not (self.streets or self.postcode or self.towns or self.region)


def place(address: Address, streets: StreetNames = NO_STREETS) -> Place:
    """Bring an address into its comparable form, with the street's name in the other language where it is known."""
    found = _in_one_language(address)
    return _in_both_languages(found, streets) if streets and found.country in _BILINGUAL else found


known_place = lru_cache(maxsize=4_096)(place)
"""The same for addresses that are compared with each other: applying a change looks at each of them several times."""


def _in_one_language(address: Address) -> Place:
    country = country_of(clean(address.country or ""))
    spelling = spelling_of(country)
    known = _in_parts(address, spelling)
    streets = _streets(known, spelling)
    number, letters, flat = _unit(known, spelling)
    return Place(
        streets=streets,
        folded=frozenset(map(folded_street, streets)),
        number=number,
        letters=letters,
        flat=flat,
        postcode=_postcode(address.postcode),
        towns=frozenset(map(fold, address.post_office.forms())) if address.post_office else frozenset(),
        municipality=clean(address.municipality or ""),
        country=country,
        care_of=fold(known.care_of or ""),
    )


def _in_both_languages(one: Place, known: StreetNames) -> Place:
    towns = known.finnish_towns(one.towns)
    others = [known.others(street, one.postcode, one.municipality, one.towns) for street in one.streets]
    also = frozenset[str]().union(*others) - one.streets
    if not also and towns == one.towns:
        return one
    return one._replace(also=also, folded=one.folded.union(map(folded_street, also)), towns=towns)


def same_address(a: Address, b: Address, streets: StreetNames = NO_STREETS) -> bool:
    """Tell whether two addresses are one place spelled otherwise.

    Says no when in doubt: a missed equality only writes an address anew, while a wrong one loses a move. So

    - one language's form of the street must agree; a Finnish form equals a Swedish one only where an address brings
      both or they were imported as one street's names, never for equal postcode, number and flat alone;
    - number, letters and flat must agree wholly; an address without a flat is not the one with it;
    - postcodes must not differ; where one is missing, post office or municipality must agree;
    - countries and care-of must not differ where both sides have them; one side's silence is no difference;
    - free lines that read alike are one place, wherever postcode and town were put: one provider has a town abroad in a field of
      its own, another one in the last line.
    """
    if _far_apart(a.postcode, b.postcode):
        return False  # as most moves are: nothing else need be looked at
    if a.lines and b.lines and _read_aloud(a) == _read_aloud(b):
        return True
    one, other = known_place(a, streets), known_place(b, streets)
    return one == other or (same_door(one, other) and same_area(one, other) and not _differ(one.care_of, other.care_of))


def _read_aloud(address: Address) -> tuple[str, str, str]:
    """Return an address in free lines as one text, town and all, with its country and care-of."""
    town = address.post_office.text() if address.post_office else ""
    text = " ".join((*address.lines, address.postcode or "", town))
    return words(text), country_of(clean(address.country or "")), fold(address.care_of or "")


def _far_apart(one: str | None, other: str | None) -> bool:
    """Tell whether two postcodes differ that are plain digits, and so are compared as they stand."""
    return bool(one and other and one != other and _is_digits(one) and _is_digits(other))


def same_door(one: Place, other: Place) -> bool:
    """Tell whether street, number, letters and flat agree, whatever the town."""
    unit_agrees = (one.number, one.letters, one.flat) == (other.number, other.letters, other.flat)
    return unit_agrees and same_street(one, other)


def same_street(one: Place, other: Place) -> bool:
    """Tell whether a form of the street agrees.

    What one side is also called must be what the other *is* called: two streets that share a name in the other
    language are two streets. Marks are overlooked only where one side was written without any: Häkätie is not Hakatie's neighbour, but
    "Hakatie" may be how Häkätie was typed.
    """
    if not one.streets.isdisjoint(other.streets):
        return True
    if not (one.also.isdisjoint(other.streets) and one.streets.isdisjoint(other.also)):
        return True
    if one.folded.isdisjoint(other.folded):
        return False
    return _written_plainly(one, other) or _written_plainly(other, one)


def same_area(one: Place, other: Place) -> bool:
    """Tell whether country and postcode agree, or town or municipality where a postcode is missing."""
    if areas_differ(one, other):
        return False
    if one.postcode and other.postcode:
        return True
    if one.municipality and one.municipality == other.municipality:
        return True
    return not one.towns.isdisjoint(other.towns) or not (_has_area(one) or _has_area(other))


def areas_differ(one: Place, other: Place) -> bool:
    """Tell whether country or postcode contradict each other."""
    code, land = one.postcode, one.country  # asked about every candidate, so without a call for each
    return bool(
        (code != other.postcode and code and other.postcode) or (land != other.country and land and other.country)
    )


def _written_plainly(plain: Place, marked: Place) -> bool:
    return any(street.isascii() and street in marked.folded for street in plain.streets)


def _has_area(one: Place) -> bool:
    return bool(one.postcode or one.towns or one.municipality)


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _in_parts(address: Address, country: str) -> Address:
    """Take a free line apart, in the spelling of its country; several, and what cannot be taken apart, stay."""
    if address.street or address.po_box or not address.lines or (country == "FI" and len(address.lines) > 1):
        return address
    line = ", ".join(address.lines)
    box = BOX_ABROAD.fullmatch(clean(line))
    if box:
        return replace(address, po_box=box["number"])
    parsed = parse_street_line(line, country)
    if parsed.lines:
        return replace(parsed, lines=address.lines, care_of=address.care_of or parsed.care_of)
    return replace(parsed, care_of=address.care_of or parsed.care_of)


def _streets(address: Address, country: str) -> frozenset[str]:
    if address.po_box:
        return frozenset({f"pl{words(address.po_box)}"})
    names = address.street.forms() if address.street else (" ".join(address.lines),)
    return frozenset(filter(None, (canonical_street(name, country) for name in names)))


def _postcode(text: str | None) -> str:
    if not text or _is_digits(text):
        return text or ""
    more = _ZIP_AND_MORE.fullmatch(clean(text))
    return more[1] if more else _COUNTRY_BEFORE_POSTCODE.sub("", words(text).replace(" ", ""))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _unit(address: Address, country: str) -> tuple[str, str, str]:
    """Return number, letters and flat, however they are spread over the fields ("10h5" as a number)."""
    if address.po_box:
        return "", "", ""
    if not _is_plain(address):
        address = _plainer(address, country)
    number = _written(address.number or "")
    found = _NUMBER.fullmatch(number)
    base, letter = (found["base"], found["letter"]) if found else (number, "")
    letters, flat = letter + (address.stairwell or "").casefold(), _flat(address)
    # A flat that is a letter: "Apt B" is the door that others write as stairwell B.
    return (base, letters + flat, "") if len(flat) == 1 and flat.isalpha() else (base, letters, flat)


def _plainer(address: Address, country: str) -> Address:
    """Take a unit apart that stands in other fields than it should, or with words beside it."""
    flat = _FLAT_WORD.sub("", clean(address.flat or "").casefold(), count=1) or None
    address = replace(address, flat=flat)
    if address.number is None:
        return address
    number, apart = split_number(clean(address.number), country, english=is_english_street(address))
    if apart:
        return replace(address, number=number, flat=apart) if flat is None else address
    return _read_again(address) if country in _BILINGUAL and not _is_plain(address) else address


def _written(number: str) -> str:
    """Return a house number in small letters, ranges with a hyphen: "6A/6B" becomes "6a-6b"."""
    return clean(number).casefold().replace(" ", "").replace("/", "-").replace("\u2013", "-")


def _flat(address: Address) -> str:
    return (clean(address.flat or "").lstrip("0") + clean(address.split_letter or "")).casefold().replace(" ", "")


def _is_plain(address: Address) -> bool:
    number, stairwell, flat = address.number, address.stairwell, address.flat
    return (
        (number is None or bool(_PLAIN_NUMBER.fullmatch(number)))
        and (stairwell is None or bool(_PLAIN_LETTER.fullmatch(stairwell)))
        and (flat is None or bool(_PLAIN_FLAT.fullmatch(flat)))
    )


def _read_again(address: Address) -> Address:
    """Print the unit and take it apart; unchanged when it cannot be."""
    flat = (address.flat or "").lstrip("0") or None
    line = replace(address, street=Text(fi="x"), flat=flat).street_line()
    parsed = parse_street_line(line)
    return parsed if parsed.number else address
