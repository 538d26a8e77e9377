"""Requests to the register, and what its answers mean for the feed.

Errors never hold the request or the answer, which are full of ids: they are raised anew, outside the handlers.
"""

import base64
import ssl
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import stamina

from adapters.providers.dvv.settings import DvvSettings
from sync.errors import ConfigurationInvalid, CredentialsRefused, FeedStopped, Problem, ProviderUnavailable

_ATTEMPTS = 3
_JSON = {"Content-Type": "application/json"}
_BUSY = 429
_TRANSIENT = frozenset({408, _BUSY, *range(500, 600)})


class DvvClient:
    """An HTTP connection to the register."""

    def __init__(
        self, settings: DvvSettings, *, transport: httpx.BaseTransport | None = None, retry_wait: timedelta
    ) -> None:
        """Prepare the connection; nothing is sent yet.

        Raises:
            ConfigurationInvalid: files named in the settings cannot be used.
        """
        trust = _trust(settings)
        self._retry_wait = retry_wait
        self._http = httpx.Client(
            base_url=settings.base_url,
            headers=_headers(settings),
            timeout=settings.timeout_seconds,
            verify=trust,
            transport=transport,
            # What the settings do not say, such as a proxy of the environment, gets no ids.
            trust_env=False,
        )

    def get_key(self, day: date) -> bytes:
        """Ask for the log key of a day.

        Raises:
            RetryLater: not reachable, or not an answer.
            FeedStopped: refused.
        """
        return self._ask("GET", f"/kirjausavain/{day.isoformat()}", None)

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        """Send a question about persons.

        Raises:
            RetryLater: not reachable, or not an answer.
            FeedStopped: refused.
        """
        return self._ask("POST", path, body)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> bytes:
        # As a context, not as a decorator: the decorator's log line would show the arguments, ids and all.
        for attempt in stamina.retry_context(
            on=_soon_again,
            attempts=_ATTEMPTS,
            wait_initial=self._retry_wait,
            wait_max=self._retry_wait * 4,
            wait_jitter=self._retry_wait,
        ):
            with attempt:
                response = self._send(method, path, body)
        return response.content

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            # Not by httpx's own encoder: half a register's ids in one body take it ten times as long.
            content = None if body is None else msgspec.json.encode(body)
            response = self._http.request(method, path, content=content, headers=_JSON if content else None)
        except httpx.HTTPError as error:
            problem = type(error).__name__
        else:
            _check_status(response)
            return response
        raise ProviderUnavailable(f"the population register did not answer ({problem})")


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise CredentialsRefused(f"the population register refused our credentials ({status})")
    if status in _TRANSIENT:
        problem = "is busy" if status == _BUSY else "has trouble"
        raise _Answered(f"the population register {problem} ({status})", status, _retry_after(response))
    raise FeedStopped(f"the population register answered {status}")


class _Answered(ProviderUnavailable):
    """It answered, and cannot serve us now."""

    def __init__(self, message: str, status: int, retry_after: timedelta | None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.status = status


def _soon_again(error: Exception) -> bool:
    """Tell whether another attempt at once is polite: not when the register named its time or has enough of us."""
    if isinstance(error, _Answered):
        return error.status != _BUSY and error.retry_after is None
    return isinstance(error, ProviderUnavailable)


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Read `Retry-After`, in seconds or as a date, which is compared with the answer's own `Date`."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        if value.isascii() and value.isdigit():
            return timedelta(seconds=int(value))
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return max(wait, timedelta(0))


def _headers(settings: DvvSettings) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "ajantasa"}
    headers |= {name: value.get_secret_value() for name, value in settings.extra_headers.items()}
    if settings.x_road_client:
        headers["X-Road-Client"] = settings.x_road_client
    if settings.username is not None:
        credentials = f"{settings.username}:{_password(settings)}".encode()
        headers[settings.header] = f"Basic {base64.b64encode(credentials).decode('ascii')}"
    return headers


def _password(settings: DvvSettings) -> str:
    if settings.password_file is not None:
        return settings.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    return settings.password.get_secret_value() if settings.password else ""


def _trust(settings: DvvSettings) -> ssl.SSLContext:
    """Return whom to trust and how to show who we are, after a look at every file that the settings name."""
    paths = {key: getattr(settings, key) for key in ("password_file", "client_certificate", "client_key", "ca_bundle")}
    problems = [Problem(key, "a file that can be read") for key, path in paths.items() if not _is_readable(path)]
    if problems:
        raise ConfigurationInvalid(problems)
    try:
        if settings.ca_bundle is None:
            context = httpx.create_ssl_context(trust_env=False)
        else:
            context = ssl.create_default_context(cafile=settings.ca_bundle)
    except ssl.SSLError:
        raise ConfigurationInvalid([Problem("ca_bundle", "certificates in PEM form")]) from None
    if settings.client_certificate is not None:
        try:
            # An empty passphrase: a key under one fails here instead of asking for it on the terminal.
            context.load_cert_chain(settings.client_certificate, settings.client_key, password="")
        except (ssl.SSLError, ValueError):
            wanted = "a certificate and its key in PEM form, the key without passphrase"
            raise ConfigurationInvalid([Problem("client_certificate", wanted)]) from None
    return context


def _is_readable(path: Path | None) -> bool:
    try:
        return path is None or path.read_bytes() is not None
    except OSError:
        return False
