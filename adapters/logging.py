"""Logs: one JSON object a line, with identifiers and counts, never with values."""

import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from typing import TextIO, cast

import structlog

_SPEAKERS = ("apscheduler", "uvicorn.error", "alembic")
"""Libraries whose warnings concern an operator. What httpx or SQLAlchemy say may hold addresses and parameters."""


def set_up_logging(level: str, stream: TextIO = sys.stdout) -> None:
    """Send structlog, and the warnings of a few libraries, to a stream as JSON lines."""
    lines = cast(TextIO, _Lines(stream))  # of a stream, nobody here uses more than its two methods
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared, _without_messages, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        # Line and line break in one write: threads and the libraries' own handler share the stream.
        logger_factory=structlog.WriteLoggerFactory(lines),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_messages,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [logging.NullHandler()]
    for name in _SPEAKERS:
        speaker = logging.getLogger(name)
        speaker.handlers[:] = [handler]
        speaker.propagate = False
        speaker.setLevel(max(threshold, logging.WARNING))


class _Lines:
    """Whole lines to a stream. One that cannot be written, to a full disk say, must not stop the work that it tells of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0
        self._torn = False
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """Write a line, and tell before it how many could not be written."""
        with self._lock:
            if self._put((_lost(self._lost) if self._lost else "") + text):
                self._lost = 0
            else:
                self._lost += 1
        return len(text)

    def flush(self) -> None:
        """Do nothing: a line is written at once."""

    def _put(self, text: str) -> bool:
        """Write without a buffer, in which what could not be written would stay and come out in the middle of a line."""
        try:
            number = self._stream.fileno()
        except (OSError, AttributeError):  # a stream in memory
            self._stream.write(text)
            return True
        rest = (("\n" if self._torn else "") + text).encode("utf-8", "backslashreplace")
        while rest:
            try:
                written = os.write(number, rest)
            except OSError:
                return False
            rest = rest[written:]
            self._torn = bool(rest)
        return True


def _lost(count: int) -> str:
    now = datetime.now(UTC).isoformat()
    return json.dumps({"event": "log_lines_lost", "level": "error", "count": count, "at": now}) + "\n"


def _without_messages(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keep of an exception its type and the place where it was raised: its message may hold a value."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            event["raised_in"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    event.pop("stack_info", None)
    return event
