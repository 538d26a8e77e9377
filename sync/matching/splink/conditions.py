"""The conditions of Splink's comparison levels: a closed part of SQL, read without ever running it.

A condition is made of columns of the two records (`surname_l`, `"surname_r"`), texts, numbers, `=`, `<>`, `<`, `<=`,
`>`, `>=`, `IS [NOT] NULL`, `IS [NOT] TRUE`, `AND`, `OR`, `NOT`, and the functions in `FUNCTIONS`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from sync.errors import ConfigurationInvalid, Problem

Kind = Literal["condition", "text", "number", "list", "column"]
"""What a part of a condition gives; a column gives a text or a list of texts, whichever is asked of it."""

_TWO_TEXTS: tuple[Kind, ...] = ("text", "text")
FUNCTIONS: Mapping[str, tuple[tuple[Kind, ...], Kind]] = MappingProxyType(
    {
        "substr": (("text", "number", "number"), "text"),
        "length": (("text",), "number"),
        "jaro_similarity": (_TWO_TEXTS, "number"),
        "jaro_winkler_similarity": (_TWO_TEXTS, "number"),
        "levenshtein": (_TWO_TEXTS, "number"),
        "damerau_levenshtein": (_TWO_TEXTS, "number"),
        "list_contains": (("list", "text"), "condition"),
        "list_has_any": (("list", "list"), "condition"),
        "list_has_all": (("list", "list"), "condition"),
    }
)
"""Every function, with what it takes and what it gives."""
SYMMETRIC = frozenset(
    {"jaro_similarity", "jaro_winkler_similarity", "levenshtein", "damerau_levenshtein", "list_has_any", "=", "<>"}
)
"""What is the same whichever of the two comes first."""

_OTHER_NAMES = {  # as Splink's other backends call them
    "substring": "substr",
    "jaro_sim": "jaro_similarity",
    "jaro_winkler": "jaro_winkler_similarity",
}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIDES = {"_l": 0, "_r": 1}
_DEEPEST = 60
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|<>|!=|[=<>(),])
    | (?P<end>\Z))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one of the two records: the left one (0) or the right one (1)."""

    name: str
    side: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A text or a number."""

    value: str | float


@dataclass(frozen=True, slots=True)
class Call:
    """A function, a comparison such as `<=`, or one of `and`, `or`, `not`, `is null`, `is true`."""

    name: str
    parts: tuple["Node", ...]


Node = Column | Constant | Call


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Refused(Exception):  # noqa: N818 - a way out of the parser, never seen outside
    def __init__(self, at: int, wanted: str) -> None:
        super().__init__(wanted)
        self.at, self.wanted = at, wanted


def parse_condition(sql: str, place: str) -> Node:
    """Read a condition.

    Args:
        sql: the condition; `ELSE` is none.
        place: where it stands, for telling what is wrong.

    Raises:
        ConfigurationInvalid: something is not of this part of SQL; the place names the character.
    """
    try:
        return _Parser(list(_tokens(sql))).whole()
    except _Refused as refused:
        raise ConfigurationInvalid([Problem(f"{place}, character {refused.at + 1}", refused.wanted)]) from None


def columns_of(node: Node) -> Iterator[str]:
    """Return the names of all columns, without their side, some of them several times."""
    if isinstance(node, Column):
        yield node.name
    elif isinstance(node, Call):
        for part in node.parts:
            yield from columns_of(part)


def canonical(node: Node) -> str:
    """Return one text for all the ways to write a condition that differ only in order, brackets, quotes and case."""
    if isinstance(node, Column):
        return f"{node.name.lower()}.{node.side}"
    if isinstance(node, Constant):
        return repr(node.value)
    name, parts = node.name, [canonical(part) for part in node.parts]
    if name in {"and", "or"}:
        parts = sorted(set(parts))
    elif name in SYMMETRIC:
        parts = sorted(parts)
    elif name in _MIRRORED and parts[1] < parts[0]:
        name, parts = _MIRRORED[name], parts[::-1]
    return f"{name}({', '.join(parts)})" if len(parts) > 1 or name not in {"and", "or"} else parts[0]


def _tokens(sql: str) -> Iterator[_Token]:
    at = 0
    while True:
        found = _TOKEN.match(sql, at)
        if found is None or found.lastgroup is None:
            blank = re.compile(r"\s*").match(sql, at)
            raise _Refused(blank.end() if blank else at, "a column, a text, a number, a function or a bracket")
        yield _Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
        if found.lastgroup == "end":
            return
        at = found.end()


class _Parser:
    """Reads tokens by recursive descent; brackets deeper than anybody writes are refused."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._condition()
        if self._token.kind != "end":
            raise _Refused(self._token.at, "AND, OR or the end of the condition")
        return node

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _took(self, *words: str) -> bool:
        """Go on if the next tokens are these words or signs."""
        ahead = self._tokens[self._next : self._next + len(words)]
        if len(ahead) < len(words) or any(
            token.kind not in {"word", "sign"} or token.text.upper() != word
            for token, word in zip(ahead, words, strict=True)
        ):
            return False
        self._next += len(words)
        return True

    def _must(self, word: str) -> None:
        if not self._took(word):
            raise _Refused(self._token.at, f"`{word}`")

    def _condition(self) -> Node:
        return self._wanted("condition", self._any())

    def _any(self) -> tuple[int, Node]:
        """Read what may be a condition, or in brackets a value."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Refused(self._token.at, f"no more than {_DEEPEST} brackets within each other")
        found = self._joined("OR", "AND")
        self._depth -= 1
        return found

    def _joined(self, word: str, *tighter: str) -> tuple[int, Node]:
        """Read parts with one word between them, each of parts with a tighter word between them."""
        at, node = self._joined(*tighter) if tighter else self._negated()
        parts: list[Node] = []
        while self._took(word):
            parts = parts or [self._wanted("condition", (at, node))]
            parts.append(self._wanted("condition", self._joined(*tighter) if tighter else self._negated()))
        if not parts:
            return at, node
        flat = (inner for part in parts for inner in _within(part, word.lower()))
        return at, Call(word.lower(), tuple(flat))

    def _negated(self) -> tuple[int, Node]:
        at, times = self._token.at, 0
        while self._took("NOT"):
            times += 1
        if not times:
            return self._predicate()
        node = self._wanted("condition", self._predicate())
        return at, Call("not", (node,)) if times % 2 else node

    def _predicate(self) -> tuple[int, Node]:
        at, node = self._value()
        sign = self._token.text.replace("!=", "<>") if self._token.kind == "sign" else ""
        if sign in _MIRRORED:
            self._next += 1
            return at, self._compared(sign, (at, node), self._value())
        while self._took("IS"):
            node = self._tested(at, node)
        return at, node

    def _tested(self, at: int, node: Node) -> Node:
        negated = self._took("NOT")
        if self._took("NULL"):
            found = Call("is null", (node,))
        elif self._took("TRUE"):
            found = Call("is true", (self._wanted("condition", (at, node)),))
        else:
            raise _Refused(self._token.at, "NULL or TRUE")
        return Call("not", (found,)) if negated else found

    def _compared(self, sign: str, one: tuple[int, Node], other: tuple[int, Node]) -> Node:
        kinds = {_kind(one[1]), _kind(other[1])} - {"column"}
        if not kinds <= {"text"} and (kinds != {"number"} or "column" in {_kind(one[1]), _kind(other[1])}):
            raise _Refused(other[0], "texts on both sides of the sign, or numbers on both")
        return Call(sign, (one[1], other[1]))

    def _value(self) -> tuple[int, Node]:
        token = self._token
        if self._took("("):
            found = self._any()
            self._must(")")
            return found
        self._next += 1
        if token.kind == "number":
            return token.at, Constant(float(token.text))
        if token.kind == "text":
            return token.at, Constant(token.text[1:-1].replace("''", "'"))
        if token.kind == "word" and self._took("("):
            return token.at, self._call(token)
        if token.kind in {"word", "quoted"}:
            return token.at, _column(token)
        raise _Refused(token.at, "a column, a text, a number, a function or a bracket")

    def _call(self, token: _Token) -> Node:
        name = _OTHER_NAMES.get(token.text.lower(), token.text.lower())
        if name not in FUNCTIONS:
            raise _Refused(token.at, f"one of the functions {', '.join(FUNCTIONS)}")
        parts: list[Node] = []
        for kind in FUNCTIONS[name][0]:
            if parts:
                if name == "substr" and len(parts) == 2 and self._token.text == ")":
                    break
                self._must(",")
            at = self._token.at
            parts.append(self._wanted(kind, self._any()))
            if kind == "number" and not _is_whole(parts[-1], least=1 if len(parts) == 2 else 0):
                raise _Refused(at, "a whole number")
        self._must(")")
        return Call(name, tuple(parts))

    @staticmethod
    def _wanted(kind: Kind, found: tuple[int, Node]) -> Node:
        at, node = found
        given = _kind(node)
        if given != kind and not (given == "column" and kind in {"text", "list"}):
            raise _Refused(at, f"a {kind}")
        return node


def _column(token: _Token) -> Column:
    name = token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.text
    side = _SIDES.get(name[-2:].lower())
    if side is None or not name[:-2]:
        raise _Refused(token.at, "a column, whose name ends in _l or _r")
    return Column(name[:-2], side)


def _kind(node: Node) -> Kind:
    if isinstance(node, Column):
        return "column"
    if isinstance(node, Constant):
        return "text" if isinstance(node.value, str) else "number"
    return FUNCTIONS[node.name][1] if node.name in FUNCTIONS else "condition"


def _within(node: Node, name: str) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Call) and node.name == name else (node,)


def _is_whole(node: Node, *, least: int) -> bool:
    return (
        isinstance(node, Constant) and isinstance(node.value, float) and node.value.is_integer() and node.value >= least
    )
