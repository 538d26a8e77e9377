"""Who lives with whom, as far as a register tells."""

import random

import pytest

from sync.matching.normalise.address import place
from sync.matching.normalise.name import name_forms
from sync.matching.prepared import Prepared
from sync.matching.train.households import LARGEST, Homes
from sync.model import Address
from tests.unit.matching.people import home, name
from tests.unit.matching.train.town import somebody, town

DOOR, NEXT_DOOR = home("Rantatie 5 A 3"), home("Rantatie 5 A 4")


def member(full_name: str, birth_date: str = "19521013", address: Address | None = DOOR) -> Prepared:
    """Return a customer."""
    forms = (name_forms(name(full_name)),)
    return somebody()._replace(names=forms, birth_date=birth_date, places=(place(address),) if address else ())


def homes(*people: Prepared, every: int = 1) -> Homes:
    """Note everybody."""
    noted = Homes(every)
    for person in people:
        noted.add(person)
    return noted


ANNA, LIISA, MATTI = member("Anna Koe"), member("Liisa Koe", "19530201"), member("Matti Aho", "19800506")


def test_members_of_a_household_are_compared_with_each_other() -> None:
    """Each pair once; people of the next door are no members, nor is anybody whose door is not known."""
    others = (member("Ida Koe", "19601224", NEXT_DOOR), member("Eero Koe", "19620606", home("", "00100")))
    found = list(homes(ANNA, LIISA, MATTI, *others).pairs(99))
    assert [(surname[0], given[0]) for surname, given, *_ in found] == [
        *(("equal", "different"), ("different", "different"), ("different", "different"))
    ]
    assert [address[0] for *_, address, _, _, _ in found] == ["equal"] * 3


@pytest.mark.parametrize(
    "double",
    [member("Anna Koe"), member("Anna Maija Koe"), member("Anna Koe", "19521031"), member("Anna Aho")],
)
def test_one_person_kept_twice_is_no_household(double: Prepared) -> None:
    """Registers hold people twice; taken for families, they would make every family look like one person."""
    assert list(homes(ANNA, double).pairs(99)) == []
    assert len(list(homes(ANNA, double, LIISA).pairs(99))) == 2


def test_parent_and_child_of_one_name_are_a_household() -> None:
    """Their birth dates tell them from one person kept twice."""
    assert len(list(homes(ANNA, member("Anna Koe", "19870506")).pairs(99))) == 1


def test_an_institution_is_no_household() -> None:
    """Nobody is related to whoever else lives in a care home."""
    days = [f"1940{month:02d}15" for month in range(1, 13)]
    people = [member(f"{given} Koe", day) for given, day in zip("ABCDEFGHIJKL", days, strict=True)]
    assert list(homes(*people[: LARGEST + 1]).pairs(999)) == []
    assert len(list(homes(*people[:LARGEST]).pairs(999))) == LARGEST * (LARGEST - 1) // 2
    assert homes(*people[: LARGEST + 1]).relatives == 0


def test_no_more_pairs_than_wanted() -> None:
    """A sample is enough."""
    assert len(list(homes(ANNA, LIISA, MATTI).pairs(2))) == 2


def test_how_many_others_live_there_is_counted() -> None:
    """On average over everybody: two live together, and two alone; whoever lives nobody knows where counts, too."""
    alone = [member("Ida Koe", "19601224", NEXT_DOOR), member("Eero Aho", "19620606", home("Koulukatu 8"))]
    assert homes(ANNA, LIISA, *alone).relatives == pytest.approx(2 / 4)
    assert homes(ANNA, LIISA, MATTI, alone[0]).relatives == pytest.approx(3 * 2 / 4)
    assert homes(ANNA, LIISA, member("Ida Koe", address=None)).relatives == pytest.approx(2 / 3)
    assert homes().relatives == 0


def test_of_a_large_register_every_nth_door_tells_as_much() -> None:
    """Whole households are left out, never a member of one."""
    customers = town(1_500, random.Random(5)).customers
    whole, part = homes(*customers), homes(*customers, every=4)
    assert part.relatives == pytest.approx(whole.relatives, rel=0.25)
    pairs, fewer = len(list(whole.pairs(10**6))), len(list(part.pairs(10**6)))
    assert pairs / 8 < fewer < pairs / 2
