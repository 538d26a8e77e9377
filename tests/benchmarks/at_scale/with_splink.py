"""Splink on the benchmark's register and changes, with an interpreter of its own: prints one JSON object.

Knows nothing of ajantasa: reads two CSV files. Set up as its documentation advises: names as one comparison that knows of
swaps, term frequencies, u by random pairs, m by expectation maximisation blocked on birth dates and on phone numbers.
"""

import json
import logging
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as level
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SINGLES = 20
"""New records that are searched for one by one, after some that are not counted."""
_UNCOUNTED = 3
_PAIRS_FOR_U = 2e6
_QUIET = {"log_level": logging.ERROR}
_WEIGHT = -5  # pairs below it are no help to anybody


def main(register: str, changes: str) -> None:
    """Train once, then match in bulk and one by one."""
    database = duckdb.connect()
    for name, path in (("register", register), ("changes", changes)):
        database.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv(?, header=true, all_varchar=true)", [path])
    started = time.perf_counter()
    model = _trained(database)
    figures: dict[str, Any] = {"train_seconds": round(time.perf_counter() - started, 1)}
    figures |= _in_bulk(database, model)
    figures |= _between(database, model)
    sys.stdout.write(json.dumps(figures | {"peak_mb": _peak_mb()}) + "\n")


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="name"),
            compare.DateOfBirthComparison("birth_date", input_is_string=True),
            compare.CustomComparison(
                output_column_name="home",
                comparison_levels=[
                    level.NullLevel("postcode"),
                    level.And(*map(level.ExactMatchLevel, ("street", "postcode", "number", "flat"))),
                    level.And(level.ExactMatchLevel("street"), level.ExactMatchLevel("number")),
                    level.And(level.ExactMatchLevel("postcode"), level.ExactMatchLevel("number")),
                    level.ExactMatchLevel("postcode", term_frequency_adjustments=True),
                    level.ElseLevel(),
                ],
            ),
            compare.ExactMatch("phone"),
            compare.ExactMatch("email"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("birth_date", "surname"),
            block_on("birth_date", "given"),
            block_on("phone"),
            block_on("email"),
            block_on("surname", "given", "postcode"),
            block_on("surname", "postcode", "number", "flat"),
        ],
        retain_matching_columns=False,
    )


def _trained(database: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    training = _linker(database, _settings()).training
    rules = [block_on("birth_date", "given", "surname"), block_on("phone")]
    training.estimate_probability_two_random_records_match(rules, recall=0.8)
    training.estimate_u_using_random_sampling(max_pairs=_PAIRS_FOR_U, seed=1)
    for rule in (block_on("birth_date"), block_on("phone")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    return training._linker.misc.save_model_to_json()


def _linker(database: duckdb.DuckDBPyConnection, settings: Any) -> Linker:
    api = DuckDBAPI(connection=database)
    return Linker(
        [api.register(name, dataset_display_name=name) for name in ("register", "changes")], settings, **_QUIET
    )


def _in_bulk(database: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> dict[str, Any]:
    """Match all changes in one call of a linker that has seen nothing before."""
    (count, known), *_ = database.execute("SELECT count(*), count(truth) FROM changes").fetchall()
    started, used = time.perf_counter(), time.process_time()
    found = _linker(database, model).inference.predict(threshold_match_weight=_WEIGHT).physical_name
    seconds, used = time.perf_counter() - started, time.process_time() - used
    (pairs, right), *_ = database.execute(
        f"""SELECT count(*), count(DISTINCT CASE WHEN truth IN (unique_id_l, unique_id_r) THEN unique_id END)
        FROM {found} JOIN changes ON unique_id IN (unique_id_l, unique_id_r)"""
    ).fetchall()
    return {
        "bulk_per_s": round(count / seconds, 1),
        "bulk_us": round(seconds / count * 1e6, 1),
        "bulk_cpu_us": round(used / count * 1e6, 1),
        "pairs_per_change": round(pairs / count, 2),
        "blocking_recall": round(right / known, 5),
    }


def _between(database: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> dict[str, Any]:
    """Search for one new record at a time, as its documentation shows for matching as records come in."""
    api = DuckDBAPI(connection=database)
    register = api.register("register", dataset_display_name="register")
    linker = Linker(register, model | {"link_type": "dedupe_only"}, **_QUIET)
    for column in ("name", "given", "surname", "birth_date", "postcode", "phone", "email"):
        linker.table_management.compute_tf_table(column)
    took = []
    for at in range(SINGLES + _UNCOUNTED):
        record = f"SELECT * FROM changes LIMIT 1 OFFSET {at * 7}"
        database.execute(f"CREATE OR REPLACE TABLE one AS {record}")
        one = api.register("one", dataset_display_name=f"one_{at}")
        started = time.perf_counter()
        pairs = linker.inference.predict_between(
            register, one, link_type="link_and_dedupe", threshold_match_weight=_WEIGHT
        )
        pairs.as_record_list()
        took.append(time.perf_counter() - started)
    return {"single_ms": round(statistics.median(took[_UNCOUNTED:]) * 1e3, 1)}


def _peak_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
