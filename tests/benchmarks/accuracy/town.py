"""Families and moves: two censuses, years apart, of the fictional town that comes with the package `pseudopeople`.

Runs where that package is installed: `python -m tests.benchmarks.accuracy.town FOLDER [NAME …]`. The earlier census
is the register. A change is a person of the later one, with the names and the birth date that were written down then
and the address that is left, which is the earlier one written down a second time.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pseudopeople

from tests.benchmarks.accuracy.files import Columns, Labelled, Records, write
from tests.benchmarks.accuracy.strangers import FormerHomes, divide

STRANGERS = 0.44
_PERSON = ("first_name", "middle_initial", "last_name", "date_of_birth", "sex")
_ADDRESS = ("street_number", "street_name", "unit_number", "city", "state", "zipcode")

PERSON: Columns = {"given_names": "first_name", "surname": "last_name", "birth_date": "date_of_birth"}
ADDRESS: Columns = {
    **PERSON,
    "street": "street_name",
    "number": "street_number",
    "flat": "unit_number",
    "city": "city",
    "region": "state",
    "postcode": "zipcode",
}
EVERYTHING: Columns = {**ADDRESS, "given_names": ["first_name", "middle_initial"], "sex": "sex"}

# Years of the register and of the changes, a seed, and the columns to compare.
SETS: dict[str, tuple[int, int, int, Columns]] = {
    "town": (2030, 2040, 11, ADDRESS),
    "town_no_address": (2030, 2040, 11, PERSON),
    "town_everything": (2030, 2040, 11, EVERYTHING),
    "town_twenty_years": (2020, 2040, 21, ADDRESS),
}


def census(year: int, seed: int, *, mistakes: bool = True) -> pd.DataFrame:
    """Return everybody who was counted in that year, once, by who they really are.

    Args:
        year: of the census; 2020, 2030 and 2040 come with the package.
        seed: of the mistakes in it.
        mistakes: those that the package makes when nothing else is asked for; none where False.
    """
    chosen = {} if mistakes else {"config": pseudopeople.NO_NOISE}
    counted = pseudopeople.generate_decennial_census(year=year, seed=seed, **chosen)
    people = counted.drop_duplicates("simulant_id").set_index("simulant_id").astype(object)
    return people.where(people.notna(), "")


def labelled(then: int, now: int, seed: int) -> Labelled:
    """Make a register of the one year and changes of the other."""
    register, left, changes = census(then, seed), census(then, seed + 1_000), census(now, seed + 2_000)
    true = census(then, seed, mistakes=False)
    homes = FormerHomes.of(true["household_id"].to_dict())
    people = divide(list(register.index), list(changes.index), STRANGERS, random.Random(f"town {seed}"))
    numbers = {person: f"r{number}" for number, person in enumerate(people.customers)}
    records, written, pairs = [], [], []
    for person in people.customers:
        row = register.loc[person]
        records.append([numbers[person], *_texts(row, _PERSON), *_texts(row, _ADDRESS)])
    for number, person in enumerate(people.changed):
        row = changes.loc[person]
        source = homes.left_by(person, row["household_id"])
        # Whom the second writing left out is taken from the truth; who came from elsewhere tells where they live now.
        home = row if source is None else left.loc[source] if source in left.index else true.loc[source]
        written.append([f"c{number}", *_texts(row, _PERSON), *_texts(home, _ADDRESS)])
        if person in numbers:
            pairs.append((numbers[person], f"c{number}"))
    columns = (*_PERSON, *_ADDRESS)
    return Labelled(Records(("customer", *columns), records), Records(("change", *columns), written), pairs)


def _texts(row: "pd.Series[Any]", columns: Sequence[str]) -> list[str]:
    return [str(row[column]) for column in columns]


def main(folder: Path, names: Sequence[str]) -> None:
    """Write the named sets, or all, each into a folder of its own."""
    made: dict[tuple[int, int, int], Labelled] = {}
    for name in names or SETS:
        *story, fields = SETS[name]
        then, now, seed = story
        if (then, now, seed) not in made:
            made[then, now, seed] = labelled(then, now, seed)
        write(folder / name, made[then, now, seed], fields)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
