"""A folder into which files of notices are dropped: what lies there, what is whole, what was read.

A file counts once its end line is there with the right count. It is known by its content (SHA-256), so the same
content under another name is the same file. Names only give the order; they go nowhere, for people name files after
people. What was read is moved to `done/` and stays readable, so that old cursors and resyncs still work.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from adapters.providers.moves.lines import read_line
from sync.errors import PageMalformed, ProviderUnavailable

DONE = "done"
# A family of twenty with every field at its longest is below 100 kB.
MAX_LINE_BYTES = 1024 * 1024

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a file on disk from the same one written again; it survives being moved."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Stamp":
        """Take it from what the file system says."""
        return cls(stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file told.

    Attributes:
        digest: SHA-256 of the content, hexadecimal.
        lines: lines before the end line; None while the file is not whole.
    """

    digest: str
    lines: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """A whole file."""

    path: Path
    stamp: Stamp
    digest: str
    lines: int


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line of a file.

    Attributes:
        data: the line with its line feed; only the beginning of one that is too long.
        end: offset in bytes of what comes after it.
        too_long: it is longer than any notice can be.
    """

    data: bytes
    end: int
    too_long: bool = False


class Drop:
    """The folder, with what is known of its files so that none is read through twice while it stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scans: dict[Stamp, Scan] = {}

    def files(self) -> list[Found]:
        """Return the whole files of the folder and of `done/` in the order of their names, each content once.

        Raises:
            ProviderUnavailable: the folder cannot be read.
        """
        # In this order: a file that another worker moves meanwhile is seen twice rather than never.
        entries = [*self._entries(is_done=False), *self._entries(is_done=True)]
        scans: dict[Stamp, Scan] = {}
        found: dict[str, Found] = {}
        for entry in sorted(entries, key=lambda each: each.name):
            file = self._examined(entry, scans)
            if file is not None:
                found.setdefault(file.digest, file)
        self._scans = scans
        return list(found.values())

    def settle(self, passed: Iterable[str]) -> None:
        """Move the files that a cursor has passed to `done/`; what cannot be moved now stays, and is not read again."""
        digests = frozenset(passed)
        for entry in self._entries(is_done=False):
            stamp = _stamp(entry)
            scan = self._scans.get(stamp) if stamp else None
            if scan is not None and scan.digest in digests:
                self._move(Path(entry.path), scan.digest)

    def _entries(self, *, is_done: bool) -> list[os.DirEntry[str]]:
        folder = self._folder / DONE if is_done else self._folder
        if is_done and not folder.is_dir():
            return []
        try:
            with os.scandir(folder) as entries:
                return [entry for entry in entries if _is_drop(entry)]
        except OSError:
            pass
        raise ProviderUnavailable("the folder cannot be read")

    def _examined(self, entry: os.DirEntry[str], scans: dict[Stamp, Scan]) -> Found | None:
        stamp = _stamp(entry)
        if stamp is None:
            return None
        scan = scans.get(stamp) or self._scans.get(stamp) or _scanned(entry.path)
        if scan is None:
            return None
        scans[stamp] = scan
        if scan.lines is None:
            return None
        return Found(Path(entry.path), stamp, scan.digest, scan.lines)

    def _move(self, path: Path, digest: str) -> None:
        done = self._folder / DONE
        target = done / path.name
        if target.exists():
            # "~" sorts after ".": the file that was there first stays the first of the two.
            target = done / f"{path.stem}~{digest[:12]}{path.suffix}"
        try:
            done.mkdir(exist_ok=True)
            path.replace(target)
        except FileNotFoundError:
            return  # another worker moved it
        except OSError as error:
            _log.warning("moves_file_not_moved", file=digest[:12], errno=error.errno)


def raw_lines(file: BinaryIO) -> Iterator[RawLine]:
    """Read lines from where the file stands, never more than one of bounded length at a time."""
    end = file.tell()
    while data := file.readline(MAX_LINE_BYTES):
        end += len(data)
        too_long = len(data) == MAX_LINE_BYTES and not data.endswith(b"\n")
        if too_long:
            while rest := file.readline(MAX_LINE_BYTES):
                end += len(rest)
                if rest.endswith(b"\n"):
                    break
        yield RawLine(data, end, too_long)


def _is_drop(entry: os.DirEntry[str]) -> bool:
    # A name with a dot in front is how transfer programs call what they are still writing.
    is_named = entry.name.endswith(".jsonl") and not entry.name.startswith(".")
    return is_named and entry.is_file(follow_symlinks=False)


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        return Stamp.of(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def _scanned(path: str) -> Scan | None:
    """Read a file through, once for its digest and once for its lines; None when it is gone or unreadable."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a directory entry's path is text
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            lines = _lines_before_end(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("moves_file_unreadable", errno=error.errno)
        return None
    if lines is None:
        _log.warning("moves_file_incomplete", file=digest[:12])
    return Scan(digest, lines)


def _lines_before_end(file: BinaryIO) -> int | None:
    count, last = 0, b""
    for line in raw_lines(file):
        if line.data.strip():
            count, last = count + 1, line.data
    try:
        end = read_line(last, "end").end
    except PageMalformed:
        return count - 1  # of another version: whoever reads it will be told
    return count - 1 if end is not None and end.count == count - 1 else None
