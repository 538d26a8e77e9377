"""Labelled data in CSV files: a register, changes, and which change is about which record; columns as a map names them.

The map is TOML with the tables `register`, `changes` and `truth`: our field on the left, their column (or a list of
columns, joined by a blank) on the right. Files are UTF-8, with a header, parted by comma, semicolon or tab.
"""

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sync.errors import ConfigurationInvalid, Problem
from sync.matching.normalise.address import place
from sync.matching.normalise.date_column import DateReader, date_reader
from sync.matching.normalise.full_name import parse_full_name
from sync.matching.normalise.street import parse_street_line
from sync.matching.normalise.text import fold
from sync.matching.prepared import Prepared, prepare_identity
from sync.model import Address, Identity, PersonName, Text

FIELDS = (
    *("national_id", "given_names", "surname", "full_name", "birth_date", "sex", "street_line", "street", "number"),
    *("flat", "postcode", "city", "region", "country", "phone", "email"),
)
_TRUTH = ("register", "change")
_ADDRESS = frozenset({"street_line", "street", "number", "flat", "postcode", "city", "region", "country"})
_LONGEST = 1 << 20
_COUNTRY_CODE = 2

Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Map:
    """Which of their columns hold our fields.

    Attributes:
        register: by field; `id` is the record's key.
        changes: by field; `id` is the change's key.
        truth: `register` and `change`: the columns that hold those keys.
    """

    register: Columns
    changes: Columns
    truth: Columns


def read_map(path: Path) -> Map:
    """Read a map; fields that stand on one side only are left out, because they cannot be compared.

    Raises:
        ConfigurationInvalid: everything that is wrong with it.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid([Problem(path.name, f"cannot be read ({type(error).__name__})")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid([Problem(path.name, f"is no TOML: {error}")]) from None
    problems: list[Problem] = []
    register = _columns(data, "register", ("id", *FIELDS), problems)
    changes = _columns(data, "changes", ("id", *FIELDS), problems)
    truth = _columns(data, "truth", _TRUTH, problems)
    if problems:
        raise ConfigurationInvalid(problems)
    both = {"id"} | _comparable(register, changes)
    if both == {"id"}:
        raise ConfigurationInvalid([Problem(path.name, "names no field on both sides")])
    return Map(
        {field: columns for field, columns in register.items() if field in both},
        {field: columns for field, columns in changes.items() if field in both},
        truth,
    )


def _comparable(register: Columns, changes: Columns) -> set[str]:
    """Return the fields of both sides; a name or an address counts as one, however either side parts it."""
    both = register.keys() & changes.keys()
    for parts in ({"given_names", "surname", "full_name"}, _ADDRESS - {"region", "country", "city", "postcode"}):
        if register.keys() & parts and changes.keys() & parts and not both & parts:
            both |= (register.keys() | changes.keys()) & parts
    return both - {"id"}


def _columns(data: Mapping[str, Any], table: str, known: Sequence[str], problems: list[Problem]) -> Columns:
    given = data.get(table, {})
    if not isinstance(given, dict):
        problems.append(Problem(table, "a table"))
        return {}
    columns = {}
    for field, value in given.items():
        listed = [value] if isinstance(value, str) else value
        if field not in known:
            problems.append(Problem(f"{table}.{field}", f"no such field; there are {', '.join(known)}"))
        elif not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            problems.append(Problem(f"{table}.{field}", "the name of a column, or a list of names"))
        else:
            columns[field] = tuple(listed)
    missing = [field for field in (_TRUTH if table == "truth" else ("id",)) if field not in given]
    problems += [Problem(f"{table}.{field}", "is missing") for field in missing]
    return columns


class People:
    """The records of one file, ready to be compared."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._columns = columns
        self._dates = self._date_reader()

    def __iter__(self) -> Iterator[tuple[str, Prepared]]:
        """Give each record's key and what is compared."""
        with _rows(self._path, self._columns) as rows:
            for row in rows:
                get = _getter(row, self._columns)
                yield get("id"), self._prepared(get)

    def _date_reader(self) -> DateReader | None:
        if "birth_date" not in self._columns:
            return None
        with _rows(self._path, self._columns) as rows:
            return date_reader(_getter(row, self._columns)("birth_date") for row in rows)

    def _prepared(self, get: Callable[[str], str]) -> Prepared:
        address = _address(get)
        born = get("birth_date")
        person = prepare_identity(
            Identity(
                national_id=get("national_id") or None,
                names=_names(get),
                birth_date=self._dates(born) if self._dates else None,
                phone=get("phone") or None,
                email=get("email") or None,
                # The country tells how a phone number is dialled, too.
                addresses=(address,),
            )
        )
        # A mistyped date that is no day of any calendar still tells most of its digits.
        digits = self._dates.digits8(born) if self._dates else ""
        home = replace(place(address), region=fold(get("region")))
        return replace(
            person,
            birth_date=digits or person.birth_date,
            places=() if home.empty else (home,),
            sex=fold(get("sex"))[:1],
        )


def read_truth(path: Path, columns: Columns) -> dict[str, str]:
    """Return the register's key for each change's key that has a counterpart."""
    with _rows(path, columns) as rows:
        truth = (_getter(row, columns) for row in rows)
        return {get("change"): get("register") for get in truth if get("register")}


def _names(get: Callable[[str], str]) -> tuple[PersonName, ...]:
    whole = get("full_name")
    name = parse_full_name(whole) if whole else PersonName(get("surname"), get("given_names"))
    return (name,) if name.surname or name.given_names else ()


def _address(get: Callable[[str], str]) -> Address:
    street, line = get("street"), get("street_line")
    known = parse_street_line(line) if line else Address(street=Text(fi=street) if street else None)
    city, country = get("city"), get("country")
    return replace(
        known,
        number=get("number") or known.number,
        flat=get("flat") or known.flat,
        postcode=get("postcode") or None,
        post_office=Text(fi=city) if city else None,
        country=country.upper() if len(country) == _COUNTRY_CODE else None,
    )


def _getter(row: Mapping[str, str], columns: Columns) -> Callable[[str], str]:
    def get(field: str) -> str:
        return " ".join(filter(None, ((row[column] or "").strip() for column in columns.get(field, ()))))

    return get


@contextmanager
def _rows(path: Path, columns: Columns) -> Iterator[Iterator[dict[str, str]]]:
    """Open a file and see that it has its columns.

    Raises:
        ConfigurationInvalid: it cannot be read, or a column is missing.
    """
    csv.field_size_limit(_LONGEST)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            start = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=max(",;\t", key=start.count), restval="")
            missing = {column for group in columns.values() for column in group} - set(rows.fieldnames or ())
            if missing:
                raise ConfigurationInvalid([Problem(path.name, f"has no column {name}") for name in sorted(missing)])
            yield rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationInvalid([Problem(path.name, f"cannot be read ({type(error).__name__})")]) from None
