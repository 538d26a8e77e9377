"""The population register over real HTTP: what is asked, and what each answer does to the feed."""

import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.providers.dvv import DvvProvider, DvvSettings
from sync.errors import CredentialsRefused, CursorRefused, FeedStopped, PageMalformed, ProviderUnavailable
from sync.model import BadItem, Change
from sync.ports.provider import Page
from tests.integration.dvv_server import FIRST_KEY, PREFIX, Answer, DvvServer, running
from tests.unit.providers.dvv.wire_data import ID, NEW_ID, REBORN_ID, element, full_name, home, order

DAY = date(2026, 11, 21)
Connect = Callable[..., DvvProvider]


@pytest.fixture
def register() -> Iterator[DvvServer]:
    """Run a register."""
    with running() as register:
        yield register


@pytest.fixture
def connect(register: DvvServer) -> Iterator[Connect]:
    """Give a way to make providers, without waits between attempts, that are closed in the end."""
    made: list[DvvProvider] = []

    def make(**settings: Any) -> DvvProvider:
        given = DvvSettings.model_validate({"base_url": register.base_url, **settings})
        made.append(DvvProvider(given, retry_wait=timedelta(0)))
        return made[-1]

    yield make
    for provider in made:
        provider.close()


def watch(*codes: str) -> Callable[[], list[str]]:
    """Make a watch list."""
    return lambda: list(codes)


def test_a_feed_is_followed_page_by_page(register: DvvServer, connect: Connect) -> None:
    """One pull is one request; the key goes out as a number, pages without our people pass, the flag ends it."""
    provider = connect()
    register.log = [element(home(), hetu=code) for code in (ID, ID, ID, NEW_ID, NEW_ID, NEW_ID, ID)]
    cursor, seen = provider.start(DAY), []
    for _ in range(3):
        page = provider.pull(cursor, watch(ID))
        cursor = page.cursor
        seen.append(([item.position for item in page.items], page.up_to_date))
    keys = [FIRST_KEY, FIRST_KEY + 3, FIRST_KEY + 6]
    assert seen == [
        ([f"{FIRST_KEY}/0", f"{FIRST_KEY}/1", f"{FIRST_KEY}/2"], False),
        ([], False),
        ([f"{keys[2]}/0"], True),
    ]
    assert [request.body for request in register.requests[1:]] == [
        {"viimeisinKirjausavain": key, "hetulista": [ID]} for key in keys
    ]
    assert provider.pull(cursor, watch(ID)).cursor == cursor


def test_the_start_asks_for_the_day_before(register: DvvServer, connect: Connect) -> None:
    """A key that turns out to be the first of its day loses no event of the day asked for."""
    provider = connect()
    provider.start(DAY)
    provider.start(date.min)
    paths = [request.path for request in register.requests]
    assert paths == [f"{PREFIX}/kirjausavain/2026-11-20", f"{PREFIX}/kirjausavain/0001-01-01"]


def test_buckets_are_asked_for_in_turn(register: DvvServer, connect: Connect) -> None:
    """Each bucket has a key of its own; the feed is up to date when every bucket is; empty buckets are not asked for."""
    provider = connect(buckets=4)
    register.log = [element(home(), hetu=code) for code in (ID, NEW_ID, REBORN_ID, ID)]
    cursor = provider.start(DAY)
    pages: list[Page] = []
    register.requests.clear()
    while not (pages and pages[-1].up_to_date):
        pages.append(provider.pull(cursor, watch(ID, NEW_ID, REBORN_ID)))
        cursor = pages[-1].cursor
    asked = [tuple(request.body["hetulista"]) for request in register.requests]
    assert len(asked) == len(pages)
    assert sorted({code for codes in asked for code in codes}) == sorted([ID, NEW_ID, REBORN_ID])
    assert all(asked.count(codes) == 2 for codes in asked)
    told = [item.identity.national_id for page in pages for item in page.items if isinstance(item, Change)]
    assert Counter(told) == Counter([ID, NEW_ID, REBORN_ID, ID])


def test_changing_the_buckets_replays(register: DvvServer, connect: Connect) -> None:
    """With another number of buckets everything is asked for again from the oldest key."""
    register.log = [element(home()) for _ in range(3)]
    cursor = connect(buckets=2).pull(connect(buckets=2).start(DAY), watch(ID, NEW_ID, REBORN_ID)).cursor
    connect(buckets=3).pull(cursor, watch(ID, NEW_ID, REBORN_ID))
    assert register.requests[-1].body["viimeisinKirjausavain"] == FIRST_KEY


def test_nobody_to_watch_asks_nothing(register: DvvServer, connect: Connect) -> None:
    """Without ids there is nothing to ask, and the key stays for those who come later."""
    provider = connect(buckets=3)
    cursor = provider.start(DAY)
    page = provider.pull(cursor, watch("tuntematon"))
    assert (page.items, page.cursor, page.up_to_date) == ((), cursor, True)
    assert len(register.requests) == 1


