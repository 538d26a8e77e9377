"""What holds for every element, however wild."""

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.providers.dvv.groups import HIDDEN_FIELDS, READERS
from adapters.providers.dvv.names import NAME_GROUPS
from sync.model import BadItem, Change
from tests.unit.providers.dvv.wire_data import (
    ID,
    NEW_ID,
    change,
    day,
    element,
    full_name,
    group,
    home,
    order,
    page,
    parse,
    withheld,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
DATES = st.builds(
    lambda date, precision: {"arvo": date.isoformat(), "tarkkuus": precision},
    st.dates(),
    st.sampled_from(["PAIVA", "KUUKAUSI", "VUOSI"]),
)
KEYS = st.sampled_from(
    [
        *["katunimi", "katunumero", "huoneistonumero", "postinumero", "postitoimipaikka", "postiosoite", "lahiosoite"],
        *["valtiokoodi", "valtionimi", "paikkakunta", "kuntakoodi", "sahkopostiosoite", "etunimi", "sukunimiUTF8"],
        *["alkupv", "loppupv", "syntymapv", "kuolinpv", "kuollut", "turvakieltoAktiivinen", "turvaLoppuPv", "nimilaji"],
        *["nimi", "voimassaolo", "muutettuHenkilotunnus", "aktiivinenHenkilotunnus", "edellisetHenkilotunnukset"],
        *["turvakiellonAlaisetKentat", "voimassaolevatTiedot"],
    ]
)
NAMES = st.sampled_from([*sorted(READERS), *sorted(NAME_GROUPS), "TURVAKIELTO", "KOTIKUNTA"])
ATTRIBUTES = st.sampled_from(["LISATIETO", "LISATTY", "MUUTETTU", "POISTETTU", "KORJATTAVA", "KORJATTU", None, "?"])
CONTENT = st.dictionaries(KEYS, JSON | DATES | st.sampled_from([ID, NEW_ID, "AKTIIVI", "NYKYINEN_ETUNIMI"]), max_size=6)
GROUPS = st.builds(
    lambda name, attribute, fields, still: {
        "tietoryhma": name,
        "muutosattribuutti": attribute,
        **({"voimassaolevatTiedot": still} if still else {}),
        **fields,
    },
    NAMES,
    ATTRIBUTES,
    CONTENT,
    st.lists(CONTENT, max_size=2),
)
ELEMENTS = st.fixed_dictionaries(
    {"henkilotunnus": st.just(ID) | JSON, "tietoryhmat": st.lists(GROUPS | JSON, max_size=5)},
    optional={"muutospv": st.just("2026-06-30T21:00:00.000Z") | JSON},
)


@settings(deadline=None)
@given(wire=JSON | ELEMENTS)
def test_nothing_in_place_of_an_element_stops_a_page(wire: Any) -> None:
    """Whatever stands in the list becomes a change or a bad item, and its neighbour comes."""
    *items, last = parse(page(wire, element(full_name()))).items
    assert items
    assert all(isinstance(item, Change | BadItem) for item in items)
    assert isinstance(last, Change)
    base = parse({"perustiedot": [wire]}).items
    assert base


@settings(deadline=None)
@given(wire=st.lists(GROUPS, max_size=5), data=st.data())
def test_no_place_is_told_beside_an_order(wire: list[Any], data: st.DataObject) -> None:
    """An order, or a withheld group alone, anywhere in any element takes every place out of what is told."""
    mark = data.draw(st.sampled_from([order(), order("MUUTETTU"), order("LISATIETO"), withheld("KOTIKUNTA")]))
    at = data.draw(st.integers(0, len(wire)))
    told = parse(page(element(*wire[:at], mark, home("MUUTETTU", "Piilokuja"), *wire[at:]))).items
    for item in told:
        if isinstance(item, BadItem):
            assert b"Piilokuja" not in item.payload
            continue
        assert item.protection is not None
        assert not {fact.field for fact in item.facts} & HIDDEN_FIELDS
        assert item.identity.addresses == ()
        assert item.identity.email is None
        assert "Piilokuja" not in repr(item)


UNITS = [
    [home()],
    [home("MUUTETTU", "Vanhakuja", loppupv=day("2026-06-26"))],
    [home("KORJATTAVA", "Väärätie"), home("KORJATTU", "Oikeatie")],
    [full_name("KORJATTAVA", "Testila"), full_name("KORJATTU")],
    [group("KUTSUMANIMI", nimi="Ilta", alkupv=day("2026-01-01"))],
    [group("NIMENMUUTOS", nimilaji="NYKYINEN_KUTSUMANIMI", nimi="Kuutamo")],
    [group("NIMENMUUTOS", nimilaji="EDELLINEN_SUKUNIMI", nimi="Kokela")],
    [group("KUOLINPAIVA", kuollut=True, kuolinpv=day("2026-06-06"))],
    [group("KUOLLEEKSIJULISTAMISPAIVA", kuollut=True, kuolleeksijulistamispv=day("2026-06-20"))],
    [group("HENKILOTUNNUS_KORJAUS", voimassaolo="AKTIIVI", muutettuHenkilotunnus=NEW_ID)],
    [group("HENKILOTUNNUS_KORJAUS", "MUUTETTU", voimassaolo="PASSIIVI", aktiivinenHenkilotunnus=NEW_ID)],
    [group("SYNTYMAPAIVA", "LISATIETO", syntymapv=day("1952-10-13"))],
    [group("SAHKOPOSTIOSOITE", "POISTETTU", sahkopostiosoite="kuutamo@example.fi")],
    [group("ASIAKASREKISTERIN_PAIVITYSKIELTO")],
    [group("KOTIKUNTA", kuntakoodi="287")],
    [order("MUUTETTU", active=False)],
]


@settings(deadline=None)
@given(units=st.permutations(UNITS), count=st.integers(1, len(UNITS)))
def test_the_order_of_groups_means_nothing(units: list[list[Any]], count: int) -> None:
    """Apart from the two halves of a correction, groups may come in any order and tell the same."""
    some = [unit for unit in UNITS if unit in units[:count]]
    first = change(*(each for unit in some for each in unit))
    second = change(*(each for unit in units[:count] for each in unit))
    assert Counter(first.facts) == Counter(second.facts)
    assert (first.protection, first.effective) == (second.protection, second.effective)
    assert set(first.identity.addresses) == set(second.identity.addresses)
    assert set(first.identity.names) == set(second.identity.names)


@settings(deadline=None)
@given(wire=JSON | ELEMENTS)
def test_reading_again_gives_the_same(wire: Any) -> None:
    """The same payload gives the same items with the same ids."""
    assert parse(json.loads(json.dumps(page(wire)))) == parse(page(wire))
