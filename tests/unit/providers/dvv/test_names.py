"""Names, and the parts of names that other groups tell."""

from typing import Any

import pytest

from sync.model import Change, FactKind, Field, PartialDate, PersonName
from tests.unit.providers.dvv.wire_data import bad, base, change, day, element, facts, full_name, group, page, parse


def part(kind: str, nimi: str, attribute: str | None = "LISATTY", name: str = "NIMENMUUTOS", **fields: Any) -> Any:
    """Make a group that tells one part of a name."""
    return group(name, attribute, nimilaji=kind, nimi=nimi, **fields)


def said(*groups: Any) -> list[PersonName]:
    """Return the names that become facts."""
    return [fact.value for fact in facts(change(*groups), Field.NAME) if isinstance(fact.value, PersonName)]


def test_the_full_name_in_unicode_is_preferred() -> None:
    """The UTF8 twins win, each on its own."""
    told = said(full_name(etunimiUTF8="Kuutamo Íltà", sukunimiUTF8=""))
    assert told == [PersonName("Testilä", "Kuutamo Íltà")]


def test_one_name_is_enough_and_none_is_bad() -> None:
    """There are people with a surname only; nobody has no name."""
    assert said(group("HENKILON_NIMI", sukunimi="Testilä")) == [PersonName("Testilä", "")]
    assert bad(group("HENKILON_NIMI", alkupv=day("2026-01-01"))).reason == "value_missing"


def test_a_changed_surname() -> None:
    """The name is set from its day; the former surname identifies, beside the given names of today."""
    told = change(
        full_name(alkupv=day("2026-05-05")),
        part("NYKYINEN_SUKUNIMI", "Testilä"),
        part("EDELLINEN_SUKUNIMI", "Kokela", "MUUTETTU", loppupv=day("2026-05-05")),
        part("EDELLINEN_SUKUNIMI", "Kokela", "MUUTETTU", name="NIMENMUUTOS_LAAJA"),
        part("VIIMEKSI_NAIMATTOMANA_OLLESSA_OLLUT_SUKUNIMI", "Alku", "LISATIETO"),
        part("EDELLINEN_KUTSUMANIMI", "Ilta"),
    )
    (fact,) = told.facts
    assert (fact.kind, fact.valid_from) == (FactKind.SET, PartialDate(2026, 5, 5))
    assert told.identity.names == tuple(PersonName(each, "Kuutamo Ilta") for each in ("Testilä", "Kokela", "Alku"))


def test_parts_left_on_the_same_day_belong_together() -> None:
    """Surname and given names that ended on one day were one name."""
    told = change(
        full_name(),
        part("EDELLINEN_SUKUNIMI", "Kokela", loppupv=day("2026-05-05")),
        part("EDELLINEN_ETUNIMI", "Aamu", loppupv=day("2026-05-05")),
        part("EDELLINEN_ETUNIMI", "Päivä", loppupv=day("2001-01-01")),
    )
    assert told.identity.names[1:] == (
        PersonName("Kokela", "Aamu"),
        PersonName("Testilä", "Päivä"),
    )


@pytest.mark.parametrize("name", ["KUTSUMANIMI", "NIMENMUUTOS", "NIMENMUUTOS_LAAJA"])
@pytest.mark.parametrize("first", [True, False])
def test_the_calling_name_joins_the_name(name: str, first: bool) -> None:
    """The calling name in force goes into the name fact, wherever it stands."""
    calling = part("NYKYINEN_KUTSUMANIMI", "Ilta", name=name)
    groups = [calling, full_name()] if first else [full_name(), calling]
    assert said(*groups) == [PersonName("Testilä", "Kuutamo Ilta", "Ilta")]


