"""What happened to a group decides what kind of fact it becomes."""

from typing import Any

import pytest

from sync.model import Address, Change, Fact, FactKind, Field, PartialDate
from tests.unit.providers.dvv.wire_data import (
    ID,
    NEW_ID,
    REBORN_ID,
    bad,
    base,
    change,
    day,
    facts,
    full_name,
    group,
    home,
    parse,
)


def outline(*groups: Any) -> list[tuple[FactKind, str | None, str | None]]:
    """Return kind, street and wrong street of each address fact."""
    return [(fact.kind, street(fact.value), street(fact.wrong)) for fact in facts(change(*groups), Field.ADDRESS)]


def street(value: Any) -> str | None:
    """Return the street of an address."""
    return value.street.fi if isinstance(value, Address) and value.street else None


def test_a_move() -> None:
    """The new address is set from its day, the old one ended on its last; the old one identifies the person."""
    told = change(home(), home("MUUTETTU", "Vanhakuja", alkupv=day("2004-05-01"), loppupv=day("2026-06-26")))
    new, old = told.facts
    assert (new.kind, new.valid_from, new.valid_until) == (FactKind.SET, PartialDate(2026, 6, 27), None)
    assert (old.kind, old.valid_until) == (FactKind.ENDED, PartialDate(2026, 6, 26))
    assert [street(each) for each in told.identity.addresses] == ["Vanhakuja"]
    assert told.effective == PartialDate(2026, 6, 27)


@pytest.mark.parametrize("attribute", ["LISATTY", "MUUTETTU", "KORJATTU"])
@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("2026-06-30", FactKind.ENDED),
        ("2026-07-01", FactKind.ENDED),  # the day of the change in Finland, though 30 June in UTC
        ("2026-07-02", FactKind.SET),
        ("2120-02-28", FactKind.SET),
        ("2999-02-28", FactKind.SET),
    ],
)
def test_an_end_counts_on_the_day_of_the_change_in_finland(attribute: str, end: str, kind: FactKind) -> None:
    """An address whose last day is not after the day of the change is ended; a later end is kept as given."""
    (fact,) = facts(change(home(attribute, loppupv=day(end))), Field.ADDRESS)
    assert (fact.kind, str(fact.valid_until)) == (kind, end)


def test_an_end_to_the_month_counts_when_the_month_is_over() -> None:
    """An end known to the month is the last day of that month."""
    for end, kind in (("2026-06-01", FactKind.ENDED), ("2026-07-01", FactKind.SET)):
        (fact,) = change(home("MUUTETTU", loppupv=day(end, "KUUKAUSI"))).facts
        assert fact.kind is kind


@pytest.mark.parametrize(
    ("attribute", "end", "kind"),
    [
        ("MUUTETTU", "2026-06-30", FactKind.ENDED),
        ("MUUTETTU", "2120-02-28", FactKind.SET),
        ("LISATTY", "2026-06-30", FactKind.SET),
    ],
)
def test_without_a_day_of_change_the_attribute_tells_what_ended(attribute: str, end: str, kind: FactKind) -> None:
    """A payload without muutospv: a changed group with an end ended, an added one holds until it."""
    (item,) = parse([home(attribute, loppupv=day(end))]).items
    assert isinstance(item, Change)
    assert [fact.kind for fact in item.facts] == [kind]


def test_an_end_without_content() -> None:
    """An ended group that does not repeat its content is an end all the same."""
    ended = group("TILAPAINEN_KOTIMAINEN_OSOITE", "MUUTETTU", loppupv=day("2026-06-26"))
    (fact,) = change(ended).facts
    assert fact == Fact(Field.TEMPORARY_ADDRESS, FactKind.ENDED, None, None, PartialDate(2026, 6, 26))


def test_context_is_no_change() -> None:
    """LISATIETO identifies the person and becomes no fact."""
    birth = group("SYNTYMAPAIVA", "LISATIETO", syntymapv=day("1952-10-13"))
    email = group("SAHKOPOSTIOSOITE", "LISATIETO", sahkopostiosoite="kuutamo@example.fi")
    told = change(full_name("LISATIETO"), birth, home("LISATIETO"), email)
    assert told.facts == ()
    assert [str(name) for name in told.identity.names] == ["Kuutamo Ilta Testilä"]
    assert told.identity.birth_date == PartialDate(1952, 10, 13)
    assert [street(each) for each in told.identity.addresses] == ["Koivukuja"]
    assert told.identity.email == "kuutamo@example.fi"


