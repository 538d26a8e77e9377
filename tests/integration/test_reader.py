"""A second process reads what providers answer as this one would, and whatever happens to it, nothing stays unread."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters import beside
from adapters import reader as reader_module
from adapters.providers.dvv import DvvProvider, DvvSettings
from adapters.providers.moves import MovesOverHttp, MovesSettings
from adapters.providers.reading import Reading, read_here
from adapters.reader import ReadingProcess
from adapters.sandbox.clock import RealClock, SandboxClock
from adapters.sandbox.dvv_server import PASSWORD, dvv_app
from adapters.sandbox.moves_server import TOKEN, moves_app
from adapters.sandbox.population import Population
from adapters.sandbox.serve import running
from sync.errors import PageMalformed
from sync.ports.provider import LookUp, Page
from tests.integration.second_process import SOON, there

TODAY = date(2026, 11, 21)
END = datetime.combine(TODAY, time_of_day(21), UTC)


def reader_of(_body: bytes, seconds: float = 0) -> int:
    """Tell which process reads, after so many seconds."""
    time.sleep(seconds)
    return os.getpid()


def refuse(_body: bytes) -> int:
    """Read nothing."""
    raise PageMalformed("not a page")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReadingProcess]:
    """Give a process that is there and reads whatever is sent, and see that none stays behind."""
    monkeypatch.setattr(reader_module, "WORTH_SENDING", 1)
    with there(ReadingProcess()) as reader:
        yield reader


@dataclass
class Servers:
    """Both providers' servers over one population."""

    population: Population
    dvv_url: str
    moves_url: str

    def read(self, reading: Reading) -> tuple[Page, LookUp, Page]:
        """Ask both for everything."""
        settings = DvvSettings(base_url=f"{self.dvv_url}/api/v1", username="mutpT1x", password=PASSWORD)
        dvv = DvvProvider(settings, retry_wait=timedelta(0), reading=reading)
        asked = MovesSettings(base_url=self.moves_url, token=TOKEN, page_size=1_000)
        moves = MovesOverHttp(asked, clock=RealClock(), retry_wait=timedelta(0), reading=reading)
        ids = [person.national_id for person in self.population.people]
        first = self.population.start
        with closing(dvv), closing(moves):
            return (
                dvv.pull(dvv.start(first), lambda: ids),
                dvv.look_up(ids[:100], TODAY),
                moves.pull(moves.start(first), list),
            )


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Serve five hundred people and thirty days."""
    people, clock = Population.grow(people=500, days=30, seed=11, today=TODAY), SandboxClock(RealClock(), at=END)
    with running(dvv_app(people, clock)) as dvv, running(moves_app(people, clock, keeps=timedelta(days=40))) as moves:
        yield Servers(people, dvv, moves)


def test_both_read_alike(servers: Servers, reader: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every change of both providers, and every person who was asked for."""
    told: list[Any] = []

    def ask(*request: Any) -> tuple[Any, ...]:
        told.append(ReadingProcess._told(reader, *request))
        return told[-1]

    monkeypatch.setattr(reader, "_told", ask)
    there, here = servers.read(reader), servers.read(read_here)
    assert there == here
    assert [len(one) for one in told] == [1, 1, 1]  # each was read there
    assert [len(part.items) > 5 for part in here] == [True, True, True]


def test_it_is_another_process_that_reads(reader: ReadingProcess) -> None:
    """What it gives back is what is used."""
    assert reader(reader_of, b"page") == reader.pid != os.getpid()


def test_a_small_answer_is_read_here() -> None:
    """And no process is started for it."""
    idle = ReadingProcess()
    assert idle(reader_of, b"x" * (reader_module.WORTH_SENDING - 1)) == os.getpid()
    assert idle.pid is None
    idle.close()


def test_nobody_waits_for_a_reader_that_is_not_there_yet() -> None:
    """The first large answer starts it, and is read without it."""
    late = ReadingProcess()
    assert late(reader_of, b"x" * reader_module.WORTH_SENDING) == os.getpid()
    assert late.ready(SOON)
    assert late(reader_of, b"x" * reader_module.WORTH_SENDING) == late.pid
    late.close()


