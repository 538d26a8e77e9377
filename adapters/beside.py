"""A process of our own beside this one, because Python runs one thread at a time.

It is started when it is first asked for and ends with the one that started it: it lives as long as the socket between
them. Whatever happens to it, the caller does its work itself, and nothing is lost but time.
"""

import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection, Pipe
from typing import TypeVar

import structlog

from adapters.memory import settle_memory

log = structlog.get_logger()

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds after which an answer is waited for no longer: half a page takes a fraction of one, and a lease lasts a minute."""
_PARTING = 5.0
_SEEN = b"ready"

Answering = Callable[[bytes], bytes]


class Beside:
    """The process, seen from the one that started it; a subclass knows what it is asked."""

    def __init__(self, module: str, opening: bytes = b"") -> None:
        """Make ready; nothing is started yet.

        Args:
            module: its function `serve` is what the process runs; its last name is what the log calls it.
            opening: what the process is told first.
        """
        self._name = module.rpartition(".")[2]
        # From where this process imports: `-c` alone would look into the current folder first.
        self._program = f"import sys; sys.path[:] = {sys.path!r}; from {module} import serve; serve()"
        self._opening = opening
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection[bytes, bytes] | None = None
        self._ready = self._lost = False

    def ready(self, within: float = 0.0) -> bool:
        """Tell whether it can be asked, waiting so many seconds for it; starts it when it was never started."""
        if self._process is None and not self._lost:
            self._done_without(self._start)
        if not self._ready:
            self._ready = bool(self._talk(lambda line: line.poll(within) and line.recv_bytes() == _SEEN))
        return self._ready and not self._lost

    def send(self, message: bytes) -> bool:
        """Hand something over; False where it is no more."""

        def send(line: "Connection[bytes, bytes]") -> bool:
            line.send_bytes(message)
            return True

        return bool(self._talk(send))

    def receive(self, expected: Callable[[bytes], T | None]) -> T | None:
        """Wait for what is expected, passing over what is not; None where it will not come."""

        def receive(line: "Connection[bytes, bytes]") -> T:
            while line.poll(PATIENCE):
                if (answer := expected(line.recv_bytes())) is not None:
                    return answer
            raise TimeoutError

        return self._talk(receive)

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
        with other, socket.socket(fileno=os.dup(self._line.fileno())) as ours:
            # It may stand still with the socket full: then nobody waits for it any longer than for an answer.
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(PATIENCE), 0))
            command = [sys.executable, "-c", self._program, str(other.fileno())]
            # Its own words would run into ours; that it ended, and when, is in our log.
            nowhere = subprocess.DEVNULL
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                command, stdin=nowhere, stdout=nowhere, stderr=nowhere, pass_fds=[other.fileno()]
            )
        self.send(self._opening)

    def _talk(self, action: Callable[["Connection[bytes, bytes]"], T]) -> T | None:
        line = self._line
        return None if self._lost or line is None else self._done_without(lambda: action(line))

    def _done_without(self, action: Callable[[], T]) -> T | None:
        """Do something with the process; once that fails, in whatever way, it is none until the next start of the daemon."""
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - not started, broken, late, an answer of another version
            log.warning("process_lost", process=self._name, error=type(error).__name__)
            self.close()
            return None


def attend(opened: Callable[[bytes], AbstractContextManager[Answering]]) -> None:
    """Be the other process: answer until the socket, whose number is the argument, is closed at the other end."""
    for ignored in (signal.SIGINT, signal.SIGTERM):  # the one that started this one is told, and closes the line
        signal.signal(ignored, signal.SIG_IGN)
    with Connection(int(sys.argv[1])) as line, opened(line.recv_bytes()) as answer:
        settle_memory()
        line.send_bytes(_SEEN)
        with suppress(EOFError, OSError):
            while True:
                line.send_bytes(answer(line.recv_bytes()))
