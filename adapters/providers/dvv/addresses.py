"""Addresses as the register writes them: in parts, as one line, or abroad.

The two readers take every spelling of the fields that is known, because the fields of a contact address
(`*_YHTEYSOSOITE`) are not documented: they are looked for under the names of the home and the postal address.
"""

import re
from dataclasses import replace

from adapters.providers.dvv import countries
from adapters.providers.dvv.wire import Group, place, text
from sync.matching.normalise.street import parse_street_line
from sync.model import Address, Text

_MUNICIPALITY = re.compile(r"[0-9]{3}")
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
        address = _delivery_line(line) if line else Address()
        return replace(address, postcode=postcode, post_office=post_office, municipality=there)
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


def _delivery_line(line: Text) -> Address:
    """Take a line apart; the Swedish one gives the Swedish street name, when the rest of it says the same."""
    finnish, swedish = (parse_street_line(form) if form else None for form in (line.fi, line.sv))
    if finnish is None or swedish is None:
        address = finnish or swedish or Address()
        street = address.street and address.street.text()
        return replace(address, street=Text(fi=street) if finnish else Text(sv=street)) if street else address
    same = replace(finnish, street=None) == replace(swedish, street=None)
    if not (same and finnish.street and swedish.street):
        return finnish
    return replace(finnish, street=Text(fi=finnish.street.text(), sv=swedish.street.text()))
