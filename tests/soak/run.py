"""What a run of the soak came to, and where the last one of each kind is kept."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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
    def line(self) -> str:
        """Return the one line with which a run ends."""
        told = ", ".join(f"{count:,} {what}" for what, count in self.tried.items())
        wrong = ", ".join(f"{count:,} {what}" for what, count in self.bad.items())
        return f"tried: {told}; {wrong}; seeds {self.seeds[0]} to {self.seeds[1]}; {self.minutes:.1f} minutes"


def stored() -> dict[str, Run]:
    """Return the last run of each kind."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    return {kind: Run(**(run | {"seeds": tuple(run["seeds"])})) for kind, run in kept.items()}


def store(kind: str, run: Run, on: date) -> None:
    """Keep a run in the place of the one before."""
    told = {name: asdict(one) for name, one in stored().items()}
    told[kind] = asdict(run) | {"commit": commit(), "on": on.isoformat()}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def commit() -> str:
    """Return which code this is."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "sync", "adapters", "config")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
