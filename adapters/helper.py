"""A second process that takes half of each large page, so that matching uses two processor cores.

The process has a connection of its own to the same database, which it only reads.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from adapters.beside import Answering, Beside, attend
from adapters.clock import SystemClock
from adapters.store import Keyring, open_store
from sync.matching.model import Model
from sync.matching.model_file import parse_model
from sync.model import Identity, Match
from sync.ports.store import Store
from sync.steps.lone import decide_lone
from sync.training import frequency_hash


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


class HelperProcess(Beside):
    """The process, seen from the one that started it. It is started by the first page that is large enough."""

    def __init__(self, opening: Opening) -> None:
        super().__init__("adapters.helper", _ENCODER.encode(opening))
        self._number = 0

    def ask(self, register: str, people: Sequence[Identity]) -> bool:
        """Hand people over; False where it is not there yet, or no more, or they cannot be written down."""
        if not self.ready():
            return False
        self._number += 1
        try:
            request = _ENCODER.encode(_Request(self._number, register, list(people)))
        except UnicodeEncodeError:
            return False  # half a character somewhere: it is compared like any other text, but no message can hold it
        return self.send(request)

    def answer(self) -> Sequence[Match] | None:
        """Wait for the verdicts about those handed over last; None where none will come."""
        return self.receive(self._expected)

    def _expected(self, message: bytes) -> Sequence[Match] | None:
        answer = _ANSWER.decode(message)
        return answer.matches if answer.number == self._number else None


def serve() -> None:
    """Be the other process."""
    attend(_opened)


@contextmanager
def _opened(opening: bytes) -> Iterator[Answering]:
    told = _OPENING.decode(opening)
    keyring = Keyring.load(Path(told.key_file))
    store = open_store(told.url, keyring, SystemClock())
    model = parse_model(told.model, frequency_hash(keyring.digest))
    try:
        yield lambda message: _answered(message, store, model)
    finally:
        store.close()


def _answered(message: bytes, store: Store, model: Model) -> bytes:
    request = _REQUEST.decode(message)
    with store.snapshot() as work:
        matches = decide_lone(work, request.register, request.people, model)
    return _ENCODER.encode(_Answer(request.number, matches))
