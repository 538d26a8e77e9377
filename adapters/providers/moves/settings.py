"""The settings of one `moves` feed."""

from pathlib import Path
from typing import Self

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class MovesSettings(BaseModel):
    """Where the notices come from: an HTTP interface or a folder, exactly one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: AnyHttpUrl | None = Field(
        default=None, description="Address of the HTTP interface, without /v1; either this or folder"
    )
    folder: Path | None = Field(
        default=None,
        description=(
            "Folder into which *.jsonl files are dropped; what was read goes to done/ inside it, where the operator "
            "deletes it once it need not be read again; either this or base_url"
        ),
    )
    token: SecretStr | None = Field(default=None, description="Bearer token of the HTTP interface; or token_file")
    token_file: Path | None = Field(
        default=None,
        description="File that holds the bearer token and nothing else, read anew for each request; or token",
    )
    page_size: int = Field(default=1_000, ge=1, le=10_000, description="Lines of one page, 1 to 10000")
    ca_bundle: Path | None = Field(
        default=None, description="PEM file of the only certificate authorities to trust; without it, the usual ones"
    )
    timeout_seconds: float = Field(
        default=30.0, gt=0, le=600, description="Longest silence of the HTTP interface, in seconds, up to 600"
    )
    expect_every_hours: float | None = Field(
        default=None,
        gt=0,
        le=24 * 366,
        description=(
            "A file comes into the folder at least this often; when none does, the feed counts as unavailable. "
            "Without it an empty folder looks the same whether nobody moved or nobody delivers"
        ),
    )
    clear_by_contract: bool = Field(
        default=False, description="The provider has agreed never to deliver a protected person"
    )

    @field_validator("base_url")
    @classmethod
    def _without_secrets(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value and (value.username or value.password or value.query or value.fragment):
            raise ValueError("an address without user, password, query and fragment; the token is a setting of its own")
        return value

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.base_url is None) == (self.folder is None):
            raise ValueError("set exactly one of base_url and folder")
        tokens = [each for each in (self.token, self.token_file) if each is not None]
        if self.base_url is not None and len(tokens) != 1:
            raise ValueError("base_url needs exactly one of token and token_file")
        if self.folder is not None and (tokens or self.ca_bundle):
            raise ValueError("a folder takes no token, token_file or ca_bundle")
        if self.base_url is not None and self.expect_every_hours is not None:
            raise ValueError("expect_every_hours is for a folder")
        return self
