"""The moves provider keeps the provider's contract, over a real HTTP server and over files in a real folder."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.providers.moves import MovesInFolder, MovesOverHttp, MovesSettings
from adapters.providers.moves.wire import FORMAT, End, Mover, PermanentNotice, WireAddress, WireText, written
from sync.model import PartialDate
from tests.contract.provider_kit import PEOPLE, Fault, Person, ProviderKit, Rig

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
TOKEN = "letters-and-figures-123"
Answer = Callable[["Handler"], None]


class StandingClock:
    """A clock that stands."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        """Return the moment at which it stands."""
        return self.time


def notice(number: int, about: Person) -> bytes:
    """Write a line on which this person moves."""
    line = PermanentNotice(
        format=FORMAT,
        type="notice",
        notice_id=f"N-{number:06d}",
        registered_at=NOON + timedelta(minutes=number),
        move_date=PartialDate(2026, 12, 1),
        movers=(
            Mover(
                mover_id="1",
                given_names=about.given_names,
                surname=about.surname,
                birth_date=PartialDate.parse(about.birth_date),
                phone=about.phone,
                email=about.email,
            ),
        ),
        kind="permanent",
        moved_from=WireAddress(street=WireText(fi=about.street), number="1", postcode="00930", country="FI"),
        moved_to=WireAddress(street=WireText(fi=about.street), number="2", postcode="00930", country="FI"),
    )
    return written(line)


def broken_notice(about: Person) -> bytes:
    """Write a line that holds the person's values and breaks the schema."""
    return notice(0, about).replace(b'"move_date":"2026-12-01"', b'"move_date":"soon"')


def page_of(lines: Sequence[bytes], cursor: str, *, up_to_date: bool) -> bytes:
    """Write a page of the HTTP interface."""
    end = End(format=FORMAT, type="end", count=len(lines), cursor=cursor, up_to_date=up_to_date)
    return b"".join([*lines, written(end)])


def file_of(lines: Sequence[bytes]) -> bytes:
    """Write a file."""
    return b"".join([*lines, written(End(format=FORMAT, type="end", count=len(lines)))])


class Handler(BaseHTTPRequestHandler):
    """Answers as the format says, or as the test says."""

    protocol_version = "HTTP/1.1"
    server: "MovesServer"

    def do_GET(self) -> None:
        """Answer a request."""
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.answers.pop(0) if self.server.answers else self.server.answer
        (answer or Handler.answer)(self)

    def answer(self) -> None:
        """Answer well."""
        url = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(url.query).items()}
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.send(401, b"")
        elif url.path == "/v1/cursor":
            self.send(200, b'{"cursor":"c0"}')
        else:
            begin = int(asked["after"].removeprefix("c"))
            lines = self.server.lines[begin : begin + int(asked["limit"])]
            end = begin + len(lines)
            self.send(200, page_of(lines, f"c{end}", up_to_date=end == len(self.server.lines)))

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer; a length among the headers replaces the true one."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = "Content_Length" in headers

    def hang_up(self) -> None:
        """Close the connection without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


class MovesServer(ThreadingHTTPServer):
    """A postal operator's HTTP interface.

    Attributes:
        lines: the feed.
        asked: path and headers of each request.
        answer: how to answer until it is None again.
        answers: how to answer the next requests, one each.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lines: list[bytes] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Answer | None = None
        self.answers: list[Answer] = []
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Keep quiet: here clients hang up on purpose."""

    @property
    def url(self) -> str:
        """Return the address to configure."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def provider(self, **settings: Any) -> MovesOverHttp:
        """Return an adapter for this server that waits for nothing between its attempts."""
        asked = {"base_url": self.url, "token": TOKEN, "page_size": 3, "timeout_seconds": 5, **settings}
        return MovesOverHttp(
            MovesSettings.model_validate(asked), clock=StandingClock(), retry_wait=timedelta(microseconds=1)
        )


class HttpRig(Rig):
    def __init__(self, server: MovesServer) -> None:
        self.server = server

    def connect(self) -> MovesOverHttp:
        return self.server.provider()

    def publish(self, *people: Person) -> None:
        for about in people:
            self.server.lines.append(notice(len(self.server.lines), about))

    def publish_bad(self, about: Person) -> None:
        self.server.lines.append(broken_notice(about))

    @contextmanager
    def broken(self, fault: Fault) -> Iterator[None]:
        half = page_of(self.server.lines, "c1", up_to_date=True)[:-30]
        self.server.answer = {
            Fault.UNAVAILABLE: lambda handler: handler.send(503, b""),
            Fault.REFUSED: lambda handler: handler.send(401, b""),
            Fault.MALFORMED: lambda handler: handler.send(200, half),
        }[fault]
        yield
        self.server.answer = None


class FolderRig(Rig):
    cannot: ClassVar = {Fault.REFUSED: "a folder asks nobody who they are"}

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.published = 0
        folder.mkdir()

    def connect(self) -> MovesInFolder:
        return MovesInFolder(MovesSettings(folder=self.folder, page_size=3), clock=StandingClock())

    def publish(self, *people: Person) -> None:
        self.drop([notice(self.published * 100 + number, about) for number, about in enumerate(people)])

    def publish_bad(self, about: Person) -> None:
        self.drop([broken_notice(about)])

    def drop(self, lines: Sequence[bytes]) -> None:
        self.published += 1
        (self.folder / f"moves-{self.published:03d}.jsonl").write_bytes(file_of(lines))

    @contextmanager
    def broken(self, fault: Fault) -> Iterator[None]:
        if fault is Fault.UNAVAILABLE:
            away = self.folder.rename(self.folder.with_name("away"))
            yield
            away.rename(self.folder)
        else:
            other = self.folder / "aaa.jsonl"
            other.write_bytes(file_of([notice(999, PEOPLE[9])]).replace(b"moves/1", b"moves/2"))
            yield
            other.unlink()


class TestMovesOverHttp(ProviderKit):
    @pytest.fixture
    def rig(self) -> Iterator[HttpRig]:
        with MovesServer() as server:
            yield HttpRig(server)


class TestMovesInFolder(ProviderKit):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FolderRig:
        return FolderRig(tmp_path / "Kanarialintu")
