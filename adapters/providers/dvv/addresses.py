"""Addresses as the register writes them: in parts, as one line, or abroad.

The two readers take every spelling of the fields that is known, because the fields of a contact address
(`*_YHTEYSOSOITE`) are not documented: they are looked for under the names of the home and the postal address.
"""

import re

from adapters.providers.dvv import countries
from adapters.providers.dvv.wire import Group, place, text
from sync.model import Address, Text

_PO_BOX = re.compile(r"(?:PL|PB) ?(\d+)", re.IGNORECASE)
_STREET_LINE = re.compile(
    r"(?!c/o )(?P<street>\D+?) (?P<number>\d\S*)"
    r"(?: (?P<stairwell>[A-ZÅÄÖ]))?(?: (?P<flat>\d+))?(?: ?(?P<split_letter>[a-zåäö]))?"
)
_MUNICIPALITY = re.compile(r"\d{3}")
_UNKNOWN_COUNTRY = "998"


def domestic(group: Group) -> Address | None:
    """Read an address in Finland; None when it says nothing at all.

    Raises:
        Unreadable: a field is not of its type.
    """
    postcode = text(group, "postinumero")
    post_office = place(group, "postitoimipaikka", "paikkakunta")
    municipality = text(group, "kuntakoodi")
    there = municipality if municipality and _MUNICIPALITY.fullmatch(municipality) else None
    street = place(group, "katunimi")
    if street is None:
        line = place(group, "postiosoite", "lahiosoite")
        if not (line or postcode or post_office):
            return None
        return _delivery_line(line, postcode, post_office, there)
    return Address(
        street=street,
        number=text(group, "katunumero"),
        stairwell=text(group, "huoneistokirjain"),
        flat=_flat(text(group, "huoneistonumero")),
        split_letter=text(group, "jakokirjain"),
        postcode=postcode,
        post_office=post_office,
        municipality=there,
    )


def foreign(group: Group) -> Address | None:
    """Read an address abroad; None when it says nothing at all.

    A country that ISO 3166-1 does not know leaves `country` empty and its name, or else its code, as the last line.

    Raises:
        Unreadable: a field is not of its type.
    """
    street = place(group, "lahiosoite", "postiosoite", "katunimi")
    extra = place(group, "postiosoiteLisarivi")
    post_office = place(group, "paikkakunta", "postitoimipaikka")
    code = text(group, "valtiokoodi") or _UNKNOWN_COUNTRY
    country = countries.alpha_2(code)
    name = text(group, "valtionimi") or (code if code != _UNKNOWN_COUNTRY else None)
    lines = [line.text() for line in (street, extra) if line]
    if country is None and name:
        lines.append(name)
    if not (lines or post_office or country):
        return None
    return Address(lines=tuple(lines), post_office=post_office, postcode=text(group, "postinumero"), country=country)


def _flat(number: str | None) -> str | None:
    # "003" is flat 3, "000" is none.
    return (number or "").lstrip("0") or None


def _delivery_line(
    line: Text | None, postcode: str | None, post_office: Text | None, municipality: str | None
) -> Address:
    forms = line.forms() if line else ()
    boxes = {found[1] if (found := _PO_BOX.fullmatch(form)) else None for form in forms}
    box = boxes.pop() if len(boxes) == 1 else None
    parts = None if box else _parts(forms)
    street = None
    if parts and line:
        street = Text(fi=_street(line.fi), sv=_street(line.sv))
    number, stairwell, flat, split_letter = parts or (None, None, None, None)
    return Address(
        street=street,
        number=number,
        stairwell=stairwell,
        flat=_flat(flat),
        split_letter=split_letter,
        postcode=postcode,
        post_office=post_office,
        municipality=municipality,
        po_box=box,
        lines=() if box or parts else forms[:1],
    )


def _parts(forms: tuple[str, ...]) -> tuple[str | None, ...] | None:
    """Return number, stairwell, flat and letter, when every language's line has the same ones."""
    found = {match.groups()[1:] if (match := _STREET_LINE.fullmatch(form)) else None for form in forms}
    return found.pop() if len(found) == 1 else None


def _street(form: str | None) -> str | None:
    match = _STREET_LINE.fullmatch(form) if form else None
    return match["street"] if match else None
