"""The real process, killed on its way, again and again, and then what became of the clinic's own table."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from adapters.sandbox.chronicle import day_of
from adapters.sandbox.score import score
from adapters.sandbox.world import World, made_up
from adapters.store.engine import _WRITER
from sync.matching.normalise.ids import canonical_national_id
from tests.acceptance.crashing import KILLED, POINTS
from tests.acceptance.invariants import (
    Recorder,
    check_provenance,
    doubled_writes,
    events_without_disposition,
    verify_trail,
    watch_writes,
)
from tests.acceptance.service import Service, change, rows, wait_for

ANY_TIME, IN_A_RESYNC, TWO_AT_ONCE = "at any time", "in a resync", "two at once, both"
WAYS = (*POINTS, ANY_TIME, IN_A_RESYNC, TWO_AT_ONCE)
_PATIENCE_SECONDS = 12
"""A run that has nothing to do at its point is killed by hand after so long."""
_STAFF_EDITS = 5
_BUSY = 5  # exit status of a command that found somebody else at work


@dataclass
class Findings:
    """What a round came to. `lost`, `doubled` and everything after them must be zero.

    Attributes:
        kills: by way of dying.
        changes: how many have their outcome.
        writes: how many updates the clinic's own table saw.
        right: addresses there that were brought up to date.
        lost: events that a cursor has passed without an outcome; told moves that the clinic's table does not show; what
            staff typed and somebody overwrote.
        doubled: updates of a record that were made twice.
        wrong: addresses of somebody else, of protected people, and rows that are gone.
        trail: faults that the verifier finds in the audit trail.
    """

    kills: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    writes: int = 0
    right: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    trail: int = 0

    @property
    def bad(self) -> int:
        return self.lost + self.doubled + self.wrong + self.trail

    def add(self, other: "Findings") -> None:
        """Add another round's."""
        self.kills += other.kills
        for name in ("changes", "writes", "right", "lost", "doubled", "wrong", "trail"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@contextmanager
def made_world(folder: Path, *, people: int, days: int, seed: int) -> Iterator[tuple[World, Recorder]]:
    """Make up a town whose providers repeat and reorder, and whose clinic writes down every update of its table."""
    recorder = Recorder()
    clinic = f"sqlite:///{folder / 'clinic.db'}"
    with made_up(people=people, days=days, seed=seed, clinic_url=clinic, around=recorder.around) as world:
        watch_writes(world)
        world.faults.set({"duplicate": 0.1, "reorder": 0.2, "seed": seed})
        yield world, recorder


@dataclass
class Killer:
    """Lets the story of a world go on in as many pieces as there are kills, each piece ending in one."""

    service: Service
    world: World
    recorder: Recorder
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    typed: dict[int, tuple[str, date]] = field(default_factory=dict)
    behind: timedelta = timedelta(0)

    def kill_through(self, ways: Sequence[str]) -> None:
        """Kill in each of these ways, with news from the providers and edits by staff before each."""
        now = self.world.clock.real.now()
        story = now - self.world.beginning
        for number, way in enumerate(ways, 1):
            at = self.world.beginning + story * number / (len(ways) + 1)
            self.world.clock.set(at)
            self.behind = self.world.clock.real.now() - at
            self._let_staff_type(at)
            self._die(way)
            assert not events_without_disposition(self.service, self.world, self.recorder), f"lost by a kill {way}"

    def settle(self) -> float:
        """Let the story end; two daemons work on what is left, and are stopped as an operator would.

        Returns:
            How long the slower stop took, in seconds.
        """
        self.world.clock.set(None)
        since = self.world.clock.now().timestamp() * 1e6
        both = self.service.start(), self.service.start()
        wait_for(lambda: at_rest(self.service, since), seconds=400)
        assert all(process.poll() is None for process in both), self.service.last_words()
        stops = [self.service.stop(process) for process in both]
        assert [status for status, _ in stops] == [0, 0], self.service.last_words()
        return max(seconds for _, seconds in stops)

    def findings(self) -> Findings:
        """Compare the clinic's table with the truth, which only the sandbox knows."""
        clinic, url = self.world.clinic, self.service.store_url
        doubtful = "SELECT c.key FROM disposition d JOIN customer c ON c.id = d.customer_id WHERE d.outcome = 'review'"
        result = score(
            clinic,
            at=self.world.clock.now(),
            on=self.world.population.today,
            washed=True,
            in_review=[int(key) for (key,) in rows(url, doubtful)],
        )
        table = {row["asiakasnumero"]: row for row in clinic.rows()}
        # Without an id a notice may well find nobody: no match is better than a wrong one. With an id nothing may be missed.
        by_id = {key for key, row in table.items() if canonical_national_id(row["hetu"] or "")}
        writes, doubled = doubled_writes(self.world)
        lost = len(events_without_disposition(self.service, self.world, self.recorder)) + len(by_id & set(result.stale))
        hidden = {key for key, row in table.items() if row["osoitteen_tila"] == "contact_only"}
        overwritten = [
            key
            for key, (phone, day) in self.typed.items()
            if key not in hidden and table[key]["puhelin"] != phone and not self._told_of_later(key, day)
        ]
        check_provenance(self.service)
        return Findings(
            kills=self.kills,
            changes=int(rows(url, "SELECT count(*) FROM disposition")[0][0]),
            writes=writes,
            right=len(result.updated),
            lost=lost + len(overwritten),
            doubled=doubled,
            wrong=len(result.wrong) + len(result.protected) + len(result.vanished),
            trail=verify_trail(self.service),
        )

    def _told_of_later(self, customer: int, day: date) -> bool:
        """Tell whether a notice, which carries a phone number, may speak of a later day than staff did."""
        events = self.world.population.events_of(self.world.clinic.truth.people[customer])
        return any("moves" in event.providers and event.effective > day for event in events)

    def _let_staff_type(self, at: datetime) -> None:
        """Nothing of ours runs meanwhile, so that the clinic's own account of updates need not tell of these."""
        with self.world.clinic.engine.begin() as connection:
            before = connection.scalar(sa.text("SELECT count(*) FROM potilas_loki"))
        edits = self.world.clinic.staff_edits(_STAFF_EDITS, at)
        with self.world.clinic.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM potilas_loki WHERE rowid > :before"), {"before": before})
            for edit in edits:
                if "puhelin" in edit.columns:
                    found = sa.text("SELECT puhelin FROM potilas WHERE asiakasnumero = :key")
                    self.typed[edit.customer] = connection.scalar(found, {"key": edit.customer}), day_of(at)

    def _die(self, way: str) -> None:
        if way in POINTS:
            self._die_at(way)
        elif way == IN_A_RESYNC:
            self._die_resyncing()
        else:
            self._die_running(way)

    def _die_at(self, point: str) -> None:
        process = self.service.start_behind(
            self.behind, "run", point=point, number=self.chance.randint(1, POINTS[point].often)
        )
        try:
            status = process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.service.kill(process)
            self.kills[ANY_TIME] += 1
            return
        assert status == KILLED, self.service.last_words()
        self.kills[point] += 1

    def _die_running(self, way: str) -> None:
        processes = [self.service.start_behind(self.behind, "run") for _ in range(2 if way == TWO_AT_ONCE else 1)]
        begun = self.service.log.stat().st_size
        wait_for(lambda: self.service.log.stat().st_size > begun)
        time.sleep(self.chance.uniform(0, 1.5))
        for process in processes:
            assert process.poll() is None, self.service.last_words()
            self.service.kill(process)
            self.kills[way] += 1

    def _die_resyncing(self) -> None:
        feed = self.chance.choice(["dvv", "posti"])
        process = self.service.start_behind(self.behind, "resync", feed)
        try:
            status = process.wait(self.chance.uniform(1.5, 4))
        except subprocess.TimeoutExpired:
            self.service.kill(process)
            self.kills[IN_A_RESYNC] += 1
            return
        assert status in (0, _BUSY), self.service.last_words()


def at_rest(service: Service, since: float) -> bool:
    """Both feeds have caught up after that moment, in microseconds, and nothing waits to be delivered."""
    late = f"SELECT name FROM feed WHERE health = 'ok' AND caught_up_at > {since:.0f}"
    pending = rows(service.store_url, "SELECT 1 FROM delivery WHERE state = 'pending' LIMIT 1")
    if pending:  # what was tried by those who were killed waits for minutes; a test does not
        lock = (f"SELECT pg_advisory_xact_lock({_WRITER})",) if service.store_url.startswith("postgresql") else ()
        with suppress(sa.exc.OperationalError):  # somebody writes at this moment: the next look will do
            change(service.store_url, *lock, "UPDATE delivery SET not_before = NULL WHERE state = 'pending'")
    return len(rows(service.store_url, late)) == 2 and not pending
