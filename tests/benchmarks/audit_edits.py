"""`python -m tests.benchmarks.audit_edits`: random edits of an exported audit trail and its checkpoints, and how many are seen.

The trail is real: an engine lives for some weeks over an SQLite file, and signs its chain now and then. Status 1 if any
edit went unseen.
"""

import argparse
import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import structlog
from rich.console import Console

from adapters.cli.output import Bar, table
from tests.benchmarks.markdown import markdown
from tests.simulation.edits import KINDS, make_trail, try_edits

_WORDS = {
    "flip": "one bit changed, anywhere in either file",
    "drop": "one to five lines left out",
    "swap": "two lines change places",
    "truncate": "cut off at any byte",
    "duplicate": "one to five lines repeated, there or elsewhere",
    "splice": "lines of another trail, signed with the same key, in the place of some",
    "recompute": "an entry or fact changed, dropped or added, and the whole suffix hashed anew",
    "cut": "the end left out, and the rest made to look whole",
    "forge": "a checkpoint changed, and it and those after it signed with another key",
}


def main() -> int:
    """Make the edits and print a table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("edits", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_261_122)
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/audit.md has it")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    tried, seen = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="ajantasa-audit-") as name:
        folders = Path(name) / "other", Path(name) / "trail"
        for folder in folders:
            folder.mkdir()
        other = make_trail(folders[0], [f"Sivukatu{n}" for n in range(9)])
        trail = make_trail(folders[1], [f"Katu{n}" for n in range(9)], other)
        bar = Bar("editing")
        for kind, found in try_edits(trail, given.edits, Random(given.seed)):
            tried[kind] += 1
            seen[kind] += found
            bar.advance(1, given.edits)
        bar.done()
    report = trail.check(trail.audit, trail.checkpoints)
    size = f"{report.entries} entries, {report.facts} facts, {report.checkpoints} checkpoints"
    shown = table(f"Edits of an exported trail ({size}; seed {given.seed})", "edit", "what", "tried", "detected")
    for kind in KINDS:
        shown.add_row(kind, _WORDS[kind], str(tried[kind]), str(seen[kind]))
    shown.add_row("all", "", str(tried.total()), str(seen.total()))
    if given.markdown:
        sys.stdout.write(markdown([shown]) + "\n")
    else:
        Console(highlight=False, soft_wrap=True).print(shown)
    return 0 if seen == tried else 1


if __name__ == "__main__":
    sys.exit(main())
