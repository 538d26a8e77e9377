"""Conditions of a closed part of SQL are read, told apart by what they mean, and hold as a database says."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein

from sync.errors import ConfigurationInvalid
from sync.matching.splink.conditions import Call, Column, Constant, Node, canonical, columns_of, parse_condition
from sync.matching.splink.evaluate import compiled

WORDS = ("anna", "anni", "nana", "mäki", "maki", "a", "", "o'hara")
MEASURES = {
    "jaro_similarity": Jaro.similarity,
    "jaro_winkler_similarity": JaroWinkler.similarity,
    "levenshtein": Levenshtein.distance,
    "damerau_levenshtein": DamerauLevenshtein.distance,
}

columns = st.builds(Column, st.sampled_from(["surname", "given", "city"]), st.integers(0, 1))
texts = columns | st.builds(Constant, st.sampled_from(WORDS))
texts |= st.builds(
    lambda text, start, length: Call("substr", (text, Constant(float(start)), Constant(float(length)))),
    texts,
    st.integers(1, 4),
    st.integers(0, 4),
)
numbers = st.builds(
    lambda name, one, other: Call(name, (one, other)), st.sampled_from(sorted(MEASURES)), texts, texts
) | st.builds(lambda text: Call("length", (text,)), texts)
limits = st.builds(Constant, st.sampled_from([0.0, 0.5, 0.92, 1.0, 2.0]))
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
atoms = (
    st.builds(lambda sign, one, other: Call(sign, (one, other)), signs, texts, texts)
    | st.builds(lambda sign, one, other: Call(sign, (one, other)), signs, numbers, limits)
    | st.builds(lambda text: Call("is null", (text,)), texts)
)
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds(
            lambda name, parts: Call(name, tuple(parts)),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        )
        | st.builds(lambda name, part: Call(name, (part,)), st.sampled_from(["not", "is true"]), inner)
    ),
    max_leaves=8,
)
rows = st.fixed_dictionaries({name: st.none() | st.sampled_from(WORDS) for name in ("surname", "given", "city")})
SIGNS = [*"()=<>,'\"", "--", ";", "::", "*", "'x'", "1", "0.92", "\x00", "\ud800"]
NAMES = ["AND", "OR", "NOT", "IS", "NULL", "TRUE", "ELSE", "a_l", "a_r", '"b c_l"', "ä_l", "substr(", "list_has_any("]
tokens = st.sampled_from([*SIGNS, *NAMES, "levenshtein("])


def sql(node: Node) -> str:
    """Write a condition."""
    if isinstance(node, Column):
        return f'"{node.name}_{"lr"[node.side]}"'
    if isinstance(node, Constant):
        return f"{node.value}" if isinstance(node.value, float) else "'" + node.value.replace("'", "''") + "'"
    parts = [sql(part) for part in node.parts]
    if node.name in {"and", "or"}:
        return "(" + f" {node.name.upper()} ".join(parts) + ")"
    if node.name == "not":
        return f"(NOT {parts[0]})"
    if node.name.startswith("is "):
        return f"({parts[0]} {node.name.upper()})"
    return f"({parts[0]} {node.name} {parts[1]})" if node.name in "= <> <= >=" else f"{node.name}({', '.join(parts)})"


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    """Return a database that knows the measures."""
    connection = sqlite3.connect(":memory:")
    for name, measure in MEASURES.items():

        def known(one: Any, other: Any, name: str = name, measure: Any = measure) -> float | None:
            if one is None or other is None:
                return None
            return 0.0 if name.startswith("jaro") and not (one and other) else measure(one, other)

        connection.create_function(name, 2, known, deterministic=True)
    return connection


@given(conditions, rows, rows)
def test_a_condition_holds_as_a_database_says(
    database: sqlite3.Connection, condition: Node, one: dict[str, str | None], other: dict[str, str | None]
) -> None:
    """True, false and unknown, whatever is missing: SQLite is asked the same."""
    text = sql(condition)
    row = {f"{name}_l": value for name, value in one.items()} | {f"{name}_r": value for name, value in other.items()}
    named = ", ".join(f':{name} AS "{name}"' for name in row)
    expected = database.execute(f"SELECT {text} FROM (SELECT {named})", row).fetchone()[0]
    holds = compiled(parse_condition(text, "here"), by_bytes=False)(one, other)
    assert holds == (None if expected is None else bool(expected))


@given(conditions)
def test_what_is_written_is_read_again(condition: Node) -> None:
    """Writing and reading changes nothing of what a condition means, and of which columns it speaks."""
    again = parse_condition(sql(condition), "here")
    assert canonical(again) == canonical(parse_condition(sql(again), "here"))
    assert {*columns_of(again)} == {*columns_of(condition)}


@given(st.text(max_size=40) | st.lists(tokens, max_size=14).map(" ".join))
def test_no_text_crashes_it(text: str) -> None:
    """It is a condition, or it is refused with the place of what is wrong, and without repeating it."""
    try:
        parse_condition(text, "here")
    except ConfigurationInvalid as refused:
        (problem,) = refused.problems
        place, _, character = problem.key.partition(", character ")
        assert place == "here"
        assert 1 <= int(character) <= len(text) + 1


def test_brackets_have_an_end() -> None:
    """What is nested deeper than anybody writes is refused; any length is read."""
    with pytest.raises(ConfigurationInvalid, match="brackets"):
        parse_condition("(" * 10_000 + "a_l = a_r" + ")" * 10_000, "here")
    with pytest.raises(ConfigurationInvalid):
        parse_condition("NOT " * 10_000, "here")
    assert parse_condition("NOT " * 10_001 + "a_l = a_r", "here") == parse_condition("NOT a_l = a_r", "here")
    assert parse_condition(" OR ".join(["a_l = a_r"] * 10_000), "here")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"surname_l" = "surname_r"', "surname_r=surname_l"),
        ("levenshtein(a_l, a_r) <= 2", "(LEVENSHTEIN(a_r, a_l)) <= 2.0"),
        ("jaro_winkler(a_l, a_r) >= .92".replace(" .", " 0."), "0.92 <= jaro_winkler_similarity(A_L, A_R)"),
        ("a_l IS NULL OR a_r IS NULL", "(a_r is null) or a_l is null"),
        ("a_l = b_r AND (b_l = a_r AND a_l = b_r)", "b_l = a_r AND b_r = a_l"),
        ("substring(a_l, 1, 3) = substr(a_r, 1, 3)", "substr(a_r,1,3) = substr(a_l,1,3)"),
        ("a_l != b_r", "NOT NOT b_r <> a_l"),
    ],
)
def test_writing_does_not_matter(one: str, other: str) -> None:
    """Order, brackets, quotes and case make no other condition."""
    assert canonical(parse_condition(one, "here")) == canonical(parse_condition(other, "here"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a_l = a_r", "a_l = b_r"),
        ("a_l = 'x'", "a_r = 'x'"),
        ("levenshtein(a_l, a_r) <= 2", "levenshtein(a_l, a_r) < 2"),
        ("levenshtein(a_l, a_r) <= 2", "damerau_levenshtein(a_l, a_r) <= 2"),
        ("list_has_all(a_l, a_r)", "list_has_all(a_r, a_l)"),
        ("a_l = a_r OR b_l = b_r AND c_l = c_r", "(a_l = a_r OR b_l = b_r) AND c_l = c_r"),
        ("a_l IS NULL", "a_l IS NOT NULL"),
    ],
)
def test_meaning_does_matter(one: str, other: str) -> None:
    """What is another condition is told apart."""
    assert canonical(parse_condition(one, "here")) != canonical(parse_condition(other, "here"))


@pytest.mark.parametrize(
    ("text", "character", "wanted"),
    [
        ("regexp_extract(a_l, '^x') = 'x'", 1, "one of the functions"),
        ("a_l = a_r AND soundex(a_l) = 'A500'", 15, "one of the functions"),
        ("surname = surname_r", 1, "a column, whose name ends in _l or _r"),
        ("a_l = a_r; DROP TABLE x", 10, "a column, a text"),
        ("a_l = a_r a_r", 11, "AND, OR or the end"),
        ("levenshtein(a_l, a_r)", 1, "a condition"),
        ("levenshtein(a_l, 2) <= 1", 18, "a text"),
        ("levenshtein(a_l) <= 1", 16, "`,`"),
        ("substr(a_l, -1, 2) = 'x'", 13, "a column, a text"),
        ("substr(a_l, 0, 2) = 'x'", 13, "a whole number"),
        ("a_l > 5", 7, "texts on both sides"),
        ("(a_l = a_r", 11, "`)`"),
        ("a_l IS 5", 8, "NULL or TRUE"),
        ("", 1, "a column, a text"),
    ],
)
def test_what_is_not_known_is_refused(text: str, character: int, wanted: str) -> None:
    """With the place of it, and what belongs there."""
    with pytest.raises(ConfigurationInvalid) as refused:
        parse_condition(text, "comparisons[0]")
    (problem,) = refused.value.problems
    assert problem.key == f"comparisons[0], character {character}"
    assert problem.message.startswith(wanted)


def test_bytes_are_counted_where_the_backend_does() -> None:
    """ä is one letter and two bytes: for DuckDB two edits away from a."""
    condition = parse_condition("levenshtein(a_l, a_r) <= 1", "here")
    one, other = {"a": "mäki"}, {"a": "maki"}
    assert compiled(condition, by_bytes=False)(one, other) is True
    assert compiled(condition, by_bytes=True)(one, other) is False


@pytest.mark.parametrize("measure", ["jaro_similarity", "jaro_winkler_similarity"])
def test_two_empty_texts_have_nothing_in_common(measure: str) -> None:
    """They are equal, and yet their similarity is 0, as databases have it."""
    alike = compiled(parse_condition(f"{measure}(a_l, a_r) > 0", "here"), by_bytes=True)
    assert alike({"a": ""}, {"a": ""}) is False
    assert alike({"a": "anna"}, {"a": "anni"}) is True


def test_lists_are_asked_as_a_database_asks_them() -> None:
    """A missing list makes the answer unknown."""
    one, other = {"a": ["x", "y"], "b": "y"}, {"a": ["y"], "b": None}
    answers = {
        "list_has_any(a_l, a_r)": True,
        "list_has_all(a_l, a_r)": True,
        "list_has_all(a_r, a_l)": False,
        "list_contains(a_r, b_l)": True,
        "list_contains(a_l, b_r)": None,
        "list_contains(a_l, b_r) IS NOT TRUE": True,
    }
    for text, answer in answers.items():
        assert compiled(parse_condition(text, "here"), by_bytes=True)(one, other) is answer