def test_a_foreign_cursor_stops_the_feed(connect: Connect) -> None:
    """A cursor of something else is refused before anything is asked."""
    with pytest.raises(CursorRefused):
        connect().pull("17", watch(ID))


def test_look_ups_are_asked_for_in_parts(register: DvvServer, connect: Connect) -> None:
    """At most `look_up_size` ids go into a request, without a filter; who is not answered is absent."""
    provider = connect(look_up_size=2)
    register.people = {ID: [full_name(None)], REBORN_ID: [home(None), order(None)]}
    found = provider.look_up([ID, NEW_ID, REBORN_ID, ID, "tuntematon"], DAY)
    assert [request.body for request in register.requests] == [{"hetulista": [ID, NEW_ID]}, {"hetulista": [REBORN_ID]}]
    assert found.absent == (NEW_ID, "tuntematon")
    first, second = found.items
    assert isinstance(first, Change)
    assert isinstance(second, Change)
    assert (first.complete, first.protection, second.facts) == (True, None, ())
    assert [item.position for item in found.items] == ["perustiedot/2026-11-21/0", "perustiedot/2026-11-21/1"]
    assert provider.look_up_size == 2


def test_a_look_up_that_cannot_be_read_is_not_absent(register: DvvServer, connect: Connect) -> None:
    """Somebody who was answered for badly is a bad item, not missing."""
    register.people = {ID: [full_name(None, alkupv="x")]}
    found = connect().look_up([ID], DAY)
    assert [type(item) for item in found.items] == [BadItem]
    assert found.absent == ()


def test_a_look_up_asks_for_the_groups_that_are_set(register: DvvServer, connect: Connect) -> None:
    """Configured groups go into the question."""
    connect(groups=["TURVAKIELTO", "HENKILON_NIMI"]).look_up([ID], DAY)
    assert register.requests[0].body["tietoryhmat"] == ["TURVAKIELTO", "HENKILON_NIMI"]
    assert connect().look_up([], DAY).items == ()
    assert len(register.requests) == 1


@pytest.mark.parametrize("header", ["Authorization", "x-authorization"])
def test_credentials_go_where_they_are_wanted(
    register: DvvServer, connect: Connect, tmp_path: Path, header: str
) -> None:
    """Basic credentials, from a file if so configured, go into the configured header and are checked."""
    register.credentials, register.header = ("mutpT1x", "salasana ä"), header
    file = tmp_path / "password"
    file.write_text("salasana ä\n", encoding="utf-8")
    named = {"username": "mutpT1x", "header": header}
    assert connect(**named, password="salasana ä").start(DAY)
    assert connect(**named, password_file=file).start(DAY)
    for wrong in ({}, {**named, "password": "väärä"}):
        with pytest.raises(CredentialsRefused):
            connect(**wrong).start(DAY)


def test_headers(register: DvvServer, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The X-Road client and the gateway's own headers are sent, and not through a proxy of the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    connect(x_road_client="FI/GOV/1234567-8/testi", extra_headers={"X-API-KEY": "avain"}).start(DAY)
    headers = register.requests[0].headers
    assert headers["x-road-client"] == "FI/GOV/1234567-8/testi"
    assert headers["x-api-key"] == "avain"
    assert headers["accept"] == "application/json"
    assert "authorization" not in headers


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 507])
def test_trouble_is_tried_again_at_once(register: DvvServer, connect: Connect, status: int) -> None:
    """A passing trouble is gone on the next attempt; a lasting one is told after three."""
    provider = connect()
    register.answers = [Answer(status), Answer(status), None]
    assert provider.start(DAY)
    assert len(register.requests) == 3
    register.answers, register.stuck = [Answer(status)], True
    with pytest.raises(ProviderUnavailable, match=str(status)):
        provider.start(DAY)
    assert len(register.requests) == 6


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "Sat, 21 Nov 2026 10:02:00 GMT"}, None),
        ({"Retry-After": "0"}, timedelta(0)),
        ({"Retry-After": "3600"}, timedelta(hours=1)),
        (
            {"Retry-After": "Sat, 21 Nov 2026 10:02:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"},
            timedelta(minutes=2),
        ),
        ({"Retry-After": "Sat, 21 Nov 2026 09:00:00 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 30}, None),
        ({"Retry-After": "-5"}, None),
    ],
)
def test_a_busy_register_names_its_time(
    register: DvvServer, connect: Connect, headers: dict[str, str], wait: timedelta | None
) -> None:
    """429 is never tried again at once, and Retry-After is handed on whole."""
    register.answers = [Answer(429, headers=headers)]
    with pytest.raises(ProviderUnavailable) as raised:
        connect().start(DAY)
    assert raised.value.retry_after == wait
    assert len(register.requests) == 1


