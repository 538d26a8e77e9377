"""Splink 5, well set up, on the same files: names as one comparison with swaps, term frequencies, EM.

Runs where Splink is installed: `python -m tests.benchmarks.accuracy.splink_side --register … --changes … --truth …
--map …`, as `ajantasa matching evaluate` does. EM is blocked on the birth date and on the names, never on an address.
"""

import argparse
import csv
import json
import re
import resource
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from tests.benchmarks.accuracy.measure import best_of, figures

SEED = 1
SAMPLED_PAIRS = 2e7
LOWEST_WEIGHT = -30.0  # pairs below are no candidates


def read(path: Path, fields: Mapping[str, str | Sequence[str]], used: Sequence[str]) -> pd.DataFrame:
    """Read one side: our fields as columns, small letters, empty as None; the birth date as digits."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{name: _cell(row, fields[name]) for name in ("id", *used)} for row in csv.DictReader(file)]
    frame = pd.DataFrame(rows).rename(columns={"id": "unique_id"})
    if "birth_date" in frame:
        frame["birth_date"] = [_digits(text) for text in frame["birth_date"]]
    if "phone" in frame:
        frame["phone"] = [re.sub(r"\D", "", text)[-8:] for text in frame["phone"]]  # whatever the prefix
    if {"given_names", "surname"} <= set(frame):
        given = frame["given_names"]
        frame["given"] = [text.split()[0] if text.split() else "" for text in given]
        frame["name"] = [f"{first} {last}".strip() for first, last in zip(given, frame["surname"], strict=True)]
        frame["first_letters"] = [
            f"{first[:3]}/{last[:3]}" if first and last else ""
            for first, last in zip(given, frame["surname"], strict=True)
        ]
        if "birth_date" in frame:
            days = zip(frame["first_letters"], frame["birth_date"], strict=True)
            frame["first_letters_and_day"] = [
                f"{name[:1]}{name[-3:-2]}{day[4:]}" if name and day else "" for name, day in days
            ]
    plain = frame.drop(columns="unique_id")
    frame[plain.columns] = plain.astype(object).where(plain != "", None)
    return frame


def _cell(row: Mapping[str, str], named: str | Sequence[str]) -> str:
    names = [named] if isinstance(named, str) else named
    return " ".join(" ".join(row[name] for name in names).split()).lower()


def _digits(text: str) -> str:
    day = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    return f"{day[3]}{day[2]:0>2}{day[1]:0>2}" if day else re.sub(r"\D", "", text)


def compared(used: Sequence[str], *, several: bool) -> list[Any]:
    """Return a comparison for each field; `several` where people carry more than one given name."""
    found = [_names(several=several)] if {"given_names", "surname"} <= set(used) else []
    fuzzy = {"full_name": [0.95, 0.88], "street_line": [0.95, 0.88], "street": [0.92, 0.85], "city": [0.92]}
    found += [
        comparisons.JaroWinklerAtThresholds(name, thresholds).configure(term_frequency_adjustments=True)
        for name, thresholds in fuzzy.items()
        if name in used
    ]
    if "birth_date" in used:
        found.append(comparisons.DamerauLevenshteinAtThresholds("birth_date", [1, 2]))
    if "postcode" in used:
        postcode = comparisons.DamerauLevenshteinAtThresholds("postcode", [1])
        found.append(postcode.configure(term_frequency_adjustments=True))
    found += [comparisons.DamerauLevenshteinAtThresholds(name, [1]) for name in ("number", "phone") if name in used]
    exact = ("national_id", "flat", "region", "country", "sex", "email")
    return found + [comparisons.ExactMatch(name) for name in exact if name in used]


def _names(*, several: bool) -> Any:
    """Return one comparison for first and last name together, swapped ones included."""
    both = [
        levels.And(levels.JaroWinklerLevel("given", at), levels.JaroWinklerLevel("surname", at)) for at in (0.92, 0.85)
    ]
    first = [levels.And(levels.ExactMatchLevel("given"), levels.ExactMatchLevel("surname"))] if several else []
    return comparisons.CustomComparison(
        output_column_name="names",
        comparison_levels=[
            levels.And(levels.NullLevel("given"), levels.NullLevel("surname")),
            levels.ExactMatchLevel("name").configure(tf_adjustment_column="name"),
            *first,
            levels.ColumnsReversedLevel("given", "surname", symmetrical=True),
            *both,
            levels.ExactMatchLevel("surname"),
            levels.ExactMatchLevel("given"),
            levels.ElseLevel(),
        ],
    )


def blocked(used: Sequence[str]) -> list[Any]:
    """Return the rules that find candidates."""
    rules: dict[tuple[str, ...], tuple[str, ...]] = {
        ("birth_date",): ("birth_date",),
        ("surname",): ("surname",),
        ("given", "substr(surname, 1, 1)"): ("given_names", "surname"),
        ("substr(given, 1, 3)", "substr(surname, 1, 3)"): ("given_names", "surname"),
        ("given", "substr(birth_date, 1, 4)"): ("given_names", "birth_date"),
        ("given", "substr(birth_date, 5, 4)"): ("given_names", "birth_date"),
        ("substr(given, 1, 2)", "substr(birth_date, 1, 6)"): ("given_names", "birth_date"),
        ("substr(surname, 1, 2)", "substr(birth_date, 1, 6)"): ("surname", "birth_date"),
        ("postcode", "given"): ("given_names", "postcode"),
        ("postcode", "substr(surname, 1, 2)"): ("surname", "postcode"),
        ("postcode", "substr(birth_date, 1, 4)"): ("birth_date", "postcode"),
        ("street", "number"): ("street", "number"),
        **{(name,): (name,) for name in ("street_line", "phone", "email", "national_id", "full_name")},
    }
    found = [block_on(*rule) for rule, fields in rules.items() if {*fields} <= set(used)]
    if {"given_names", "surname"} <= set(used):
        found += ["l.given = r.surname and l.surname = r.given", "l.given = r.surname", "l.surname = r.given"]
    return found


def linked(register: pd.DataFrame, changes: pd.DataFrame, used: Sequence[str]) -> tuple[Any, float]:
    """Train and score; return the scored pairs and the seconds that training took."""
    begun = time.monotonic()
    api = DuckDBAPI()
    several = "given_names" in changes and any(" " in (text or "") for text in changes["given_names"])
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=compared(used, several=several),
        blocking_rules_to_generate_predictions=blocked(used),
        retain_matching_columns=False,
    )
    sides = [
        api.register(side, dataset_display_name=name) for side, name in ((changes, "changes"), (register, "register"))
    ]
    linker = Linker(sides, settings, log_level=None)
    names = ("given", "surname") if "surname" in used else ("full_name",)
    sure = [block_on(*names, other) for other in ("birth_date", "postcode") if other in used]
    linker.training.estimate_probability_two_random_records_match(sure or [block_on(*names)], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    # Columns of their own, so that the comparison of what they are made of is trained as well.
    for rule in ("birth_date", "first_letters", "first_letters_and_day"):
        if rule in changes:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(rule))
    trained = time.monotonic() - begun
    return linker.inference.predict(threshold_match_weight=LOWEST_WEIGHT), trained


def main(arguments: Sequence[str] | None = None) -> None:
    """Match, measure and print the figures as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("register", "changes", "truth", "map"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    files = parser.parse_args(arguments)
    sides = tomllib.loads(files.map.read_text("utf-8"))
    used = [name for name in sides["register"] if name != "id" and name in sides["changes"]]
    with files.truth.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = {row[sides["truth"]["change"]].lower(): row[sides["truth"]["register"]].lower() for row in rows}
    begun = time.monotonic()
    register, changes = (read(getattr(files, side), sides[side], used) for side in ("register", "changes"))
    pairs, trained = linked(register, changes, used)
    scored: dict[str, list[tuple[float, str]]] = {}
    query = "unique_id_l, unique_id_r, source_dataset_l, match_weight"
    for left, right, source, weight in pairs.as_duckdbpyrelation().select(query).fetchall():
        change, customer = (left, right) if source == "changes" else (right, left)
        scored.setdefault(change, []).append((weight, customer))
    found = figures(best_of(scored, truth), len(truth))
    reached = sum(any(customer == truth[change] for _, customer in scored.get(change, ())) for change in truth)
    found["pairs_scored"] = sum(map(len, scored.values()))
    found["blocking_recall"] = reached / len(truth) if truth else None
    found["train_seconds"], found["match_seconds"] = trained, time.monotonic() - begun - trained
    found["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
