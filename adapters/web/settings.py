"""Settings of the desk, and the tokens that open it."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from sync.errors import ConfigurationInvalid, Problem
from sync.model.address import Language

_NAMED = re.compile(r"([A-Za-z0-9_.-]{1,32}):(.*)")
_SHORTEST_TOKEN = 16


class WebSettings(BaseModel):
    """How the desk is served, and to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    tokens: tuple[SecretStr, ...] = Field(
        default=(),
        description="Tokens that open the desk, each `token` or `name:token`; the name goes into the who-read-what "
        "trail. At least 16 characters. Prefer `token_file`.",
    )
    token_file: Path | None = Field(
        default=None,
        description="File with one token a line, each `token` or `name:token`; empty lines and lines that begin "
        "with # are skipped.",
    )
    language: Language = Field(
        default="fi", description="Language of the page until its reader picks another: fi, sv or en."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("127.0.0.1", "localhost"),
        description="Host names, without port, under which the desk may be addressed; `*` allows any. The health "
        "endpoints and metrics answer under any name.",
    )
    session_hours: float = Field(
        default=10, gt=0, le=24, description="Hours after which the desk page asks for the token again."
    )

    @field_validator("tokens")
    @classmethod
    def _long_enough(cls, tokens: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, line in enumerate(tokens, start=1):
            if len(_split(line.get_secret_value(), number)[1]) < _SHORTEST_TOKEN:
                raise ValueError(f"token {number} has fewer than {_SHORTEST_TOKEN} characters")
        return tokens


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom a token stands for.

    Attributes:
        digests: SHA-256 of each token with its reader's name; the tokens themselves are not kept.
    """

    digests: tuple[tuple[bytes, str], ...]

    @classmethod
    def load(cls, settings: WebSettings) -> Self:
        """Read the tokens of the settings and of the token file.

        Raises:
            ConfigurationInvalid: the file cannot be read, or holds a token that is too short; no token is repeated.
        """
        lines = [token.get_secret_value() for token in settings.tokens]
        if settings.token_file is not None:
            lines.extend(_lines_of(settings.token_file))
        named = [_split(line, number) for number, line in enumerate(lines, start=1)]
        return cls(tuple((_digest(token), name) for name, token in named))

    def find(self, token: str) -> str | None:
        """Return the reader's name, None for an unknown token; takes the same time wherever the token differs."""
        wanted, found = _digest(token), None
        for digest, name in self.digests:
            if hmac.compare_digest(digest, wanted):
                found = name
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _split(line: str, number: int) -> tuple[str, str]:
    """Take `name:token` apart; a bare token is called by its number."""
    named = _NAMED.fullmatch(line.strip())
    return (named[1], named[2].strip()) if named else (f"token-{number}", line.strip())


def _lines_of(file: Path) -> Iterator[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationInvalid([Problem("web.token_file", "a readable text file, one token a line")]) from None
    tokens = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    problems = list(_too_short(tokens))
    if problems:
        raise ConfigurationInvalid(problems)
    yield from tokens


def _too_short(tokens: Iterable[str]) -> Iterator[Problem]:
    for number, line in enumerate(tokens, start=1):
        if len(_split(line, number)[1]) < _SHORTEST_TOKEN:
            yield Problem("web.token_file", f"token {number}: at least {_SHORTEST_TOKEN} characters")
