"""The published JSON Schema is made from the models and says the same as they do."""

import copy
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from adapters.providers.moves import MovesSettings, schema
from adapters.providers.moves.wire import (
    FORMAT,
    LINE,
    End,
    Mover,
    TemporaryNotice,
    WireAddress,
    WireText,
    written,
)
from sync.model import PartialDate

CHECKER = FormatChecker(formats=["date"])
CHECKER.checks("date-time", ValueError)(lambda text: bool(datetime.fromisoformat(str(text))))
VALIDATOR = Draft202012Validator(json.loads(schema.PUBLISHED.read_text("utf-8")), format_checker=CHECKER)

HOME: dict[str, Any] = {
    "street": {"fi": "Rantatie", "sv": "Strandvägen"},
    "number": "5",
    "stairwell": "A",
    "flat": "3",
    "postcode": "00930",
    "post_office": {"fi": "HELSINKI"},
    "municipality": "091",
    "country": "FI",
}
PERMANENT: dict[str, Any] = {
    "format": FORMAT,
    "type": "notice",
    "notice_id": "N-000123",
    "registered_at": "2026-11-10T08:15:00Z",
    "move_date": "2026-12-01",
    "kind": "permanent",
    "movers": [
        {
            "mover_id": "1",
            "given_names": "Anna Maija",
            "surname": "Virtanen",
            "former_surnames": ["Korhonen"],
            "birth_date": "1980-05-01",
            "phone": "+358401234567",
            "email": "anna@example.fi",
        },
        {"mover_id": "2", "given_names": "", "surname": "Virtanen"},
    ],
    "from": HOME,
    "to": {"po_box": "12", "postcode": "00101", "country": "FI", "care_of": "Toimisto"},
}
TEMPORARY = {**PERMANENT, "kind": "temporary", "until": "2027-05", "to": {"lines": ["Main St 1"], "country": "US"}}
CANCELLATION: dict[str, Any] = {
    "format": FORMAT,
    "type": "cancellation",
    "notice_id": "N-000123",
    "registered_at": "2026-11-11T10:15:00.25+02:00",
    "movers": ["1", "2"],
}
END: dict[str, Any] = {"format": FORMAT, "type": "end", "count": 3, "cursor": "abc", "up_to_date": False}
GOOD = [
    PERMANENT,
    TEMPORARY,
    CANCELLATION,
    END,
    {"format": "ajantasa-moves/1.7", "type": "end", "count": 0},
    {**PERMANENT, "to": None},
    {**PERMANENT, "move_date": "2026", "later_key": {"x": 1}},
]


