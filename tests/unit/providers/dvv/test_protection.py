"""An order is found before anything else is read, and nothing tells where the person is."""

from typing import Any

import pytest

from sync.model import LOCATION_FIELDS, Address, BadItem, Change, Field, PartialDate
from tests.unit.providers.dvv.wire_data import (
    ID,
    base,
    change,
    day,
    element,
    facts,
    full_name,
    group,
    home,
    order,
    page,
    parse,
    withheld,
)

SECRET = "Piilokuja"
MASK = "***Lisätietoja maistraatista"


def hidden_home(attribute: str = "LISATTY", **fields: Any) -> dict[str, Any]:
    """Make the address that must not be told."""
    return home(attribute, SECRET, **fields)


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_an_order_hides_every_place_wherever_it_stands(at: int) -> None:
    """With an active order no place is read from the element, not even an ended one as evidence."""
    groups = [hidden_home(), hidden_home("MUUTETTU", loppupv=day("2026-06-26")), full_name()]
    groups.insert(at, order())
    protected = change(*groups)
    assert protected.protection is not None
    assert (protected.protection.active, protected.protection.code) == (True, "TURVAKIELTO")
    assert not {fact.field for fact in protected.facts} & LOCATION_FIELDS
    assert facts(protected, Field.NAME)
    assert SECRET not in repr(protected)
    assert protected.identity.addresses == ()


@pytest.mark.parametrize(
    "name",
    [
        "VAKINAINEN_KOTIMAINEN_OSOITE",
        "TILAPAINEN_KOTIMAINEN_OSOITE",
        "KOTIMAINEN_POSTIOSOITE",
        "VAKINAINEN_ULKOMAINEN_OSOITE",
        "TILAPAINEN_ULKOMAINEN_OSOITE",
        "ULKOMAINEN_POSTIOSOITE",
    ],
)
@pytest.mark.parametrize("attribute", ["LISATIETO", "LISATTY", "MUUTETTU", "POISTETTU", "KORJATTAVA", "KORJATTU"])
def test_no_kind_of_place_slips_through(name: str, attribute: str) -> None:
    """Every address group is hidden whatever happened to it, and what is still valid inside it too."""
    fields = {"katunimi": {"fi": SECRET}, "postiosoite": {"fi": f"{SECRET} 1"}, "lahiosoite": f"{SECRET} 1"}
    told = change(group(name, attribute, **fields, voimassaolevatTiedot=[fields]), order())
    assert told.facts == ()
    assert SECRET not in repr(told)


def test_the_e_mail_address_is_hidden_too() -> None:
    """The register withholds the e-mail address with the places, and so do we."""
    told = change(order(), group("SAHKOPOSTIOSOITE", sahkopostiosoite="kuutamo@example.fi"))
    assert told.facts == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"katunimi": {"fi": "Virastokatu"}, "katunumero": "1", "postinumero": "00100"},
        {"postiosoite": {"fi": "Virastokatu 1"}, "postinumero": "00100"},
    ],
)
def test_the_contact_address_of_a_protected_person_is_told(fields: dict[str, Any]) -> None:
    """A contact address is meant to be used; its undocumented fields are found under either known name."""
    (fact,) = change(order(), group("KOTIMAINEN_YHTEYSOSOITE", **fields)).facts
    assert fact.field is Field.CONTACT_ADDRESS
    assert isinstance(fact.value, Address)
    assert fact.value.print() == ("Virastokatu 1", "00100")


def test_a_contact_address_of_unknown_shape_is_passed_over() -> None:
    """What cannot be recognised in a contact address is counted and costs nothing else."""
    for fields in ({"jokuKentta": "x"}, {"katunimi": 3.5}):
        told = parse(page(element(order(), group("KOTIMAINEN_YHTEYSOSOITE", **fields), full_name())))
        assert isinstance(told.items[0], Change)
        assert told.ignored == {"KOTIMAINEN_YHTEYSOSOITE": 1}


def test_a_withheld_group_proves_an_order() -> None:
    """Fields held back without a TURVAKIELTO group count as an active order, and are no bad item."""
    told = change(withheld("KOTIKUNTA"), hidden_home(), full_name())
    assert told.protection is not None
    assert told.protection.active
    assert [fact.field for fact in told.facts] == [Field.NAME]


def test_a_withheld_part_of_a_removal_proves_an_order() -> None:
    """Content held back among what is still valid is content held back."""
    left = {"turvakiellonAlaisetKentat": ["katunimi"]}
    for entries in ([left], [{"katunimi": {"fi": MASK}}]):
        told = change(hidden_home("POISTETTU", voimassaolevatTiedot=entries))
        assert told.protection is not None
        assert told.protection.active
        assert told.facts == ()


@pytest.mark.parametrize("name", ["HENKILON_NIMI", "KOTIMAINEN_YHTEYSOSOITE", "SAHKOPOSTIOSOITE", "KOTIKUNTA"])
def test_a_withheld_group_carries_nothing(name: str) -> None:
    """Nothing is read from a withheld group of any kind, and nothing is missed in it."""
    told = parse(page(element(order(), withheld(name))))
    assert [item.facts for item in told.items if isinstance(item, Change)] == [()]
    assert told.ignored == {}


def test_a_withheld_group_counts_whatever_it_lists() -> None:
    """The key alone tells that content was held back: null, group names or nothing behind it are the same."""
    for content in (None, [], ["KOTIKUNTA"], "x"):
        told = change(group("TILAPAINEN_KOTIMAINEN_OSOITE", turvakiellonAlaisetKentat=content))
        assert told.protection is not None
        assert told.protection.active


