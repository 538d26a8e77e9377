"""From raw lines to what they say: changes, bad items, or the end."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from adapters.providers.moves.changes import changes_of, contradiction_in
from adapters.providers.moves.wire import LINE, LINE_TYPES, MAJOR, End, Line
from sync.errors import PageMalformed
from sync.model import BadItem, Change
from sync.ports.provider import Page

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORMAT = re.compile(r"ajantasa-moves/([0-9]+)(?:\.[0-9]+)?")
# What is not understood is counted by name only where it looks like a name: a key could hold anything.
_NAME = re.compile(r"[a-z][a-z_]{0,31}")
_NO_LINE = frozenset({"not_utf8", "not_json", "not_an_object", "another_format"})


@dataclass(frozen=True, slots=True)
class Read:
    """What one line said.

    Attributes:
        items: changes of its movers, or one bad item; empty for the end and for lines of an unknown type.
        ignored: as in `Page`.
        end: the line, if it is an end line.
    """

    items: tuple[Change | BadItem, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    end: End | None = None


def read_line(raw: bytes, position: str) -> Read:
    """Read one line, whatever it holds.

    Raises:
        PageMalformed: the line is of another major version of the format, so everything around it is too.
    """
    line = _parsed(raw.removeprefix(_BYTE_ORDER_MARK), position)
    if isinstance(line, Read):
        return line
    if isinstance(line, End):
        return Read(ignored=_unknown_keys(line, "end"), end=line)
    reason = contradiction_in(line)
    if reason is not None:
        return bad(raw, position, reason)
    return Read(changes_of(line, position), _unknown_keys(line, line.type))


def bad(raw: bytes, position: str, reason: str) -> Read:
    """Make a line that cannot be read one bad item, known by its content."""
    return Read((BadItem(f"bad:{hashlib.sha256(raw).hexdigest()[:32]}", position, reason, raw),))


def read_page(body: bytes, after: str) -> Page:
    """Read a page of the HTTP interface, all of it or nothing.

    Args:
        body: the answer's body.
        after: the cursor that it was asked with; positions count from it.

    Raises:
        PageMalformed: cut short, or of another major version.
    """
    page, end = _read_all(body, f"{after}+")
    if end is None or end.cursor is None or end.up_to_date is None:
        raise PageMalformed("the page has no end line, or one without cursor")
    return page


def read_payload(payload: bytes) -> Page:
    """Read lines as people have them at hand: a page, a file, or some lines of either.

    Raises:
        PageMalformed: an end line does not fit, or nothing in it is a line of the format.
    """
    page, end = _read_all(payload, "")
    is_foreign = all(isinstance(item, BadItem) and item.reason in _NO_LINE for item in page.items)
    if is_foreign and end is None and not page.ignored:
        raise PageMalformed("no line of ajantasa-moves")
    return page


def _read_all(body: bytes, before: str) -> tuple[Page, End | None]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    read = [read_line(line, f"{before}{number}") for number, line in enumerate(lines, 1)]
    end = read[-1].end if read else None
    if any(each.end for each in read[:-1]) or (end and end.count != len(read) - 1):
        raise PageMalformed("the end line does not fit the number of lines before it")
    return _page(read, end), end


def _page(read: Sequence[Read], end: End | None) -> Page:
    ignored: Counter[str] = Counter()
    for each in read:
        ignored.update(each.ignored)
    return Page(
        items=tuple(item for each in read for item in each.items),
        cursor=(end and end.cursor) or "",
        up_to_date=bool(end and end.up_to_date),
        ignored=dict(ignored),
    )


def _parsed(raw: bytes, position: str) -> Line | Read:
    """Return the line, or what became of it when it is none that is known."""
    try:
        raw.decode()
        content = from_json(raw, cache_strings="none")
    except UnicodeDecodeError:
        return bad(raw, position, "not_utf8")
    except ValueError:
        return bad(raw, position, "not_json")
    if not isinstance(content, dict):
        return bad(raw, position, "not_an_object")
    said = content.get("format")
    known = _FORMAT.fullmatch(said) if isinstance(said, str) else None
    if known is None:
        return bad(raw, position, "another_format")
    if known[1] != MAJOR:
        raise PageMalformed(f"at {position}: another major version of the format")
    kind = content.get("type")
    if isinstance(kind, str) and kind not in LINE_TYPES:
        return Read(ignored={f"line.{_name(kind)}": 1})
    try:
        return LINE.validate_python(content, by_alias=True, by_name=False)
    except ValidationError as error:
        return bad(raw, position, _reason(error))


def _reason(error: ValidationError) -> str:
    """Name the place that broke the schema, by our own field names."""
    where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
    return "_".join(("schema", *(part for part in where if isinstance(part, str))))


def _unknown_keys(part: BaseModel, place: str) -> dict[str, int]:
    return dict(Counter(_each_unknown(part, place)))


def _each_unknown(part: BaseModel, place: str) -> Iterator[str]:
    yield from (f"{place}.{_name(key)}" for key in part.model_extra or {})
    for name, called in _parts_of(type(part)):
        value = getattr(part, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, BaseModel):
                yield from _each_unknown(each, called)


@cache
def _parts_of(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a model, each with what it is called in a line."""
    return tuple((name, about.serialization_alias or name) for name, about in model.model_fields.items())


def _name(key: str) -> str:
    return key if _NAME.fullmatch(key) else "(other)"
