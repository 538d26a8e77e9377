"""A made-up town's story, told piece by piece to the real service, and then what became of the clinic's own table."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from adapters.sandbox.chronicle import day_of
from adapters.sandbox.clinic import TypedAddress
from adapters.sandbox.score import score
from adapters.sandbox.world import World, made_up
from adapters.store.engine import _WRITER
from sync.matching.normalise.ids import canonical_national_id
from tests.acceptance.invariants import (
    Recorder,
    check_provenance,
    doubled_writes,
    events_without_disposition,
    is_set_up,
    verify_trail,
    watch_writes,
)
from tests.acceptance.service import Service, change, rows, wait_for

_STAFF_EDITS = 5


@dataclass
class Findings:
    """What a round came to. `lost`, `doubled` and everything after them must be zero.

    Attributes:
        troubles: by kind; what the service went through.
        changes: how many have their outcome.
        writes: how many updates the clinic's own table saw.
        right: addresses there that were brought up to date.
        lost: events that a cursor has passed without an outcome; told moves that the clinic's table does not show; what
            staff typed and somebody overwrote.
        doubled: updates of a record that were made twice.
        wrong: addresses of somebody else, of protected people, and rows that are gone.
        trail: faults that the verifier finds in the audit trail.
    """

    troubles: Counter[str] = field(default_factory=Counter)
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
        self.troubles += other.troubles
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
class Story:
    """Lets the story of a world go on in as many pieces as there are troubles, one in each piece."""

    service: Service
    world: World
    recorder: Recorder
    chance: random.Random
    troubles: Counter[str] = field(default_factory=Counter)
    typed: dict[int, tuple[str, date]] = field(default_factory=dict)
    retyped: dict[int, tuple[TypedAddress, date]] = field(default_factory=dict)
    behind: timedelta = timedelta(0)

    def pieces(self, troubles: Sequence[str]) -> Iterator[str]:
        """Give one trouble after the other, with news from the providers and edits by staff before each.

        Nothing of ours may run when the next one is asked for.
        """
        now = self.world.clock.real.now()
        story = now - self.world.beginning
        for number, trouble in enumerate(troubles, 1):
            at = self.world.beginning + story * number / (len(troubles) + 1)
            self.world.clock.set(at)
            self.behind = self.world.clock.real.now() - at
            self._let_staff_type(at)
            yield trouble
            lost = events_without_disposition(self.service, self.world, self.recorder)
            assert not lost, f"{len(lost)} lost by the trouble {trouble}"

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
        late = by_id.intersection(result.stale + result.outdated)
        lost = len(events_without_disposition(self.service, self.world, self.recorder)) + len(
            {key for key in late if not self._is_staffs(key, TypedAddress.of(table[key]))}
        )
        hidden = {key for key, row in table.items() if row["osoitteen_tila"] == "contact_only"}
        overwritten = [
            key
            for key, (phone, day) in self.typed.items()
            if key not in hidden and table[key]["puhelin"] != phone and not self._told_of_later(key, day)
        ]
        check_provenance(self.service)
        return Findings(
            troubles=self.troubles,
            changes=int(rows(url, "SELECT count(*) FROM disposition")[0][0]),
            writes=writes,
            right=len(result.updated),
            lost=lost + len(overwritten),
            doubled=doubled,
            wrong=len(result.wrong) + len(result.protected) + len(result.vanished),
            trail=verify_trail(self.service),
        )

    def _is_staffs(self, customer: int, shown: TypedAddress) -> bool:
        """Tell whether just what staff wrote stands there, and nobody moved after that day: then theirs is to stand."""
        typed, day = self.retyped.get(customer, (None, date.max))
        events = self.world.population.events_of(self.world.clinic.truth.people[customer])
        return shown == typed and not any(event.effective > day for event in events)

    def _told_of_later(self, customer: int, day: date) -> bool:
        """Tell whether a notice, which carries a phone number, may speak of a later day than staff did."""
        events = self.world.population.events_of(self.world.clinic.truth.people[customer])
        # A number is of the day on which the notice was written down, whenever the move itself is.
        return any(
            "moves" in event.providers and max(event.effective, day_of(event.recorded)) > day for event in events
        )

    def _let_staff_type(self, at: datetime) -> None:
        """Nothing of ours runs meanwhile, so that the clinic's own account of updates need not tell of these.

        What they type before the service has read a record at all is, to the service, what always stood there.
        """
        url = self.service.store_url
        read = {int(key) for (key,) in rows(url, "SELECT key FROM customer")} if is_set_up(url) else set()
        with self.world.clinic.engine.begin() as connection:
            before = connection.scalar(sa.text("SELECT count(*) FROM potilas_loki"))
            phones = {
                row.asiakasnumero: row.puhelin
                for row in connection.execute(sa.text("SELECT asiakasnumero, puhelin FROM potilas"))
            }
        edits = self.world.clinic.staff_edits(_STAFF_EDITS, at)
        with self.world.clinic.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM potilas_loki WHERE rowid > :before"), {"before": before})
            for edit in edits:
                if "lahiosoite" in edit.columns:
                    self.retyped[edit.customer] = self.world.clinic.truth.typed[edit.customer], day_of(at)
                if "puhelin" in edit.columns and edit.customer in read:
                    found = sa.text("SELECT puhelin FROM potilas WHERE asiakasnumero = :key")
                    phone = connection.scalar(found, {"key": edit.customer})
                    if phone != phones[edit.customer]:  # emptying what is empty says nothing
                        self.typed[edit.customer] = phone, day_of(at)


def at_rest(service: Service, since: float) -> bool:
    """Both feeds have caught up after that moment, in microseconds, and nothing waits to be delivered."""
    late = f"SELECT name FROM feed WHERE health = 'ok' AND caught_up_at > {since:.0f}"
    pending = rows(service.store_url, "SELECT 1 FROM delivery WHERE state = 'pending' LIMIT 1")
    if pending:  # what was tried by those who were killed waits for minutes; a test does not
        lock = (f"SELECT pg_advisory_xact_lock({_WRITER})",) if service.store_url.startswith("postgresql") else ()
        with suppress(sa.exc.OperationalError):  # somebody writes at this moment: the next look will do
            change(service.store_url, *lock, "UPDATE delivery SET not_before = NULL WHERE state = 'pending'")
    return len(rows(service.store_url, late)) == 2 and not pending