def test_the_new_address_never_identifies() -> None:
    """An address that the element also sets is not one where the person lived before."""
    assert change(home("LISATIETO"), home("LISATTY")).identity.addresses == ()


def test_a_removal_brings_back_what_still_holds() -> None:
    """POISTETTU withdraws its content and sets what is listed as still valid."""
    still = home(None, "Vanhakuja", alkupv=day("2004-05-01"))
    assert outline(home("POISTETTU", voimassaolevatTiedot=[still])) == [
        (FactKind.WITHDRAWN, "Koivukuja", None),
        (FactKind.SET, "Vanhakuja", None),
    ]
    assert outline(group("VAKINAINEN_KOTIMAINEN_OSOITE", "POISTETTU")) == [(FactKind.WITHDRAWN, None, None)]


def test_a_correction_is_one_fact() -> None:
    """KORJATTAVA directly followed by KORJATTU is a corrected value, and the wrong one identifies."""
    told = change(home("KORJATTAVA", "Väärätie"), home("KORJATTU"))
    (fact,) = told.facts
    assert (fact.kind, street(fact.value), street(fact.wrong)) == (FactKind.CORRECTED, "Koivukuja", "Väärätie")
    assert [street(each) for each in told.identity.addresses] == ["Väärätie"]


def test_halves_of_corrections_stand_alone() -> None:
    """Apart, or of different groups, the wrong half is withdrawn and the right half set."""
    assert outline(home("KORJATTAVA", "Väärätie")) == [(FactKind.WITHDRAWN, "Väärätie", None)]
    assert outline(home("KORJATTU")) == [(FactKind.SET, "Koivukuja", None)]
    apart = [(FactKind.WITHDRAWN, "Väärätie", None), (FactKind.SET, "Koivukuja", None)]
    assert outline(home("KORJATTAVA", "Väärätie"), group("KOTIKUNTA"), home("KORJATTU")) == apart
    temporary = group("TILAPAINEN_KOTIMAINEN_OSOITE", "KORJATTU", katunimi={"fi": "Muukuja"})
    told = change(home("KORJATTAVA", "Väärätie"), temporary)
    assert [(fact.field, fact.kind) for fact in told.facts] == [
        (Field.ADDRESS, FactKind.WITHDRAWN),
        (Field.TEMPORARY_ADDRESS, FactKind.SET),
    ]
    assert outline(home("KORJATTAVA", "Väärätie"), home("KORJATTAVA", "Toinentie"), home("KORJATTU")) == [
        (FactKind.WITHDRAWN, "Väärätie", None),
        (FactKind.CORRECTED, "Koivukuja", "Toinentie"),
    ]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [(None, "change_attribute_missing"), ("HAVINNYT", "change_attribute_unknown"), (7, "change_attribute_unknown")],
)
def test_an_unknown_attribute_makes_a_bad_item(attribute: Any, reason: str) -> None:
    """What happened must be known for groups that we read, and is no matter for the others."""
    assert bad({**home(), "muutosattribuutti": attribute}).reason == reason
    assert change({**group("KOTIKUNTA"), "muutosattribuutti": attribute}).facts == ()