def changed(line: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return a copy with another value at this place; `...` takes the place away."""
    line = copy.deepcopy(line)
    place: Any = line
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return line


BAD = [
    changed(PERMANENT, path, value)
    for path, value in [
        (("format",), ...),
        (("format",), "ajantasa-moves/2"),
        (("type",), "notification"),
        (("kind",), "holiday"),
        (("kind",), "temporary"),
        (("notice_id",), "N 1"),
        (("notice_id",), "N#1"),
        (("registered_at",), "2026-11-10T08:15:00"),
        (("registered_at",), "2026-02-30T08:15:00Z"),
        (("registered_at",), "9999-12-31T23:59:59Z"),
        (("registered_at",), 17),
        (("move_date",), "2026-02-30"),
        (("move_date",), "2026-13"),
        (("move_date",), "0000"),
        (("move_date",), "1.12.2026"),
        (("move_date",), None),
        (("movers",), []),
        (("movers",), "1"),
        (("movers", 0, "mover_id"), "131052-9115"),
        (("movers", 0, "surname"), " "),
        (("movers", 0, "surname"), "x" * 201),
        (("movers", 0, "former_surnames"), [""]),
        (("movers", 1), None),
        (("from",), ...),
        (("from",), None),
        (("from", "street"), ...),
        (("from", "street"), {}),
        (("from", "street"), {"fi": None}),
        (("from", "municipality"), "91"),
        (("from", "country"), "Finland"),
        (("from", "country"), ...),
        (("to",), ...),
        (("to",), {"country": "FI", "lines": []}),
    ]
] + [
    changed(TEMPORARY, ("to",), None),
    changed(TEMPORARY, ("until",), ...),
    changed(CANCELLATION, ("movers",), []),
    changed(CANCELLATION, ("movers", 0), "1!"),
    changed(END, ("count",), -1),
    changed(END, ("count",), "3"),
    changed(END, ("count",), True),
    changed(END, ("cursor",), "a b"),
    changed(END, ("up_to_date",), 1),
]


def accepted(line: Any) -> bool:
    """Tell whether the models accept the line."""
    try:
        LINE.validate_python(line, by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True


def test_the_published_schema_is_the_generated_one() -> None:
    """The file in the package is what the command prints."""
    command = [sys.executable, "-m", "adapters.providers.moves.schema"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    assert printed == schema.PUBLISHED.read_bytes()
    Draft202012Validator.check_schema(json.loads(printed))


@pytest.mark.parametrize("line", GOOD)
def test_good_lines_are_good_to_both(line: dict[str, Any]) -> None:
    """The models and the schema accept the same good lines."""
    assert accepted(line)
    VALIDATOR.validate(line)


@pytest.mark.parametrize("line", BAD)
def test_bad_lines_are_bad_to_both(line: dict[str, Any]) -> None:
    """The models and the schema refuse the same bad lines."""
    assert not accepted(line)
    assert not VALIDATOR.is_valid(line)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the paths of everything in a line."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(*path, step) for step, _ in steps]
    return found + [deeper for step, inner in steps for deeper in places(inner, (*path, step))]


VALUES = st.one_of(
    st.just(...),
    st.none(),
    st.booleans(),
    st.integers(-3, 10**9),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
    st.sampled_from(["2026", "2026-11", "2026-11-31", "FI", "091", "1", "2026-11-10T08:15:00+25:00", " ", "permanent"]),
    st.lists(st.text("ab1", max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(["fi", "sv", "street", "country", "lines"]), st.text("a ", max_size=2), max_size=3),
)


@given(data=st.data())
def test_models_and_schema_agree_on_lines_that_were_meddled_with(data: st.DataObject) -> None:
    """Whatever is put in place of one or two values of a good line, both say the same of it."""
    line = data.draw(st.sampled_from(GOOD))
    for _ in range(data.draw(st.integers(1, 2))):
        line = changed(line, data.draw(st.sampled_from(places(line) or [("format",)])), data.draw(VALUES))
    assert accepted(line) == VALIDATOR.is_valid(line)


def test_a_line_is_written_as_it_is_read() -> None:
    """A line made of model types comes back the same; what was not set is not written."""
    address = WireAddress(street=WireText(fi="Öljymäki"), number="11", country="FI")
    line = TemporaryNotice(
        format=FORMAT,
        type="notice",
        notice_id="N-1",
        registered_at=datetime(2026, 11, 10, 8, 15, tzinfo=UTC),
        move_date=PartialDate(2026, 12),
        movers=(Mover(mover_id="1", given_names="Anna", surname="Virtanen"),),
        kind="temporary",
        until=PartialDate(2027, 5, 31),
        moved_from=address,
        moved_to=address,
    )
    raw = written(line)
    assert LINE.validate_json(raw, by_alias=True, by_name=False) == line
    assert raw.endswith(b"}\n")
    assert b"null" not in raw
    assert "Öljymäki".encode() in raw
    assert written(End(format=FORMAT, type="end", count=1)) == b'{"format":"ajantasa-moves/1","type":"end","count":1}\n'


def test_a_refused_line_is_not_quoted() -> None:
    """The error of a line that breaks the schema holds nothing of the line."""
    with pytest.raises(ValidationError) as raised:
        LINE.validate_python(changed(PERMANENT, ("movers", 0, "birth_date"), "Virtanen"), by_alias=True)
    assert "Virtanen" not in str(raised.value)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"base_url": "https://moves.example", "folder": "/drop", "token": "t"},
        {"base_url": "https://moves.example"},
        {"base_url": "https://moves.example", "token": "t", "token_file": "/secret"},
        {"base_url": "https://me:pass@moves.example", "token": "t"},
        {"base_url": "ftp://moves.example", "token": "t"},
        {"base_url": "https://moves.example", "token": "t", "expect_every_hours": 3},
        {"folder": "/drop", "token": "t"},
        {"folder": "/drop", "ca_bundle": "/ca.pem"},
        {"folder": "/drop", "page_size": 0},
        {"folder": "/drop", "colour": "blue"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any]) -> None:
    """There is exactly one way in, with what belongs to it and nothing else; the error quotes no secret."""
    with pytest.raises(ValidationError) as raised:
        MovesSettings.model_validate(settings)
    assert "pass@" not in str(raised.value)


def test_every_setting_is_described() -> None:
    """Each setting says what it is, and the token does not show itself."""
    assert all(field.description for field in MovesSettings.model_fields.values())
    settings = MovesSettings.model_validate({"base_url": "https://moves.example", "token": "secret-word"})
    assert "secret-word" not in repr(settings)
