"""`make bench`: how fast the whole way is and how much memory it takes, at two sizes of the register.

The machine is shared and noisy: what counts are the ratios within one run. No test asserts any of this.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from adapters.cli.output import table
from adapters.sandbox.world import made_up
from adapters.store.keyring import create_key_file
from tests.acceptance.service import to_toml

SIZES = (10_000, 100_000)
CHANGES = 4_000
DAYS = 60
_ROWS = (
    ("first load", "load_rows_per_s", "rows/s"),
    ("whole way, by national id (dvv)", "dvv_per_s", "changes/s"),
    ("whole way, by evidence (posti)", "posti_per_s", "changes/s"),
    ("matching alone", "matching_per_s", "changes/s"),
    ("delivery into the clinic", "deliveries_per_s", "records/s"),
    ("peak memory", "peak_mb", "MB"),
)


def main() -> None:
    """Measure both sizes and print a table, ratios last."""
    console = Console(highlight=False, soft_wrap=True)
    measured = {}
    for size in SIZES:
        console.print(f"measuring {size} customers …", style="dim")
        measured[size] = measure(size)
    small, large = (measured[size] for size in SIZES)
    shown = table("The whole way on SQLite", "", *(f"{size} customers" for size in SIZES), "unit", "ratio")
    for title, key, unit in _ROWS:
        shown.add_row(title, str(small[key]), str(large[key]), unit, f"{large[key] / small[key]:.2f}")
    console.print(shown)
    console.print_json(json.dumps({str(size): figures for size, figures in measured.items()}))


def measure(customers: int) -> dict[str, Any]:
    """Make a world with so many customers, and measure a fresh process that keeps their register right."""
    with tempfile.TemporaryDirectory(prefix="ajantasa-bench-") as name:
        folder = Path(name)
        people = round(customers * 1.5)
        with made_up(people=people, days=DAYS, seed=1, clinic_url=f"sqlite:///{folder / 'clinic.db'}") as world:
            world.clock.set(None)
            create_key_file(folder / "ajantasa.key")
            config = folder / "ajantasa.toml"
            config.write_text(to_toml(world.settings(folder)), "utf-8")
            command = [sys.executable, "-m", "tests.benchmarks.whole_way", str(config), str(CHANGES)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