@pytest.mark.parametrize("mask", [MASK, f"  {MASK.upper()} ", {"fi": MASK}])
def test_the_mask_text_is_no_street(mask: Any) -> None:
    """The text that older deliveries put where the street would be is read as withheld."""
    told = change(home(katunimi=mask), full_name())
    assert told.protection is not None
    assert told.protection.active
    assert not facts(told, Field.ADDRESS)


def test_the_mask_of_somebody_else_says_nothing() -> None:
    """A guardian's masked address does not make the child protected."""
    guardian = {"etunimet": "Aamu", "lahiosoite": MASK}
    assert change(group("HUOLTAJA", huoltaja=guardian, lisatieto=MASK)).protection is None


def test_the_end_of_an_order() -> None:
    """A false flag ends the order on its last day, and the accompanying address is read."""
    told = change(order("MUUTETTU", active=False, turvaLoppuPv=day("2026-06-29")), home())
    assert told.protection is not None
    assert (told.protection.active, told.protection.until) == (False, PartialDate(2026, 6, 29))
    assert facts(told, Field.ADDRESS)


def test_an_end_with_fields_still_withheld_tells_no_place() -> None:
    """Where the order is over and content is held back all the same, the end counts and no place is taken."""
    told = change(order("MUUTETTU", active=False), withheld("KOTIKUNTA"), hidden_home())
    assert told.protection is not None
    assert not told.protection.active
    assert told.facts == ()


@pytest.mark.parametrize(
    ("groups", "active"),
    [
        ([order("LISATIETO", active=False)], None),
        ([order("LISATIETO", active=True)], True),
        ([order("POISTETTU", active=True)], False),
        ([order("POISTETTU", active=False)], True),
        ([order("POISTETTU", voimassaolevatTiedot=[order(None)])], True),
        ([order("POISTETTU", voimassaolevatTiedot="?")], True),
        ([order("KORJATTAVA"), order("KORJATTU", active=False)], False),
        ([order("KORJATTAVA", active=False), order("KORJATTU")], True),
        ([order("KORJATTAVA")], True),
        ([order("KORJATTAVA"), full_name(), order("KORJATTU", active=False)], True),
        ([order("MUUTETTU", active=False), order("LISATTY")], True),
        ([order(active=None)], True),
        ([order(active="false")], True),
        ([withheld("TURVAKIELTO")], True),
    ],
)
def test_what_is_unclear_is_in_force(groups: list[Any], active: bool | None) -> None:
    """Only a clear end ends an order; context ends nothing."""
    told = change(*groups)
    assert (told.protection.active if told.protection else None) == active


def test_an_end_by_an_unknown_attribute_ends_nothing() -> None:
    """What happened to the order is not known, so that it is in force, and a person sees the item."""
    saved, left = parse(page(element(order("HAVINNYT", active=False)))).items
    assert isinstance(saved, Change)
    assert saved.protection is not None
    assert saved.protection.active
    assert isinstance(left, BadItem)


def test_the_last_day_of_an_order() -> None:
    """The last day is told, the latest of several, and none when one order is open-ended or its day unreadable."""
    july, august = (order(turvaLoppuPv=day(f"2027-0{month}-01")) for month in (7, 8))
    assert _until(july) == PartialDate(2027, 7, 1)
    assert _until(august, july) == PartialDate(2027, 8, 1)
    assert _until(july, order()) is None
    assert _until(order(turvaLoppuPv=day("2027-07-01", "TUNTI"))) is None


def test_an_order_is_saved_from_an_element_that_cannot_be_read() -> None:
    """The order comes as a change of its own, and the bad item keeps the payload without the places."""
    broken = element(order(), hidden_home(), full_name(alkupv=day("2026-13-01")), group("KOTIKUNTA", kuntakoodi="287"))
    saved, left = parse(page({**broken, "muuta": SECRET})).items
    assert isinstance(saved, Change)
    assert saved.protection is not None
    assert saved.protection.active
    assert (saved.identity.national_id, saved.facts) == (ID, ())
    assert isinstance(left, BadItem)
    assert left.event_id != saved.event_id
    assert SECRET.encode() not in left.payload
    assert b'"kuntakoodi"' not in left.payload
    assert b"KOTIKUNTA" in left.payload
    assert b"Kuutamo" in left.payload


def test_an_order_about_nobody_is_left_in_the_bad_item() -> None:
    """Without a readable id there is nobody to protect; a person sees the item."""
    items = parse(page(element(order(), hetu="?"))).items
    assert [type(item) for item in items] == [BadItem]


def test_a_hidden_address_that_cannot_be_read_costs_nothing() -> None:
    """A hidden group is not read at all, so it cannot spoil its element."""
    assert isinstance(change(order(), hidden_home(alkupv="x")), Change)


def test_base_data_without_an_order_is_complete_and_says_nothing() -> None:
    """In base data a protected person has the group, so its absence is told by completeness alone."""
    told = base(full_name(None), home(None))
    assert (told.protection, told.complete) == (None, True)


@pytest.mark.parametrize("shown", [order(None), withheld("KOTIKUNTA", None)])
def test_base_data_of_a_protected_person(shown: dict[str, Any]) -> None:
    """The order stands anywhere in base data, and hides what stands before it."""
    told = base(home(None, SECRET), full_name(None), shown)
    assert told.protection is not None
    assert told.protection.active
    assert told.complete
    assert [fact.field for fact in told.facts] == [Field.NAME]


def _until(*groups: dict[str, Any]) -> PartialDate | None:
    found = change(*groups).protection
    assert found is not None
    return found.until
