"""Let the disk fail, be full, or the database server die under the real process, round after round, each in a town of its own."""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from adapters.cli.output import Bar
from tests.acceptance.breaking import can_mount, dead_servers, failing_calls, full_disks, small_disk
from tests.acceptance.service import Service
from tests.acceptance.story import Findings, made_world
from tests.acceptance.troubling import Sufferer, Trouble
from tests.postgres import hurry, own_server
from tests.soak.run import Run

PEOPLE = 1_000
_DISK_MEGABYTES = 128
_FULL_DISKS = 3
"""Times that a disk is full in each of its two ways, in one round."""


@dataclass
class Sum:
    """What all rounds came to."""

    findings: Findings = field(default_factory=Findings)
    seen: int = 0
    missing: int = 0
    unclear: int = 0
    broken: int = 0


@dataclass
class Place:
    """Where the service of a round lives, and what happens there."""

    url: str
    folder: Path
    troubles: Sequence[Trouble]


def disks(wanted: int, seed: int, minutes: float, command: str) -> Run:
    """Let so many troubles happen, or as many as there is time for."""
    begun, total, bar = time.monotonic(), Sum(), Bar("breaking disks")
    for number in count():
        before = total.findings.troubles.total()
        if before >= wanted or time.monotonic() - begun > minutes * 60:
            break
        try:
            _round(seed + number, total)
        except Exception as error:  # a round that breaks off is told and counted; the others go on
            total.broken += 1
            sys.stderr.write(f"\nseed {seed + number}: {type(error).__name__}: {error}\n")
        bar.advance(total.findings.troubles.total() - before, wanted)
        sys.stderr.write(f"seed {seed + number}: {total.findings.troubles.total()} troubles\n")
    bar.done()
    return _told(total, command, (time.monotonic() - begun) / 60, (seed, seed + number - 1))


def _told(total: Sum, command: str, minutes: float, seeds: tuple[int, int]) -> Run:
    found = total.findings
    return Run(
        command,
        minutes,
        seeds,
        {
            "troubles": found.troubles.total(),
            "changes": found.changes,
            "updates of the clinic's table": found.writes,
            "committed things that somebody else had read": total.seen,
        },
        {
            "lost": found.lost,
            "doubled": found.doubled,
            "wrong": found.wrong,
            "faults in the audit trail": found.trail,
            "committed things missing": total.missing,
            "unclear words": total.unclear,
            "rounds that broke off": total.broken,
        },
        dict(found.troubles.most_common()),
    )


def _round(seed: int, total: Sum) -> None:
    """Tell one story with every trouble of one place, in any order."""
    chance = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="ajantasa-soak-"))
    with (
        _place(seed, folder) as place,
        made_world(folder, people=PEOPLE, days=360, seed=seed) as (world, recorder),
    ):
        service = Service.configure(place.folder, world, place.url)
        service.log = folder / "service.log"
        sufferer = Sufferer(service, world, recorder, chance)
        try:
            sufferer.suffer_through(chance.sample(place.troubles, len(place.troubles)))
            sufferer.settle()
            found, missing = sufferer.findings(), sufferer.witness.missing()
        finally:
            service.end()
    total.findings.add(found)
    total.seen += sufferer.witness.seen
    total.missing += missing
    total.unclear += len(sufferer.unclear)
    if not (found.bad or missing or sufferer.unclear):  # what went wrong stays to be looked at
        shutil.rmtree(folder)
    else:
        sys.stderr.write(f"\nseed {seed}: {folder}: {missing} missing, {found}\n" + "\n".join(sufferer.unclear) + "\n")


@contextmanager
def _place(seed: int, folder: Path) -> Iterator[Place]:
    """Give failing calls, a small disk and a server that dies in turn."""
    kinds = [_failing, _full, _dying] if can_mount() else [_failing, _dying]
    with kinds[seed % len(kinds)](folder, seed) as place:
        yield place


@contextmanager
def _failing(folder: Path, seed: int) -> Iterator[Place]:
    yield Place(f"sqlite:///{folder / 'ajantasa.db'}", folder, failing_calls(folder, seed))


@contextmanager
def _full(_folder: Path, _seed: int) -> Iterator[Place]:
    with small_disk(_DISK_MEGABYTES) as disk:
        yield Place(f"sqlite:///{disk / 'ajantasa.db'}", disk, full_disks(disk) * _FULL_DISKS)


@contextmanager
def _dying(folder: Path, _seed: int) -> Iterator[Place]:
    with own_server() as server:
        hurry(server.get_uri(), dies=True)
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        yield Place(url, folder, dead_servers(server))
