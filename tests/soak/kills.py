"""Kill the real process in every way on both databases, round after round, each in a town of its own."""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from adapters.cli.output import Bar
from tests.acceptance.killing import ANY_TIME, WAYS, Killer
from tests.acceptance.service import Service
from tests.acceptance.story import Findings, made_world
from tests.postgres import fresh_database, hurry, running_server
from tests.soak.run import Run

PEOPLE = 3_000
"""Of a town: 4,500 changes in 360 days."""
_EARLY = 2  # ways that are passed only while everything is new


def kills(wanted: int, seed: int, minutes: float, command: str) -> Run:
    """Kill until there were so many, or the time is over."""
    begun, total, broken = time.monotonic(), Findings(), 0
    bar = Bar("killing")
    with running_server() as server:
        hurry(server)
        for number in count():
            before = total.troubles.total()
            if before >= wanted or time.monotonic() - begun > minutes * 60:
                break
            try:
                total.add(_round(seed + number, server if number % 2 else None))
            except Exception as error:  # a round that breaks off is told and counted; the others go on
                broken += 1
                sys.stderr.write(f"\nseed {seed + number}: {type(error).__name__}: {error}\n")
            bar.advance(total.troubles.total() - before, wanted)
            sys.stderr.write(f"seed {seed + number}: {total.troubles.total()} kills, {total.changes} changes\n")
    bar.done()
    return Run(
        command,
        (time.monotonic() - begun) / 60,
        (seed, seed + number - 1),
        {"kills": total.troubles.total(), "changes": total.changes, "updates of the clinic's table": total.writes},
        {
            "lost": total.lost,
            "doubled": total.doubled,
            "wrong": total.wrong,
            "faults in the audit trail": total.trail,
            "rounds that broke off": broken,
        },
        dict(total.troubles.most_common()),
    )


def _round(seed: int, server: str | None) -> Findings:
    """Tell one story: every way of dying once, the first two first, the others in any order."""
    chance = random.Random(seed)
    ways = [*WAYS[:_EARLY], *chance.sample(WAYS[_EARLY:], len(WAYS) - _EARLY), ANY_TIME]
    folder = Path(tempfile.mkdtemp(prefix="ajantasa-soak-"))
    database = fresh_database(server) if server else _file(folder)
    with database as url, made_world(folder, people=PEOPLE, days=360, seed=seed) as (world, recorder):
        service = Service.configure(folder, world, url)
        killer = Killer(service, world, recorder, chance)
        try:
            killer.kill_through(ways)
            killer.settle()
            found = killer.findings()
        finally:
            service.end()
    if not found.bad:  # what went wrong stays to be looked at
        shutil.rmtree(folder)
    else:
        sys.stderr.write(f"\nseed {seed}: {found.lost} lost, {found.doubled} doubled, {found.wrong} wrong: {folder}\n")
    return found


@contextmanager
def _file(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'ajantasa.db'}"
