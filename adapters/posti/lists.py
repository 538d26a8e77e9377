"""A whole list: its names, and the lines that could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from adapters.posti.records import Layout, LineUnreadable, layout_of, read_line
from sync.errors import ListRefused
from sync.matching.normalise.bilingual import StreetPair, TownPair
from sync.parts import Progress
from sync.ports.store import ListKind, NameList

_LONGEST_LINE = 4_096
_ZIP = b"PK\x03\x04"
_TOLD_AT_ONCE = 1_000
_MOST_BAD_LINES = 1_000
"""Bad lines that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read: its number from 1, and what is wrong with it."""

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class ReadList:
    """What reading a file gave.

    Attributes:
        names: what it says.
        records: how many lines could be read.
        bad: how many could not.
        bad_lines: the first of them.
    """

    names: NameList
    records: int
    bad: int
    bad_lines: tuple[BadLine, ...]


@dataclass(slots=True)
class _Reading:
    layout: Layout
    run_on: date = date.min
    records: int = 0
    bad: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)
    entries: set[tuple[str, str]] = field(default_factory=set)
    streets: set[StreetPair] = field(default_factory=set)
    towns: set[TownPair] = field(default_factory=set)

    def take(self, number: int, line: bytes) -> None:
        try:
            entry = read_line(self.layout, line)
        except LineUnreadable as error:
            self.bad += 1
            if len(self.bad_lines) < _MOST_BAD_LINES:
                self.bad_lines.append(BadLine(number, str(error)))
            return
        self.records += 1
        self.run_on = max(self.run_on, entry.run_on)
        self.towns.update(entry.towns)
        street = entry.street
        if street:
            self.entries.add((entry.postcode, street.fi or street.sv))
            if street.fi and street.sv and street.fi.casefold() != street.sv.casefold():
                self.streets.add(street)
        elif self.layout.kind is ListKind.PCF:
            self.entries.add((entry.postcode, ""))


def read_list(path: Path, progress: Progress) -> ReadList:
    """Read a file; a bad line is noted and stops nobody.

    Raises:
        ListRefused: neither a BAF nor a PCF file, empty, cut off, or mostly unreadable.
    """
    try:
        with path.open("rb") as file:
            return _read(path.name, file, path.stat().st_size, progress)
    except OSError as error:
        raise ListRefused(f"{path.name} cannot be read: {error.strerror}") from None


def _read(name: str, file: BinaryIO, size: int, progress: Progress) -> ReadList:
    first = file.readline(_LONGEST_LINE)
    layout = layout_of(first)
    if layout is None:
        why = "is packed: unpack it first" if first.startswith(_ZIP) else "begins with neither KATUN nor PONOT"
        raise ListRefused(f"{name} is neither a BAF nor a PCF file: it {why}")
    file.seek(0)
    reading = _Reading(layout)
    last = b""
    for number, last in enumerate(_lines(file), start=1):
        reading.take(number, last.rstrip(b"\r\n"))
        if number % _TOLD_AT_ONCE == 0:
            progress.advance(_TOLD_AT_ONCE, size // (layout.length + 1))
    progress.done()
    if not last.endswith(b"\n") and len(last) < layout.length:
        raise ListRefused(f"{name} is cut off: its last line ends after {len(last)} of {layout.length} bytes")
    if reading.bad >= reading.records:
        raise ListRefused(f"{name} cannot be used: {reading.bad} of its lines are bad, {reading.records} are good")
    names = NameList(
        layout.kind, reading.run_on, len(reading.entries), frozenset(reading.streets), frozenset(reading.towns)
    )
    return ReadList(names, reading.records, reading.bad, tuple(reading.bad_lines))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Give every line; of one without an end in sight only its beginning."""
    while line := file.readline(_LONGEST_LINE):
        beginning = line
        while line and not line.endswith(b"\n"):
            line = file.readline(_LONGEST_LINE)
        yield beginning if beginning.endswith(b"\n") or not line else beginning + b"\n"
