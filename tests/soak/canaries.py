"""Release canaries, and look for any trace of them in every file that comes into being."""

import tempfile
import time
from pathlib import Path
from random import Random

from tests.simulation.canaries import Flock, live, search
from tests.soak.run import Run


def canaries(number: int, seed: int, command: str) -> Run:
    """Release so many protected people and as many strangers, each with an id, and search the files."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ajantasa-canaries-") as name:
        flock = Flock.of(number, Random(seed))
        live(Path(name), flock, Random(seed))
        found = search(Path(name), flock)
        sizes = {file.name: file.stat().st_size for file in sorted(Path(name).iterdir())}
    return Run(
        command,
        (time.monotonic() - begun) / 60,
        (seed, seed),
        {"protected people": number, "strangers": number, "national ids": len(flock.births)},
        {"traces found": found.total(), "files left empty": sum(not size for size in sizes.values())},
        {f"bytes of `{name}`": size for name, size in sizes.items()},
    )
