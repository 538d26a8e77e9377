"""Labelled data lies in four files that agree with each other."""

import csv
import tomllib
from pathlib import Path

import pytest

from tests.benchmarks.accuracy.files import Labelled, Records, write
from tests.benchmarks.accuracy.sets import LabelledFolder, lying_in

REGISTER = Records(
    ("customer", "first", "middle", "last"), [["r1", "Åke", "", 'Koe"-Laine'], ["r2", "Anna", "M", "Koe"]]
)
CHANGES = Records(("change", "first", "middle", "last"), [["c1", "Ake", "", "Koe, Laine"], ["c2", "Matti", "", "Koe"]])
DATA = Labelled(REGISTER, CHANGES, [("r1", "c1")])
FIELDS = {"given_names": ["first", "middle"], "surname": "last"}


def rows(path: Path) -> list[dict[str, str]]:
    """Read a file as any reader of CSV would."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Quotes, commas and letters with marks come back as they were."""
    write(tmp_path / "koe", DATA, FIELDS)
    assert [list(row.values()) for row in rows(tmp_path / "koe" / "register.csv")] == REGISTER.rows
    assert [list(row.values()) for row in rows(tmp_path / "koe" / "changes.csv")] == CHANGES.rows
    assert rows(tmp_path / "koe" / "truth.csv") == [{"register": "r1", "change": "c1"}]


def test_the_map_names_the_columns_of_both_sides(tmp_path: Path) -> None:
    """Each side has its own id and the same fields, a field of several columns as a list."""
    write(tmp_path, DATA, FIELDS)
    found = tomllib.loads((tmp_path / "map.toml").read_text("utf-8"))
    assert found == {
        "register": {"id": "customer", "given_names": ["first", "middle"], "surname": "last"},
        "changes": {"id": "change", "given_names": ["first", "middle"], "surname": "last"},
        "truth": {"register": "register", "change": "change"},
    }


def test_a_folder_tells_what_is_compared(tmp_path: Path) -> None:
    """What lies in a folder is found, and its fields are told without the id."""
    write(tmp_path / "koe", DATA, FIELDS)
    assert lying_in(tmp_path) == ["koe"]
    assert LabelledFolder(tmp_path / "koe").columns == "given_names surname"


def test_strangers_are_counted() -> None:
    """A change without a pair is about a stranger."""
    assert DATA.strangers == 0.5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (Labelled(REGISTER, CHANGES, [("r3", "c1")]), "not there"),
        (Labelled(REGISTER, CHANGES, [("r1", "c3")]), "not there"),
        (Labelled(REGISTER, CHANGES, [("r1", "c1"), ("r2", "c1")]), "two counterparts"),
        (Labelled(Records(REGISTER.columns, [*REGISTER.rows, REGISTER.rows[0]]), CHANGES, []), "twice"),
        (Labelled(REGISTER, Records(("change", "first", "last"), []), []), "column"),
    ],
)
def test_contradictions_are_refused(data: Labelled, reason: str, tmp_path: Path) -> None:
    """Labels that would measure something else than the matcher are never written."""
    with pytest.raises(ValueError, match=reason):
        write(tmp_path / "koe", data, FIELDS)
    assert lying_in(tmp_path) == []
