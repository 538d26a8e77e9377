"""The desk over real HTTP: API, page without JavaScript, health endpoints, and what no answer may hold."""

import dataclasses
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs

from adapters.web.app import create_app, create_server
from adapters.web.card import card
from adapters.web.languages import preferred
from adapters.web.sessions import Sessions
from adapters.web.settings import Readers, WebSettings
from sync.errors import ConfigurationInvalid, StoreUnavailable
from sync.freshness.status import CustomerStatus, FieldStatus, State
from sync.model import Address, Field, PersonName, Text

TOKEN = "synthetic-token-0001"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOME = Address(
    street=Text("Koekuja", "Provgränden"),
    number="5",
    stairwell="B",
    flat="12",
    postcode="00990",
    post_office=Text("Helsinki", "Helsingfors"),
)


def _field(
    field: Field, state: State, days: int | None = None, source: str | None = None, **more: object
) -> FieldStatus:
    confirmed_at = None if days is None else NOW - timedelta(days=days)
    return FieldStatus(field, state, confirmed_at, source, **more)  # type: ignore[arg-type] # day and value by name


CUSTOMERS = {
    "4711": (
        _field(Field.ADDRESS, State.CURRENT, 3, "Posti", value=HOME),
        _field(Field.PHONE, State.ASK, 430, "Klinikka", value="+358457300000"),
        _field(Field.EMAIL, State.CHANGED, 9, "Klinikka", day=date(2026, 11, 12), value="aino@example.org"),
        _field(Field.NAME, State.CURRENT, 0, "DVV", value=PersonName("Koehenkilö", "Aino")),
    ),
    "4712": (
        _field(Field.ADDRESS, State.COMING, 3, "Posti", day=date(2026, 12, 1), value=HOME),
        _field(Field.PHONE, State.NOT_COVERED),
        _field(Field.EMAIL, State.RETURNED, 40, "Klinikka", day=date(2026, 11, 3)),
        _field(Field.NAME, State.CONFLICT),
    ),
    "4713": (
        # The engine gives no value here; this one is there to see that the web does not rely on it.
        _field(Field.ADDRESS, State.CONTACT_ONLY, 3, "DVV", value=HOME),
        _field(Field.PHONE, State.ON_HOLD),
        _field(Field.NAME, State.CURRENT, 0, "DVV"),
    ),
    "4714": tuple(_field(field, State.DECEASED) for field in (Field.ADDRESS, Field.PHONE, Field.EMAIL)),
    "A/1 ä": (_field(Field.ADDRESS, State.CURRENT, 1, "DVV", value=HOME),),
}


class SmallDesk:
    """A desk in memory, which remembers who asked, fails when told to, and waits while its `open` is not set."""

    def __init__(self, *registers: str) -> None:
        self.asked: list[tuple[str, str, str, bool]] = []
        self.failure: Exception | None = None
        self.open: threading.Event | None = None
        self._registers = registers or ("klinikka",)

    def registers(self) -> tuple[str, ...]:
        """Return the names given."""
        return self._registers

    def status(self, register: str, key: str, *, reader: str, reveal: bool = False) -> CustomerStatus | None:
        """Return one of the customers above."""
        if self.open:
            self.open.wait(10)
        if self.failure:
            raise self.failure
        self.asked.append((register, key, reader, reveal))
        if key not in CUSTOMERS:
            return None
        fields = CUSTOMERS[key]
        if not reveal:
            fields = tuple(dataclasses.replace(field, value=None) for field in fields)
        return CustomerStatus(register, key, NOW, NOW.date(), fields)


class SmallHealth:
    """A daemon's health that a test can spoil."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.checks = {"store": True, "scheduler": True}
        self.failure: Exception | None = None

    def alive(self) -> Mapping[str, bool]:
        """Return the scheduler's check."""
        return {"scheduler": self.checks["scheduler"]}

    def ready(self) -> Mapping[str, bool]:
        """Return every check."""
        if self.failure:
            raise self.failure
        return self.checks


