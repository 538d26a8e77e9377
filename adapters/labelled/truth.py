"""Which change is about which record."""

from collections.abc import Mapping
from pathlib import Path

from adapters.labelled.mapping import Columns
from adapters.labelled.table import rows

Truth = Mapping[str, frozenset[str]]
"""By the key of a change, the keys of the records that are its counterpart: several where a register holds somebody
twice. A change that is not in it is about nobody."""


def read_truth(path: Path, columns: Columns) -> Truth:
    """Read which change is about which record; a row that names only one of them says nothing.

    Raises:
        ConfigurationInvalid: the file cannot be read, or lacks a column.
    """
    truth: dict[str, set[str]] = {}
    for _, row in rows(path, columns):
        if row["change"] and row["register"]:
            truth.setdefault(row["change"], set()).add(row["register"])
    return {change: frozenset(keys) for change, keys in truth.items()}
