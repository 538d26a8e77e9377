"""The real process while its disk fails, is full, or its database server dies; and whether it goes on when that is over."""

import json
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import httpx
import sqlalchemy as sa

from tests.acceptance.invariants import is_set_up, position
from tests.acceptance.service import TOKEN, Service, rows, wait_for
from tests.acceptance.story import Story, at_rest

Process = subprocess.Popen[bytes]

_LOOKS = 10
"""At what is committed while a trouble lasts, a tenth of a second apart."""
_MOST_COMPLAINTS = 100
"""Lines in which one trouble is told: more would fill a disk that is full already."""
_SANE = {200, 404, 503}  # a customer may not be mirrored yet
_FORESEEN = {
    "store_unavailable",
    "work_put_off",
    "lease_lost",
    "checkpoint_failed",
    "health_check_failed",
    "desk_unavailable",
}


class Trouble(Protocol):
    """Something outside that breaks.

    Attributes:
        name: for people.
        early: it is there when the process starts, which may then end with clear words.
        sign: what the log must say while it lasts; empty where it need not show.
        under: what the process is started by.
    """

    name: str
    early: bool
    sign: str

    @property
    def under(self) -> Sequence[str]: ...

    def begin(self, process: Process | None) -> None: ...

    def end(self, process: Process | None) -> None: ...


@dataclass
class Witness:
    """Somebody outside who reads what is committed, and remembers: none of it may be missing later."""

    service: Service
    entries: dict[int, str] = field(default_factory=dict)
    outcomes: set[tuple[str, str]] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    cursors: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Read what is there now; a database that is away has said nothing."""
        with suppress(sa.exc.DBAPIError):
            if not is_set_up(self.service.store_url):
                return
            now = self._read()
            self.entries |= now.entries
            self.outcomes |= now.outcomes
            self.acknowledged |= now.acknowledged
            self.cursors |= {feed: max(at, self.cursors.get(feed, 0)) for feed, at in now.cursors.items()}

    @property
    def seen(self) -> int:
        """Return how much was read that must not go away."""
        return len(self.entries) + len(self.outcomes) + len(self.acknowledged)

    def missing(self) -> int:
        """Count what was there once and is not there any more, or is something else."""
        now = self._read()
        return (
            len(self.entries.items() - now.entries.items())
            + len(self.outcomes - now.outcomes)
            + len(self.acknowledged - now.acknowledged)
            + sum(now.cursors.get(feed, 0) < at for feed, at in self.cursors.items())
        )

    def _read(self) -> "Witness":
        url = self.service.store_url
        return Witness(
            self.service,
            {seq: hash_ for seq, hash_ in rows(url, "SELECT seq, hash FROM audit")},  # noqa: C416 - a row is no pair to mypy
            {(feed, event) for feed, event in rows(url, "SELECT feed, event FROM disposition")},
            {id_ for (id_,) in rows(url, "SELECT id FROM delivery WHERE state = 'acknowledged'")},
            {feed: position(cursor) for feed, cursor in rows(url, "SELECT name, cursor FROM feed") if cursor},
        )


@dataclass
class Sufferer(Story):
    """Has a trouble in each piece of the story, which passes; the process that went through it must catch up.

    Attributes:
        unclear: what the log, or a command, said in a way that tells an operator nothing.
    """

    unclear: list[str] = field(default_factory=list)
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.witness = Witness(self.service)

    def suffer_through(self, troubles: Sequence[Trouble]) -> None:
        """Go through all of them."""
        by_name = {trouble.name: trouble for trouble in troubles}
        for name in self.pieces([trouble.name for trouble in troubles]):
            begun = self._log_size()
            self._suffer(by_name[name], begun)
            self.unclear += [f"{name}: {line}" for line in unclear_lines(self._log_since(begun))]
            self.troubles[name] += 1

    def _suffer(self, trouble: Trouble, begun: int) -> None:
        if trouble.early:
            trouble.begin(None)
            process = self._start(trouble.under)
        else:
            process = self._start(trouble.under)
            time.sleep(self.chance.uniform(0, 0.7))
            self.witness.look()
            trouble.begin(process)
        try:
            wait_for(lambda: self._shows(trouble, begun), seconds=120)
            self._look_on()
        finally:
            trouble.end(process)
        if process.poll() is not None:
            assert trouble.early, f"{trouble.name} ended it: {self.service.last_words()}"
            assert process.returncode == 1
            process = self._start(())
        self._catch_up(process)

    def _start(self, under: Sequence[str]) -> Process:
        """Start it, and wait until it answers or has ended."""
        process = self.service.start_behind(self.behind, "run", under=under)
        wait_for(lambda: process.poll() is not None or self._answers("/livez") is not None)
        return process

    def _shows(self, trouble: Trouble, begun: int) -> bool:
        self.witness.look()
        return trouble.sign in self._log_since(begun)

    def _look_on(self) -> None:
        """See while it lasts that the process answers, and that a command ends in words."""
        for _ in range(_LOOKS):
            time.sleep(0.1)
            self.witness.look()
        if self.service.processes[-1].poll() is None:
            told = {path: self._answers(path) for path in ("/livez", "/readyz", "/metrics", self._desk)}
            self.unclear += [f"{path} answers {status}" for path, status in told.items() if status not in _SANE]
        asked = self.service.run("status", "--json")
        in_words = asked.returncode == 1 and asked.stderr.startswith("StoreUnavailable: our database, ")
        if asked.returncode and not (in_words and "Traceback" not in asked.stderr):
            self.unclear.append(f"status: {asked.returncode}: {asked.stderr}")

    def _catch_up(self, process: Process) -> None:
        """See that the trouble leaves nothing behind: the same process does what is left, and stops when it is told."""
        since = (self.world.clock.real.now() - self.behind).timestamp() * 1e6

        def done() -> bool:
            self.witness.look()
            with suppress(sa.exc.DBAPIError):
                return at_rest(self.service, since)
            return False

        wait_for(done, seconds=120)
        assert process.poll() is None, self.service.last_words()
        assert self.service.stop(process)[0] == 0, self.service.last_words()

    @property
    def _desk(self) -> str:
        return f"/api/v1/registers/clinic/customers/{min(self.world.clinic.truth.people)}/status"

    def _answers(self, path: str) -> int | None:
        try:
            return self.service.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code
        except httpx.HTTPError:
            return None

    def _log_size(self) -> int:
        return self.service.log.stat().st_size if self.service.log.exists() else 0

    def _log_since(self, begun: int) -> str:
        return self.service.log.read_bytes()[begun:].decode("utf-8", "replace")


def unclear_lines(log: str) -> list[str]:
    """Return what an operator can do nothing with: a traceback, an error that nobody foresaw, the same line without end."""
    told, complaints = [], 0
    for line in log.splitlines():
        if line.startswith("StoreUnavailable: our database, "):  # the last words of one that could not start
            continue
        try:
            said = json.loads(line)
        except ValueError:
            told.append(line)
            continue
        complaints += said["event"] in _FORESEEN
        if said["level"] in ("error", "critical") and said["event"] not in {*_FORESEEN, "log_lines_lost"}:
            told.append(line)
    return told if complaints <= _MOST_COMPLAINTS else [*told, f"{complaints} complaints"]
