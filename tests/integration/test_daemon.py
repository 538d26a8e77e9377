"""The daemon in one process: it does what is due, survives what it did not foresee, and knows when it is dead."""

import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
import uvicorn

from adapters.daemon import Daemon, Rhythm
from adapters.web.app import create_app, create_server
from adapters.web.settings import WebSettings
from sync.errors import CredentialsRefused, ProviderUnavailable
from sync.glass import Need, break_glass
from sync.model import Field
from tests.harness import MAIJA_ID, Engine, base, home, make_engine, moved, sqlite_url

QUICK = Rhythm(tick=timedelta(milliseconds=30), stall=timedelta(seconds=2))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give an engine with one customer whom the population register knows."""
    made = make_engine(sqlite_url(tmp_path))
    made.add()
    made.population.people[MAIJA_ID] = base(home("Vanhakuja", "1"))
    made.population.log.append(moved(home("Uusitie", "7")))
    yield made
    made.store.close()


@pytest.fixture(autouse=True)
def _signals_given_back() -> Iterator[None]:
    """The daemon takes the process's signals; the next test gets them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def served(engine: Engine, daemon: Daemon) -> uvicorn.Server:
    """Make the web server of a daemon."""
    settings = WebSettings(port=0, tokens=("desk:" + "t" * 32,))
    return create_server(create_app(engine.desk, daemon, settings), settings)


def run_until(engine: Engine, daemon: Daemon, stop: threading.Event, condition) -> int:
    """Run the daemon in this thread, which owns the signals, and stop it when the condition holds."""

    def watch() -> None:
        deadline = time.monotonic() + 20
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    return daemon.run(served(engine, daemon))


def test_it_loads_follows_and_delivers(engine: Engine) -> None:
    """Started over an empty store, it reads the register, follows its feeds and writes the new address."""
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)
    status = run_until(engine, daemon, stop, lambda: engine.held()[Field.ADDRESS] == home("Uusitie", "7"))
    assert status == 0
    assert engine.held()[Field.ADDRESS] == home("Uusitie", "7")


def test_a_failing_feed_does_not_stop_the_other(engine: Engine) -> None:
    """A provider that is away is asked again later; what the rest has to do is done meanwhile."""
    engine.postal.down = ProviderUnavailable("away")
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)

    def failures(feed: str) -> int:
        with engine.store.snapshot() as work:
            return work.feed(feed).failures

    # Each feed has a thread of its own, and either may be the first.
    assert (
        run_until(
            engine,
            daemon,
            stop,
            lambda: engine.held()[Field.ADDRESS] == home("Uusitie", "7") and failures("posti") >= 1,
        )
        == 0
    )
    assert engine.held()[Field.ADDRESS] == home("Uusitie", "7")
    assert failures("posti") >= 1
    assert failures("vtj") == 0


def test_a_stopped_feed_makes_it_unready_and_not_dead(engine: Engine) -> None:
    """When a person must mend something, the daemon lives on and says that it is not ready."""
    engine.population.down = CredentialsRefused("no")
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)
    assert run_until(engine, daemon, stop, lambda: not daemon.ready()["no_feed_stopped"]) == 0
    assert daemon.alive() == {"scheduler_ticks": True}


def test_an_error_that_nobody_foresaw_is_counted(engine: Engine) -> None:
    """A bug in one job is logged and counted, and the job is tried again at the next tick."""
    engine.population.down = ZeroDivisionError("a bug")  # type: ignore[assignment]
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)
    errors = {"job": "feed:vtj"}

    def counted() -> float:
        return daemon.registry.get_sample_value("ajantasa_unexpected_errors_total", errors) or 0

    assert run_until(engine, daemon, stop, lambda: counted() >= 2) == 0
    assert counted() >= 2


def test_its_log_warns_of_a_broken_glass(engine: Engine) -> None:
    """The command that broke it logs to whoever gave it; the daemon's log is the one that somebody watches."""
    engine.load()
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)
    break_glass(
        engine.parts, engine.parts.registers["clinic"], "42", Need.VITAL_INTERESTS, by="officer", reader="cli:officer"
    )
    with structlog.testing.capture_logs() as logged:
        assert run_until(engine, daemon, stop, lambda: "glass_broken" in {line["event"] for line in logged}) == 0
    assert [line["reader"] for line in logged if line["event"] == "glass_broken"] == ["cli:officer"]


def test_the_watchdog_gives_up_when_the_scheduler_stalls(engine: Engine) -> None:
    """Without a tick for the stall time the process ends with status 1, so that its supervisor starts it again."""
    stop = threading.Event()
    skipped = [0.0]
    daemon = Daemon(engine.parts, QUICK, stop, monotonic=lambda: time.monotonic() + skipped[0])

    def stall() -> None:
        time.sleep(0.3)
        daemon._scheduler.pause()
        time.sleep(0.2)
        skipped[0] = QUICK.stall.total_seconds() + 1

    threading.Thread(target=stall, daemon=True).start()
    assert daemon.run(served(engine, daemon)) == 1
    assert daemon.alive() == {"scheduler_ticks": False}


def test_setting_the_clock_is_no_stall(engine: Engine) -> None:
    """The wall clock may jump by a day without the watchdog taking the scheduler for dead."""
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)
    moves = iter([1, -2, 1])

    def moved_about() -> bool:
        day = next(moves, None)
        if day is not None:
            engine.clock.move(days=day)
        time.sleep(0.1)
        return day is None

    assert run_until(engine, daemon, stop, moved_about) == 0
