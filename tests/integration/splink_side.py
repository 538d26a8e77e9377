"""What Splink itself makes of a model: runs in a process of its own and prints the weight of every pair of rows.

`python splink_side.py SETTINGS LEFT RIGHT` reads Splink's settings and two lists of rows as JSON.
`python splink_side.py --train SETTINGS LEFT RIGHT` prints the settings after training on them.
`python splink_side.py --library` prints the settings of a model that is put together from Splink's own library.
"""

import json
import sys
from pathlib import Path
from typing import Any

import splink.comparison_level_library as level
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator


def weights(settings: str, left: str, right: str) -> list[list[Any]]:
    """Return left id, right id and weight of every pair."""
    api = DuckDBAPI()
    sides = [json.loads(Path(side).read_text("utf-8")) for side in (left, right)]
    linker = Linker(api.register(sides[0]), settings, log_level=None)
    pairs = linker.inference.score_pairs(*sides)
    return [[row["unique_id_l"], row["unique_id_r"], row["match_weight"]] for row in pairs.as_record_list()]


def trained(settings: str, left: str, right: str) -> dict[str, Any]:
    """Return the settings as they are saved after training, as Splink's users do it."""
    api = DuckDBAPI()
    sides = [json.loads(Path(side).read_text("utf-8")) for side in (left, right)]
    tables = [api.register(side, dataset_display_name=name) for name, side in zip("lr", sides, strict=True)]
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e4, seed=1)
    linker.training.estimate_m_from_label_column("surname_folded")
    linker.inference.predict()
    return linker.misc.save_model_to_json()


def library() -> dict[str, Any]:
    """Return the settings of a model as its users write it, with m and u given to some levels and not to others."""
    surname = compare.CustomComparison(
        output_column_name="surname",
        comparison_levels=[
            level.NullLevel("surname"),
            level.ExactMatchLevel("surname").configure(
                m_probability=0.8,
                u_probability=0.004,
                tf_adjustment_column="surname",
                tf_adjustment_weight=0.7,
                tf_minimum_u_value=0.002,
            ),
            level.ColumnsReversedLevel("first_name", "surname", symmetrical=True).configure(m_probability=0.01),
            level.JaroWinklerLevel("surname", 0.88).configure(tf_adjustment_column="surname", u_probability=0.01),
            level.And(level.LevenshteinLevel("surname", 2), level.Not(level.ExactMatchLevel("first_name"))),
            level.ElseLevel(),
        ],
    )
    return (
        SettingsCreator(
            link_type="link_only",
            probability_two_random_records_match=0.003,
            comparisons=[
                compare.JaroWinklerAtThresholds("first_name", [0.92, 0.88, 0.7]).configure(
                    term_frequency_adjustments=True
                ),
                surname,
                compare.DamerauLevenshteinAtThresholds("dob", [1, 2]),
                compare.LevenshteinAtThresholds("postcode", [1, 2]),
                compare.CustomComparison(
                    output_column_name="area",
                    comparison_levels=[
                        level.NullLevel("postcode"),
                        level.CustomLevel("substr(postcode_l, 1, 3) = substr(postcode_r, 1, 3)"),
                        level.ElseLevel(),
                    ],
                ),
                compare.ExactMatch("email").configure(m_probabilities=[0.7, 0.3], u_probabilities=[0.0001, 0.9999]),
            ],
        )
        .get_settings("duckdb")
        .as_dict()
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--library"]:
            found: Any = library()
        case ["--train", *files]:
            found = trained(*files)
        case files:
            found = weights(*files)
    sys.stdout.write(json.dumps(found))
