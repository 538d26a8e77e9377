"""Reads a Splink 5 model from its JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.errors import ConfigurationInvalid, Problem
from sync.matching.splink.conditions import Call, Column, Node, parse_condition
from sync.matching.splink.evaluate import Row, compiled
from sync.matching.splink.foreign import Counting, SplinkComparison, SplinkLevel, SplinkModel
from sync.matching.splink.ours import ELSE

DIALECT = "duckdb"
"""Splink's usual backend. Its similarities and distances count bytes, those of the others letters."""

# What Splink takes where the file has nothing.
_USUAL_MATCH = 0.0001
_USUAL_M_OF_THE_HIGHEST = 0.95
_USUAL_BITS = (-5.0, 3.0, 10.0)
_LEAST_SHARE = 1e-300


@dataclass(frozen=True, slots=True)
class SplinkFile:
    """What a file says before its conditions are read.

    Attributes:
        match: probability that two random records match.
        comparisons: each as it stands there.
        prefix: of the columns that say how common a value is.
        by_bytes: similarities and distances count bytes.
    """

    match: float
    comparisons: Sequence[Any]
    prefix: str
    by_bytes: bool


def parse_splink(settings: Any) -> SplinkModel:
    """Read a model from its settings, as `json.loads` gives them.

    Raises:
        ConfigurationInvalid: every problem at once, each with its place. A condition is refused that is not of the part
            of SQL that is known (`conditions`).
    """
    file = read_file(settings)
    problems: list[Problem] = []
    comparisons = []
    for at in range(len(file.comparisons)):
        try:
            comparisons.append(read_comparison(file, at))
        except ConfigurationInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise ConfigurationInvalid(problems)
    return SplinkModel(file.match, comparisons)


def read_file(settings: Any) -> SplinkFile:
    """Read everything but the comparisons.

    Raises:
        ConfigurationInvalid: it is no Splink model.
    """
    if not isinstance(settings, dict):
        raise ConfigurationInvalid([Problem("splink", "a JSON object")])
    problems = []
    match = settings.get("probability_two_random_records_match", _USUAL_MATCH)
    if not _is_number(match) or not 0 < match < 1:
        problems.append(Problem("splink.probability_two_random_records_match", "a number above 0 and below 1"))
    comparisons = settings.get("comparisons")
    if not isinstance(comparisons, list) or not comparisons:
        comparisons = []
        problems.append(Problem("splink.comparisons", "a list with a comparison at least"))
    prefix = settings.get("term_frequency_adjustment_column_prefix", "tf_")
    if not isinstance(prefix, str):
        problems.append(Problem("splink.term_frequency_adjustment_column_prefix", "a text"))
    if problems:
        raise ConfigurationInvalid(problems)
    return SplinkFile(match, comparisons, prefix, settings.get("sql_dialect", DIALECT) == DIALECT)


def name_of(comparison: Any, at: int) -> str:
    """Return what a comparison is called: its output column, or else its place."""
    name = comparison.get("output_column_name") if isinstance(comparison, dict) else None
    return name if isinstance(name, str) and name else f"comparisons[{at}]"


def read_comparison(file: SplinkFile, at: int) -> SplinkComparison:
    """Read one comparison.

    Raises:
        ConfigurationInvalid: every problem in it.
    """
    place, data = f"splink.comparisons[{at}]", file.comparisons[at]
    raw = data.get("comparison_levels") if isinstance(data, dict) else None
    if not isinstance(raw, list) or not all(isinstance(level, dict) for level in raw):
        raise ConfigurationInvalid([Problem(place, "an object with a list of comparison_levels")])
    problems, conditions = _levels_problems(place, raw), []
    for number, level in enumerate(raw):
        try:
            conditions.append(_condition(level, f"{place}.comparison_levels[{number}].sql_condition"))
        except ConfigurationInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise ConfigurationInvalid(problems)
    return SplinkComparison(name_of(data, at), _levels(file, place, raw, conditions))


