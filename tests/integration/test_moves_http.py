"""The moves provider over HTTP against a real server that misbehaves."""

import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from adapters.providers.moves import MovesOverHttp, MovesSettings, open_moves, over_http
from adapters.providers.moves.over_http import ATTEMPTS, retry_after
from sync.errors import (
    AjantasaError,
    ConfigurationInvalid,
    CredentialsRefused,
    CursorRefused,
    PageMalformed,
    ProviderUnavailable,
)
from sync.model import Field, Source
from tests.contract.provider_kit import PEOPLE, event_ids, follow, person_of
from tests.contract.test_moves_provider import NOON, TOKEN, Handler, MovesServer, StandingClock, notice, page_of


def nobody() -> list[str]:
    """Watch nobody."""
    return []


@pytest.fixture
def server() -> Iterator[MovesServer]:
    """Start a server with five notices."""
    with MovesServer() as server:
        server.lines += [notice(number, PEOPLE[number]) for number in range(5)]
        yield server


@pytest.fixture
def provider(server: MovesServer) -> Iterator[MovesOverHttp]:
    """Connect an adapter to the server."""
    provider = server.provider()
    yield provider
    provider.close()


def status(code: int, **headers: str) -> Callable[[Handler], None]:
    """Answer with this status and no page."""
    return lambda handler: handler.send(code, b"<html>no page</html>", **headers)


def test_it_follows_the_feed(server: MovesServer, provider: MovesOverHttp) -> None:
    """It asks for the start of a day and then page by page, with token, position and size."""
    pages = follow(provider, provider.start(date(2026, 11, 1)), nobody)
    assert [person_of(item) for page in pages for item in page.items] == list(PEOPLE[:5])
    assert [path for path, _ in server.asked] == [
        "/v1/cursor?since=2026-11-01",
        "/v1/moves?after=c0&limit=3",
        "/v1/moves?after=c3&limit=3",
    ]
    assert {headers["Authorization"] for _, headers in server.asked} == {f"Bearer {TOKEN}"}


def test_it_says_what_a_postal_operator_can(server: MovesServer, provider: MovesOverHttp) -> None:
    """It speaks of addresses and contacts for a postal operator, watches nobody, looks nobody up."""
    able = provider.capabilities
    assert able.source is Source.POSTAL_OPERATOR
    assert able.covers == {Field.ADDRESS, Field.TEMPORARY_ADDRESS, Field.PHONE, Field.EMAIL}
    assert (able.needs_watch, able.looks_up, able.clear_by_contract) == (False, False, False)
    assert able.reorder_window == timedelta(days=7)
    assert server.provider(clear_by_contract=True).capabilities.clear_by_contract
    with pytest.raises(NotImplementedError):
        provider.look_up([], date(2026, 1, 1))


@pytest.mark.parametrize(
    ("code", "error", "requests"),
    [
        (500, ProviderUnavailable, ATTEMPTS),
        (503, ProviderUnavailable, ATTEMPTS),
        (429, ProviderUnavailable, 1),
        (401, CredentialsRefused, 1),
        (403, CredentialsRefused, 1),
        (410, CursorRefused, 1),
        (404, PageMalformed, 1),
        (302, PageMalformed, 1),
        (204, PageMalformed, 1),
        (200, PageMalformed, 1),
    ],
)
def test_each_status_has_its_error(
    server: MovesServer, provider: MovesOverHttp, code: int, error: type[AjantasaError], requests: int
) -> None:
    """Every answer that is no page becomes the error of its kind; only failures of the server are tried again."""
    server.answer = (lambda handler: handler.send(204, b"")) if code == 204 else status(code)
    for ask in (lambda: provider.pull("c0", nobody), lambda: provider.start(date(2026, 1, 1))):
        server.asked.clear()
        with pytest.raises(error) as raised:
            ask()
        assert len(server.asked) == requests
        assert getattr(raised.value, "retry_after", None) is None


def test_a_blip_is_tried_again(server: MovesServer, provider: MovesOverHttp) -> None:
    """One failure of the server goes by unnoticed."""
    server.answers = [status(502)]
    assert len(provider.pull("c0", nobody).items) == 3
    assert len(server.asked) == 2


