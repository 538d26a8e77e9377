"""What an operator may set of a feed from the population register."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from adapters.providers.dvv.wire import TURVAKIELTO

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")]
GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]+$")]


class DvvSettings(BaseModel):
    """Settings of a `dvv` feed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(
        description="Address of the API up to and including `/api/v1`; over X-Road the path starts with "
        "`/r1/FI/GOV/0245437-2/VTJmutpa/VTJmutpa`."
    )
    username: str | None = Field(
        default=None, description="User name for HTTP Basic; without it no credentials are sent in a header."
    )
    password: SecretStr | None = Field(
        default=None, description="Password for HTTP Basic. Give it from the environment, or use `password_file`."
    )
    password_file: Path | None = Field(
        default=None, description="File that holds the password; a line break at its end is not part of it."
    )
    header: HeaderName = Field(
        default="Authorization",
        description="Header that carries the credentials; `x-authorization` where a gateway keeps the usual one.",
    )
    x_road_client: str | None = Field(
        default=None,
        pattern=r"^[ -~]+$",
        description="Value of `X-Road-Client`: instance/class/member/subsystem of the organisation.",
    )
    extra_headers: dict[HeaderName, SecretStr] = Field(
        default_factory=dict, description="More headers to send, such as a gateway's `X-API-KEY`."
    )
    client_certificate: Path | None = Field(
        default=None, description="PEM file with the client certificate for mutual TLS, and its chain."
    )
    client_key: Path | None = Field(
        default=None, description="PEM file with the key of the client certificate, if it is not in the same file."
    )
    ca_bundle: Path | None = Field(
        default=None,
        description="PEM file with the only authorities to trust. The register's own root is in no operating system.",
    )
    buckets: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="In how many parts the list of watched ids is asked for, one request and one position each. "
        "Changing it asks for everything again from the oldest position.",
    )
    look_up_size: int = Field(
        default=100, ge=1, le=1000, description="How many persons one look-up asks for; the register allows 1000."
    )
    groups: tuple[GroupName, ...] | None = Field(
        default=None,
        description="Which groups (`tietoryhmat`) look-ups ask for, TURVAKIELTO among them; without it all that "
        "the data permit allows.",
    )
    timeout_seconds: float = Field(default=60.0, gt=0, le=3600, description="How long to wait for an answer.")

    @field_validator("base_url")
    @classmethod
    def _is_plain_http_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an http or https address is needed")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the address holds no credentials, query or fragment")
        return value.rstrip("/")

    @field_validator("groups")
    @classmethod
    def _tells_of_protection(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        # A look-up is read as the whole state: not asked for, protection would look like none.
        if value is not None and TURVAKIELTO not in value:
            raise ValueError("TURVAKIELTO must be among the groups")
        return value

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        passwords = sum(given is not None for given in (self.password, self.password_file))
        if passwords != (self.username is not None):
            raise ValueError("username needs exactly one of password and password_file, and they need username")
        if self.client_key is not None and self.client_certificate is None:
            raise ValueError("client_key needs client_certificate")
        return self