def test_trouble_with_a_time_is_not_tried_again_before_it(register: DvvServer, connect: Connect) -> None:
    """A register that is down for a stated time is left alone."""
    register.answers = [Answer(503, headers={"Retry-After": "60"})]
    with pytest.raises(ProviderUnavailable) as raised:
        connect().start(DAY)
    assert raised.value.retry_after == timedelta(minutes=1)
    assert len(register.requests) == 1


@pytest.mark.parametrize(("status", "error"), [(401, CredentialsRefused), (403, CredentialsRefused)])
def test_refused_credentials_stop_the_feed(
    register: DvvServer, connect: Connect, status: int, error: type[FeedStopped]
) -> None:
    """Who we are is for a person to mend."""
    register.answers = [Answer(status)]
    with pytest.raises(error):
        connect().start(DAY)
    assert len(register.requests) == 1


@pytest.mark.parametrize("status", [301, 400, 404, 409, 413, 422])
def test_other_refusals_stop_the_feed(register: DvvServer, connect: Connect, status: int) -> None:
    """Any other refusal stops the feed with its status, and never with its text."""
    register.answers = [Answer(status, body=ID.encode(), headers={"Location": "/muualla"})]
    with pytest.raises(FeedStopped, match=str(status)) as raised:
        connect().start(DAY)
    assert ID not in str(raised.value)
    assert len(register.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b'{"viimeisinKirjausavain": 1, "muutokset": [{"henkilotunnus": "131052-90'),
        Answer(body=b"<html>"),
        Answer(body=b""),
        Answer(body=b"[]"),
        Answer(body=b'{"muutokset": [], "ajanTasalla": true}'),
        Answer(body=b'{"viimeisinKirjausavain": 1, "ajanTasalla": true}'),
        Answer(body=b'{"viimeisinKirjausavain": 1, "muutokset": []}'),
    ],
)
def test_what_is_no_page_leaves_the_cursor(register: DvvServer, connect: Connect, answer: Answer) -> None:
    """A truncated or foreign body is malformed; the same cursor works when the register is well again."""
    provider = connect()
    register.log = [element(home())]
    cursor = provider.start(DAY)
    register.answers = [answer]
    with pytest.raises(PageMalformed):
        provider.pull(cursor, watch(ID))
    assert len(provider.pull(cursor, watch(ID)).items) == 1


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"perustiedot": {}}'])
def test_what_is_no_base_data_is_malformed(register: DvvServer, connect: Connect, body: bytes) -> None:
    """An answer without its list would make everybody absent; it is refused instead."""
    register.answers = [Answer(body=body)]
    with pytest.raises(PageMalformed):
        connect().look_up([ID], DAY)


def test_a_cut_connection_is_tried_again(register: DvvServer, connect: Connect) -> None:
    """An answer shorter than announced is no answer, and the next attempt may bring it."""
    provider = connect()
    register.answers = [Answer(cut=True), None]
    assert provider.start(DAY)
    register.answers, register.stuck = [Answer(cut=True)], True
    with pytest.raises(ProviderUnavailable, match="RemoteProtocolError"):
        provider.start(DAY)


def test_no_register_at_all(connect: Connect) -> None:
    """A refused connection is told as such."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/api/v1"
        with pytest.raises(ProviderUnavailable, match="ConnectError"):
            connect(base_url=url).start(DAY)


def test_a_silent_register(connect: Connect) -> None:
    """A register that takes the connection and never answers is unavailable when the time is up."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/v1"
        with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
            connect(base_url=url, timeout_seconds=0.05).start(DAY)


def certify(folder: Path, name: str) -> Path:
    """Write a key and a certificate of its own for this machine into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file


def test_mutual_tls(connect: Connect, tmp_path: Path) -> None:
    """The configured authority is trusted and the client certificate shown; without either there is no connection."""
    server, client = certify(tmp_path, "register"), certify(tmp_path, "client")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_cert_chain(server)
    with running(tls) as secured:
        url = secured.base_url
        assert connect(base_url=url, ca_bundle=server, client_certificate=client).start(DAY)
        assert connect(base_url=url, ca_bundle=server, client_certificate=client, client_key=client).start(DAY)
        for lacking in ({"ca_bundle": server}, {"client_certificate": client}):
            with pytest.raises(ProviderUnavailable):
                connect(base_url=url, **lacking).start(DAY)


def test_ids_never_reach_logs_or_errors(
    register: DvvServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Retries are logged without what was asked, and errors hold neither question nor answer."""
    provider = connect(username="u", password="hiljaa")
    caplog.set_level(logging.DEBUG)
    cursor = provider.start(DAY)
    register.answers, register.stuck = [Answer(500, body=ID.encode())], True
    with structlog.testing.capture_logs() as logs, pytest.raises(ProviderUnavailable) as raised:
        provider.pull(cursor, watch(ID))
    assert [entry["event"] for entry in logs] == ["stamina.retry_scheduled"] * 2
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    for secret in (ID, "hiljaa"):
        assert secret not in repr(logs) + caplog.text + repr(raised.value)
