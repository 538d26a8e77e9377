"""Everything that an operator may set, from `ajantasa.toml` and the environment.

Every key can also be given as an environment variable: `AJANTASA_` and the path in capitals, parts joined by two
underscores (`AJANTASA_STORE__URL`). The environment wins. Paths are taken from the folder of the file.
"""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from adapters.providers.dvv.settings import DvvSettings
from adapters.providers.moves.settings import MovesSettings
from adapters.registers.sql.settings import SqlRegisterSettings
from adapters.web.settings import WebSettings
from sync.applying.guard import Limits
from sync.errors import ConfigurationInvalid, Problem
from sync.model import Field as FactField
from sync.parts import Retention

Model = TypeVar("Model", bound=BaseModel)
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Days = Annotated[float, Field(gt=0, le=36_500)]

_PLAIN = {"extra_forbidden": "there is no such setting", "missing": "is needed"}
"""What pydantic says in words of its own, said in ours."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _known_zone(value: object) -> object:
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone of the IANA database is needed, such as Europe/Helsinki") from None


Zone = Annotated[ZoneInfo, BeforeValidator(_known_zone)]


Speaker = Literal["customer", "staff", "population_register", "postal_operator"]
RankedField = Literal["name", "address", "temporary_address", "postal_address", "contact_address", "phone", "email"]


def _all_speakers(order: tuple[Speaker, ...]) -> tuple[Speaker, ...]:
    if sorted(order) != sorted(get_args(Speaker)):
        raise ValueError(f"all four are needed, each once: {', '.join(get_args(Speaker))}")
    return order


class StoreSettings(_Section):
    """Our own database."""

    url: SecretStr = Field(
        default=SecretStr("sqlite:///ajantasa.db"),
        description="SQLAlchemy URL: `sqlite:///file.db` or `postgresql://user@host/database`.",
    )
    url_file: Path | None = Field(default=None, description="File that holds the URL; wins over `url`.")


class RegisterSettings(_Section):
    """One register: the organisation's own system that holds customers."""

    title: str = Field(default="", description="What people call it; the name of the section where empty.")
    time_zone: Zone = Field(
        default=ZoneInfo("Europe/Helsinki"), description="Whose days are meant by dates of this register."
    )
    read_every_seconds: float = Field(default=60.0, gt=0, le=86_400, description="How often to read its changes.")
    unknown_protection: Literal["protected", "clear"] = Field(
        default="protected",
        description="How to treat customers of whom no source has said whether a non-disclosure order is in force. "
        "`clear` is a decision of the organisation, recorded here.",
    )
    precedence: dict[RankedField, Annotated[tuple[Speaker, ...], AfterValidator(_all_speakers)]] = Field(
        default_factory=dict,
        description="Whose word counts among statements for one date, by field, the highest first: all four of `customer`, "
        "`staff`, `population_register`, `postal_operator`, which is the order for fields that are not named. A newer date "
        "always wins. The fields: `name`, `address`, `temporary_address`, `postal_address`, `contact_address`, `phone`, `email`.",
    )
    sql: SqlRegisterSettings = Field(description="The database table behind it.")


class GuardSettings(_Section):
    """How much of a feed is too much to be true; then it is paused until an operator says go."""

    floor: int = Field(
        default=25, ge=1, description="So many customers a day who lose their address, or die, are never too much."
    )
    share_percent: float = Field(
        default=1.0, gt=0, le=100, description="Of the register's customers; as many a day are not too much either."
    )
    times_record: float = Field(
        default=5.0, ge=0, description="So many times as many as on any day before are not too much either."
    )
    identity_floor: int = Field(
        default=5,
        ge=1,
        description="The floor for changes of two of family name, birth date and sex at once, each of which is a review.",
    )
    identity_share_percent: float = Field(default=0.1, gt=0, le=100, description="The share for those.")
    lost_percent: float = Field(
        default=50.0,
        gt=0,
        le=100,
        description="Of the customers of whom the feed had spoken and who are looked up again, so many may be unknown to it.",
    )

    def limits(self) -> Limits:
        """Return the limits."""
        return Limits(
            floor=self.floor,
            share=self.share_percent / 100,
            times_record=self.times_record,
            identity_floor=self.identity_floor,
            identity_share=self.identity_share_percent / 100,
            lost_share=self.lost_percent / 100,
        )