@contextmanager
def served(desk: SmallDesk, health: SmallHealth, settings: WebSettings | None = None) -> Iterator[str]:
    """Serve the desk on a free port of 127.0.0.1 with a real server, and give its address."""
    settings = settings or WebSettings(port=0, tokens=(SecretStr(f"frontdesk:{TOKEN}"),))
    server = create_server(create_app(desk, health, settings), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def desk() -> SmallDesk:
    """A desk with one register."""
    return SmallDesk()


@pytest.fixture
def health() -> SmallHealth:
    """A healthy daemon."""
    return SmallHealth()


@pytest.fixture
def base(desk: SmallDesk, health: SmallHealth) -> Iterator[str]:
    """The address of a served desk."""
    with served(desk, health) as address:
        yield address


@pytest.fixture
def api(base: str) -> Iterator[httpx.Client]:
    """A program with the token."""
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        yield client


@pytest.fixture
def browser(base: str) -> Iterator[httpx.Client]:
    """A browser without JavaScript that is not signed in; it names its origin as browsers do."""
    with httpx.Client(base_url=base, headers={"Origin": base}, trust_env=False) as client:
        yield client


def sign_in(browser: httpx.Client, token: str = TOKEN) -> httpx.Response:
    """Post the sign-in form."""
    return browser.post("/sign-in", data={"token": token})


def look_up(browser: httpx.Client, key: str = "4711", **more: str) -> httpx.Response:
    """Post the search form."""
    return browser.post("/customer", data={"register": "klinikka", "key": key, **more})


def status_path(key: str, register: str = "klinikka") -> str:
    """Return the API's path of a customer."""
    return f"/api/v1/registers/{register}/customers/{key}/status"


# --- the API


def test_the_api_tells_each_field(api: httpx.Client, desk: SmallDesk) -> None:
    """A status holds each field's state, sentence and advice, and no value; the reader is the token's name."""
    answer = api.get(status_path("4711"))
    assert answer.status_code == 200
    body = answer.json()
    assert {name: body[name] for name in ("register", "key", "asked_at", "language")} == {
        "register": "klinikka",
        "key": "4711",
        "asked_at": "2026-11-21T12:00:00Z",
        "language": "fi",
    }
    assert body["fields"][0] == {
        "field": "address",
        "state": "current",
        "sentence": "Osoite varmistettu 3 pv sitten (Posti) \N{EN DASH} ei tarvitse kysyä",
        "advice": "Ei toimenpiteitä",
        "confirmed_at": "2026-11-18T12:00:00Z",
        "source": "Posti",
        "day": None,
    }
    assert body["fields"][2]["day"] == "2026-11-12"
    assert desk.asked == [("klinikka", "4711", "frontdesk", False)]


def test_values_come_only_when_asked_for(api: httpx.Client, desk: SmallDesk) -> None:
    """With reveal=true each field has its printed value, in the language's own place names."""
    values = [field["value"] for field in api.get(status_path("4711"), params={"reveal": True}).json()["fields"]]
    assert values == [
        ["Koekuja 5 B 12", "00990 Helsinki"],
        ["+358 45 7300000"],
        ["aino@example.org"],
        ["Aino Koehenkilö"],
    ]
    swedish = api.get(status_path("4711"), params={"reveal": "true", "lang": "sv"}).json()
    assert swedish["fields"][0]["value"] == ["Provgränden 5 B 12", "00990 Helsingfors"]
    assert desk.asked[0][3]


def test_a_protected_address_is_never_told(api: httpx.Client) -> None:
    """Where the desk is to use the contact address, a revealed address is null whatever the engine gave."""
    answer = api.get(status_path("4713"), params={"reveal": True})
    assert answer.json()["fields"][0]["value"] is None
    assert "Koekuja" not in answer.text


@pytest.mark.parametrize(
    ("lang", "accept", "expected"),
    [
        (None, "sv-FI,sv;q=0.9,en;q=0.8", "sv"),
        (None, "de, en;q=0.4, fi;q=0.7", "fi"),
        (None, "de", "fi"),
        ("en", "sv", "en"),
    ],
)
def test_the_language_follows_the_client(api: httpx.Client, lang: str | None, accept: str, expected: str) -> None:
    """`lang` decides, else Accept-Language, else the configured language."""
    params = {"lang": lang} if lang else {}
    answer = api.get(status_path("4711"), params=params, headers={"Accept-Language": accept})
    assert (answer.json()["language"], answer.headers["content-language"]) == (expected, expected)


@pytest.mark.parametrize("header", ["", "*", "en;q=zero", ";;,,", "sv;q=0", "x" * 500])
def test_an_odd_accept_language_falls_back(header: str) -> None:
    """What cannot be read or is refused by the client is no choice."""
    assert preferred(header, "fi") == "fi"


def test_a_key_may_hold_anything(api: httpx.Client, desk: SmallDesk) -> None:
    """A register's key with a slash, a space and a letter beyond ASCII is found."""
    assert api.get(status_path("A%2F1%20%C3%A4")).status_code == 200
    assert desk.asked[0][1] == "A/1 ä"


@pytest.mark.parametrize(("key", "register"), [("9999", "klinikka"), ("4711", "elsewhere")])
def test_an_unknown_customer_is_a_problem_document(api: httpx.Client, key: str, register: str) -> None:
    """Unknown customers and registers answer 404 with problem details that do not repeat the key."""
    answer = api.get(status_path(key, register))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "No such register or customer.",
    }


