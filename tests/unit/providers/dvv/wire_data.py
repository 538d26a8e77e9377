"""Groups and elements as the register sends them, about people who do not exist."""

import json
from functools import cache
from typing import Any

from adapters.providers.dvv import DvvProvider, DvvSettings
from sync.model import BadItem, Change, Fact, Field
from sync.ports.provider import Page

ID = "131052-901X"
NEW_ID = "131052-902Y"
REBORN_ID = "020516C903K"

Wire = dict[str, Any]


def day(arvo: str, tarkkuus: str = "PAIVA") -> Wire:
    """Make a date."""
    return {"arvo": arvo, "tarkkuus": tarkkuus}


def group(name: str, attribute: str | None = "LISATTY", **fields: Any) -> Wire:
    """Make a group; without an attribute it is base data."""
    said = {} if attribute is None else {"muutosattribuutti": attribute}
    return {"tietoryhma": name, **said, **fields}


def home(attribute: str | None = "LISATTY", street: str = "Koivukuja", **fields: Any) -> Wire:
    """Make a permanent home address."""
    address = {
        "katunimi": {"fi": street, "sv": f"{street}-sv"},
        "katunumero": "6a-6b",
        "huoneistokirjain": "A",
        "huoneistonumero": "002",
        "jakokirjain": "a",
        "postinumero": "64370",
        "postitoimipaikka": {"fi": "TESTILÄ", "sv": "TESTBY"},
        "kuntakoodi": "287",
        "rakennustunnus": "9000009999",
        "osoitenumero": 4,
        "alkupv": day("2026-06-27"),
    }
    return group("VAKINAINEN_KOTIMAINEN_OSOITE", attribute, **{**address, **fields})


def full_name(attribute: str | None = "MUUTETTU", surname: str = "Testilä", **fields: Any) -> Wire:
    """Make a name."""
    return group("HENKILON_NIMI", attribute, etunimi="Kuutamo Ilta", sukunimi=surname, **fields)


def order(attribute: str | None = "LISATTY", active: Any = True, **fields: Any) -> Wire:
    """Make a non-disclosure order."""
    return group("TURVAKIELTO", attribute, turvakieltoAktiivinen=active, **fields)


def withheld(name: str, attribute: str | None = "LISATTY") -> Wire:
    """Make a group whose content was held back."""
    return group(name, attribute, turvakiellonAlaisetKentat=["katunimi", "postinumero"])


def element(*groups: Any, hetu: Any = ID, muutospv: Any = "2026-06-30T21:00:00.000Z") -> Wire:
    """Make an element of `muutokset`; midnight of 1 July in Helsinki."""
    return {"henkilotunnus": hetu, "muutospv": muutospv, "tietoryhmat": list(groups)}


def page(*elements: Any, key: Any = 5446623423, up_to_date: Any = True) -> Wire:
    """Make an answer of `/muutokset`."""
    return {"viimeisinKirjausavain": key, "muutokset": list(elements), "ajanTasalla": up_to_date}


@cache
def provider(**settings: Any) -> DvvProvider:
    """Return a provider that talks to nobody."""
    return DvvProvider(DvvSettings(base_url="http://127.0.0.1:9/api/v1", **settings))


def parse(wire: Any) -> Page:
    """Read a payload."""
    return provider().parse(json.dumps(wire).encode())


def change(*groups: Any, **fields: Any) -> Change:
    """Read one element that must become one change."""
    items = parse(page(element(*groups, **fields))).items
    assert len(items) == 1
    assert isinstance(items[0], Change), items[0]
    return items[0]


def bad(*groups: Any, **fields: Any) -> BadItem:
    """Read one element that must become one bad item."""
    items = parse(page(element(*groups, **fields))).items
    assert len(items) == 1
    assert isinstance(items[0], BadItem), items[0]
    return items[0]


def base(*groups: Any, hetu: Any = ID) -> Change:
    """Read the base data of one person."""
    items = parse({"perustiedot": [{"henkilotunnus": hetu, "tietoryhmat": list(groups)}], "ajanTasalla": True}).items
    assert len(items) == 1
    assert isinstance(items[0], Change), items[0]
    return items[0]


def facts(of: Change, field: Field) -> tuple[Fact, ...]:
    """Return the facts about a field."""
    return tuple(fact for fact in of.facts if fact.field is field)
