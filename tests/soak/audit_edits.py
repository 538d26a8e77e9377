"""Edit an exported audit trail and its checkpoints at random, and see whether the verifier sees it."""

import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from adapters.cli.output import Bar
from tests.simulation.edits import make_trail, try_edits
from tests.soak.run import Run


def audit_edits(wanted: int, seed: int, command: str) -> Run:
    """Make so many edits, of all kinds in turn."""
    begun, tried, unseen = time.monotonic(), Counter[str](), 0
    bar = Bar("editing")
    with tempfile.TemporaryDirectory(prefix="ajantasa-audit-") as name:
        folders = Path(name) / "other", Path(name) / "trail"
        for folder in folders:
            folder.mkdir()
        other = make_trail(folders[0], [f"Sivukatu{n}" for n in range(9)])
        trail = make_trail(folders[1], [f"Katu{n}" for n in range(9)], other)
        for kind, seen in try_edits(trail, wanted, Random(seed)):
            tried[kind] += 1
            unseen += not seen
            bar.advance(1, wanted)
    bar.done()
    minutes = (time.monotonic() - begun) / 60
    return Run(
        command, minutes, (seed, seed), {"edits": tried.total()}, {"edits that went unseen": unseen}, dict(tried)
    )