@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_puts_the_feed_off_at_once(server: MovesServer, provider: MovesOverHttp, code: int) -> None:
    """A server that says when to come back is not asked again before; seconds and dates are both understood."""
    for header in ("7200", format_datetime(NOON + timedelta(hours=2), usegmt=True)):
        server.asked.clear()
        server.answer = status(code, Retry_After=header)
        with pytest.raises(ProviderUnavailable) as raised:
            provider.pull("c0", nobody)
        assert raised.value.retry_after == timedelta(hours=2)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("0", timedelta(0)),
        (" 5 ", timedelta(seconds=5)),
        ("-5", None),
        ("1.5", None),
        ("9" * 40, None),
        ("soon", None),
        ("Tue, 10 Nov 2026 12:00:30 -0000", timedelta(seconds=30)),
        ("Tue, 10 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Tue, 99 Nov 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_the_standard_says(header: str | None, expected: timedelta | None) -> None:
    """Whole seconds or a date; a date gone by is now; anything else says nothing."""
    assert retry_after(header, NOON) == expected


def test_no_answer_in_time_is_unavailable(server: MovesServer) -> None:
    """A server that keeps silent, before or within its answer, is unavailable, and is not asked again at once."""
    arrived, over = threading.Semaphore(0), threading.Event()

    def silent(_: Handler) -> None:
        arrived.release()
        over.wait(60)

    def stuck(handler: Handler) -> None:
        handler.send(200, b'{"format"', Content_Length="900")
        arrived.release()
        over.wait(60)

    provider = server.provider(timeout_seconds=0.5)
    try:
        for asked, answer in enumerate((silent, stuck), 1):
            server.answer = answer
            with pytest.raises(ProviderUnavailable):
                provider.pull("c0", nobody)
            # On a busy machine the request may reach the server after we gave up on it.
            assert arrived.acquire(timeout=60)
            assert len(server.asked) == asked
    finally:
        over.set()
        provider.close()


def test_no_connection_is_unavailable() -> None:
    """A server that is not there, or hangs up without an answer, is unavailable after a few attempts."""
    with MovesServer() as server:
        provider = server.provider()
        server.answer = Handler.hang_up
        with pytest.raises(ProviderUnavailable):
            provider.pull("c0", nobody)
        assert len(server.asked) == ATTEMPTS
    with pytest.raises(ProviderUnavailable):
        provider.pull("c0", nobody)
    provider.close()


def test_a_cut_answer_is_no_page(server: MovesServer, provider: MovesOverHttp) -> None:
    """An answer shorter than announced, without its end line, or in broken compression is no page."""
    whole = page_of(server.lines[:3], "c3", up_to_date=False)
    cut: list[Callable[[Handler], None]] = [
        lambda handler: handler.send(200, whole[:-50], Content_Length=str(len(whole))),
        lambda handler: handler.send(200, whole[: whole.rindex(b'{"format')]),
        lambda handler: handler.send(200, whole, Content_Encoding="gzip"),
        lambda handler: handler.send(200, b""),
    ]
    for answer in cut:
        server.answers = [answer]
        with pytest.raises(PageMalformed):
            provider.pull("c0", nobody)
    assert event_ids([provider.pull("c0", nobody)]) == ["N-000000#1", "N-000001#1", "N-000002#1"]


def test_an_endless_answer_is_no_page(
    server: MovesServer, provider: MovesOverHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer far too long for a page is not taken into memory."""
    monkeypatch.setattr(over_http, "MAX_PAGE_BYTES", 1000)
    with pytest.raises(PageMalformed, match="too long"):
        provider.pull("c0", nobody)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"cursor":7}', b'{"cursor":""}', b'{"cursor":"a b"}', b"\xff"])
def test_an_answer_without_cursor_is_no_start(server: MovesServer, provider: MovesOverHttp, body: bytes) -> None:
    """The start of a day needs a cursor that can be asked with."""
    server.answer = lambda handler: handler.send(200, body)
    with pytest.raises(PageMalformed):
        provider.start(date(2026, 1, 1))


def test_a_cursor_of_any_characters_reaches_the_server_whole(server: MovesServer, provider: MovesOverHttp) -> None:
    """What an address treats specially is escaped on its way."""
    server.answer = lambda handler: handler.send(200, page_of([], "next", up_to_date=True))
    provider.pull("a+b/c=&d%20#e", nobody)
    assert server.asked[0][0] == "/v1/moves?after=a%2Bb%2Fc%3D%26d%2520%23e&limit=3"


def test_the_token_file_is_read_for_each_request(server: MovesServer, tmp_path: Path) -> None:
    """A token may change while we run; one that is missing or cannot be sent stops the feed and is not quoted."""
    file = tmp_path / "token"
    provider = server.provider(token=None, token_file=file)
    for content in (None, b"", b"\xff", b"two words", "wrong-tökén".encode(), b"wrong"):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(CredentialsRefused) as raised:
            provider.pull("c0", nobody)
        assert "wrong" not in str(raised.value)
    file.write_text(f"{TOKEN}\n")
    assert provider.pull("c0", nobody).items
    provider.close()


def test_logs_and_errors_hold_neither_token_nor_person(server: MovesServer, provider: MovesOverHttp) -> None:
    """What is logged of retries names neither the token nor anybody in the page."""
    server.answer = lambda handler: handler.send(500, b"".join(server.lines))
    with capture_logs() as logs, pytest.raises(ProviderUnavailable) as raised:
        provider.pull("c0", nobody)
    told = repr((logs, raised.value, raised.value.__context__))
    assert TOKEN not in told
    assert "Kanarialintu".casefold() not in told.casefold()


def test_a_bundle_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """Certificate authorities that are missing or no certificates are a problem of the configuration."""
    (tmp_path / "text.pem").write_text("no certificate")
    for name in ("missing.pem", "text.pem"):
        asked: dict[str, Any] = {"base_url": "https://moves.example", "token": "t", "ca_bundle": tmp_path / name}
        with pytest.raises(ConfigurationInvalid) as raised:
            open_moves(MovesSettings.model_validate(asked), clock=StandingClock())
        assert raised.value.problems[0].key == "ca_bundle"


def self_signed(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 that nobody has vouched for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(certificate.public_bytes(pem) + secret)
    return file


def test_only_the_bundle_is_trusted(server: MovesServer, tmp_path: Path) -> None:
    """A server whose certificate the bundle vouches for is asked; without the bundle it is never sent the token."""
    bundle = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = server.url.replace("http:", "https:")
    trusting, plain = server.provider(base_url=url, ca_bundle=bundle), server.provider(base_url=url)
    with pytest.raises(ProviderUnavailable):
        plain.pull("c0", nobody)
    assert not server.asked
    assert len(trusting.pull("c0", nobody).items) == 3
    plain.close()
    trusting.close()


def test_another_transport_may_be_given() -> None:
    """A transport takes the place of the network; the path of the configured address is kept."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, content=page_of([], "x", up_to_date=True))

    settings = MovesSettings.model_validate({"base_url": "https://moves.example/post/", "token": "t"})
    provider = MovesOverHttp(settings, clock=StandingClock(), transport=httpx.MockTransport(answer))
    assert provider.pull("c0", nobody).up_to_date
    assert seen == ["https://moves.example/post/v1/moves?after=c0&limit=1000"]
    provider.close()
