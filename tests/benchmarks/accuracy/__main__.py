"""`make accuracy`: how well the matcher matches, on data that nobody here made and on the sandbox's population.

Each labelled set is written into a folder, and `ajantasa matching evaluate` measures itself on it in a fresh process.
The exit status is 1 where a figure that must be reached is missed. With `--markdown` it prints what docs/matching.md
holds between its marks.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.benchmarks.accuracy.report import accuracy, chosen, missed, promises
from tests.benchmarks.accuracy.sets import (
    USUAL,
    CannotMeasureError,
    LabelledFolder,
    evaluate,
    evaluate_splink,
    lying_in,
    make,
)
from tests.benchmarks.markdown import markdown

SPLINK = " (Splink)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print tables and then JSON, and return the exit status."""
    asked = _asked(arguments)
    console = Console(highlight=False, width=200)
    try:
        if asked.folder is not None:
            return _measure(asked.folder, asked.names or lying_in(asked.folder) or USUAL, asked, console)
        with tempfile.TemporaryDirectory(prefix="ajantasa-accuracy-") as folder:
            return _measure(Path(folder), asked.names or USUAL, asked, console)
    except CannotMeasureError as reason:
        sys.stderr.write(f"{reason}\n")
        return 2


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.accuracy", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"labelled sets; {', '.join(USUAL)} by default")
    parser.add_argument("--folder", type=Path, help="where sets lie already, each in a folder; missing ones stay there")
    parser.add_argument("--splink", action="store_true", help="let Splink match the same files, for comparison")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown and nothing else")
    return parser.parse_args(arguments)


def _measure(folder: Path, names: Sequence[str], asked: argparse.Namespace, console: Console) -> int:
    progress = Console(file=sys.stderr, highlight=False)
    progress.print("making data …", style="dim")
    make(names, folder)
    measured: dict[str, dict[str, Any]] = {}
    columns: dict[str, str] = {}
    for name in names:
        progress.print(f"measuring {name} …", style="dim")
        labelled = LabelledFolder(folder / name)
        measured[name], columns[name] = evaluate(labelled), labelled.columns
        if asked.splink:
            measured[name + SPLINK], columns[name + SPLINK] = evaluate_splink(labelled), labelled.columns
    tables = (promises(measured), accuracy(measured, columns), chosen(measured))
    if asked.markdown:
        sys.stdout.write(markdown(tables) + "\n")
    else:
        console.print(*(part for shown in tables for part in (shown, "")))
        sys.stdout.write(json.dumps(measured, ensure_ascii=False) + "\n")
    return 1 if missed(measured) else 0


if __name__ == "__main__":
    sys.exit(main())
