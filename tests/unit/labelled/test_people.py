"""People from CSV files, as they are compared."""

from pathlib import Path

import pytest

from adapters.labelled.mapping import Columns
from adapters.labelled.people import People
from adapters.labelled.truth import read_truth
from sync.errors import ConfigurationInvalid
from sync.matching.compare.person import COMPARISONS, compare
from sync.matching.prepared import Prepared


def people(folder: Path, text: str, **columns: str | list[str]) -> dict[str, Prepared]:
    """Write a file, and read it under a map."""
    path = folder / "people.csv"
    path.write_text(text, "utf-8")
    named: Columns = {field: (name,) if isinstance(name, str) else tuple(name) for field, name in columns.items()}
    return dict(People(path, named))


def one(folder: Path, *cells: str, **columns: str | list[str]) -> Prepared:
    """Read one person, whose columns are called a, b, c …"""
    header = ",".join("abcdefgh"[: len(cells)])
    (found,) = people(folder, f"{header}\n{','.join(cells)}\n", **columns).values()
    return found


def levels(one: Prepared, other: Prepared) -> dict[str, str]:
    """Return what two people have in common, by comparison; what is missing is left out."""
    found = zip(COMPARISONS, compare(one, other), strict=True)
    return {name: level for name, (level, _, _) in found if level != "missing"}


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        (["19651013", "19700230", ""], ["19651013", "19700230", ""]),
        (["1965-10-13", "1970-2-3", "?"], ["19651013", "19700203", ""]),
        (["13.10.1965", "3.2.1970"], ["19651013", "19700203"]),
        (["10/13/1965", "02/03/1970"], ["19651013", "19700203"]),
        (["13/10/1965", "02/03/1970"], ["19651013", "19700302"]),
        (["1965-10-13T00:00:00Z", "1965"], ["19651013", "1965"]),
    ],
)
def test_dates_are_told_by_the_whole_column(tmp_path: Path, column: list[str], meant: list[str]) -> None:
    """However the column writes dates; a mistyped one keeps its digits, and one that is none is missing."""
    rows = "".join(f"{at},{value}\n" for at, value in enumerate(column))
    found = people(tmp_path, "id,born\n" + rows, id="id", birth_date="born")
    assert [person.birth_date for person in found.values()] == meant


def test_parts_of_a_date_in_columns_of_their_own_are_joined(tmp_path: Path) -> None:
    """A list of columns is joined by a blank, in the order of the list."""
    assert one(tmp_path, "13", "10", "1965", birth_date=["c", "b", "a"]).birth_date == "19651013"


def test_a_whole_name_equals_one_in_parts(tmp_path: Path) -> None:
    """One column or several, surname first or last, the names are the same."""
    parts = one(tmp_path, "Anna Maria", "Koe-Laine", given_names="a", surname="b")
    for whole in ('"Koe-Laine, Anna Maria"', "Anna Maria Koe-Laine"):
        found = levels(parts, one(tmp_path, whole, full_name="a"))
        assert found == {"surname": "equal", "given_names": "all_equal"}


def test_a_whole_name_fills_in_for_a_part_that_is_empty(tmp_path: Path) -> None:
    """Where the map names both, the parts count, and the whole where one of them is empty."""
    (both,) = one(tmp_path, "Anna", "Koe", "Someone Else", given_names="a", surname="b", full_name="c").names
    (filled,) = one(tmp_path, "", "Koe", "Anna Koe", given_names="a", surname="b", full_name="c").names
    assert (both.surname, both.given) == (filled.surname, filled.given)


def test_an_address_line_equals_one_in_parts(tmp_path: Path) -> None:
    """Street, number and flat in one column, in several, or in a list of them."""
    line = one(tmp_path, "Rantatie 5 A 3", "00100", street_line="a", postcode="b")
    parts = one(tmp_path, "Rantatie", "5", "A 3", "00100", street="a", number="b", flat="c", postcode="d")
    joined = one(tmp_path, "Rantatie", "5", "A 3", "00100", street_line=["a", "b", "c"], postcode="d")
    assert levels(line, parts)["address"] in {"equal", "equal_folded"}
    assert levels(line, joined)["address"] == "equal"


def test_names_of_any_script_are_read(tmp_path: Path) -> None:
    """A name in Cyrillic equals itself, and what becomes of it in Latin letters."""
    text = "id;n;s\n1;Юрий;Иванов\n2;Juri;Ivanov\n3;محمد;حسن\n"
    found = people(tmp_path, text, id="id", given_names="n", surname="s")
    assert levels(found["1"], found["1"]) == {"surname": "equal", "given_names": "equal"}
    assert levels(found["1"], found["2"])["surname"] in {"equal_folded", "equal_romanised"}
    assert levels(found["3"], found["3"]) == {"surname": "equal", "given_names": "equal"}


def test_every_field_is_read(tmp_path: Path) -> None:
    """Ids, contact, sex, region and country arrive in the form in which they are compared."""
    found = one(
        tmp_path,
        *("131052-9052", "040 123 4567", "A@EXAMPLE.org", "Female", "Uusimaa", "FI", "Helsinki"),
        national_id="a",
        phone="b",
        email="c",
        sex="d",
        region="e",
        country="f",
        city="g",
    )
    assert found.ids == {"131052-9052"}
    assert found.birth_date == "19521013"  # a Finnish id carries it
    assert (found.phone, found.email, found.sex) == ("+358401234567", "a@example.org", "f")
    assert (found.places[0].region, found.places[0].country) == ("uusimaa", "FI")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("K1,Salaisuus\nK2,a\nK1,b\n", "people.csv, row 4: has the key of row 2"),
        ("K1,a\n,Salaisuus\n", "people.csv, row 3: has no key"),
    ],
)
def test_every_record_has_a_key_of_its_own(tmp_path: Path, rows: str, said: str) -> None:
    """A key that stands twice, or is missing, is told by row numbers; without a key in the map nobody needs one."""
    with pytest.raises(ConfigurationInvalid) as caught:
        people(tmp_path, "id,s\n" + rows, id="id", surname="s")
    assert str(caught.value) == said
    assert people(tmp_path, "id,s\n" + rows, surname="s").keys() == {""}


def test_a_change_may_mean_several_records(tmp_path: Path) -> None:
    """A register that holds somebody twice has two rows of truth; one that names only one side says nothing."""
    path = tmp_path / "truth.csv"
    path.write_text("r,c\nK1,m1\nK2,m1\nK1,m2\n,m3\nK3,\n", "utf-8")
    assert read_truth(path, {"register": ("r",), "change": ("c",)}) == {"m1": {"K1", "K2"}, "m2": {"K1"}}
