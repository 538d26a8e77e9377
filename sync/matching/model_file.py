"""A matching model as a JSON file.

```json
{
  "format": 2,
  "version": "clinic-2026-11-21",
  "counts": {"customers": 104000, "random_pairs": 300000, "household_pairs": 20000, "changes": 20000},
  "priors": {"customers": 104000, "share": 0.6, "household": 1.1},
  "thresholds": {"apply_bits": 9.8, "review_bits": 0.0, "false_update_rate": 1e-05},
  "comparisons": {"surname": {"equal": {"m": 0.9, "u": 0.004, "household": 0.6}, …}, …},
  "key": "<keyed hash>",
  "nicknames": ["<keyed hash of two names>", …],
  "frequencies": {"surname": {"average": 0.004, "rare": 0.00002, "shares": {"<keyed hash>": 0.011, …}}, …},
  "hash": "sha256:…"
}
```

`key` tells under which key file the hashes were made: under another one no value would be found among them, and every
name would be taken for a rare one.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from sync.errors import ConfigurationInvalid, Problem
from sync.matching.compare.person import COMPARISONS
from sync.matching.model import FREQUENCY, Frequencies, Model, Priors, Shares, Thresholds

FORMAT = 3
_ROUNDING = 1e-6
_OTHER_KEY = "that of the key file in use: the model was trained under another; train anew (`ajantasa matching train`)"
_LARGEST = 1e300
_SHARES = ("m", "u", "household")
_TABLES = frozenset(table for levels in FREQUENCY.values() for table, _ in levels.values())


def dump_model(model: Model) -> str:
    """Return the model as JSON, with a hash over everything else in it."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": model.version,
        "counts": dict(model.counts),
        "priors": {
            "customers": model.priors.customers,
            "share": model.priors.share,
            "household": model.priors.household,
        },
        "thresholds": {
            "apply_bits": model.thresholds.apply_bits,
            "review_bits": model.thresholds.review_bits,
            "false_update_rate": model.thresholds.false_update_rate,
        },
        "comparisons": {
            name: {level: {"m": s.m, "u": s.u, "household": s.household} for level, s in levels.items()}
            for name, levels in model.comparisons.items()
        },
        "nicknames": sorted(model.nicknames),
        "frequencies": {
            table: {"average": f.average, "rare": f.rare, "shares": dict(sorted(f.shares.items()))}
            for table, f in model.frequencies.items()
        },
    }
    if model.frequencies or model.nicknames:
        data["key"] = _key(model.digest)
    return json.dumps(data | {"hash": _hash(data)}, indent=1) + "\n"


def parse_model(text: str, digest: Callable[[str, str], str] | None = None) -> Model:
    """Read a model from its JSON.

    Args:
        text: the file.
        digest: keyed hash under which the frequency tables were made; without it they are left out.

    Raises:
        ConfigurationInvalid: every problem at once, each with its place in the file; tables made under another key.
    """
    try:
        data = json.loads(text)
    except ValueError:
        raise ConfigurationInvalid([Problem("model", "a JSON object")]) from None
    problems = _problems(data)
    hashed = data.get("frequencies") or data.get("nicknames") if not problems else None
    if hashed and digest and data.get("key") != _key(digest):
        problems = [Problem("model.key", _OTHER_KEY)]
    if problems:
        raise ConfigurationInvalid(problems)
    tables = data.get("frequencies", {}) if digest else {}
    return Model(
        version=data["version"],
        priors=Priors(**data["priors"]),
        thresholds=Thresholds(**data["thresholds"]),
        comparisons={
            name: {level: Shares(**data["comparisons"][name][level]) for level in levels}
            for name, levels in COMPARISONS.items()
        },
        frequencies={table: Frequencies(f["shares"], f["rare"], f["average"]) for table, f in tables.items()},
        nicknames=frozenset(data.get("nicknames", ()) if digest else ()),
        counts=data.get("counts", {}),
        **({"digest": digest} if digest else {}),
    )


def _key(digest: Callable[[str, str], str]) -> str:
    """Return what tells one key from another, and nothing else."""
    return digest("key", "ajantasa")


def _hash(data: Mapping[str, Any]) -> str:
    plain = json.dumps({key: value for key, value in data.items() if key != "hash"}, sort_keys=True)
    return "sha256:" + hashlib.sha256(plain.encode()).hexdigest()


