"""`ajantasa run`: scheduler, workers and web in one process, until it is told to stop.

APScheduler only ticks. Whether anything is due, and who may do it, is decided in the store, so that a second daemon
started by mistake does no harm: memory job store, UTC, one instance of each job, late ticks run once.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
import uvicorn
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from prometheus_client import CollectorRegistry, Counter, Gauge

from adapters.audit.job import CheckpointJob, Signing
from adapters.metrics import register_metrics
from sync.errors import AjantasaError, RetryLater, StoreUnavailable
from sync.freshness.census import take_census
from sync.glass import warn_of_openings
from sync.parts import FeedParts, Parts, RegisterParts
from sync.ports.store import FeedHealth
from sync.retention import forget
from sync.schedule import due, quietly, run_feed, run_register

log = structlog.get_logger()

_FORGET_EVERY = timedelta(hours=6)
_WARN_EVERY = timedelta(minutes=1)
_HEARTBEAT = "heartbeat"
_PATIENCE_WITH_WORK = 10
"""A job may wait for a slow provider through several retries; the heartbeat does nothing but tick."""

_LONGEST_WAIT_FOR_STORE_SECONDS = 30.0
"""Our own database is asked again twice as late each time, but never later: protection has 15 minutes."""

_WAIT_FOR_WEB_SECONDS = 2
_WAIT_FOR_JOBS_SECONDS = 6
"""Together below the ten seconds within which a stop must be over."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to tick, for how long no tick may come before the process counts as dead, how often to count customers."""

    tick: timedelta
    stall: timedelta
    census: timedelta = timedelta(hours=6)


