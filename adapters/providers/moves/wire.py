"""The lines of `ajantasa-moves/1`: change-of-address notices, one JSON object a line, UTF-8.

The models are the format: the published JSON Schema is made from them (`python -m adapters.providers.moves.schema`).
Keys that they do not know are let through and counted, so that a provider may add some without breaking anybody.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StrictBool,
    StrictInt,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from sync.model import PartialDate

FORMAT = "ajantasa-moves/1"
MAJOR = "1"

_YEAR = "[0-9]{4}"
_MONTH = f"{_YEAR}-(0[1-9]|1[0-2])"
_DAY = f"{_MONTH}-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_MOMENT = rf"{_DAY}T{_TIME}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


def _partial_date(value: object) -> PartialDate:
    if isinstance(value, PartialDate):
        return value
    if not isinstance(value, str) or re.fullmatch(f"{_DAY}|{_MONTH}|{_YEAR}", value) is None:
        raise ValueError("a date is written YYYY, YYYY-MM or YYYY-MM-DD")
    return PartialDate.parse(value)


def _moment(value: object) -> datetime:
    if isinstance(value, str) and re.fullmatch(_MOMENT, value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("a moment is written as in RFC 3339, with its offset from UTC")
    # The first and last day of the calendar cannot be told in every zone, and nobody registers a move then.
    if not 1 < value.year < 9999:
        raise ValueError("no such moment")
    return value


def _written_moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


_DATE_SCHEMA: dict[str, Any] = {
    "type": "string",
    "description": "A date to the year, the month or the day (ISO 8601), in the provider's own time zone.",
    "anyOf": [
        {"pattern": f"^(?!0000){_YEAR}$"},
        {"pattern": f"^(?!0000){_MONTH}$"},
        {"pattern": f"^{_DAY}$", "format": "date"},
    ],
}
_MOMENT_SCHEMA: dict[str, Any] = {
    "type": "string",
    "description": "A moment with its offset from UTC (RFC 3339), years 0002 to 9998.",
    "format": "date-time",
    "pattern": f"^(?!000[01]|9999){_MOMENT}$",
}

WireDate = Annotated[
    PartialDate,
    PlainValidator(_partial_date),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(_DATE_SCHEMA),
]
Moment = Annotated[
    datetime,
    PlainValidator(_moment),
    PlainSerializer(_written_moment, return_type=str),
    WithJsonSchema(_MOMENT_SCHEMA),
]

# One character at least that is neither a blank nor a control character.
_VISIBLE = r"[^\x00-\x20\x7f]"
Words = Annotated[str, Field(max_length=200, pattern=_VISIBLE)]
Short = Annotated[str, Field(max_length=20, pattern=_VISIBLE)]
# Ids go into event ids and from there into logs: nothing but plain characters, neither "#" nor "!", and a mover's id
# so short that no national id or phone number fits.
NoticeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
MoverId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,8}$")]
Cursor = Annotated[str, Field(pattern=r"^[!-~]{1,512}$")]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


def _one_of(**kinds: dict[str, Any]) -> dict[str, Any]:
    """Say in JSON Schema that one of these keys at least is given, and not null."""
    return {"anyOf": [{"required": [key], "properties": {key: kind}} for key, kind in kinds.items()]}


class WireText(_Part):
    """A place name in Finnish, in Swedish, or in both."""

    model_config = ConfigDict(json_schema_extra=_one_of(fi={"type": "string"}, sv={"type": "string"}))

    fi: Words | None = Field(default=None, description="Finnish form, or a form whose language is not known")
    sv: Words | None = Field(default=None, description="Swedish form")

    @model_validator(mode="after")
    def _has_a_form(self) -> Self:
        if not (self.fi or self.sv):
            raise ValueError("a place name needs a form in one language at least")
        return self


class WireAddress(_Part):
    """A postal address: a street, a post-office box, or free lines."""

    model_config = ConfigDict(
        json_schema_extra=_one_of(
            street={"type": "object"}, po_box={"type": "string"}, lines={"type": "array", "minItems": 1}
        )
    )

    street: WireText | None = Field(default=None, description="Street name without the number")
    number: Short | None = Field(default=None, description="House number as written: 11, 6a-6b, 5-7")
    stairwell: Short | None = Field(default=None, description="Stairwell: A")
    flat: Short | None = Field(default=None, description="Number of the flat: 3")
    postcode: Short | None = Field(default=None, description="Postcode as written; five digits in Finland")
    post_office: WireText | None = Field(default=None, description="Postal town")
    municipality: Annotated[str, Field(pattern="^[0-9]{3}$")] | None = Field(
        default=None, description="Three-digit code of the municipality (Statistics Finland)"
    )
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = Field(description="ISO 3166-1 alpha-2")
    care_of: Words | None = Field(default=None, description="Person or office it is sent care of, without c/o")
    po_box: Short | None = Field(default=None, description="Number of a post-office box, without PL or PB")
    lines: tuple[Words, ...] = Field(
        default=(),
        max_length=10,
        description="Delivery lines of an address that is not in parts: abroad, poste restante",
    )

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not (self.street or self.po_box or self.lines):
            raise ValueError("an address needs a street, a post-office box or free lines")
        return self


class Mover(_Part):
    """One person who moves."""

    mover_id: MoverId = Field(description="Tells the movers of one notice apart; never an id of the person")
    given_names: Annotated[str, Field(max_length=200)] = Field(description="All given names, space separated")
    surname: Words = Field(description="Family name, particles included")
    former_surnames: tuple[Words, ...] = Field(default=(), max_length=20, description="Family names held before")
    birth_date: WireDate | None = Field(default=None)
    phone: Words | None = Field(default=None, description="Best with its country code: +358...")
    email: Words | None = Field(default=None)


class _Line(_Part):
    format: Annotated[str, Field(pattern=rf"^ajantasa-moves/{MAJOR}(\.[0-9]{{1,3}})?$")] = Field(
        description="The same in every line; a later minor version may add keys, never change one"
    )


class _Notice(_Line):
    type: Literal["notice"]
    notice_id: NoticeId = Field(description="The provider's id of the notice, for ever; never an id of a person")
    registered_at: Moment
    move_date: WireDate = Field(description="First day at the new address; often in the future")
    movers: tuple[Mover, ...] = Field(min_length=1, max_length=20, description="One person or a family")
    moved_from: WireAddress = Field(validation_alias="from", serialization_alias="from")


class PermanentNotice(_Notice):
    """Somebody moves for good."""

    kind: Literal["permanent"]
    moved_to: WireAddress | None = Field(
        validation_alias="to", serialization_alias="to", description="null: moved and left no address"
    )


class TemporaryNotice(_Notice):
    """Somebody lives elsewhere for a while and keeps the home."""

    kind: Literal["temporary"]
    until: WireDate = Field(description="Last day at the temporary address; not before move_date")
    moved_to: WireAddress = Field(validation_alias="to", serialization_alias="to")


class Cancellation(_Line):
    """A notice is taken back, for some of its movers or all."""

    type: Literal["cancellation"]
    notice_id: NoticeId
    registered_at: Moment
    movers: tuple[MoverId, ...] = Field(min_length=1, max_length=20)


class End(_Line):
    """The last line of a page or file: without it, or with another count, it was cut short."""

    type: Literal["end"]
    count: StrictInt = Field(ge=0, description="Number of lines before this one; blank lines are none")
    cursor: Cursor | None = Field(default=None, description="Where to go on; required in pages, absent in files")
    up_to_date: StrictBool | None = Field(
        default=None, description="Whether there is no more for now; required in pages, absent in files"
    )


Notice = PermanentNotice | TemporaryNotice
Line = Notice | Cancellation | End

LINE: TypeAdapter[Line] = TypeAdapter(
    Annotated[
        Annotated[Notice, Field(discriminator="kind")] | Cancellation | End,
        Field(discriminator="type"),
    ],
    config=ConfigDict(hide_input_in_errors=True),
)
LINE_TYPES = frozenset({"notice", "cancellation", "end"})


class CursorAnswer(_Part):
    """The answer to the question where the feed starts on a day."""

    cursor: Cursor


def written(line: Line) -> bytes:
    """Write a line as it goes over the wire, its line feed included; what was not set is left out."""
    return line.model_dump_json(exclude_unset=True).encode() + b"\n"
