"""Birth dates that differ, and are somebody else's of the household."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.compare.household import with_household
from sync.matching.compare.person import compare
from sync.matching.decide import decide, rank
from sync.matching.prepared import Prepared, prepare_customer, prepare_identity
from sync.model import PartialDate
from tests.unit.matching.people import MODEL, any_customers, any_identities, customer, home, identity, name

DOOR, ELSEWHERE = home("Rantatie 5 A 3"), home("Koulukatu 8")
FATHER, MOTHER = PartialDate(1952, 10, 13), PartialDate(1955, 2, 28)


def change(full_name: str, born: PartialDate) -> Prepared:
    """Return whom a change is about, who leaves the door."""
    return prepare_identity(identity(names=(name(full_name),), birth_date=born, addresses=(DOOR,)))


def known(number: int, full_name: str, born: PartialDate, address: object = DOOR) -> Prepared:
    """Return a customer."""
    return prepare_customer(customer(number, name=name(full_name), birth_date=born, address=address))


def dates(asked: Prepared, *people: Prepared) -> list[str]:
    """Return the level of each customer's birth date."""
    return [found[2][0] for found in with_household([compare(asked, person) for person in people])]


MATTI, LIISA = known(1, "Matti Koe", FATHER), known(2, "Liisa Koe", MOTHER)


def test_a_date_of_another_member_differs_less() -> None:
    """The wife's was written for the husband; without her in the register nobody can tell."""
    asked = change("Matti Koe", MOTHER)
    assert dates(asked, MATTI, LIISA) == ["of_household", "equal"]
    assert dates(asked, MATTI) == ["different"]
    alone, together = ({one[1]: one[0] for one in rank(asked, people, MODEL)} for people in ([MATTI], [MATTI, LIISA]))
    assert together[1] > alone[1] + 1


def test_a_date_that_the_register_has_twice_is_doubtful() -> None:
    """The register may hold the wife's date for both."""
    assert dates(change("Matti Koe", FATHER), known(1, "Matti Koe", MOTHER), LIISA)[0] == "of_household"


def test_only_who_lives_there_is_of_the_household() -> None:
    """Somebody born on that day lives in every street."""
    away = known(2, "Liisa Koe", MOTHER, ELSEWHERE)
    assert dates(change("Matti Koe", MOTHER), MATTI, away)[0] == "different"


def test_junior_is_not_excused_by_the_date_of_senior() -> None:
    """Whose name and date the change has is meant; a son of that name is not nearly as likely."""
    asked, junior = change("Matti Koe", FATHER), known(2, "Matti Koe", PartialDate(1987, 5, 6))
    assert dates(asked, MATTI, junior) == ["equal", "different"]


def test_a_person_is_asked() -> None:
    """It weighs less against the customer, and is still another date."""
    match = decide(change("Matti Koe", MOTHER), [MATTI, LIISA], MODEL)
    assert (str(match.verdict), match.reason) == ("review", "birth_date_differs")


@given(any_identities, st.lists(any_customers, max_size=5, unique_by=lambda person: person.id), st.randoms())
def test_the_order_makes_no_difference(asked: object, people: list[object], chance: Random) -> None:
    """And nothing but the birth date is told otherwise."""
    found = [compare(prepare_identity(asked), prepare_customer(person)) for person in people]  # type: ignore[arg-type]
    places = list(range(len(found)))
    chance.shuffle(places)
    told, shuffled = with_household(found), with_household([found[at] for at in places])
    assert [told[at] for at in places] == shuffled
    assert [one[:2] + one[3:] for one in told] == [one[:2] + one[3:] for one in found]
    assert with_household(told) == told


@pytest.mark.parametrize("count", [0, 1])
def test_few_are_told_as_they_are(count: int) -> None:
    """Nobody, or one alone, has no household."""
    found = [compare(change("Matti Koe", MOTHER), MATTI)] * count
    assert with_household(found) == found
