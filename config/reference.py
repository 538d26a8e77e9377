"""The reference of every setting, made from the settings themselves: `python -m config.reference` prints it."""

import json
import sys
import types
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import AnyHttpUrl, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from config.settings import Settings

_WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "secret text",
    AnyHttpUrl: "http(s) address",
    ZoneInfo: "time zone",
    date: "date",
}
_BOUNDS = (("ge", "from {}", max), ("gt", "above {}", max), ("le", "to {}", min), ("lt", "below {}", min))


def sections(model: type[BaseModel] = Settings, path: str = "") -> Iterator[str]:
    """Yield the reference, one heading with a table for each section of the configuration file."""
    rows, inner = [], []
    for name, info in model.model_fields.items():
        key = info.alias or name
        nested = _nested(info.annotation)
        if nested is None:
            rows.append(_row(key, info))
        else:
            section, named = nested
            inner.append((section, ".".join(filter(None, (path, key, "NAME" if named else ""))), info))
    if rows:
        yield "\n".join(["| key | type | default | description |", "| --- | --- | --- | --- |", *rows])
    for section, inner_path, info in inner:
        yield f"## `[{inner_path}]`\n\n{info.description or ''}"
        yield from sections(section, inner_path)


def text() -> str:
    """Return the whole reference as Markdown."""
    return "\n\n".join(sections()) + "\n"


def _row(key: str, info: FieldInfo) -> str:
    cells = (f"`{key}`", _type_of(info), _default_of(info), info.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _nested(annotation: Any) -> tuple[type[BaseModel], bool] | None:
    """Return the section behind a setting, and whether there may be several by name; None for a plain value."""
    for part in _alternatives(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, False
        if get_origin(part) is dict:
            value = get_args(part)[1]
            if isinstance(value, type) and issubclass(value, BaseModel):
                return value, True
    return None


def _type_of(info: FieldInfo) -> str:
    words = " or ".join(_word(part) for part in _alternatives(info.annotation) if part is not type(None))
    bounds = " ".join(_bounds(info.metadata))
    return f"{words}, {bounds}" if bounds else words


def _word(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _word(inner[0])
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in inner)
    if origin is dict:
        return f"table of {_word(inner[1])}"
    if origin in (tuple, frozenset):
        return f"list of {_word(inner[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{each.value}`" for each in annotation)
    return _WORDS[annotation]


def _bounds(metadata: list[Any]) -> Iterator[str]:
    for name, phrase, tightest in _BOUNDS:
        if limits := [getattr(each, name) for each in metadata if hasattr(each, name)]:
            yield phrase.format(_plain(tightest(limits)))
    if any(getattr(each, "min_length", None) == 1 for each in metadata):
        yield "not empty"


def _default_of(info: FieldInfo) -> str:
    if info.is_required():
        return "**needed**"
    value = info.get_default(call_default_factory=True)
    if value is None:
        return "none"
    return f"`{json.dumps(_plain(value), ensure_ascii=False)}`"


def _plain(value: Any) -> Any:
    """Return a default as TOML would have it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path | ZoneInfo):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (types.UnionType, Union):
        return get_args(annotation)
    return (annotation,)


if __name__ == "__main__":
    sys.stdout.write(text())