def test_a_killed_reader_is_done_without(reader: ReadingProcess) -> None:
    """That answer and every later one is read here; the log says so once."""
    os.kill(reader.pid or 0, signal.SIGKILL)
    with capture_logs() as logs:
        assert reader(reader_of, b"page") == reader(reader_of, b"page") == os.getpid()
    assert [(line["event"], line["process"]) for line in logs] == [("process_lost", "reader")]


def test_a_reader_that_cannot_be_started_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """No interpreter, no descriptors, no processes left: every answer is read here; the log says so once."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    none = ReadingProcess()
    with capture_logs() as logs:
        for _ in range(2):
            assert none(reader_of, b"x" * reader_module.WORTH_SENDING) == os.getpid()
    assert [(line["event"], line["error"]) for line in logs] == [("process_lost", "FileNotFoundError")]


@pytest.mark.parametrize("size", [1, 4_000_000])
def test_nobody_waits_for_ever_for_a_reader_that_stands_still(
    monkeypatch: pytest.MonkeyPatch, reader: ReadingProcess, size: int
) -> None:
    """Neither for its answer nor for room in the socket."""
    monkeypatch.setattr(beside, "PATIENCE", 1)
    monkeypatch.setattr(beside, "_PARTING", 1)
    still = ReadingProcess()
    assert still.ready(SOON)
    os.kill(still.pid or 0, signal.SIGSTOP)
    assert still(reader_of, b"x" * size) == os.getpid()
    still.close()


def test_an_answer_of_another_version_is_done_without(reader: ReadingProcess) -> None:
    """The program was replaced under a daemon that runs: what it cannot take back is read here."""
    assert reader(odd, b"page", os.getpid()) == os.getpid()
    assert reader(reader_of, b"page") == os.getpid()


class Odd:
    """Can be sent by another process, and not be made in the one in which the test runs."""

    def __reduce__(self) -> Any:
        return refuse, (b"",)


def odd(_body: bytes, here: int) -> Any:
    """Return something odd where another process reads, and otherwise which process it is."""
    return here if os.getpid() == here else Odd()


def test_the_current_folder_is_none_of_its_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It imports from where this process does: a file that lies about is not run."""
    (tmp_path / "structlog.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    elsewhere = ReadingProcess()
    assert elsewhere.ready(SOON)
    elsewhere.close()


def test_what_cannot_be_read_there_raises_here_what_it_raises(reader: ReadingProcess) -> None:
    """And the process goes on."""
    with pytest.raises(PageMalformed, match="not a page"):
        reader(refuse, b"page")
    assert reader(reader_of, b"page") == reader.pid


def test_what_no_message_can_hold_is_read_here(reader: ReadingProcess) -> None:
    """A result that cannot be sent, for one: nothing is lost but time."""
    assert reader(lock_of, b"page").acquire(blocking=False)
    assert reader(reader_of, b"page") == reader.pid


def lock_of(_body: bytes) -> Any:
    """Return something that no message can hold."""
    return threading.Lock()


def test_while_one_answer_is_read_another_feeds_is_read_here(reader: ReadingProcess) -> None:
    """Feeds do not wait for one another."""
    with ThreadPoolExecutor(1) as other:
        begun = other.submit(reader, reader_of, b"page", 1.0)
        wait_until(reader._alone.locked)
        assert reader(reader_of, b"page") == os.getpid()
        assert begun.result() == reader.pid


def test_a_reader_ends_with_the_one_that_started_it() -> None:
    """Also where that one was killed, and could tell it nothing."""
    program = "from adapters.reader import ReadingProcess; r = ReadingProcess(); print(r.ready(60) and r.pid); input()"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert is_there(pid)
        parent.kill()
    wait_until(lambda: not is_there(pid))


def is_there(pid: int) -> bool:
    """Tell whether a process runs."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something that is about to be."""
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