class FeedSettings(_Section):
    """One feed: a provider's stream of changes. Exactly one provider section."""

    title: str = Field(default="", description="What people call the provider; the name of the section where empty.")
    register_: Name = Field(alias="register", description="The register whose customers it is about.")
    every_seconds: float = Field(default=900.0, gt=0, le=1_209_600, description="How often to ask.")
    live_within_hours: float = Field(
        default=48.0,
        gt=0,
        le=8_784,
        description="After this long without the provider saying that there is no more, its silence says nothing: "
        "the desk is told to ask.",
    )
    since: date | None = Field(
        default=None, description="The day from which to follow a feed that was never followed; without it, that day."
    )
    ask_absent_after_days: Days = Field(
        default=7.0, description="How long to wait before asking again for a person whom the provider did not know."
    )
    guard: GuardSettings = Field(default=GuardSettings(), description="How much of it is too much to be true.")
    dvv: DvvSettings | None = Field(default=None, description="The Finnish population register's change API.")
    moves: MovesSettings | None = Field(default=None, description="Change-of-address notices, `ajantasa-moves/1`.")

    @model_validator(mode="after")
    def _one_provider(self) -> Self:
        if (self.dvv is None) == (self.moves is None):
            raise ValueError("exactly one provider section is needed: dvv or moves")
        return self


class FreshnessSettings(_Section):
    """How long a confirmation is good for."""

    news_days: Days = Field(default=30.0, description="How long a change is shown as news at the desk.")
    address_days: Days = Field(default=365.0, description="How long a confirmed address needs no asking.")
    phone_days: Days = Field(default=365.0, description="The same for the phone number.")
    email_days: Days = Field(default=365.0, description="The same for the e-mail address.")
    name_days: Days = Field(default=1825.0, description="The same for the name.")

    def limits(self) -> dict[FactField, timedelta]:
        """Return the limits by field."""
        days = {
            FactField.ADDRESS: self.address_days,
            FactField.PHONE: self.phone_days,
            FactField.EMAIL: self.email_days,
            FactField.NAME: self.name_days,
        }
        return {field: timedelta(days=value) for field, value in days.items()}


class RetentionSettings(_Section):
    """How long what is kept. A category cannot be left without a period."""

    unmatched_days: Days = Field(default=90.0, description="Outcome rows of changes that matched nobody.")
    reviews_days: Days = Field(default=30.0, le=30.0, description="Payloads that wait for a person's decision.")
    parked_days: Days = Field(
        default=365.0,
        description="Payloads that are parked by a restriction, an objection or a lock; afterwards the person is looked "
        "up when that is lifted, where the provider can.",
    )
    previous_values_days: Days = Field(
        default=730.0, description="Values that no longer hold; afterwards the value goes and its provenance stays."
    )
    readings_days: Days = Field(default=730.0, description="The trail of who read what.")
    dead_letters_days: Days = Field(default=7.0, description="Items that could not be read.")
    cancellations_days: Days = Field(
        default=365.0, description="Keyed hashes of notices that a provider took back, where we hold nothing of them."
    )
    tombstones_days: Days = Field(
        default=730.0,
        ge=60.0,
        description="Keyed hashes of erased people, so that nothing brings them back; at least 30 days longer than a feed "
        "is read again.",
    )

    def periods(self) -> Retention:
        """Return the periods."""
        return Retention(**{name.removesuffix("_days"): timedelta(days=value) for name, value in self})


class MatchingSettings(_Section):
    """How sure a match must be."""

    model: Path | None = Field(
        default=None,
        description="Matching model (JSON), as `ajantasa matching train` writes it; the one that comes along without it.",
    )
    processes: Literal[1, 2] = Field(
        default=1,
        description="With 2, a second process takes half of each large page of changes without national ids: for a "
        "large register, where two processor cores and twice the memory are to be had.",
    )


class AuditSettings(_Section):
    """Signed checkpoints of the audit chain."""

    checkpoint_file: Path | None = Field(
        default=None,
        description="File outside the database to which signed checkpoints of the audit chain are appended. Without it "
        "none are made, and a chain that was cut off or wholly made anew cannot be told from the true one.",
    )
    signing_key_file: Path | None = Field(
        default=None,
        description="The key that signs them, made by `ajantasa audit key`; needed with `checkpoint_file`.",
    )
    checkpoint_every_minutes: float = Field(
        default=60.0,
        ge=1,
        le=10_080,
        description="How often the daemon makes one, if anything is new. Of the entries since the last one nobody could "
        "tell that some are missing.",
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.checkpoint_file is None) != (self.signing_key_file is None):
            raise ValueError("checkpoint_file and signing_key_file belong together")
        return self