class Daemon:
    """The running service."""

    def __init__(
        self,
        parts: Parts,
        rhythm: Rhythm,
        stop: threading.Event,
        *,
        signing: Signing | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = replace(parts, stopping=self._stopping)
        self._rhythm = rhythm
        self._stop = stop
        self._current = threading.local()
        self._active: set[str] = set()
        # Not the wall clock: setting that must not look like a stall.
        self._monotonic = monotonic
        self._beats: dict[str, float] = {}
        self._put_off: dict[str, tuple[float, float]] = {}  # by job: until when, and how long that is
        self._next_read: dict[str, datetime] = {}
        self._next: dict[str, datetime] = {}
        self._warned: set[int] = set()
        self._scheduler = _scheduler(3 + len(parts.feeds) + len(parts.registers))
        self._registry = CollectorRegistry()
        register_metrics(parts, self._registry)
        self._checkpoints = CheckpointJob(parts, signing, self._registry) if signing else None
        self._errors = Counter(
            "ajantasa_unexpected_errors", "Errors that nobody foresaw.", ["job"], registry=self._registry
        )
        self._heartbeat = Gauge(
            "ajantasa_last_tick_timestamp_seconds", "When a job last ticked.", ["job"], registry=self._registry
        )

    # --- health, for the web ---------------------------------------------------------------------------------------
    @property
    def registry(self) -> CollectorRegistry:
        """Return where the daemon's metrics are."""
        return self._registry

    def alive(self) -> Mapping[str, bool]:
        """Return the checks that only a restart mends: the scheduler ticks."""
        return {"scheduler_ticks": self._ticks()}

    def ready(self) -> Mapping[str, bool]:
        """Return the checks without which the desk cannot be answered."""
        try:
            with self._parts.store.snapshot() as work:
                loaded = {f"register_{name}_loaded": work.loaded(name) for name in self._parts.registers}
                stopped = any(work.feed(name).health is FeedHealth.STOPPED for name in self._parts.feeds)
        except StoreUnavailable:
            return {"store_answers": False}
        return {"store_answers": True, **loaded, "no_feed_stopped": not stopped}

    # --- running -------------------------------------------------------------------------------------------------
    def run(self, server: uvicorn.Server) -> int:
        """Run until told to stop; returns 0 for a clean stop and 1 when the watchdog gave up."""
        serving = threading.Thread(target=server.run, name="web", daemon=True)
        self._install_signal_handlers()
        self._start_jobs()
        serving.start()
        log.info("daemon_started", owner=self._parts.owner, feeds=len(self._parts.feeds))
        healthy = self._watch(serving)
        self._stop.set()
        server.should_exit = True
        self._scheduler.shutdown(wait=False)
        serving.join(_WAIT_FOR_WEB_SECONDS)
        finished = self._wait_for_jobs()
        log.info("daemon_stopped", healthy=healthy, jobs_finished=finished)
        if not finished:
            # A job that waits for a provider cannot be hurried. What it has not committed, the database rolls back;
            # its lease runs out by itself.
            os._exit(0 if healthy else 1)
        return 0 if healthy else 1

    def _watch(self, serving: threading.Thread) -> bool:
        """Wait for the stop; False when the scheduler no longer ticks or the web has died."""
        while not self._stop.wait(self._rhythm.tick.total_seconds()):
            if not self._ticks():
                log.critical("scheduler_stalled")
                return False
            if not serving.is_alive():
                log.critical("web_died")
                return False
        return True

    def _ticks(self) -> bool:
        """Tell whether the scheduler ticks, and no job has been silent for so long that it must hang."""
        now, stall = self._monotonic(), self._rhythm.stall.total_seconds()
        patience = stall * _PATIENCE_WITH_WORK
        return all(now - beat <= (stall if name == _HEARTBEAT else patience) for name, beat in self._beats.items())

    def _install_signal_handlers(self) -> None:
        # Handlers only set an event: shutting a scheduler down inside one can deadlock.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())

    def _start_jobs(self) -> None:
        for register in self._parts.registers.values():
            self._add(f"register:{register.name}", partial(self._tick_register, register))
        for feed in self._parts.feeds.values():
            self._add(f"feed:{feed.name}", partial(self._tick_feed, feed))
        self._add("housekeeping", self._tick_housekeeping)
        if self._checkpoints:
            self._add("checkpoints", self._checkpoints.tick)
        self._add(_HEARTBEAT, lambda: None)
        self._scheduler.add_listener(self._on_error, EVENT_JOB_ERROR)
        self._scheduler.start()

    def _add(self, name: str, tick: Callable[[], None]) -> None:
        def beat_and_tick() -> None:
            self._current.job = name
            self._active.add(name)
            self._beat(name)
            try:
                if not self._stop.is_set() and self._monotonic() >= self._put_off.get(name, (0.0, 0.0))[0]:
                    self._note_answer(name, answered=quietly(tick, what=name))
            finally:
                self._active.discard(name)
                self._beat(name)

        self._beat(name)
        self._scheduler.add_job(
            beat_and_tick,
            "interval",
            id=name,
            seconds=self._rhythm.tick.total_seconds(),
            next_run_time=datetime.now(UTC),
        )

    def _note_answer(self, name: str, *, answered: bool) -> None:
        """Have a job wait for our database, twice as long each time: its log must not fill a disk that is full already."""
        if answered:
            self._put_off.pop(name, None)
            return
        _, before = self._put_off.get(name, (0.0, 0.0))
        wait = min(2 * before or self._rhythm.tick.total_seconds(), _LONGEST_WAIT_FOR_STORE_SECONDS)
        self._put_off[name] = self._monotonic() + wait, wait

    def _beat(self, name: str) -> None:
        self._beats[name] = self._monotonic()
        self._heartbeat.labels(name).set(self._parts.clock.now().timestamp())

    def _tick_register(self, register: RegisterParts) -> None:
        now = self._parts.clock.now()
        read = now >= self._next_read.get(register.name, now)
        if read:
            self._next_read[register.name] = now + register.read_every
        run_register(self._parts, register, read=read)

    def _tick_feed(self, feed: FeedParts) -> None:
        if due(self._parts, feed):
            run_feed(self._parts, feed)

    def _tick_housekeeping(self) -> None:
        self._now_and_then("openings", _WARN_EVERY, self._warn_of_openings)
        self._now_and_then("forgetting", _FORGET_EVERY, lambda: forget(self._parts))
        self._now_and_then("census", self._rhythm.census, self._take_censuses, if_=self._is_caught_up)

    def _warn_of_openings(self) -> None:
        self._warned = warn_of_openings(self._parts, self._warned)

    def _take_censuses(self) -> None:
        for register in self._parts.registers.values():
            take_census(self._parts, register)

    def _now_and_then(
        self, what: str, every: timedelta, work: Callable[[], object], *, if_: Callable[[], bool] = lambda: True
    ) -> None:
        """Do it if it is time; what could not be done now is not put off until its next time."""
        now = self._parts.clock.now()
        if now < self._next.get(what, now) or not if_():
            return
        self._next[what] = now + every
        try:
            work()
        except RetryLater:
            self._next[what] = now
            raise

    def _is_caught_up(self) -> bool:
        """Tell whether counting tells anything yet: every register was loaded, and every feed that goes has come to its end."""
        with self._parts.store.snapshot() as work:
            feeds = [work.feed(name) for name in self._parts.feeds]
            return all(work.loaded(name) for name in self._parts.registers) and all(
                feed.caught_up_at or feed.health is FeedHealth.STOPPED for feed in feeds
            )

    def _on_error(self, event: JobExecutionEvent) -> None:
        self._errors.labels(event.job_id).inc()
        expected = isinstance(event.exception, AjantasaError)
        log.error("job_failed", job=event.job_id, exc_info=event.exception, expected=expected)

    def _stopping(self) -> bool:
        """Tell a job between two pages whether to stop; that it asks is its sign of life."""
        if job := getattr(self._current, "job", None):
            self._beat(job)
        return self._stop.is_set()

    def _wait_for_jobs(self) -> bool:
        """Give running jobs time to finish their page; True when all have."""
        for _ in range(_WAIT_FOR_JOBS_SECONDS * 20):
            if not self._active:
                return True
            time.sleep(0.05)
        return not self._active


def _scheduler(workers: int) -> BackgroundScheduler:
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(workers)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
