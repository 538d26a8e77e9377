"""The file that keeps erasures outside the database: keyed hashes and days, nothing else.

A back-up knows nothing of those who were erased after it was made. This file does, as long as it is not restored with it.
"""

import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sync.errors import LedgerUnusable
from sync.ports.store import Mark, Tombstone


class ErasureFile:
    """One JSON object a line, written anew as a whole: beside, then in its place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Tombstone, ...]:
        """Return what is kept; nothing while there is no file."""
        try:
            lines = self.path.read_text("ascii").splitlines()
            return tuple(_tombstone(line) for line in lines)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LedgerUnusable(f"the file of erasures cannot be read ({type(error).__name__}): {self.path}") from None

    def write(self, tombstones: Collection[Tombstone]) -> None:
        """Keep these in the place of what was kept, durably; all or nothing."""
        beside = self.path.with_name(f"{self.path.name}.new")
        text = "".join(f"{_line(one)}\n" for one in sorted(tombstones, key=lambda one: (one.erased_at, one.hash)))
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise LedgerUnusable(
                f"the file of erasures cannot be written ({type(error).__name__}): {self.path}"
            ) from None


def _line(one: Tombstone) -> str:
    plain = {"register": one.register, "mark": one.mark.value, "hash": one.hash, "at": one.erased_at.isoformat()}
    return json.dumps(plain)


def _tombstone(line: str) -> Tombstone:
    plain = json.loads(line)
    return Tombstone(plain["register"], Mark(plain["mark"]), plain["hash"], datetime.fromisoformat(plain["at"]))