def _levels_problems(place: str, raw: Sequence[Mapping[str, Any]]) -> list[Problem]:
    problems = []
    for number, level in enumerate(raw):
        if not isinstance(level.get("sql_condition"), str):
            problems.append(Problem(f"{place}.comparison_levels[{number}].sql_condition", "a condition"))
        problems += [
            Problem(f"{place}.comparison_levels[{number}].{name}", "a number, 0 or more")
            for name in ("m_probability", "u_probability", "tf_adjustment_weight", "tf_minimum_u_value")
            if level.get(name) is not None and not (_is_number(level[name]) and level[name] >= 0)
        ]
        column = level.get("tf_adjustment_column")
        if column is not None and not isinstance(column, str):
            problems.append(Problem(f"{place}.comparison_levels[{number}].tf_adjustment_column", "a column"))
    if [at for at, level in enumerate(raw) if _is_else(level)] != [len(raw) - 1]:
        problems.append(Problem(f"{place}.comparison_levels", f"{ELSE} as its last level, and nowhere else"))
    if sum(not level.get("is_null_level") for level in raw) < 2:
        problems.append(Problem(f"{place}.comparison_levels", "two levels besides null levels"))
    return problems


def _condition(level: Mapping[str, Any], place: str) -> Node | None:
    sql = level.get("sql_condition")
    return None if not isinstance(sql, str) or _is_else(level) else parse_condition(sql, place)


def _is_else(level: Mapping[str, Any]) -> bool:
    return str(level.get("sql_condition")).strip().upper() == ELSE


def _levels(
    file: SplinkFile, place: str, raw: Sequence[Mapping[str, Any]], conditions: Sequence[Node | None]
) -> list[SplinkLevel]:
    shares = _shares(raw)
    bases = {
        column.lower(): of_u
        # Of several levels that are equality in one column, Splink takes the first.
        for condition, (_, of_u) in reversed([*zip(conditions, shares, strict=True)])
        if condition and (column := _only_equal_in(condition))
    }
    levels = []
    for number, (level, condition, (m, of_u)) in enumerate(zip(raw, conditions, shares, strict=True)):
        is_null = bool(level.get("is_null_level"))
        bits = 0.0 if is_null else math.log2(max(m, _LEAST_SHARE) / max(of_u, _LEAST_SHARE))
        counting = None
        if condition and not is_null:
            counting = _counting(file, f"{place}.comparison_levels[{number}]", level, of_u, bases)
        levels.append(
            SplinkLevel(
                label=str(level.get("label_for_charts") or level["sql_condition"]),
                condition=condition,
                holds=compiled(condition, by_bytes=file.by_bytes) if condition else _always,
                is_null=is_null,
                m=level.get("m_probability"),
                u=level.get("u_probability"),
                bits=bits,
                counting=counting,
            )
        )
    return levels


def _always(_one: Row, _other: Row) -> bool:
    return True


def _shares(raw: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Return m and u of each level; where training never saw it, what Splink takes instead by the level's rank."""
    ranks = sum(not level.get("is_null_level") for level in raw)
    low, high, highest = _USUAL_BITS
    lower = [low + (high - low) / max(ranks - 2, 1) * rank for rank in range(ranks - 1)]
    found, rank = [], ranks
    for level in raw:
        if level.get("is_null_level"):
            found.append((1.0, 1.0))
            continue
        rank -= 1
        top = rank == ranks - 1
        m = _USUAL_M_OF_THE_HIGHEST if top else (1 - _USUAL_M_OF_THE_HIGHEST) / (ranks - 1)
        of_u = m / 2.0 ** (highest if top else lower[rank])
        given = level.get("m_probability"), level.get("u_probability")
        found.append((m if given[0] is None else given[0], of_u if given[1] is None else given[1]))
    return found


def _counting(
    file: SplinkFile, place: str, level: Mapping[str, Any], of_u: float, bases: Mapping[str, float]
) -> Counting | None:
    named, weight = level.get("tf_adjustment_column"), level.get("tf_adjustment_weight")
    if named is None or weight == 0:
        return None
    column = named.strip('"')
    base = of_u if level.get("disable_tf_exact_match_detection") else bases.get(column.lower())
    if not base:
        wanted = "a column for which a level of the comparison is equality, with a u above 0"
        raise ConfigurationInvalid([Problem(f"{place}.tf_adjustment_column", wanted)])
    least = level.get("tf_minimum_u_value") or 0.0
    return Counting(file.prefix + column, 1.0 if weight is None else weight, least, math.log2(base))


def _only_equal_in(node: Node) -> str | None:
    """Return the column in which equality is all that a condition asks."""
    if not isinstance(node, Call) or node.name != "=":
        return None
    one, other = node.parts
    if isinstance(one, Column) and isinstance(other, Column) and one.side != other.side:
        return one.name if one.name.lower() == other.name.lower() else None
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
