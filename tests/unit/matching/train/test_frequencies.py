"""How common values are, and that nobody can be told from it."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.model_file import dump_model, parse_model
from sync.matching.normalise.name import name_forms
from sync.matching.prepared import Prepared
from sync.matching.train.frequencies import RARE, Census
from sync.matching.train.households import Homes
from sync.model import PersonName
from tests.unit.matching.people import MODEL, any_people, home
from tests.unit.matching.train.town import living_at, somebody

ALONE = Homes()
"""Nobody lives with anybody."""
SURNAMES = ("virtanen", "korhonen", "koe", "makela", "aho")


def digest(table: str, text: str) -> str:
    """Return a keyed hash."""
    return blake2b(f"{table}|{text}".encode("utf-8", "surrogatepass"), digest_size=8, key=b"k").hexdigest()


def named(surname: str) -> Prepared:
    """Return somebody of whom nothing else is known."""
    return somebody()._replace(names=(name_forms(PersonName(surname, "")),))


def counted(*people: Prepared) -> Census:
    """Count everybody."""
    census = Census()
    for person in people:
        census.add(person)
    return census


@given(st.dictionaries(st.sampled_from(SURNAMES), st.integers(1, 12), min_size=1))
def test_no_value_of_few_is_listed(holders: Mapping[str, int]) -> None:
    """A value that fewer than five have is pooled with the others, and what is listed is listed by keyed hash."""
    census = counted(*(named(surname) for surname, count in holders.items() for _ in range(count)))
    table = census.tables(digest, ALONE)["surname"]
    total = sum(holders.values())
    assert RARE >= 5
    assert table.shares == {
        digest("surname", surname): count / total for surname, count in holders.items() if count >= RARE
    }
    pairs, alike = total * (total - 1), sum(count * (count - 1) for count in holders.values())
    assert table.average == pytest.approx(alike / pairs if pairs else 0, abs=0.21 / max(pairs, 1))
    assert not any(surname in dump_model(replace(MODEL, frequencies={"surname": table})) for surname in holders)


def test_what_is_rare_is_as_rare_as_its_holders_are() -> None:
    """One pooled share: of how many others a holder of a rare value shares it with, and a little for the unseen."""
    people = [named(surname) for surname in ["virtanen"] * 5 + ["koe"] * 3 + ["aho"]]
    others = counted(*people).tables(digest, ALONE)["surname"].rare * len(people)
    assert (3 * 2 + 0) / 4 < others < (3 * 2 + 0) / 4 + 1
    assert 0 < counted(*people[:5]).tables(digest, ALONE)["surname"].rare < 1 / 5


def test_what_a_household_shares_tells_nothing_of_strangers() -> None:
    """Four families of two, each with a surname and a house of its own: no stranger was seen to share either."""
    families = [
        [living_at(home(f"Rantatie {number}"))._replace(names=named(surname).names, birth_date=f"19{number}00101")] * 2
        for number, surname in enumerate(SURNAMES[:4], start=1)
    ]
    people, homes = [person for family in families for person in family], Homes()
    for person in people:
        homes.add(person)
    apart, together = counted(*people).tables(digest, homes), counted(*people).tables(digest, ALONE)
    for table in ("surname", "house"):
        assert together[table].rare * len(people) > 1
        assert apart[table].rare * len(people) < 0.3
        assert apart[table].average < together[table].average / 10


def test_where_thousands_share_nothing_little_is_reckoned_with() -> None:
    """The more holders of rare values share them with nobody, the less likely the next one does; never impossible."""
    people = [somebody()._replace(phone=f"+35840{number:07}") for number in range(4_000)]
    few, many = (counted(*people[:count]).tables(digest, ALONE)["phone"].rare * count for count in (10, 4_000))
    assert 0.01 <= many < few / 4


@given(st.lists(any_people, min_size=1, max_size=30))
def test_whatever_the_people_the_tables_make_a_model(people: list[Prepared]) -> None:
    """Every share is one, each table is known, and none of its values stands for fewer than five."""
    tables = counted(*people).tables(digest, ALONE)
    model = replace(MODEL, frequencies=tables, digest=digest)
    assert parse_model(dump_model(model), digest).frequencies == tables
    totals = {
        "phone": sum(bool(person.phone) for person in people),
        "email": sum(bool(person.email) for person in people),
        "given_name": sum(bool(person.names and person.names[0].head) for person in people),
    }
    for name, total in totals.items():
        assert (name in tables) == bool(total)
        if total:
            assert all(share * total >= RARE - 1e-9 for share in tables[name].shares.values())
            assert 0 < tables[name].rare * total < RARE


def test_a_birth_date_is_listed_only_where_many_more_have_it() -> None:
    """The first of January that is written for an unknown one is; of the other days each has its few hundred."""
    ordinary = [
        somebody()._replace(birth_date=f"1960{month:02d}{day:02d}") for month in range(1, 13) for day in range(1, 29)
    ]
    made_up = [somebody()._replace(birth_date="19600101")] * 60
    partial = [somebody()._replace(birth_date="1960")] * 90
    table = counted(*ordinary * 7, *made_up, *partial).tables(digest, ALONE)["birth_date"]
    assert set(table.shares) == {digest("birth_date", "19600101")}
    assert table.rare == pytest.approx(6 / (7 * 336 + 60), rel=0.1)


def test_houses_streets_and_postcodes_are_counted_where_people_live() -> None:
    """The house by its postcode, street and number; a person's first address alone, and the current name alone."""
    first = living_at(home("Rantatie 5 A 3"), home("Koulukatu 8"))
    second = living_at(home("Rantatie 7"))
    bare = living_at(home("", "00100", None))
    names = tuple(name_forms(PersonName(surname, "")) for surname in ("koe", "aho"))
    census = counted(*[first._replace(names=names)] * 5, *[second] * 5, *[bare] * 10)
    tables = census.tables(lambda _table, text: text, ALONE)
    assert tables["house"].shares == {"00100|rantatie|5": 0.5, "00100|rantatie|7": 0.5}
    assert tables["street"].shares == {"00100|rantatie": 1.0}
    assert tables["postcode"].shares == {"00100": 1.0}
    assert tables["surname"].shares == {"koe": 1.0}


def test_all_given_names_together_have_a_table_of_their_own() -> None:
    """Whoever has one name only is not in it."""
    anna, anna_maija = (
        somebody()._replace(names=(name_forms(PersonName("", given)),)) for given in ("Anna", "Anna Maija")
    )
    tables = counted(*[anna] * 5, *[anna_maija] * 15).tables(lambda _table, text: text, ALONE)
    assert tables["given_name"].shares == {"anna": 1.0}
    assert tables["given_names"].shares == {"anna maija": 1.0}


def test_nothing_is_told_of_what_nobody_has() -> None:
    """A register without phones has no table of phones."""
    assert counted(somebody()).tables(digest, ALONE) == {}
