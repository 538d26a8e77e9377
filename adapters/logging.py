"""Logs: one JSON object a line, with identifiers and counts, never with values."""

import logging
import sys
from typing import TextIO

import structlog

_SPEAKERS = ("apscheduler", "uvicorn.error", "alembic")
"""Libraries whose warnings concern an operator. What httpx or SQLAlchemy say may hold addresses and parameters."""


def set_up_logging(level: str, stream: TextIO = sys.stdout) -> None:
    """Send structlog, and the warnings of a few libraries, to a stream as JSON lines."""
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
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
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
