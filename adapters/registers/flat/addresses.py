"""An address in columns: whole lines or parts, as many of them as are mapped."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from adapters.registers.flat import names
from sync.matching.normalise.street import parse_street_line
from sync.model import Address, Text

_FLAT = re.compile(r"0*(\d+) ?([A-Za-zÅÄÖåäö])?")
_POST_LINE = re.compile(r"((?:[A-Z]{1,2}-)?\d[\d -]*\d(?: ?[A-Z]{2}(?= ))?)(?: +(.*))?")
_COUNTRIES = {
    "FI": {"suomi", "finland", "fin"},
    "SE": {"ruotsi", "sverige", "sweden", "swe"},
    "NO": {"norja", "norge", "norway", "nor"},
    "DK": {"tanska", "danmark", "denmark", "dnk"},
    "EE": {"viro", "estland", "estonia", "est", "eesti"},
}
_CODE_OF_COUNTRY = {word: code for code, words in _COUNTRIES.items() for word in words}

Texts = Mapping[str, str | None]


def read_address(texts: Texts, default_country: str | None) -> Address | None:
    """Put an address together from the texts of the mapped parts; None when nothing says where it is."""
    place = _read_street(texts)
    postcode, town = _read_post(texts)
    care_of = texts.get("care_of") or place.care_of
    po_box = texts.get("po_box") or place.po_box
    if not (place.street or place.lines or postcode or town or care_of or po_box):
        return None
    return replace(
        place,
        po_box=po_box,
        care_of=care_of,
        postcode=postcode,
        post_office=Text(fi=town) if town else None,
        municipality=texts.get("municipality"),
        country=_read_country(texts.get("country"), default_country),
    )


def print_address(address: Address, mapped: frozenset[str], language: Literal["fi", "sv"]) -> dict[str, str | None]:
    """Print an address into the mapped parts; a part that it does not have is None.

    A part without a column of its own joins the one before it, so that nothing of the street line is lost.
    """
    texts: dict[str, str | None] = {
        "postcode": address.postcode,
        "post_office": address.post_office.text(language) if address.post_office else None,
        "post_line": address.post_line(language) or None,
        "municipality": address.municipality,
        "country": address.country,
        "care_of": address.care_of,
        "po_box": address.po_box,
    }
    place = replace(address, po_box=None) if "po_box" in mapped else address
    texts["street_line"] = place.street_line(language) or None
    texts |= _print_parts(place, mapped, language)
    return {part: texts[part] for part in mapped}


def _read_street(texts: Texts) -> Address:
    """Read the street; a unit that may stand in fewer columns than it has parts is taken apart as a line."""
    parts = [texts.get(part) for part in names.STREET_PARTS]
    street, number, stairwell, flat = parts
    whole_unit = all(part in texts for part in names.STREET_PARTS)
    if street is None or not whole_unit or not (number or stairwell or flat):
        line = texts.get("street_line") or " ".join(part for part in parts if part)
        return parse_street_line(line) if line else Address()
    split = _FLAT.fullmatch(flat) if flat else None
    return Address(
        street=Text(fi=street),
        number=number,
        stairwell=stairwell,
        flat=split[1] if split else flat,
        split_letter=split[2] if split else None,
    )


def _print_parts(place: Address, mapped: frozenset[str], language: Literal["fi", "sv"]) -> dict[str, str | None]:
    texts: dict[str, str | None] = dict.fromkeys(names.STREET_PARTS)
    if place.street is None or place.po_box:
        texts["street"] = place.street_line(language) or None
        return texts
    column = "street"
    words = (place.street.text(language), place.number, place.stairwell, place.flat, place.split_letter)
    for part, word in zip((*names.STREET_PARTS, "split_letter"), words, strict=True):
        column = part if part in mapped else column
        if word:
            texts[column] = f"{texts[column]} {word}" if texts[column] else word
    return texts


def _read_post(texts: Texts) -> tuple[str | None, str | None]:
    line = texts.get("post_line")
    if line is None:
        return texts.get("postcode"), texts.get("post_office")
    found = _POST_LINE.fullmatch(line)
    return (found[1], found[2]) if found else (None, line)


def _read_country(text: str | None, default: str | None) -> str | None:
    if text is None:
        return default
    if re.fullmatch("[A-Za-z]{2}", text):
        return text.upper()
    return _CODE_OF_COUNTRY.get(text.casefold())
