"""Every line of the log is one JSON object, whoever writes it, and holds no message of an exception."""

import json
import logging
import os
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog

from adapters.logging import set_up_logging
from tests.harness import room_for


class OneWriteAtATime(StringIO):
    """Notes every single write, as a stream that threads share sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@pytest.fixture
def stream() -> Iterator[OneWriteAtATime]:
    """Log into a stream of our own, and give logging back afterwards."""
    before = logging.getLogger().handlers[:]
    made = OneWriteAtATime()
    set_up_logging("info", made)
    yield made
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before
    for name in ("apscheduler", "uvicorn.error", "alembic"):
        speaker = logging.getLogger(name)
        speaker.handlers.clear()
        speaker.propagate = True
        speaker.setLevel(logging.NOTSET)


def test_a_line_is_one_write(stream: OneWriteAtATime) -> None:
    """Ours and a library's lines go out whole, line break included, so that threads cannot tear them apart."""

    def speak(number: int) -> None:
        for _ in range(20):
            structlog.get_logger().info("counted", number=number)
            logging.getLogger("apscheduler").warning("late %s", number)

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stream.writes) == 4 * 20 * 2
    assert all(text.endswith("\n") and isinstance(json.loads(text), dict) for text in stream.writes)


def test_an_exceptions_message_is_not_logged(stream: OneWriteAtATime) -> None:
    """Its type and place are: the message may quote a value."""
    try:
        int("Kanarialintu")  # the error quotes it
    except ValueError:
        structlog.get_logger().error("failed", exc_info=True)
        logging.getLogger("apscheduler").exception("job failed")
    ours, theirs = (json.loads(text) for text in stream.writes)
    assert (ours["error"], theirs["error"]) == ("ValueError", "ValueError")
    assert "Kanarialintu" not in stream.getvalue()


def test_a_full_disk_under_the_log_stops_nothing(tmp_path: Path) -> None:
    """What cannot be written is dropped; when there is room again, the log says how many lines are missing."""
    path = tmp_path / "service.log"
    with path.open("a") as log, Path("/dev/full").open("a") as nowhere:
        set_up_logging("info", log)
        structlog.get_logger().info("before")
        there = os.dup(log.fileno())
        os.dup2(nowhere.fileno(), log.fileno())
        structlog.get_logger().info("lost")
        logging.getLogger("apscheduler").warning("lost too")
        os.dup2(there, log.fileno())
        os.close(there)
        structlog.get_logger().info("after")
        structlog.get_logger().info("at last")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["before", "log_lines_lost", "after", "at last"]
    assert lines[1]["count"] == 2


def test_a_line_that_a_full_disk_tore_is_ended(tmp_path: Path) -> None:
    """The line after it begins on a line of its own, so that everything else in the file can be read."""
    path = tmp_path / "service.log"
    with path.open("a") as log:
        set_up_logging("info", log)
        with room_for(20):
            structlog.get_logger().info("torn")
        structlog.get_logger().info("after")
    torn, lost, after = path.read_text("utf-8").splitlines()
    assert len(torn) == 20
    assert [json.loads(line)["event"] for line in (lost, after)] == ["log_lines_lost", "after"]