def _problems(data: Any) -> list[Problem]:
    if not isinstance(data, dict):
        return [Problem("model", "a JSON object")]
    if data.get("format") != FORMAT:
        return [Problem("model.format", f"{FORMAT}: train the model anew (`ajantasa matching train`)")]
    problems = []
    if not isinstance(data.get("version"), str) or not data["version"]:
        problems.append(Problem("model.version", "a text that is not empty"))
    if "hash" in data and data["hash"] != _hash(data):
        problems.append(Problem("model.hash", "the hash of the rest: the file was altered; remove the hash if by you"))
    problems += _number_problems(data, "priors", {"customers": (1, None), "share": (0, 1), "household": (0, None)})
    limits = {"apply_bits": (None, None), "review_bits": (None, None), "false_update_rate": (0, 1)}
    problems += _number_problems(data, "thresholds", limits)
    if not problems and data["thresholds"]["apply_bits"] < data["thresholds"]["review_bits"]:
        problems.append(Problem("model.thresholds.apply_bits", "no less than review_bits"))
    comparisons = data.get("comparisons")
    if not isinstance(comparisons, dict) or set(comparisons) != set(COMPARISONS):
        return [*problems, Problem("model.comparisons", f"exactly {', '.join(COMPARISONS)}")]
    for name in COMPARISONS:
        problems += _comparison_problems(name, comparisons[name])
    nicknames = data.get("nicknames", [])
    if not isinstance(nicknames, list) or not all(isinstance(pair, str) for pair in nicknames):
        problems.append(Problem("model.nicknames", "a list of keyed hashes"))
    return problems + _frequency_problems(data.get("frequencies", {}))


def _number_problems(
    data: Mapping[str, Any], key: str, limits: Mapping[str, tuple[float | None, float | None]]
) -> list[Problem]:
    given = data.get(key)
    if not isinstance(given, dict) or set(given) != set(limits):
        return [Problem(f"model.{key}", f"exactly {', '.join(limits)}")]
    problems = []
    for name, (low, high) in limits.items():
        value = given[name]
        fits = (
            _is_number(value) and (low is None or value > low or value == low == 1) and (high is None or value < high)
        )
        if not fits:
            bounds = [f"above {low}" if low is not None else "", f"below {high}" if high is not None else ""]
            problems.append(
                Problem(f"model.{key}.{name}", " ".join(filter(None, ["a number", " and ".join(filter(None, bounds))])))
            )
    return problems


def _comparison_problems(name: str, levels: Any) -> list[Problem]:
    """Check that the levels are there, that their shares sum to 1, and that more agreement never weighs less."""
    key, order = f"model.comparisons.{name}", COMPARISONS[name]
    if not isinstance(levels, dict) or set(levels) != set(order):
        return [Problem(key, f"exactly the levels {', '.join(order)}")]
    wrong = [level for level in order if not _is_level(levels[level])]
    if wrong:
        return [Problem(f"{key}.{level}", "m, u and household, each above 0 and at most 1") for level in wrong]
    problems = [
        Problem(key, f"values of {share} that sum to 1")
        for share in _SHARES
        if not math.isclose(sum(levels[level][share] for level in order), 1, abs_tol=_ROUNDING)
    ]
    for null in _SHARES[1:]:
        weights = [math.log2(levels[level]["m"] / levels[level][null]) for level in order]
        if any(after > before + _ROUNDING for before, after in pairwise(weights)):
            problems.append(Problem(key, f"weights log2(m/{null}) that never rise from agreement to difference"))
    return problems


def _is_level(level: Any) -> bool:
    return (
        isinstance(level, dict)
        and set(level) == set(_SHARES)
        and all(_is_number(value) and 0 < value <= 1 for value in level.values())
    )


def _frequency_problems(tables: Any) -> list[Problem]:
    if not isinstance(tables, dict) or not set(tables) <= _TABLES:
        return [Problem("model.frequencies", f"tables among {', '.join(sorted(_TABLES))}")]
    return [
        Problem(f"model.frequencies.{name}", "average, rare and shares, each share above 0 and at most 1")
        for name, table in tables.items()
        if not _is_table(table)
    ]


def _is_table(table: Any) -> bool:
    if not isinstance(table, dict) or set(table) != {"average", "rare", "shares"}:
        return False
    shares = table["shares"]
    if not isinstance(shares, dict):
        return False
    return all(_is_number(share) and 0 < share <= 1 for share in (table["average"], table["rare"], *shares.values()))


def _is_number(value: Any) -> bool:
    # Compared, because a whole number of any length is no finite float; whatever is compared with NaN is not so.
    return isinstance(value, int | float) and not isinstance(value, bool) and -_LARGEST < value < _LARGEST
