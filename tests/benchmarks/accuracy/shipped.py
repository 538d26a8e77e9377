"""`python -m tests.benchmarks.accuracy.shipped`: makes the model that comes along, config/models/default.json, anew.

What can be counted is counted in the made-up clinic's register: how often two strangers and two members of a family are
alike. How often one person's fields differ (m) stays as it was set by hand, with caution: made-up people change their
telephone numbers and names less often than real ones do. Thresholds come from decoys. Tables of frequencies do not come
along: they are made under the key of whoever trains.
"""

import random
import tempfile
from dataclasses import replace
from pathlib import Path

from adapters.cli.output import Bar
from adapters.labelled.mapping import read_map
from adapters.labelled.measure import REGISTER, load, temporary_store
from adapters.labelled.people import People
from config.bootstrap import load_model
from sync.matching.model_file import dump_model
from sync.matching.train import Training, train
from sync.training import Mirror
from tests.benchmarks.accuracy.sets import ROOT, make

SET = "sandbox_crowded"
"""In other countries sons are named after their fathers: what ships had better expect more of it than Finns do."""
VERSION = "shipped-4"
FALSE_UPDATE_RATE = 1e-5
DECOYS = 40_000


def main() -> None:
    """Make the register, learn from it, and write the file."""
    with tempfile.TemporaryDirectory(prefix="ajantasa-shipped-") as name, temporary_store() as (store, _):
        folder = Path(name)
        make([SET], folder)
        columns = read_map(folder / SET / "map.toml").register
        load(store, People(folder / SET / "register.csv", columns), Bar)
        model = train(
            Mirror(store, REGISTER),
            [],
            load_model(None),
            VERSION,
            chance=random.Random(1),
            digest=lambda _, text: text,
            training=Training(FALSE_UPDATE_RATE, decoys=DECOYS, sample=DECOYS, tables=False),
        )
    path = ROOT / "config" / "models" / "default.json"
    path.write_text(dump_model(replace(model, nicknames=frozenset())), "utf-8")


if __name__ == "__main__":
    main()
