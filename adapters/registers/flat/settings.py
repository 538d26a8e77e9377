"""What an operator says about a register of flat rows."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from adapters.registers.flat import names
from sync.model import Field as CustomerField


def _known_name(name: str) -> str:
    if name in names.ALL_NAMES:
        return name
    close = get_close_matches(name, sorted(names.ALL_NAMES), n=1)
    raise ValueError("nothing can be mapped under this name" + (f"; did you mean `{close[0]}`?" if close else ""))


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone of the IANA database, such as `Europe/Helsinki`") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]


class FlatSettings(BaseModel):
    """How a register of flat rows names its columns and spells its values."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)

    columns: dict[Annotated[str, AfterValidator(_known_name)], Annotated[str, Field(min_length=1)]] = Field(
        description='Our names with the register\'s columns: `surname = "sukunimi"`. The names of the other addresses'
        " begin with `temporary_`, `postal_` or `contact_`. A column that is not named here is never read or written."
    )
    read_only: frozenset[CustomerField] = Field(
        default=frozenset(),
        description="Fields that are read and never written. The national id and the birth date always are.",
    )
    language: Literal["fi", "sv"] = Field(
        default="fi", description="The language in which streets and towns are written into the register."
    )
    time_zone: TimeZone = Field(
        default="UTC", description="The time zone of the register's times that do not tell their own."
    )
    full_name_order: Literal["surname given", "given surname"] = Field(
        default="surname given", description="The order within `full_name`. A comma after the surname is understood."
    )
    date_format: Literal["iso", "d.m.yyyy"] = Field(
        default="iso", description="How dates are written into columns that hold text; both forms are read."
    )
    yes: str = Field(default="1", min_length=1, description="What stands for yes in a column that holds text.")
    no: str = Field(default="0", min_length=1, description="What stands for no in a column that holds text.")
    default_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(
        default="FI",
        description="The country of addresses that name none, as two letters; none to leave it unknown. Of moves abroad no "
        "feed tells: whoever lives in another country is `not_covered`.",
    )

    @model_validator(mode="after")
    def _check_mapping(self) -> Self:
        problems = list(self.mapping_problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def mapping_problems(self) -> Iterator[str]:
        """Tell what is wrong with the mapping as a whole, naming each setting."""
        mapped = self.columns.keys()
        if not mapped & names.FIELD_OF.keys():
            yield "columns: map one of the customer's fields at least"
        by_column: dict[str, list[str]] = {}
        for name, column in self.columns.items():
            by_column.setdefault(column, []).append(name)
        for shared in by_column.values():
            if len(shared) > 1:
                yield f"columns.{shared[1]}: is the same column as columns.{shared[0]}"
        yield from self._either_whole_or_parts()
        for field in sorted(self.read_only - {names.FIELD_OF[name] for name in mapped & names.FIELD_OF.keys()}):
            yield f"read_only: {field} is not mapped"

    def _either_whole_or_parts(self) -> Iterator[str]:
        mapped = self.columns.keys()
        wholes: list[tuple[str, tuple[str, ...]]] = [("full_name", ("surname", "given_names"))]
        for prefix in names.ADDRESS_PREFIXES.values():
            wholes.append((f"{prefix}street_line", tuple(prefix + part for part in names.STREET_PARTS)))
            wholes.append((f"{prefix}post_line", tuple(prefix + part for part in names.POST_PARTS)))
            if f"{prefix}street" not in mapped:
                for part in names.STREET_PARTS[1:]:
                    if prefix + part in mapped:
                        yield f"columns.{prefix}{part}: needs columns.{prefix}street"
        for whole, parts in wholes:
            for part in parts:
                if whole in mapped and part in mapped:
                    yield f"columns.{part}: is a part of columns.{whole}; map the one or the other"
        if "calling_name" in mapped and not mapped & {"surname", "given_names", "full_name"}:
            yield "columns.calling_name: needs columns.surname or columns.full_name"
