"""CSV files as people have them: parted by comma, semicolon or tab, with or without a byte order mark.

What is wrong with a file is told by the names of columns and the numbers of rows, as a spreadsheet counts them, and
never by what stands in them.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import TextIO

from adapters.labelled.mapping import Columns
from sync.errors import ConfigurationInvalid, Problem

_LONGEST = 1 << 20
"""Characters of one cell; more of them are a quote that was never closed."""
_DELIMITERS = ",;\t"

Row = Mapping[str, str]
"""By field, the text of its columns, joined by a blank; empty where nothing stands."""


def rows(path: Path, columns: Columns) -> Iterator[tuple[int, Row]]:
    """Give the number and the fields of each row. The first row of a file is its header.

    Raises:
        ConfigurationInvalid: it cannot be read, lacks a column, or has a row that does not fit the header.
    """
    with _readable(path) as file:
        reader, header = _reader(file, [name for group in columns.values() for name in group], path.name)
        places = {field: [header.index(name.strip()) for name in group] for field, group in columns.items()}
        for number, cells in enumerate(reader, start=2):
            if any(map(str.strip, cells)):
                _check(cells, header, f"{path.name}, row {number}")
                yield number, {field: _joined(cells, at) for field, at in places.items()}


def _joined(cells: Sequence[str], places: Sequence[int]) -> str:
    return cells[places[0]].strip() if len(places) == 1 else " ".join(" ".join(cells[at] for at in places).split())


def _reader(file: TextIO, wanted: Sequence[str], name: str) -> tuple[Iterator[list[str]], list[str]]:
    """Return a reader behind the header, and the header, parted by whatever makes the most of the columns appear."""
    csv.field_size_limit(_LONGEST)
    found: dict[str, list[str]] = {}
    for delimiter in _DELIMITERS:
        file.seek(0)
        header = next(csv.reader(file, delimiter=delimiter, skipinitialspace=True), [])
        found[delimiter] = [cell.strip() for cell in header]
    columns = {column.strip() for column in wanted}
    best = max(_DELIMITERS, key=lambda delimiter: (len(columns & set(found[delimiter])), len(found[delimiter])))
    header = found[best]
    problems = [Problem(name, f"has no column {column}") for column in sorted(columns - set(header))]
    problems += [Problem(name, f"has two columns {column}") for column in sorted(columns) if header.count(column) > 1]
    if not header:
        problems = [Problem(name, "is empty")]
    if problems:
        raise ConfigurationInvalid(problems)
    file.seek(0)
    reader = csv.reader(file, delimiter=best, skipinitialspace=True)
    next(reader)
    return reader, header


def _check(cells: list[str], header: Sequence[str], where: str) -> None:
    """See that each cell has its column: in a row that slipped, a name would be taken for a street."""
    if len(cells) < len(header):
        raise ConfigurationInvalid([Problem(where, "has fewer cells than the header (is a quote not closed?)")])
    if any(cell.strip() for cell, column in zip_longest(cells, header) if column is None):
        raise ConfigurationInvalid([Problem(where, "has more cells than the header (is a text not quoted?)")])


@contextmanager
def _readable(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError:
        raise ConfigurationInvalid([Problem(path.name, "is not UTF-8: save it as UTF-8")]) from None
    except (OSError, csv.Error) as error:
        raise ConfigurationInvalid([Problem(path.name, f"cannot be read ({type(error).__name__})")]) from None
