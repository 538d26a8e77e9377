"""`python -m tests.soak`: long runs that try to make ajantasa lose, double or leak something.

With `--write` a run is kept in tests/soak/results.json, and RELIABILITY.md is written anew. Status 1 if anything went wrong.
"""

import argparse
import logging
import sys
from datetime import UTC, datetime

import structlog
from rich.console import Console

from tests.soak.audit_edits import audit_edits
from tests.soak.canaries import canaries
from tests.soak.disks import disks
from tests.soak.kills import kills
from tests.soak.machine import machine
from tests.soak.reliability import KINDS, PAPER, paper
from tests.soak.run import Run, store, stored

_KINDS = tuple(KINDS)


def main() -> int:
    """Do what was asked; returns the exit status."""
    given = _parser().parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    bad = 0
    for kind in () if given.paper else [given.kind] if given.kind else _KINDS:
        run = _run(kind, given)
        Console(highlight=False, soft_wrap=True).print(f"{kind}: {run.line}")
        bad += sum(run.bad.values())
        if given.write:
            store(kind, run, datetime.now(UTC).date())
    if given.write or given.paper:
        PAPER.write_text(paper(stored()), "utf-8")
    return 1 if bad else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("kind", nargs="?", choices=_KINDS, help="one kind of run; all of them without it")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; each has the next one")
    parser.add_argument("--kills", type=int, default=1_000, help="of the real process")
    parser.add_argument("--troubles", type=int, default=1_000, help="of disks and of PostgreSQL")
    parser.add_argument("--steps", type=int, default=1_000_000, help="of the engine's machine")
    parser.add_argument("--processes", type=int, default=1, help="of the engine's machine at once")
    parser.add_argument("--edits", type=int, default=10_000, help="of an audit trail")
    parser.add_argument("--canaries", type=int, default=1_000, help="of each: protected people, strangers")
    parser.add_argument(
        "--minutes", type=float, default=24 * 60, help="end kills, troubles and steps after so long each"
    )
    parser.add_argument("--write", action="store_true", help="keep what came of it, and write RELIABILITY.md anew")
    parser.add_argument(
        "--paper", action="store_true", help="only write RELIABILITY.md anew, from the runs that are kept"
    )
    return parser


def _run(kind: str, given: argparse.Namespace) -> Run:
    command, minutes = f"python -m tests.soak {kind} --seed {given.seed}", f"--minutes {given.minutes:g}"
    if kind == "kills":
        return kills(given.kills, given.seed, given.minutes, f"{command} --kills {given.kills} {minutes}")
    if kind == "disks":
        return disks(given.troubles, given.seed, given.minutes, f"{command} --troubles {given.troubles} {minutes}")
    if kind == "machine":
        command += f" --steps {given.steps} --processes {given.processes} {minutes}"
        return machine(given.steps, given.seed, given.minutes, given.processes, command)
    if kind == "canaries":
        return canaries(given.canaries, given.seed, f"{command} --canaries {given.canaries}")
    return audit_edits(given.edits, given.seed, f"{command} --edits {given.edits}")


if __name__ == "__main__":
    sys.exit(main())
