"""Labelled data as four files: a register, changes, who is whom, and which column means what."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Columns = Mapping[str, str | Sequence[str]]
"""Our field, and their column, or several to be joined."""


@dataclass(frozen=True, slots=True)
class Records:
    """One side of the comparison.

    Attributes:
        columns: names; the first is the record's id.
        rows: texts, one for each column; empty where nothing is known.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def ids(self) -> set[str]:
        """Return the ids of all records.

        Raises:
            ValueError: one id stands twice.
        """
        found = {row[0] for row in self.rows}
        if len(found) < len(self.rows):
            raise ValueError("an id stands twice")
        return found


@dataclass(frozen=True, slots=True)
class Labelled:
    """A register, changes, and the truth.

    Attributes:
        register: records of customers.
        changes: records of those whom a change is about.
        pairs: id in the register and id of the change; a change without a pair is about a stranger.
    """

    register: Records
    changes: Records
    pairs: Sequence[tuple[str, str]]

    @property
    def strangers(self) -> float:
        """The share of the changes that are about nobody in the register."""
        return 1 - len(self.pairs) / len(self.changes.rows)


def write(folder: Path, data: Labelled, fields: Columns) -> None:
    """Write `register.csv`, `changes.csv`, `truth.csv` and `map.toml` into that folder, which is made.

    Args:
        folder: where to.
        data: what.
        fields: the same on both sides, without the ids.

    Raises:
        ValueError: a pair names a record that is not there, a change has two counterparts, or a column is missing.
    """
    _check(data, fields)
    folder.mkdir(parents=True, exist_ok=True)
    _csv(folder / "register.csv", data.register.columns, data.register.rows)
    _csv(folder / "changes.csv", data.changes.columns, data.changes.rows)
    _csv(folder / "truth.csv", ("register", "change"), data.pairs)
    sides = (("register", data.register), ("changes", data.changes))
    tables = [_toml(name, {"id": side.columns[0], **fields}) for name, side in sides]
    tables.append(_toml("truth", {"register": "register", "change": "change"}))
    (folder / "map.toml").write_text("\n".join(tables), "utf-8")


def _check(data: Labelled, fields: Columns) -> None:
    register, changes = data.register.ids(), data.changes.ids()
    if any(customer not in register or change not in changes for customer, change in data.pairs):
        raise ValueError("a pair names a record that is not there")
    if len({change for _, change in data.pairs}) < len(data.pairs):
        raise ValueError("a change has two counterparts")
    wanted = {name for named in fields.values() for name in ([named] if isinstance(named, str) else named)}
    if not wanted <= set(data.register.columns) & set(data.changes.columns):
        raise ValueError("the map names a column that is not there")


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _toml(name: str, values: Columns) -> str:
    # JSON's texts and lists of texts are TOML's too.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join((f"[{name}]", *lines, ""))