def test_a_calling_name_that_ended_joins_nothing() -> None:
    """Ended, former and removed calling names are not the calling name; what a removal leaves is."""
    ended = part("NYKYINEN_KUTSUMANIMI", "Ilta", loppupv=day("2026-05-05"))
    removed = part("NYKYINEN_KUTSUMANIMI", "Ilta", "POISTETTU", name="KUTSUMANIMI")
    wrong = part("NYKYINEN_KUTSUMANIMI", "Ilta", "KORJATTAVA", name="KUTSUMANIMI")
    for group_ in (ended, removed, wrong, part("EDELLINEN_KUTSUMANIMI", "Ilta")):
        assert said(full_name(), group_) == [PersonName("Testilä", "Kuutamo Ilta")]
    left = {**removed, "voimassaolevatTiedot": [{"nimilaji": "NYKYINEN_KUTSUMANIMI", "nimi": "Kuutamo"}]}
    assert said(full_name(), left) == [PersonName("Testilä", "Kuutamo Ilta", "Kuutamo")]


def test_the_latest_calling_name_wins() -> None:
    """Of two calling names the later counts, of the same day the KUTSUMANIMI group, which needs no kind."""
    later = group("KUTSUMANIMI", nimi="Ilta", alkupv=day("2026-01-01"))
    earlier = part("NYKYINEN_KUTSUMANIMI", "Kuutamo", alkupv=day("2020-01-01"))
    same_day = part("NYKYINEN_KUTSUMANIMI", "Yö", alkupv=day("2026-01-01"))
    for groups in ([later, earlier], [earlier, later], [later, same_day], [same_day, later]):
        assert said(full_name(), *groups) == [PersonName("Testilä", "Kuutamo Ilta", "Ilta")]


def test_a_part_with_the_rest_as_context_makes_a_name() -> None:
    """A changed part is a fact where the full name comes as context."""
    calling = part("NYKYINEN_KUTSUMANIMI", "Ilta", alkupv=day("2026-05-10"))
    (fact,) = change(full_name("LISATIETO"), calling).facts
    assert (fact.value, fact.valid_from) == (PersonName("Testilä", "Kuutamo Ilta", "Ilta"), PartialDate(2026, 5, 10))
    assert said(full_name("LISATIETO"), part("NYKYINEN_SUKUNIMI", "Uusila")) == [PersonName("Uusila", "Kuutamo Ilta")]


def test_parts_that_are_whole_together_make_a_name() -> None:
    """Given names and surname from two groups are a name."""
    parts = [part("NYKYINEN_ETUNIMI", "Aamu"), part("NYKYINEN_SUKUNIMI", "Uusila")]
    assert said(*parts) == [PersonName("Uusila", "Aamu")]


def test_a_part_alone_is_passed_over() -> None:
    """A name with a hole would blank what is known, so it is counted instead."""
    told = parse(page(element(part("NYKYINEN_SUKUNIMI", "Uusila"))))
    assert told.ignored == {"NIMENMUUTOS": 1}
    assert [item.facts for item in told.items if isinstance(item, Change)] == [()]


def test_context_alone_is_no_change_of_name() -> None:
    """Where every part is context nothing changed."""
    parts = [part("NYKYINEN_KUTSUMANIMI", "Ilta", "LISATIETO"), full_name("LISATIETO")]
    assert said(*parts) == []


def test_a_corrected_name_keeps_the_wrong_one_as_evidence() -> None:
    """The wrong spelling is what registers hold; the calling name joins the right one only."""
    told = change(
        full_name("KORJATTAVA", "Testila"), full_name("KORJATTU"), part("NYKYINEN_KUTSUMANIMI", "Ilta", "LISATIETO")
    )
    (fact,) = told.facts
    assert fact.kind is FactKind.CORRECTED
    assert fact.value == PersonName("Testilä", "Kuutamo Ilta", "Ilta")
    assert fact.wrong == PersonName("Testila", "Kuutamo Ilta")
    assert told.identity.names == (fact.value, fact.wrong)


def test_base_data_with_name_changes() -> None:
    """Base data gives the name with its calling name, and former names as evidence."""
    told = base(
        full_name(None),
        part("NYKYINEN_KUTSUMANIMI", "Ilta", None),
        part("EDELLINEN_ETUNIMI", "Aamu", None, loppupv=day("2001-01-01")),
    )
    assert [fact.value for fact in told.facts] == [PersonName("Testilä", "Kuutamo Ilta", "Ilta")]
    assert told.identity.names[1:] == (PersonName("Testilä", "Aamu"),)