@pytest.mark.parametrize(
    "header", ["", f"Basic {TOKEN}", "Bearer wrong-token-00000000", "Bearer", TOKEN, "Bearer \xe4"]
)
def test_without_a_token_nothing_is_told(api: httpx.Client, desk: SmallDesk, header: str) -> None:
    """A missing, foreign or oddly written token is 401 with a challenge, and the desk is not even asked."""
    answer = api.get(status_path("4711"), headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["title"] == "Unauthorized"
    assert desk.asked == []


def test_a_session_does_not_open_the_api(browser: httpx.Client) -> None:
    """The API takes the token in its header and nothing else."""
    sign_in(browser)
    assert browser.get(status_path("4711")).status_code == 401
    assert browser.get(status_path("4711"), params={"token": TOKEN}).status_code == 401


def test_a_parameter_that_cannot_be_read_is_named_but_not_repeated(api: httpx.Client) -> None:
    """A bad parameter is 400 and names the parameter only."""
    answer = api.get(status_path("4711"), params={"reveal": "Koekuja", "lang": "Koekuja"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Not acceptable: lang, reveal.")
    assert "Koekuja" not in answer.text


@pytest.mark.parametrize("failure", [StoreUnavailable("locked"), RuntimeError("Koekuja 5")])
def test_a_failing_desk_is_503(api: httpx.Client, desk: SmallDesk, failure: Exception) -> None:
    """Whatever fails behind the desk, the API answers 503, and neither answer nor log repeats the error's text."""
    desk.failure = failure
    with capture_logs() as logs:
        answer = api.get(status_path("4711"))
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert [entry["error"] for entry in logs] == [type(failure).__name__]
    assert "Koekuja" not in answer.text + str(logs)


def test_there_is_no_schema_to_read(api: httpx.Client) -> None:
    """FastAPI's own documentation is off."""
    assert {api.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}


# --- who may come in


def test_only_the_way_in_answers_without_a_token(base: str) -> None:
    """Without a token every page leads to the way in, and nothing names a register."""
    with httpx.Client(base_url=base, headers={"Origin": base}, trust_env=False) as stranger:
        home = stranger.get("/")
        assert 'action="/sign-in"' in home.text
        assert "klinikka" not in home.text
        for path in ("/customer", "/reveal", "/language", "/sign-out"):
            answer = stranger.post(path, data={"register": "klinikka", "key": "4711", "field": "address"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
        fragment = stranger.post("/customer", data={"key": "4711"}, headers={"HX-Request": "true"})
        assert (fragment.text, fragment.headers["hx-redirect"]) == ("", "/")


def test_signing_in_gives_an_opaque_cookie(browser: httpx.Client) -> None:
    """The session's cookie holds no token, is HttpOnly and strict, and is Secure behind https."""
    answer = sign_in(browser)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert TOKEN not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert 'id="key"' in browser.get("/").text
    behind = browser.post("/sign-in", data={"token": TOKEN}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in behind.headers["set-cookie"]


def test_a_wrong_token_is_told_calmly(browser: httpx.Client) -> None:
    """A wrong token is 401 with a sentence; the token is not shown again."""
    answer = sign_in(browser, "wrong-token-00000000")
    assert answer.status_code == 401
    assert "Avain ei kelpaa" in answer.text
    assert "wrong-token" not in answer.text
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_session_itself(browser: httpx.Client) -> None:
    """A cookie that was kept aside is worth nothing after signing out."""
    sign_in(browser)
    kept = browser.cookies["ajantasa_session"]
    browser.post("/sign-out")
    assert "ajantasa_session" not in browser.cookies
    assert 'action="/sign-in"' in browser.get("/", headers={"Cookie": f"ajantasa_session={kept}"}).text


def test_a_session_ends_by_itself() -> None:
    """A session lasts its lifetime and no longer, and an unknown one stands for nobody."""
    now = 0.0
    sessions = Sessions(60, now=lambda: now, new_id=iter(("one", "two")).__next__)
    one = sessions.begin("frontdesk")
    now = 59.9
    assert sessions.reader(one) == "frontdesk"
    now = 60.0
    assert sessions.reader(one) is None
    assert sessions.begin("nightdesk") == "two"
    assert (sessions.reader("two"), sessions.reader(None), sessions.reader("three")) == ("nightdesk", None, None)


def test_sessions_stay_few() -> None:
    """A program that signs in for ever pushes out the oldest sessions."""
    sessions = Sessions(60, now=lambda: 0.0, new_id=map(str, range(2000)).__next__)
    for _ in range(1200):
        sessions.begin("frontdesk")
    assert (sessions.reader("199"), sessions.reader("200")) == (None, "frontdesk")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_post_from_elsewhere_is_refused(browser: httpx.Client, desk: SmallDesk, headers: dict[str, str]) -> None:
    """A form of another site does nothing, even with the session's cookie."""
    sign_in(browser)
    for path in ("/sign-in", "/sign-out", "/customer", "/reveal", "/language"):
        answer = browser.post(path, data={"register": "klinikka", "key": "4711", "token": TOKEN}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert desk.asked == []


def test_a_foreign_host_name_is_refused(base: str) -> None:
    """Under a name that is not configured only the health endpoints answer."""
    with httpx.Client(base_url=base, headers={"Host": "rebound.example"}, trust_env=False) as stranger:
        assert stranger.get("/").status_code == 400
        assert stranger.get("/", headers={"Host": "[broken"}).status_code == 400
        assert stranger.get("/livez").status_code == 200
        assert stranger.get("/", headers={"Host": "LOCALHOST:8080"}).status_code == 200


def test_any_host_name_may_be_allowed(desk: SmallDesk, health: SmallHealth) -> None:
    """A star allows every name."""
    with served(desk, health, WebSettings(port=0, allowed_hosts=("*",))) as base:
        assert httpx.get(base, headers={"Host": "desk.example"}, trust_env=False).status_code == 200


# --- the page without JavaScript


def test_a_customer_is_looked_up(browser: httpx.Client, desk: SmallDesk) -> None:
    """Without JavaScript a posted number gives a whole page with a line per field, values nowhere."""
    sign_in(browser)
    page = look_up(browser)
    assert page.status_code == 200
    assert page.text.lstrip().startswith("<!doctype html>")
    text = re.sub(r"<[^>]+>", "", page.text)
    # The dash never stands alone on a line.
    assert "Osoite varmistettu 3 pv sitten (Posti)\N{NO-BREAK SPACE}\N{EN DASH} ei tarvitse kysyä" in text
    assert "Kysy: Mistä numerosta sinut tavoittaa?" in text
    assert "Kysy: puhelinnumero" in text
    assert not re.search("Koekuja|Koehenkilö|7300000|example", page.text)
    assert desk.asked == [("klinikka", "4711", "frontdesk", False)]


def test_one_value_is_shown_when_asked_for(browser: httpx.Client, desk: SmallDesk) -> None:
    """Revealing a field shows that field's value and no other."""
    sign_in(browser)
    page = browser.post("/reveal", data={"register": "klinikka", "key": "4711", "field": "address"})
    assert "Koekuja 5 B 12" in page.text
    assert "00990 Helsinki" in page.text
    assert not re.search("Koehenkilö|7300000|example", page.text)
    assert desk.asked[-1][3]


def test_a_card_takes_over_no_other_value() -> None:
    """Of a status with every value in it, a card keeps only the one that was asked for."""
    status = CustomerStatus("klinikka", "4711", NOW, NOW.date(), CUSTOMERS["4711"])
    assert [line.value for line in card(status, "fi").lines] == [(), (), (), ()]
    shown = card(status, "fi", revealed=Field.PHONE)
    assert [line.value for line in shown.lines] == [(), ("+358 45 7300000",), (), ()]


@pytest.mark.parametrize("field", ["nonsense", "", "national_id"])
def test_a_field_that_does_not_exist_reveals_nothing(browser: httpx.Client, field: str) -> None:
    """A made-up field shows no value."""
    sign_in(browser)
    page = browser.post("/reveal", data={"register": "klinikka", "key": "4711", "field": field})
    assert page.status_code == 200
    assert not re.search("Koekuja|Koehenkilö|7300000|aino", page.text)


def test_a_protected_address_has_no_button_and_no_value(browser: httpx.Client) -> None:
    """The line of a protected address offers nothing, and asking for it anyway shows nothing."""
    sign_in(browser)
    assert "Näytä osoite" not in look_up(browser, "4713").text
    for headers in ({}, {"HX-Request": "true"}):
        forced = browser.post(
            "/reveal", data={"register": "klinikka", "key": "4713", "field": "address"}, headers=headers
        )
        assert forced.status_code == 200
        assert "Koekuja" not in forced.text


def test_a_dead_customer_is_not_asked_about(browser: httpx.Client) -> None:
    """Where the death is known the card has no summary of what to ask."""
    sign_in(browser)
    assert 'class="summary"' not in look_up(browser, "4714").text


@pytest.mark.parametrize("key", ["9999", "<script>alert(1)</script>", "x" * 400])
def test_an_unknown_customer_is_a_calm_sentence(browser: httpx.Client, key: str) -> None:
    """An unknown number is no error page, and nothing typed becomes markup."""
    sign_in(browser)
    page = look_up(browser, key)
    assert page.status_code == 200
    assert "Tällä numerolla ei löydy asiakasta" in page.text
    assert "<script>alert" not in page.text


def test_an_empty_number_asks_nothing(browser: httpx.Client, desk: SmallDesk) -> None:
    """Spaces only are no number; a number with spaces around is that number."""
    sign_in(browser)
    assert "Tällä numerolla" not in look_up(browser, "  ").text
    assert look_up(browser, " 4711 ").status_code == 200
    assert [asked[1] for asked in desk.asked] == ["4711"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fi", "Tila ei ole nyt saatavilla \N{EN DASH} kysy asiakkaalta"),
        ("sv", "Läget är inte tillgängligt just nu \N{EN DASH} fråga kunden"),
        ("en", "Not available right now \N{EN DASH} please ask the customer"),
    ],
)
def test_a_failing_desk_says_what_to_do(browser: httpx.Client, desk: SmallDesk, language: str, expected: str) -> None:
    """When the desk cannot answer the page is 503 with a sentence in the reader's language, whole and as a fragment."""
    sign_in(browser)
    browser.post("/language", data={"lang": language})
    desk.failure = StoreUnavailable("locked")
    for headers in ({}, {"HX-Request": "true"}):
        for path in ("/customer", "/reveal"):
            data = {"register": "klinikka", "key": "4711", "field": "address"}
            page = browser.post(path, data=data, headers=headers)
            assert page.status_code == 503
            assert expected in page.text


def test_the_language_can_be_changed(browser: httpx.Client) -> None:
    """The language switch shows the same customer again, and is remembered."""
    sign_in(browser)
    page = browser.post("/language", data={"lang": "sv", "register": "klinikka", "key": "4711"})
    assert '<html lang="sv">' in page.text
    assert "Adressen bekräftad för 3 dagar sedan (Posti)" in page.text
    assert '<html lang="sv">' in browser.get("/").text
    browser.post("/language", data={"lang": "klingon"})
    assert '<html lang="sv">' in browser.get("/").text


def test_a_posted_address_opened_by_hand_leads_home(browser: httpx.Client) -> None:
    """Reloading the address of a posted page is no dead end."""
    for path in ("/customer", "/reveal", "/language", "/sign-in", "/sign-out"):
        assert browser.get(path).headers["location"] == "/"


def test_a_choice_of_register_only_where_there_are_several(health: SmallHealth) -> None:
    """With two registers the page offers the choice, and looks up in the chosen one."""
    desk = SmallDesk("klinikka", "labra")
    with (
        served(desk, health) as base,
        httpx.Client(base_url=base, headers={"Origin": base}, trust_env=False) as browser,
    ):
        sign_in(browser)
        page = browser.post("/customer", data={"register": "labra", "key": "4711"})
        assert "<option selected>labra</option>" in page.text
        assert desk.asked == [("labra", "4711", "frontdesk", False)]


@pytest.mark.parametrize(
    ("body", "status"), [(b"key=" + b"x" * 5000, 413), (b"key=\xff", 400), (b"&".join([b"a=1"] * 20), 400)]
)
def test_an_oversized_or_broken_form_is_refused(browser: httpx.Client, body: bytes, status: int) -> None:
    """A form that no page of ours sends is refused without repeating it."""
    sign_in(browser)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post("/customer", content=body, headers=headers).status_code == status


# --- what holds for every answer


def test_every_answer_is_guarded(browser: httpx.Client) -> None:
    """Pages, fragments, static files, errors and health carry the security headers."""
    sign_in(browser)
    answers = [
        browser.get(path) for path in ("/", "/static/desk.js", "/livez", "/metrics", "/nowhere", status_path("1"))
    ]
    answers += [look_up(browser), browser.get("/", headers={"Host": "elsewhere.example"})]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.split("; ") == [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        expected = "no-cache" if answer.url.path.startswith("/static/") else "no-store"
        assert answer.headers["cache-control"] == expected
        assert "server" not in answer.headers


def test_no_page_holds_inline_script_or_style(browser: httpx.Client) -> None:
    """Nothing on any page needs a looser policy."""
    pages = [browser.get("/").text, sign_in(browser, "wrong-token-00000000").text]
    sign_in(browser)
    pages += [browser.get("/").text, *(look_up(browser, key).text for key in CUSTOMERS)]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:|<script(?! src=)", page)


def test_the_customer_number_is_in_no_url(browser: httpx.Client) -> None:
    """No link, action or source on a page with a customer holds the number."""
    sign_in(browser)
    addresses = re.findall(r'(?:href|src|action|formaction|hx-\w+)="([^"]*)"', look_up(browser).text)
    assert addresses
    assert not [address for address in addresses if "4711" in address or "?" in address]


def test_logs_hold_no_key_and_no_token(browser: httpx.Client, desk: SmallDesk) -> None:
    """Signing in, failing to, looking up and failing to leave neither numbers, values nor tokens in the log."""
    with capture_logs() as logs:
        sign_in(browser, "wrong-token-00000000")
        sign_in(browser)
        look_up(browser)
        desk.failure = RuntimeError("Koekuja 5")
        look_up(browser)
    assert [entry["event"] for entry in logs] == ["desk_sign_in_refused", "desk_signed_in", "desk_unavailable"]
    assert not re.search(f"4711|Koekuja|wrong-token|{TOKEN}", str(logs))


# --- health


def test_health_names_its_checks(base: str, health: SmallHealth) -> None:
    """Each endpoint is 200 while its checks hold, and 503 naming the one that does not."""
    assert httpx.get(f"{base}/livez", trust_env=False).json() == {"ok": True, "checks": {"scheduler": True}}
    health.checks["store"] = False
    assert httpx.get(f"{base}/livez", trust_env=False).status_code == 200
    ready = httpx.get(f"{base}/readyz", trust_env=False)
    assert (ready.status_code, ready.json()) == (503, {"ok": False, "checks": {"store": False, "scheduler": True}})


def test_a_check_that_cannot_be_made_is_a_failed_one(base: str, health: SmallHealth) -> None:
    """An exception inside a check is 503 and not a traceback."""
    health.failure = RuntimeError("Koekuja 5")
    with capture_logs() as logs:
        ready = httpx.get(f"{base}/readyz", trust_env=False)
    assert (ready.status_code, ready.json()) == (503, {"ok": False, "checks": {"checks_answer": False}})
    assert [entry["event"] for entry in logs] == ["health_check_failed"]


def test_metrics_count_look_ups(api: httpx.Client, health: SmallHealth, desk: SmallDesk) -> None:
    """The daemon's metrics and the desk's own are there, without labels that could hold a person."""
    Counter("ajantasa_of_the_daemon", "A metric of the daemon.", registry=health.registry).inc()
    for key in ("4711", "4711", "9999"):
        api.get(status_path(key))
    desk.failure = StoreUnavailable("locked")
    api.get(status_path("4711"))
    answer = api.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "ajantasa_of_the_daemon_total 1.0" in answer.text
    for outcome, times in (("found", 2), ("unknown", 1), ("unavailable", 1)):
        assert f'ajantasa_desk_lookups_total{{outcome="{outcome}"}} {times}.0' in answer.text
    assert "ajantasa_desk_seconds_count 4.0" in answer.text
    assert "4711" not in answer.text


# --- settings


def test_tokens_may_come_from_a_file(tmp_path: Path) -> None:
    """A token file holds named and bare tokens, comments and empty lines."""
    file = tmp_path / "tokens"
    file.write_text(f"# the front desk\nfrontdesk:{TOKEN}\n\nbare-token-of-twenty\n", encoding="utf-8")
    readers = Readers.load(WebSettings(token_file=file))
    assert readers.find(TOKEN) == "frontdesk"
    assert readers.find("bare-token-of-twenty") == "token-2"
    assert readers.find(f"frontdesk:{TOKEN}") is None
    assert readers.find("") is None


@pytest.mark.parametrize("content", [b"desk:short-secret\n", b"\xff\xfe", None])
def test_a_bad_token_file_stops_the_start(tmp_path: Path, content: bytes | None) -> None:
    """A missing, unreadable or too short token file is a configuration problem that repeats no token."""
    file = tmp_path / "tokens"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationInvalid) as caught:
        Readers.load(WebSettings(token_file=file))
    assert {problem.key for problem in caught.value.problems} == {"web.token_file"}
    assert "short-secret" not in str(caught.value)


def test_a_short_token_is_refused_without_repeating_it() -> None:
    """A token in the settings has at least 16 characters; neither the message nor the settings' own text show one."""
    with pytest.raises(ValidationError) as caught:
        WebSettings(tokens=(SecretStr("desk:short-secret"),))
    assert "short-secret" not in str(caught.value)
    assert TOKEN not in repr(WebSettings(tokens=(SecretStr(TOKEN),)))


def test_without_tokens_nobody_comes_in(desk: SmallDesk, health: SmallHealth) -> None:
    """A desk without any token refuses everybody, an empty token too."""
    with served(desk, health, WebSettings(port=0)) as base:
        assert (
            httpx.get(base + status_path("4711"), headers={"Authorization": "Bearer"}, trust_env=False).status_code
            == 401
        )
        refused = httpx.post(f"{base}/sign-in", data={"token": ""}, headers={"Origin": base}, trust_env=False)
        assert refused.status_code == 401