class ErasureSettings(_Section):
    """Erasure of people (GDPR Art. 17)."""

    file: Path | None = Field(
        default=None,
        description="File outside the database that keeps who was erased, by keyed hash. Whoever is in it is erased again "
        "when a back-up is restored; without it, restoring brings erased people back.",
    )


class DaemonSettings(_Section):
    """The daemon's own rhythm."""

    tick_seconds: float = Field(default=1.0, gt=0, le=60, description="How often to look whether anything is due.")
    lease_seconds: float = Field(
        default=60.0, ge=1, le=3_600, description="After this long without a sign of life another worker takes over."
    )
    census_hours: float = Field(
        default=6.0,
        ge=0.1,
        le=8_784,
        description="How often to count every customer's address by how right it is, for status and metrics; a large register "
        "takes minutes of one processor core.",
    )
    stall_seconds: float = Field(
        default=120.0, ge=5, le=3_600, description="Without a tick for this long the process counts as dead and exits."
    )


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix="AJANTASA_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    key_file: Path = Field(default=Path("ajantasa.key"), description="Key file made by `ajantasa key create`.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="From which level on to log, as JSON lines on standard output."
    )
    store: StoreSettings = Field(default=StoreSettings(), description="Our own database.")
    registers: dict[Name, RegisterSettings] = Field(min_length=1, description="The registers to keep right, by name.")
    feeds: dict[Name, FeedSettings] = Field(default_factory=dict, description="The feeds to follow, by name.")
    freshness: FreshnessSettings = Field(default=FreshnessSettings(), description="How long confirmations last.")
    retention: RetentionSettings = Field(default=RetentionSettings(), description="How long what is kept.")
    matching: MatchingSettings = Field(default=MatchingSettings(), description="How sure a match must be.")
    audit: AuditSettings = Field(default=AuditSettings(), description="Signed checkpoints of the audit chain.")
    erasure: ErasureSettings = Field(default=ErasureSettings(), description="Erasure of people.")
    daemon: DaemonSettings = Field(default=DaemonSettings(), description="The daemon's own rhythm.")
    web: WebSettings = Field(default_factory=WebSettings, description="The desk and the health endpoints.")

    @model_validator(mode="after")
    def _feeds_name_registers(self) -> Self:
        unknown = sorted(name for name, feed in self.feeds.items() if feed.register_ not in self.registers)
        if unknown:
            raise ValueError(f"the register of these feeds is not configured: {', '.join(unknown)}")
        clash = sorted(self.feeds.keys() & self.registers.keys())
        if clash:
            raise ValueError(f"a feed and a register share a name: {', '.join(clash)}")
        return self


def load(path: Path) -> Settings:
    """Read a configuration file and the environment.

    Raises:
        ConfigurationInvalid: every problem at once, each with its key.
    """

    class _FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del dotenv_settings, file_secret_settings
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)

    try:
        if not path.is_file():
            raise ConfigurationInvalid([Problem(str(path), "there is no such file; `ajantasa init` writes one")])
        settings = _FromFile()  # type: ignore[call-arg]  # its fields come from the sources
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid([Problem(path.name, f"not TOML: {error}")]) from None
    except UnicodeDecodeError:
        raise ConfigurationInvalid([Problem(path.name, "not UTF-8")]) from None
    except ValidationError as error:
        raise ConfigurationInvalid(problems_of(error)) from None
    return anchored(settings, path.parent.resolve())


def problems_of(error: ValidationError) -> list[Problem]:
    """Return what a validation found, by key, without the values found there."""
    return [
        Problem(
            ".".join(str(part) for part in found["loc"]) or "(whole file)",
            _PLAIN.get(found["type"]) or found["msg"].removeprefix("Value error, "),
        )
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def anchored(model: Model, folder: Path) -> Model:
    """Return the settings with every path, and the file of a SQLite URL, taken from that folder."""
    return model.model_copy(update={name: _anchored(value, folder) for name, value in model})


def _anchored(value: Any, folder: Path) -> Any:
    if isinstance(value, BaseModel):
        return anchored(value, folder)
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, dict):
        return {key: _anchored(item, folder) for key, item in value.items()}
    if isinstance(value, SecretStr):
        prefix, _, rest = value.get_secret_value().partition(":///")
        if prefix.partition("+")[0] == "sqlite" and rest and not rest.startswith("/"):
            return SecretStr(f"{prefix}:///{folder / rest}")
    return value
