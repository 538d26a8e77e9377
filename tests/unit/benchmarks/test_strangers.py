"""Who is a customer, and whose change is about a stranger."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.accuracy.strangers import FormerHomes, divide

SHARES = st.floats(min_value=0, max_value=0.9)


def strangers(customers: list[str], changed: list[str]) -> list[str]:
    """Return those who are changed and no customers."""
    return [person for person in changed if person not in set(customers)]


@given(st.integers(1, 300), st.integers(0, 300), SHARES, st.integers())
def test_the_share_is_as_asked(stayed: int, newcomers: int, share: float, seed: int) -> None:
    """As many changes are about strangers as were asked for, to the nearest one, whether people have to be left out
    of the register or newcomers to be left without a change.
    """
    then = [f"old{number}" for number in range(stayed + 5)]
    now = then[:stayed] + [f"new{number}" for number in range(newcomers)]
    found = divide(then, now, share, random.Random(seed))
    nobody = strangers(list(found.customers), list(found.changed))
    assert abs(len(nobody) - share * len(found.changed)) <= 1
    assert len(set(found.changed)) == len(found.changed)
    assert set(found.changed) <= set(now)
    assert set(found.customers) <= set(then)


def test_families_of_those_who_are_left_out_stay() -> None:
    """People are left out one by one: most of them have a relative in the register."""
    then = [f"{family}{member}" for family in range(100) for member in "abcd"]
    found = divide(then, then, 0.3, random.Random(1))
    at_home = {person[:-1] for person in found.customers}
    left_out = strangers(list(found.customers), list(found.changed))
    assert len(left_out) == 120
    assert sum(person[:-1] in at_home for person in left_out) > 100


def test_the_same_seed_gives_the_same_division() -> None:
    """Measurements can be repeated."""
    then, now = [str(n) for n in range(50)], [str(n) for n in range(20, 80)]
    assert divide(then, now, 0.6, random.Random(7)) == divide(then, now, 0.6, random.Random(7))
    assert divide(then, now, 0.6, random.Random(7)) != divide(then, now, 0.6, random.Random(8))


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    """Nobody can be less than nobody, and somebody has to be a customer."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        divide(["a"], ["a"], share, random.Random(1))


def test_everybody_leaves_a_former_home() -> None:
    """People leave their own; newborns and those who moved in say the family's; a stranger's family is not known."""
    homes = FormerHomes.of({"mother": "h1", "father": "h1", "lodger": "h2"})
    assert homes.left_by("father", "h9") == "father"
    assert homes.left_by("newborn", "h1") == "mother"
    assert homes.left_by("stranger", "h9") is None
