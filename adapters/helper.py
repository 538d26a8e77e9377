"""A second process that takes half of each large page, so that matching uses two processor cores.

Python runs one thread at a time. The process has a connection of its own to the same database, which it only reads, and
ends with the one that started it: it lives as long as the socket between them. Whatever happens to it, the caller
decides about everybody itself, and nothing is lost but time.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from adapters.clock import SystemClock
from adapters.memory import settle_memory
from adapters.store import Keyring, open_store
from sync.matching.model import Model
from sync.matching.model_file import parse_model
from sync.model import Identity, Match
from sync.ports.store import Store
from sync.steps.lone import decide_lone
from sync.training import frequency_hash

log = structlog.get_logger()

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds after which an answer is waited for no longer: half a page takes a fraction of one, and a lease lasts a minute."""
_PARTING = 5.0
_PROGRAM = "from adapters.helper import serve; serve()"
_SEEN = b"ready"


class Opening(msgspec.Struct, array_like=True):
    """What the other process needs to begin.

    Attributes:
        url: of the database.
        key_file: path of the key that sealed it.
        model: the matching model's file.
    """

    url: str
    key_file: str
    model: str


class _Request(msgspec.Struct, array_like=True):
    """People to decide about; the number tells a late answer to an earlier request from the one waited for."""

    number: int
    register: str
    people: list[Identity]


class _Answer(msgspec.Struct, array_like=True):
    number: int
    matches: list[Match]


_ENCODER = msgspec.msgpack.Encoder()
_OPENING = msgspec.msgpack.Decoder(Opening)
_REQUEST = msgspec.msgpack.Decoder(_Request)
_ANSWER = msgspec.msgpack.Decoder(_Answer)


class HelperProcess:
    """The process, seen from the one that started it. It is started by the first page that is large enough."""

    def __init__(self, opening: Opening) -> None:
        self._opening = _ENCODER.encode(opening)
        self._number = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection[bytes, bytes] | None = None
        self._ready = self._lost = False

    def ask(self, register: str, people: Sequence[Identity]) -> bool:
        """Hand people over; False where it is not there yet, or no more, or they cannot be written down."""
        if not self.ready():
            return False
        self._number += 1
        try:
            request = _ENCODER.encode(_Request(self._number, register, list(people)))
        except UnicodeEncodeError:
            return False  # half a character somewhere: it is compared like any other text, but no message can hold it
        return self._send(request)

    def answer(self) -> Sequence[Match] | None:
        """Wait for the verdicts about those handed over last; None where none will come."""
        return self._talk(self._receive)

    def ready(self, within: float = 0.0) -> bool:
        """Tell whether it can be asked, waiting so many seconds for it; starts it when it was never started."""
        if self._process is None and not self._lost:
            self._start()
        if not self._ready and not self._lost:
            self._ready = bool(self._talk(lambda line: line.poll(within) and line.recv_bytes() == _SEEN))
        return self._ready and not self._lost

    def close(self) -> None:
        """End the process; it ends by itself when this one does."""
        self._lost = True
        if self._line:
            self._line.close()
        if self._process:
            try:
                self._process.wait(_PARTING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        return self._process.pid if self._process else None

    def _start(self) -> None:
        self._line, other = Pipe()
        with other:
            command = [sys.executable, "-c", _PROGRAM, str(other.fileno())]
            # Its own words would run into ours; that it ended, and when, is in our log.
            nowhere = subprocess.DEVNULL
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                command, stdin=nowhere, stdout=nowhere, stderr=nowhere, pass_fds=[other.fileno()]
            )
        self._send(self._opening)

    def _send(self, message: bytes) -> bool:
        def send(line: "Connection[bytes, bytes]") -> bool:
            line.send_bytes(message)
            return True

        return bool(self._talk(send))

    def _receive(self, line: "Connection[bytes, bytes]") -> Sequence[Match] | None:
        while line.poll(PATIENCE):
            answer = _ANSWER.decode(line.recv_bytes())
            if answer.number == self._number:
                return answer.matches
        raise TimeoutError

    def _talk(self, action: Callable[["Connection[bytes, bytes]"], T]) -> T | None:
        """Do something with the line; once it is broken, it stays so until the next start of the daemon."""
        if self._lost or self._line is None:
            return None
        try:
            return action(self._line)
        except (OSError, EOFError) as error:
            log.warning("helper_lost", error=type(error).__name__)
            self.close()
            return None


def serve() -> None:
    """Be the other process: decide until the socket, whose number is the argument, is closed at the other end."""
    for ignored in (signal.SIGINT, signal.SIGTERM):  # the one that started this one is told, and closes the line
        signal.signal(ignored, signal.SIG_IGN)
    with Connection(int(sys.argv[1])) as line:
        store, model = _opened(_OPENING.decode(line.recv_bytes()))
        settle_memory()
        line.send_bytes(_SEEN)
        try:
            while True:
                line.send_bytes(_answered(line.recv_bytes(), store, model))
        except (EOFError, OSError):
            store.close()


def _opened(opening: Opening) -> tuple[Store, Model]:
    keyring = Keyring.load(Path(opening.key_file))
    store = open_store(opening.url, keyring, SystemClock())
    return store, parse_model(opening.model, frequency_hash(keyring.digest))


def _answered(message: bytes, store: Store, model: Model) -> bytes:
    request = _REQUEST.decode(message)
    with store.snapshot() as work:
        matches = decide_lone(work, request.register, request.people, model)
    return _ENCODER.encode(_Answer(request.number, matches))