class TestDeath:
    """A death, and its withdrawal."""

    def kuolinpaiva(self, attribute: str | None = "LISATTY", kuollut: Any = True, **fields: Any) -> dict[str, Any]:
        return group("KUOLINPAIVA", attribute, kuollut=kuollut, **fields)

    def test_a_death(self) -> None:
        """A death is told with its day, and as true where the day is not known."""
        died = PartialDate(2026, 6, 6)
        (fact,) = change(self.kuolinpaiva(kuolinpv=day("2026-06-06"))).facts
        assert fact == Fact(Field.DEATH, FactKind.SET, died, valid_from=died)
        (fact,) = change(self.kuolinpaiva()).facts
        assert fact.value is True

    def test_a_withdrawn_death(self) -> None:
        """A death corrected to life is withdrawn, with the day that was wrong."""
        wrong = self.kuolinpaiva("KORJATTAVA", kuolinpv=day("2026-06-06"))
        (fact,) = change(wrong, self.kuolinpaiva("KORJATTU", kuollut=False)).facts
        assert (fact.kind, fact.value) == (FactKind.WITHDRAWN, PartialDate(2026, 6, 6))

    @pytest.mark.parametrize("attribute", ["LISATTY", "MUUTETTU", "KORJATTU"])
    def test_a_bare_no(self, attribute: str) -> None:
        """A group that says that the person is not dead withdraws whatever death was told."""
        (fact,) = change(self.kuolinpaiva(attribute, kuollut=False)).facts
        assert (fact.kind, fact.value) == (FactKind.WITHDRAWN, None)

    def test_a_corrected_day(self) -> None:
        """Another day of death is a correction, and life corrected to death is a death."""
        right = self.kuolinpaiva("KORJATTU", kuolinpv=day("2026-06-07"))
        (fact,) = change(self.kuolinpaiva("KORJATTAVA", kuolinpv=day("2026-06-06")), right).facts
        assert (fact.kind, str(fact.value), str(fact.wrong)) == (FactKind.CORRECTED, "2026-06-07", "2026-06-06")
        (fact,) = change(self.kuolinpaiva("KORJATTAVA", kuollut=False), right).facts
        assert (fact.kind, str(fact.value)) == (FactKind.SET, "2026-06-07")

    def test_the_day_of_death_beats_the_day_of_the_declaration(self) -> None:
        """With both groups one statement is left; alone, the declaration counts."""
        declared = group("KUOLLEEKSIJULISTAMISPAIVA", kuollut=True, kuolleeksijulistamispv=day("2026-06-20"))
        died = self.kuolinpaiva(kuolinpv=day("2016-06-06"))
        for groups in ([died, declared], [declared, died]):
            assert [str(fact.value) for fact in change(*groups).facts] == ["2016-06-06"]
        for groups in ([self.kuolinpaiva(kuollut=False), declared], [declared]):
            assert [str(fact.value) for fact in change(*groups).facts] == ["2026-06-20"]

    @pytest.mark.parametrize("flag", [None, "true", 1])
    def test_a_death_without_its_flag_is_bad(self, flag: Any) -> None:
        """Nobody is declared dead on a guess."""
        assert bad(self.kuolinpaiva(kuollut=flag)).reason == "death_flag_missing"


