"""Which of somebody's columns hold our fields: TOML with the tables `register`, `changes` and `truth`.

Our field stands on the left; on the right stands their column, or a list of columns that are joined by a blank.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sync.errors import ConfigurationInvalid, Problem

FIELDS = (
    *("national_id", "given_names", "surname", "full_name", "birth_date", "sex", "street_line", "street", "number"),
    *("flat", "postcode", "city", "region", "country", "phone", "email"),
)
_WHOLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"full_name": frozenset({"given_names", "surname"}), "street_line": frozenset({"street", "number", "flat"})}
)
"""Fields that tell what several others tell."""
_TRUTH = ("register", "change")

Columns = Mapping[str, tuple[str, ...]]
"""By field, the columns that hold it."""


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
    data, problems = _read(path)
    register = _columns(data, "register", ("id", *FIELDS), ("id",), problems)
    changes = _columns(data, "changes", ("id", *FIELDS), ("id",), problems)
    truth = _columns(data, "truth", _TRUTH, _TRUTH, problems)
    if problems:
        raise ConfigurationInvalid(problems)
    kept = compared(register, changes), compared(changes, register)
    if not all(kept):
        raise ConfigurationInvalid([Problem(path.name, "names no field on both sides")])
    register, changes = (
        {field: columns for field, columns in side.items() if field in {"id", *fields}}
        for side, fields in zip((register, changes), kept, strict=True)
    )
    return Map(register, changes, truth)


def read_changes_map(path: Path) -> Columns:
    """Read the table `changes` of a map; the others may be missing, and so may the key.

    Raises:
        ConfigurationInvalid: everything that is wrong with it.
    """
    data, problems = _read(path)
    changes = _columns(data, "changes", ("id", *FIELDS), (), problems)
    if not problems and not changes.keys() - {"id"}:
        problems.append(Problem("changes", "names no field"))
    if problems:
        raise ConfigurationInvalid(problems)
    return changes


def compared(side: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """Return the fields of one side that the other tells as well, in whatever columns.

    A whole name is compared with one in parts, and a line of an address with its parts; but where both sides have the
    parts, or both the whole, nothing is taken apart.
    """
    fields, others = frozenset(side) - {"id"}, frozenset(other) - {"id"}
    both = fields & others
    needed = (_told(fields) & _told(others)) - _told(both)
    return both | {field for field in fields if not needed.isdisjoint(_told([field]))}


def _told(fields: Iterable[str]) -> frozenset[str]:
    return frozenset(part for field in fields for part in _WHOLES.get(field, (field,)))


def _read(path: Path) -> tuple[Mapping[str, Any], list[Problem]]:
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigurationInvalid([Problem(path.name, "is not UTF-8")]) from None
    except OSError as error:
        raise ConfigurationInvalid([Problem(path.name, f"cannot be read ({type(error).__name__})")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid([Problem(path.name, f"is no TOML: {error}")]) from None
    tables = ("register", "changes", "truth")
    unknown = [name for name in data if name not in tables]
    return data, [Problem(name, f"no such table; there are {', '.join(tables)}") for name in unknown]


def _columns(
    data: Mapping[str, Any], table: str, known: Sequence[str], needed: Sequence[str], problems: list[Problem]
) -> Columns:
    given = data.get(table, {})
    if not isinstance(given, dict):
        problems.append(Problem(table, "a table"))
        return {}
    columns = {}
    for field, value in given.items():
        listed = [value] if isinstance(value, str) else value
        if field not in known:
            problems.append(Problem(f"{table}.{field}", f"no such field; there are {', '.join(known)}"))
        elif not isinstance(listed, list) or not listed or not all(isinstance(one, str) and one for one in listed):
            problems.append(Problem(f"{table}.{field}", "the name of a column, or a list of names"))
        else:
            columns[field] = tuple(listed)
    problems += [Problem(f"{table}.{field}", "is missing") for field in needed if field not in given]
    return columns
