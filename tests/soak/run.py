"""What a run of the soak came to, and where the last one of each kind, and the largest, are kept."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Run:
    """One run, as it is kept and told.

    Attributes:
        command: what was called.
        commit: of the code that was tried; a `+` follows when files had been changed.
        on: the day it ended, UTC.
        minutes: how long it took.
        seeds: from the first to the last.
        tried: how many of what.
        bad: how often what must never happen did.
        detail: the tried ones by kind.
    """

    command: str
    minutes: float
    seeds: tuple[int, int]
    tried: Mapping[str, int]
    bad: Mapping[str, int]
    detail: Mapping[str, int] = field(default_factory=dict)
    commit: str = ""
    on: str = ""

    @property
    def size(self) -> int:
        """How much was tried, by what is counted first."""
        return next(iter(self.tried.values()), 0)

    @property
    def line(self) -> str:
        """Return the one line with which a run ends."""
        told = ", ".join(f"{count:,} {what}" for what, count in self.tried.items())
        wrong = ", ".join(f"{count:,} {what}" for what, count in self.bad.items())
        return f"tried: {told}; {wrong}; seeds {self.seeds[0]} to {self.seeds[1]}; {self.minutes:.1f} minutes"


def stored() -> dict[str, list[Run]]:
    """Return the runs of each kind that are kept, the last one last."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    return {kind: [Run(**(run | {"seeds": tuple(run["seeds"])})) for run in runs] for kind, runs in kept.items()}


def store(kind: str, run: Run, on: date) -> None:
    """Keep a run beside the largest one before it: code is mended more often than there is time for a long one."""
    runs = stored()
    runs[kind] = kept([*runs.get(kind, []), replace(run, commit=commit(), on=on.isoformat())])
    told = {name: [asdict(one) for one in those] for name, those in runs.items()}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def kept(runs: Sequence[Run]) -> list[Run]:
    """Return the last of these runs and, before it, the largest of the others, if it is larger."""
    *others, last = runs
    larger = [run for run in others if run.size > last.size]
    return [*sorted(larger, key=lambda run: run.size)[-1:], last]


def commit() -> str:
    """Return which code this is."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "sync", "adapters", "config")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