class TestNewId:
    """A corrected national id arrives under the old one."""

    def active(self, attribute: str | None = "LISATTY", **fields: Any) -> dict[str, Any]:
        entry = {"voimassaolo": "AKTIIVI", "muutettuHenkilotunnus": NEW_ID, "aktiivinenHenkilotunnus": NEW_ID}
        return group("HENKILOTUNNUS_KORJAUS", attribute, **{**entry, **fields})

    def passive(self, attribute: str | None = "MUUTETTU", **fields: Any) -> dict[str, Any]:
        entry = {"voimassaolo": "PASSIIVI", "muutettuHenkilotunnus": ID, "aktiivinenHenkilotunnus": None}
        return group("HENKILOTUNNUS_KORJAUS", attribute, **{**entry, **fields})

    @pytest.mark.parametrize("active", [NEW_ID, None])
    def test_the_new_id_is_set(self, active: str | None) -> None:
        """The new id is a fact about the old one, also where only the changed id names it."""
        told = change(
            self.active(aktiivinenHenkilotunnus=active, edellisetHenkilotunnukset=[ID, "010190-904u"]), self.passive()
        )
        assert told.facts == (Fact(Field.NATIONAL_ID, FactKind.SET, NEW_ID),)
        assert (told.identity.national_id, told.identity.former_ids) == (ID, ("010190-904U",))

    def test_the_entry_of_the_old_id_alone_is_enough_when_it_names_the_new_one(self) -> None:
        """Where only the passive entry comes, its active id counts."""
        told = change(self.passive(aktiivinenHenkilotunnus=NEW_ID))
        assert told.facts == (Fact(Field.NATIONAL_ID, FactKind.SET, NEW_ID),)

    def test_an_id_change_to_nothing_is_bad(self) -> None:
        """An id that ended without a new one is for a person to look at, unless it is only context."""
        assert change(self.passive("LISATIETO")).facts == ()
        assert bad(self.passive()).reason == "new_national_id_missing"

    def test_the_id_under_which_the_person_is_reported_is_no_news(self) -> None:
        """Base data of an unchanged person names the same id, and says nothing."""
        told = base(
            self.active(None, muutettuHenkilotunnus=ID, aktiivinenHenkilotunnus=ID, edellisetHenkilotunnukset=[])
        )
        assert (told.facts, told.identity.former_ids) == ((), ())
        assert base(self.passive(None)).facts == ()

    def test_base_data_tells_of_an_id_changed_since(self) -> None:
        """Base data asked for under the old id names the new one, and the other ids that the person had."""
        told = base(self.active(None), self.passive(None, muutettuHenkilotunnus="010190-904U"))
        assert told.facts == (Fact(Field.NATIONAL_ID, FactKind.SET, NEW_ID),)
        assert told.identity.former_ids == ("010190-904U",)

    def test_a_changed_id_taken_back(self) -> None:
        """A removed entry withdraws the new id; the removed entry of the old id withdraws nothing."""
        told = change(self.active("POISTETTU"), self.passive("POISTETTU", aktiivinenHenkilotunnus=NEW_ID))
        assert told.facts == (Fact(Field.NATIONAL_ID, FactKind.WITHDRAWN, NEW_ID),)

    def test_a_birth_date_that_the_id_moved_is_a_fact(self) -> None:
        """A birth date sent as context is a change all the same when the new id carries another date."""
        born = group("SYNTYMAPAIVA", "LISATIETO", syntymapv=day("2016-05-02"))
        reborn = {"muutettuHenkilotunnus": REBORN_ID, "aktiivinenHenkilotunnus": REBORN_ID}
        assert [fact.field for fact in change(self.active(), born).facts] == [Field.NATIONAL_ID]
        (fact,) = facts(change(self.active(**reborn), born), Field.BIRTH_DATE)
        assert (fact.kind, fact.value) == (FactKind.SET, PartialDate(2016, 5, 2))

    @pytest.mark.parametrize("code", ["131052-901Y", "", 5, "tuntematon"])
    def test_an_invalid_new_id_is_bad(self, code: Any) -> None:
        """An id with a wrong check character or of another form is never set."""
        assert bad(self.active(aktiivinenHenkilotunnus=code)).reason == "national_id_malformed"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("ASIAKASREKISTERIN_PAIVITYSKIELTO", Field.UPDATE_BAN),
        ("SUORAMARKKINOINTIKIELTO", Field.MARKETING_BAN),
        ("YHTEYSTIETOJEN_LUOVUTUSKIELTO", Field.DISCLOSURE_BAN),
    ],
)
def test_bans(name: str, field: Field) -> None:
    """A ban begins when it is added, ends on its last day, and is withdrawn when removed."""
    since = PartialDate(2020, 1, 1)
    kinds = {
        "LISATTY": (FactKind.SET, {}),
        "MUUTETTU": (FactKind.ENDED, {"loppupv": day("2026-06-30")}),
        "POISTETTU": (FactKind.WITHDRAWN, {}),
    }
    for attribute, (kind, end) in kinds.items():
        (fact,) = change(group(name, attribute, alkupv=day("2020-01-01"), **end)).facts
        assert (fact.field, fact.kind, fact.value, fact.valid_from) == (field, kind, True, since)
    (fact,) = base(group(name, None, alkupv=day("2020-01-01"))).facts
    assert (fact.field, fact.kind) == (field, FactKind.SET)


def test_effective_is_the_latest_beginning() -> None:
    """A change happened when the newest of its values begins, or else when the last one ended."""
    name = full_name(alkupv=day("2026-07-01"))
    ended = home("MUUTETTU", loppupv=day("2026-06-26"))
    assert change(home(), name).effective == PartialDate(2026, 7, 1)
    assert change(ended).effective == PartialDate(2026, 6, 26)
    assert change(group("KOTIKUNTA")).effective is None


def test_nothing_is_told_twice() -> None:
    """Equal groups are one fact."""
    assert len(change(home(), home()).facts) == 1
