"""`python -m tests.benchmarks.accuracy.shipped`: makes the model that comes along, config/models/default.json, anew.

What can be counted is counted in the made-up clinic's register: how often two strangers and two members of a family are
alike. How often one person's fields differ (m) stays as it was set by hand, with caution: made-up people change their
telephone numbers and names less often than real ones do. So do phone and e-mail: made-up strangers never share one, and
each time that were learned again it would be believed more. Thresholds come from decoys. Tables of frequencies do not come
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

SET = "sandbox"
VERSION = "shipped-3"
FALSE_UPDATE_RATE = 1e-5
DECOYS = 40_000
KEPT = ("phone", "email")


def main() -> None:
    """Make the register, learn from it, and write the file."""
    with tempfile.TemporaryDirectory(prefix="ajantasa-shipped-") as name, temporary_store() as (store, _):
        folder = Path(name)
        make([SET], folder)
        columns = read_map(folder / SET / "map.toml").register
        load(store, People(folder / SET / "register.csv", columns), Bar)
        before = load_model(None)
        model = train(
            Mirror(store, REGISTER),
            [],
            before,
            VERSION,
            chance=random.Random(1),
            digest=lambda _, text: text,
            training=Training(FALSE_UPDATE_RATE, decoys=DECOYS, sample=DECOYS, tables=False),
        )
    path = ROOT / "config" / "models" / "default.json"
    comparisons = {**model.comparisons, **{name: before.comparisons[name] for name in KEPT}}
    path.write_text(dump_model(replace(model, comparisons=comparisons, nicknames=frozenset())), "utf-8")


if __name__ == "__main__":
    main()
