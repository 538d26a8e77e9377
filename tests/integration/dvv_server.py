"""A little population register that speaks the real protocol over HTTP, with only the state that a test gives it."""

import base64
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PREFIX = "/r1/FI/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"
FIRST_KEY = 5446623423


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not what was asked for."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(slots=True)
class DvvServer:
    """The register.

    Attributes:
        base_url: where it listens.
        log: all elements ever written; an element's log key is `FIRST_KEY` plus its place, counted from one.
        people: base data by national id.
        page_size: how many log entries one answer goes through, whoever they are about.
        credentials: user and password that it wants in `header`; None wants nothing.
        answers: given instead of the real ones, one a request, None for a real one; the last one for ever if `stuck`.
        requests: what was asked, in order.
    """

    base_url: str = ""
    log: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, list[Any]] = field(default_factory=dict)
    page_size: int = 3
    credentials: tuple[str, str] | None = None
    header: str = "Authorization"
    answers: list[Answer | None] = field(default_factory=list)
    stuck: bool = False
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        self.requests.append(request)
        planned = None
        if self.answers:
            planned = self.answers[0] if self.stuck else self.answers.pop(0)
        if planned is not None:
            return planned
        if self.credentials and request.headers.get(self.header.lower()) != _basic(*self.credentials):
            return Answer(401)
        path = request.path.removeprefix(PREFIX)
        if request.method == "GET" and re.fullmatch(r"/kirjausavain/\d{4}-\d{2}-\d{2}", path):
            return _ok({"viimeisinKirjausavain": FIRST_KEY})
        if request.method == "POST" and path == "/muutokset":
            return _ok(self._changes(request.body))
        if request.method == "POST" and path == "/perustiedot" and request.body.keys() <= {"hetulista", "tietoryhmat"}:
            return _ok(self._base_data(request.body))
        return Answer(404)

    def _changes(self, question: dict[str, Any]) -> dict[str, Any]:
        begin = question["viimeisinKirjausavain"] - FIRST_KEY
        end = min(begin + self.page_size, len(self.log))
        wanted = set(question["hetulista"])
        return {
            "viimeisinKirjausavain": FIRST_KEY + end,
            "muutokset": [element for element in self.log[begin:end] if element["henkilotunnus"] in wanted],
            "ajanTasalla": end == len(self.log),
        }

    def _base_data(self, question: dict[str, Any]) -> dict[str, Any]:
        found = [code for code in question["hetulista"] if code in self.people]
        return {
            "perustiedot": [{"henkilotunnus": code, "tietoryhmat": self.people[code]} for code in found],
            "ajanTasalla": True,
        }


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[DvvServer]:
    """Run a register on a free port of this machine."""
    register = DvvServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _reply(self, body: dict[str, Any]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = register.answer(Request(self.command, self.path, headers, body))
            self.send_response_only(answer.status)  # without a Date of its own, which a test may want to give
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + (100 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.cut

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False  # connections kept alive by clients would hold it open
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    register.base_url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}{PREFIX}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield register
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ok(body: dict[str, Any]) -> Answer:
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
