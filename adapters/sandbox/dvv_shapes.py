"""The population register's groups (`tietoryhma`), shaped as on the wire."""

import unicodedata
from datetime import date
from typing import Any

from adapters.sandbox.places import NUMERIC, building_id
from sync.model import Address, PersonName, Text

Group = dict[str, Any]

ABROAD_MUNICIPALITY = "200"
NO_END = date(2999, 2, 28)
_UNKNOWN_COUNTRY = "998"
_WITHOUT_MARK = {"ł": "l", "Ł": "L", "ı": "i", "đ": "d", "Đ": "D"}
_STREET = ("katunimi", "katunumero", "huoneistokirjain", "huoneistonumero", "jakokirjain")
_BUILDING = ("rakennustunnus", "osoitenumero", "kuntakoodi")
_DOMESTIC = (*_STREET, "postinumero", "postitoimipaikka", *_BUILDING)
_FOREIGN = ("lahiosoite", "paikkakunta", "valtiokoodi", "valtionimi")
_DWELLING = ("rakennustunnus", "osoitenumero", *_STREET[2:], "kuntakoodi", "asuinpaikantunnus")
_INSTITUTION = ("kuntakoodi", "lajikoodi", "numero", "laitos", "asuinpaikantunnus")
_STAY_ABROAD = ("valtiokoodi", "asuinpaikantunnus")

WITHHELD: dict[str, tuple[str, ...]] = {
    "VAKINAINEN_KOTIMAINEN_OSOITE": _DOMESTIC,
    "TILAPAINEN_KOTIMAINEN_OSOITE": _DOMESTIC,
    "KOTIMAINEN_POSTIOSOITE": ("postiosoite", "postinumero", "postitoimipaikka"),
    "VAKINAINEN_ULKOMAINEN_OSOITE": _FOREIGN,
    "TILAPAINEN_ULKOMAINEN_OSOITE": _FOREIGN,
    "ULKOMAINEN_POSTIOSOITE": ("postiosoite", "postiosoiteLisarivi", "postitoimipaikka", "valtiokoodi", "valtionimi"),
    "KOTIKUNTA": ("kuntakoodi", "kuntaanMuuttopv"),
    "TILAPAINEN_KUNTA": ("kuntakoodi", "kuntaanMuuttopv", "kunnastaPoisMuuttopv"),
    "VAESTOKIRJANPITOKUNTA": ("kuntakoodi", "kuntaanMuuttopv"),
    "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": _DWELLING,
    "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": _DWELLING,
    "VAKINAINEN_KOTIMAINEN_OLINPAIKASSA_ASUMINEN": _INSTITUTION,
    "TILAPAINEN_KOTIMAINEN_OLINPAIKASSA_ASUMINEN": _INSTITUTION,
    "VAKINAINEN_ULKOMAILLA_ASUMINEN": _STAY_ABROAD,
    "TILAPAINEN_ULKOMAILLA_ASUMINEN": _STAY_ABROAD,
    "SAHKOPOSTIOSOITE": ("sahkopostiosoite", "lajikoodi"),
}
"""What the withholding account does not tell of protected persons, by group."""


def group(name: str, said: str | None = None, **fields: Any) -> Group:
    """Make a group; `said` is its `muutosattribuutti`, fields that are None are left out."""
    found: Group = {"tietoryhma": name}
    if said is not None:
        found["muutosattribuutti"] = said
    return found | {key: value for key, value in fields.items() if value is not None}


def withheld(name: str, said: str | None = None) -> Group:
    """Make the group as the withholding account gets it."""
    return group(name, said, turvakiellonAlaisetKentat=list(WITHHELD[name]))


def day(value: date | None, *, month_only: bool = False) -> Group | None:
    """Make a date; one known to the month only stands on its first day."""
    if value is None:
        return None
    if month_only:
        return {"arvo": value.replace(day=1).isoformat(), "tarkkuus": "KUUKAUSI"}
    return {"arvo": value.isoformat(), "tarkkuus": "PAIVA"}


def bilingual(text: Text | None) -> Group | None:
    """Make a text in two languages; a form that is not known is left out."""
    if text is None:
        return None
    return {language: form for language, form in (("fi", text.fi), ("sv", text.sv)) if form}


def address_group(address: Address, *, temporary: bool = False) -> str:
    """Return the name of the group that holds this address."""
    return f"{'TILAPAINEN' if temporary else 'VAKINAINEN'}_{'KOTIMAINEN' if address.street else 'ULKOMAINEN'}_OSOITE"


def address_fields(address: Address) -> Group:
    """Make the fields of an address, without its dates."""
    if address.street is None:
        numeric = NUMERIC.get(address.country, _UNKNOWN_COUNTRY)
        name = address.lines[2] if numeric == _UNKNOWN_COUNTRY and len(address.lines) > 2 else None
        return {
            "lahiosoite": address.lines[0],
            "paikkakunta": address.lines[1],
            "valtiokoodi": numeric,
            "valtionimi": name,
        }
    return {
        "katunimi": bilingual(address.street),
        "katunumero": address.number,
        **_flat(address),
        "postinumero": address.postcode,
        "postitoimipaikka": bilingual(address.post_office),
        "rakennustunnus": building_id(address),
        "osoitenumero": 1,
        "kuntakoodi": address.municipality,
    }


def _flat(address: Address) -> Group:
    flat = address.flat.zfill(3) if address.flat else "000" if address.stairwell else None
    return {"huoneistokirjain": address.stairwell, "huoneistonumero": flat, "jakokirjain": address.split_letter}


def dwelling_fields(address: Address) -> Group:
    """Make the fields of an `ASUINPAIKKATUNNUS`; the id is of fixed width, a blank at its end belongs to it."""
    building = building_id(address)
    code = f"{building}1{address.stairwell or ' '}{(address.flat or '').zfill(3)}{address.split_letter or ' '}"
    return {
        "rakennustunnus": building,
        "osoitenumero": 1,
        **_flat(address),
        "kuntakoodi": address.municipality,
        "asuinpaikantunnus": code,
    }


def postal_fields(address: Address) -> Group:
    """Make the fields of a postal address: one free line."""
    return {
        "postiosoite": {"fi": address.street_line("fi"), "sv": address.street_line("sv")},
        "postinumero": address.postcode,
        "postitoimipaikka": bilingual(address.post_office),
    }


def municipality(address: Address | None) -> str | None:
    """Return the code of the home municipality: 200 for everywhere abroad."""
    if address is None:
        return None
    return address.municipality if address.street is not None else ABROAD_MUNICIPALITY


def name_fields(name: PersonName) -> Group:
    """Make the fields of a full name, each with its twin for letters that old character sets lack."""
    return twin("etunimi", name.given_names) | twin("sukunimi", name.surname)


def twin(key: str, value: str) -> Group:
    """Make a name field and its UTF8 twin."""
    return {key: _latin_1(value), f"{key}UTF8": value}


def _latin_1(text: str) -> str:
    """Write a name with the letters of ISO 8859-1 only, as older systems do."""
    return "".join(_latin_1_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _latin_1_letter(letter: str) -> str:
    if ord(letter) < 256:
        return letter
    if letter in _WITHOUT_MARK:
        return _WITHOUT_MARK[letter]
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"
