"""Printing: results on standard output, progress and messages on standard error, JSON where a program reads."""

import getpass
import json
import os
import sys
import time
from enum import IntEnum
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

SHOW_AFTER_SECONDS = 2.0


class Exit(IntEnum):
    """Exit statuses."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    NOT_FOUND = 4
    SOMEBODY_WAS_FIRST = 5
    PARTIAL = 6


def account() -> str:
    """Return who runs the command; in a container the user may have a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user-{os.getuid()}"


def reader() -> str:
    """Return as whom it is noted what the commands were told."""
    return f"cli:{account()}"


def out() -> Console:
    """Return the console for results."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """Return the console for messages."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_json(data: Any) -> None:
    """Print one JSON object on a line of its own."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, sort_keys=False, default=str) + "\n")


def table(title: str, *columns: str) -> Table:
    """Return an empty table in our plain style."""
    made = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    for column in columns:
        made.add_column(column)
    return made


class Bar:
    """Progress on standard error; a bar appears when the work takes longer than two seconds, and only in a terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Progress | None = None
        self._task: Any = None
        self._done = 0
        self._started: float | None = None

    def advance(self, done: int, total: int | None = None) -> None:
        """Say that so many more are done, of so many if that is known."""
        self._done += done
        now = time.monotonic()
        self._started = self._started if self._started is not None else now
        if self._bar is None:
            if now - self._started < SHOW_AFTER_SECONDS or not sys.stderr.isatty():
                return
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=err(),
                transient=True,
            )
            self._task = self._bar.add_task(self._label, total=total)
            self._bar.start()
        self._bar.update(self._task, completed=self._done, total=total)

    def done(self) -> None:
        """Say that the work has come to its end."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
