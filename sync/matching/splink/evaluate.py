"""Turns a condition into a function of two records, with SQL's three truths: true, false and unknown."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein

from sync.matching.splink.conditions import Column, Constant, Node

Value = str | Sequence[str] | float | None
Row = Mapping[str, Value]
"""One record: column by column a text, a list of texts, how common a value is (`tf_…`), or None."""
Holds = Callable[[Row, Row], bool | None]
_Function = Callable[[Row, Row], Any]


def compiled(node: Node, *, by_bytes: bool) -> Holds:
    """Return the function that tells whether a condition holds between two records; None where that is unknown.

    Args:
        node: the condition.
        by_bytes: similarities and distances count the bytes of UTF-8, as DuckDB's do, and not letters.
    """
    return _compiled(node, _strict(by_bytes=by_bytes))


def _compiled(node: Node, strict: Mapping[str, Callable[..., Any]]) -> _Function:
    if isinstance(node, Column):
        name = node.name
        return (lambda _, other: other[name]) if node.side else (lambda one, _: one[name])
    if isinstance(node, Constant):
        value = node.value
        return lambda _one, _other: value
    parts = [_compiled(part, strict) for part in node.parts]
    if node.name in _THREE_TRUTHS:
        return partial(_THREE_TRUTHS[node.name], parts)
    return partial(_of_known, strict[node.name], parts)


def _of_known(function: Callable[..., Any], parts: Sequence[_Function], one: Row, other: Row) -> Any:
    """Give nothing where any part is nothing, as SQL does."""
    values = [part(one, other) for part in parts]
    return None if None in values else function(*values)


def _joined(decisive: bool) -> Callable[[Sequence[_Function], Row, Row], bool | None]:
    """Return AND (decided by what is false) or OR (by what is true); what is unknown stays so otherwise."""

    def joined(parts: Sequence[_Function], one: Row, other: Row) -> bool | None:
        unknown = False
        for part in parts:
            holds: bool | None = part(one, other)
            if holds is decisive:
                return decisive
            unknown = unknown or holds is None
        return None if unknown else not decisive

    return joined


def _not(parts: Sequence[_Function], one: Row, other: Row) -> bool | None:
    holds = parts[0](one, other)
    return None if holds is None else not holds


def _is_null(parts: Sequence[_Function], one: Row, other: Row) -> bool:
    return parts[0](one, other) is None


def _is_true(parts: Sequence[_Function], one: Row, other: Row) -> bool:
    return parts[0](one, other) is True


_THREE_TRUTHS = {
    "and": _joined(decisive=False),
    "or": _joined(decisive=True),
    "not": _not,
    "is null": _is_null,
    "is true": _is_true,
}


def _strict(*, by_bytes: bool) -> Mapping[str, Callable[..., Any]]:
    """Return the functions that are asked only where every value is known."""

    def of_letters(measure: Callable[[Any, Any], float]) -> Callable[[str, str], float]:
        if by_bytes:
            return lambda one, other: measure(_bytes(one), _bytes(other))
        return measure

    return {
        "=": lambda one, other: one == other,
        "<>": lambda one, other: one != other,
        "<": lambda one, other: one < other,
        "<=": lambda one, other: one <= other,
        ">": lambda one, other: one > other,
        ">=": lambda one, other: one >= other,
        "substr": _substr,
        "length": len,
        "jaro_similarity": of_letters(partial(_similarity, Jaro.similarity)),
        "jaro_winkler_similarity": of_letters(partial(_similarity, JaroWinkler.similarity)),
        "levenshtein": of_letters(Levenshtein.distance),
        "damerau_levenshtein": of_letters(DamerauLevenshtein.distance),
        "list_contains": lambda texts, text: text in texts,
        "list_has_any": lambda one, other: not set(one).isdisjoint(other),
        "list_has_all": lambda one, other: set(one).issuperset(other),
    }


def _similarity(measure: Callable[[Any, Any], float], one: Any, other: Any) -> float:
    """Take two empty texts for nothing alike, as databases do."""
    return measure(one, other) if one and other else 0.0


def _substr(text: str, start: float, length: float | None = None) -> str:
    begin = int(start) - 1
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
