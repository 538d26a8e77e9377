"""`make bench`: how fast the whole way is and how much memory it takes, at two sizes of the register and on both engines.

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
from tests.postgres import fresh_database, running_server

SIZES = (10_000, 100_000)
CHANGES = 16_000
DAYS = 90
DVV_PAGE = 2_000
"""Entries of the population register's log in one answer, of which half are about a customer."""
_ROWS = (
    ("first load", "load_rows_per_s", "rows/s"),
    ("looking up, whole records (dvv)", "looked_up_per_s", "customers/s"),
    ("the same in processor time", "looked_up_per_cpu_s", "customers/s"),
    ("whole way, by national id (dvv)", "dvv_per_s", "changes/s"),
    ("the same in processor time", "dvv_per_cpu_s", "changes/s"),
    ("whole way, by evidence (posti)", "posti_per_s", "changes/s"),
    ("the same in processor time", "posti_per_cpu_s", "changes/s"),
    ("matching alone", "matching_per_s", "changes/s"),
    ("delivery into the clinic", "deliveries_per_s", "records/s"),
    ("peak memory", "peak_mb", "MB"),
)


def main() -> None:
    """Measure both sizes and print a table, ratios last."""
    console = Console(highlight=False, soft_wrap=True)
    # One that was compiled without a profile is slower: figures compare only with those of the same one.
    console.print(f"Python {sys.version}", style="dim")
    measured = {}
    for size in SIZES:
        console.print(f"measuring {size} customers …", style="dim")
        measured[f"SQLite, {size:,}"] = measure(size)
    console.print(f"measuring {SIZES[-1]} customers on PostgreSQL …", style="dim")
    with running_server() as server, fresh_database(server) as url:
        measured[f"PostgreSQL, {SIZES[-1]:,}"] = measure(SIZES[-1], url)
    shown = table("The whole way, from pull to outbox", "", *measured, "unit")
    for title, key, unit in _ROWS:
        shown.add_row(title, *(str(figures[key]) for figures in measured.values()), unit)
    console.print(shown)
    console.print_json(json.dumps(measured))


def measure(customers: int, store_url: str | None = None) -> dict[str, Any]:
    """Make a world with so many customers, and measure a fresh process that keeps their register right.

    Args:
        customers: how many.
        store_url: of our own database; a file of SQLite unless it is told.
    """
    with tempfile.TemporaryDirectory(prefix="ajantasa-bench-") as name:
        folder = Path(name)
        people = round(customers * 1.5)
        clinic_url = f"sqlite:///{folder / 'clinic.db'}"
        with made_up(people=people, days=DAYS, seed=1, clinic_url=clinic_url, dvv_page=DVV_PAGE) as world:
            world.clock.set(None)
            create_key_file(folder / "ajantasa.key")
            config = folder / "ajantasa.toml"
            settings = world.settings(folder)
            settings["store"]["url"] = store_url or settings["store"]["url"]
            config.write_text(to_toml(settings), "utf-8")
            command = [sys.executable, "-m", "tests.benchmarks.whole_way", str(config), str(CHANGES)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
