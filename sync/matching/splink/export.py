"""Our model as the settings of a Splink 5 model.

Splink has one null hypothesis, any other person. What the model says of members of one household stays behind, and so
does how common values are: our tables hold keyed hashes, Splink counts the values of the data that it is given.
"""

from typing import Any

from sync.matching.compare.level import MISSING
from sync.matching.model import FREQUENCY, Model
from sync.matching.splink.columns import COUNTED
from sync.matching.splink.ours import SAID, Saying
from sync.matching.splink.read import DIALECT
from sync.model import NullHypothesis

NEVER_REACHED = "never reached: its u is how often two persons share a value, by which Splink tells how rare one is"
_AGAINST = "ajantasa's {}, weighed against any other person; of members of one household Splink knows nothing"
_BLOCKING = (
    ("birth_date", "given_head"),
    ("birth_date", "surname_folded"),
    ("given_head", "surname_folded"),
    ("phone",),
    ("email",),
)
"""Pairs that are worth looking at, to begin with."""


def to_splink(model: Model) -> dict[str, Any]:
    """Return the model as Splink's settings, for rows as `splink_row` makes them.

    For a person with one name, what Splink adds up is then our weight against any other person, given equal shares of
    the values in the columns that are counted, and but for the comparisons in `LEFT_OUT`.
    """
    return {
        "link_type": "link_only",
        "probability_two_random_records_match": 1 / (1 + 2.0 ** -model.prior_bits[NullHypothesis.OTHER_PERSON]),
        "unique_id_column_name": "unique_id",
        "sql_dialect": DIALECT,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": " AND ".join(f"l.{column} = r.{column}" for column in columns), "sql_dialect": DIALECT}
            for columns in _BLOCKING
        ],
        "comparisons": [_comparison(name, model) for name in SAID],
    }


def anchor(column: str) -> str:
    """Return the condition of the level that only tells how often two persons share a value of a counted column."""
    return f"{column}_l = {column}_r"


def _comparison(name: str, model: Model) -> dict[str, Any]:
    levels = [_level(name, saying, model) for saying in SAID[name]]
    for table in sorted({table for table, _ in FREQUENCY.get(name, {}).values()} & _tables(model)):
        # Splink takes the u of the first level that is nothing but equality in the counted column, and reads all that
        # come before it each time: where none of them can be reached with equal values, the sooner the better.
        at = next((at for at, saying in enumerate(SAID[name]) if saying.crosswise), len(levels) - 1)
        average = model.frequencies[table].average
        never = {"sql_condition": anchor(f"{table}_counted"), "label_for_charts": NEVER_REACHED}
        levels.insert(at, never | {"m_probability": average, "u_probability": average})
    return {
        "output_column_name": name,
        "comparison_description": _AGAINST.format(name),
        "comparison_levels": levels,
    }


def _level(name: str, saying: Saying, model: Model) -> dict[str, Any]:
    level = saying.level
    label = f"{level} (swapped)" if saying.crosswise else level
    if level == MISSING:
        return {"sql_condition": saying.sql, "label_for_charts": label, "is_null_level": True}
    shares = model.comparisons[name][level]
    # What is one level of ours and two of Splink's is halved: nothing tells how much of it is whose.
    ways = sum(other.level == level for other in SAID[name])
    said = {
        "sql_condition": saying.sql,
        "label_for_charts": label,
        "m_probability": shares.m / ways,
        "u_probability": shares.u / ways,
    }
    table, counting = FREQUENCY.get(name, {}).get(level, ("", 0.0))
    if table not in _tables(model):
        return said
    return said | {
        "tf_adjustment_column": f"{table}_counted",
        "tf_adjustment_weight": counting,
        "tf_minimum_u_value": model.frequencies[table].rare,
    }


def _tables(model: Model) -> frozenset[str]:
    return frozenset(model.frequencies).intersection(COUNTED)
