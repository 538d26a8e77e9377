"""Change-of-address notices over HTTP.

The other side's answers, and what becomes of them:

    no connection, 5xx          tried again a few times, then ProviderUnavailable
    429, 5xx with Retry-After   ProviderUnavailable at once: the feed is put off, no worker sleeps
    no answer in time           ProviderUnavailable
    401, 403                    CredentialsRefused
    410                         CursorRefused
    any other status            PageMalformed
    a body that is cut short    PageMalformed
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import stamina
from pydantic import ValidationError

from adapters.providers.moves.capabilities import capabilities_of
from adapters.providers.moves.lines import read_page, read_payload
from adapters.providers.moves.settings import MovesSettings
from adapters.providers.moves.wire import CursorAnswer
from adapters.providers.reading import Reading, read_here
from sync.errors import (
    ConfigurationInvalid,
    CredentialsRefused,
    CursorRefused,
    PageMalformed,
    Problem,
    ProviderUnavailable,
)
from sync.ports.clock import Clock
from sync.ports.provider import Capabilities, LookUp, Page, WatchList

ATTEMPTS = 3
# A page of 1,000 families is below 10 MB; what is far beyond would only fill our memory.
MAX_PAGE_BYTES = 64 * 1024 * 1024
_TOKEN = re.compile(r"[!-~]+")
_SECONDS = re.compile(r"[0-9]{1,9}")


class _Blip(ProviderUnavailable):
    """Worth another try at once."""


class MovesOverHttp:
    """A `Provider` that asks an HTTP interface for pages of notices."""

    def __init__(
        self,
        settings: MovesSettings,
        *,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        retry_wait: timedelta = timedelta(milliseconds=200),
        reading: Reading = read_here,
    ) -> None:
        """Make ready; nothing is asked yet.

        Args:
            settings: with `base_url`.
            clock: tells how far away the date of a Retry-After is.
            transport: instead of the network.
            retry_wait: how long to wait before the first retry; doubled for each further one.
            reading: who reads the answers.

        Raises:
            ConfigurationInvalid: the bundle of certificate authorities cannot be read.
        """
        self._settings = settings
        self._clock = clock
        self._reading = reading
        self._client = httpx.Client(
            base_url=str(settings.base_url).rstrip("/") + "/v1/",
            timeout=settings.timeout_seconds,
            transport=transport,
            verify=_trust(settings),
            headers={"Accept": "application/x-ndjson, application/json", "User-Agent": "ajantasa"},
        )
        self._retrying = stamina.RetryingCaller(
            attempts=ATTEMPTS, wait_initial=retry_wait, wait_max=retry_wait * 2**ATTEMPTS, wait_jitter=retry_wait
        ).on(_Blip)

    @property
    def capabilities(self) -> Capabilities:
        """Return what a postal operator can do and say."""
        return capabilities_of(self._settings)

    @property
    def look_up_size(self) -> int:
        """Return 0: there is no look-up."""
        return 0

    def start(self, since: date) -> str:
        """Ask for the cursor from which notices of that day on are delivered.

        Raises:
            RetryLater: not reachable now, or not an answer.
            FeedStopped: a person must mend something.
        """
        body = self._retrying(self._get, "cursor", {"since": since.isoformat()})
        try:
            return CursorAnswer.model_validate_json(body).cursor
        except ValidationError:
            pass
        raise PageMalformed("the answer has no cursor")

    def pull(self, cursor: str, watch: WatchList) -> Page:  # noqa: ARG002 - it tells of everybody
        """Bring the page after the cursor.

        Raises:
            RetryLater: not reachable, or not a page.
            FeedStopped: a person must mend something.
        """
        asked = {"after": cursor, "limit": str(self._settings.page_size)}
        return self._reading(read_page, self._retrying(self._get, "moves", asked), cursor)

    def look_up(self, national_ids: Sequence[str], asked_on: date) -> LookUp:
        """Refuse: a postal operator tells of moves, not of persons.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("this provider does not look up")

    def parse(self, payload: bytes) -> Page:
        """Read lines of the format, with or without an end line.

        Raises:
            PageMalformed: not this wire format.
        """
        return read_payload(payload)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _get(self, path: str, params: Mapping[str, str]) -> bytes:
        headers = {"Authorization": f"Bearer {self._token()}"}
        with closing(self._send(self._client.build_request("GET", path, params=params, headers=headers))) as response:
            self._check(response)
            return _body(response)

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._client.send(request, stream=True)
        except httpx.TimeoutException:
            error: ProviderUnavailable = ProviderUnavailable("no answer in time")
        except httpx.TransportError:
            error = _Blip("no connection")
        raise error

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise CredentialsRefused(f"status {status}")
        if status == httpx.codes.GONE:
            raise CursorRefused("status 410: the position is too old")
        wait = retry_after(response.headers.get("Retry-After"), self._clock.now())
        if status == httpx.codes.TOO_MANY_REQUESTS or (status >= 500 and wait is not None):
            raise ProviderUnavailable(f"status {status}", retry_after=wait)
        if status >= 500:
            raise _Blip(f"status {status}")
        raise PageMalformed(f"status {status}")

    def _token(self) -> str:
        if self._settings.token is not None:
            token = self._settings.token.get_secret_value().strip()
        else:
            token = _first_token(self._settings)
        if _TOKEN.fullmatch(token) is None:
            raise CredentialsRefused("the token is empty, or holds what no header can carry")
        return token


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After: whole seconds, or an HTTP date (RFC 9110, 10.2.3); None when it says neither.

    Args:
        header: as received.
        now: aware; what the date is counted from.
    """
    if header is None:
        return None
    if _SECONDS.fullmatch(header.strip()):
        return timedelta(seconds=int(header))
    try:
        moment = parsedate_to_datetime(header)
        # A date in the zone "-0000" comes naive, and is in UTC.
        return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
    except (ValueError, OverflowError):
        return None


def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_PAGE_BYTES:
                break
    except httpx.TimeoutException:
        error: ProviderUnavailable | PageMalformed = ProviderUnavailable("the answer stopped midway")
    except (httpx.TransportError, httpx.DecodingError):
        error = PageMalformed("the answer was cut short")
    else:
        if len(body) <= MAX_PAGE_BYTES:
            return bytes(body)
        error = PageMalformed("the answer is too long for a page")
    raise error


def _first_token(settings: MovesSettings) -> str:
    try:
        return settings.token_file.read_text("utf-8").strip() if settings.token_file else ""
    except (OSError, UnicodeDecodeError):
        pass
    raise CredentialsRefused("the token file cannot be read")


def _trust(settings: MovesSettings) -> ssl.SSLContext | bool:
    if settings.ca_bundle is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_bundle)
    except OSError:
        raise ConfigurationInvalid([Problem("ca_bundle", "a readable file of PEM certificates")]) from None
