"""CSV files as people have them."""

from pathlib import Path

import pytest

from adapters.labelled.mapping import Columns
from adapters.labelled.table import Row, rows
from sync.errors import ConfigurationInvalid

COLUMNS: Columns = {"id": ("nr",), "surname": ("name",), "street_line": ("street", "house")}
HEADER = "nr,name,street,house,more\n"


def read(path: Path, content: str | bytes, columns: Columns = COLUMNS) -> list[tuple[int, Row]]:
    """Write a file and read it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return list(rows(path, columns))


def problem(path: Path, content: str | bytes) -> str:
    """Return what is said about a file that cannot be used."""
    with pytest.raises(ConfigurationInvalid) as caught:
        read(path, content)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the name of a file that is not there yet."""
    return tmp_path / "people.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_any_usual_csv_is_read(file: Path, delimiter: str, mark: str, line_end: str) -> None:
    """Comma, semicolon or tab, with a byte order mark or without, with either end of line."""
    lines = [["nr", "name", "street", "house"], ["1", " Ström ", "Åvägen", "3"]]
    found = read(file, mark + "".join(delimiter.join(line) + line_end for line in lines))
    assert found == [(2, {"id": "1", "surname": "Ström", "street_line": "Åvägen 3"})]


def test_the_delimiter_is_the_one_under_which_the_columns_appear(file: Path) -> None:
    """Neither a comma within a title nor one within a text decides."""
    found = read(file, 'nr;name;street;house;"a, b, c, d, e, f"\n1;"Koe, Anna";Rantatie;3;x\n')
    assert found == [(2, {"id": "1", "surname": "Koe, Anna", "street_line": "Rantatie 3"})]


def test_quoted_texts_hold_whatever_they_like(file: Path) -> None:
    """Quotes, delimiters, line breaks and NUL within a quoted text belong to it, in any script."""
    found = read(file, HEADER + '1,"Ko""e,\nX",Вулиця,"\x00",\n2,محمد,شارع,٣,\n')
    assert [row["surname"] for _, row in found] == ['Ko"e,\nX', "محمد"]
    assert found[1] == (3, {"id": "2", "surname": "محمد", "street_line": "شارع ٣"})


def test_blanks_beside_delimiters_do_not_matter(file: Path) -> None:
    """A header or a quoted text with a blank before it is found all the same."""
    assert read(file, 'nr, name , street, house\n1, "Koe, A", b, \n')[0][1] == {
        "id": "1",
        "surname": "Koe, A",
        "street_line": "b",
    }


def test_empty_rows_are_passed_over_and_counted(file: Path) -> None:
    """Row numbers are those of a spreadsheet."""
    assert [number for number, _ in read(file, f"{HEADER}1,a,b,c,d\n\n,,,,\n2,a,b,c,d\n")] == [2, 5]


def test_trailing_delimiters_do_no_harm(file: Path) -> None:
    """More cells than columns are only a problem when something stands in them."""
    assert len(read(file, f"{HEADER}1,a,b,c,d,,\n")) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "people.csv: is empty"),
        ("nr,street,house\n", "people.csv: has no column name"),
        ("nr,name,name,street,house\n", "people.csv: has two columns name"),
        (f"{HEADER}1,a,b,c,d\n2,Salaisuus,b\n", "people.csv, row 3: has fewer cells than the header"),
        (f"{HEADER}1,a,b,c,d,Salaisuus\n", "people.csv, row 2: has more cells than the header"),
        (f'{HEADER}1,"Salaisuus,b,c,d\n', "people.csv, row 2: has fewer cells than the header"),
        (f"{HEADER}1,Sal\u00e4isuus,b,c,d\n".encode("latin-1"), "people.csv: is not UTF-8: save it as UTF-8"),
        (f"{HEADER}1,Salaisuus,b,c,d\n".encode("utf-16"), "people.csv: is not UTF-8: save it as UTF-8"),
        (f'{HEADER}1,"{"Salaisuus" * 200_000}",b,c,d\n', "people.csv: cannot be read (Error)"),
    ],
    ids=["empty", "column", "twice", "short", "long", "quote", "latin-1", "utf-16", "huge"],
)
def test_what_is_wrong_is_told_without_values(file: Path, content: str | bytes, said: str) -> None:
    """A file that cannot be used is named, with the column or the row, and never with what stands there."""
    told = problem(file, content)
    assert told.startswith(said)
    assert "Sal" not in told


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    """So is one that cannot be opened."""
    with pytest.raises(ConfigurationInvalid, match=r"people\.csv: cannot be read \(FileNotFoundError\)"):
        list(rows(file, COLUMNS))
