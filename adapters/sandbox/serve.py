"""The sandbox's servers as real ones: on ports, in threads, stopped cleanly."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp

from adapters.sandbox.chronicle import day_of
from adapters.sandbox.clinic import Clinic
from adapters.sandbox.clock import RealClock, SandboxClock
from adapters.sandbox.dvv_server import dvv_app
from adapters.sandbox.faults import FaultMiddleware, Faults, split_dvv, split_lines
from adapters.sandbox.moves_server import moves_app
from adapters.sandbox.population import Population

_STOP_SECONDS = 10
_log = structlog.get_logger()


@contextmanager
def running(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Run an application as a server for as long as the block lasts.

    Args:
        app: an ASGI application.
        host: address to listen on.
        port: 0 lets the system choose.

    Yields:
        The base URL, with the port that was chosen.

    Raises:
        OSError: the port is taken.
        RuntimeError: it did not come up.
    """
    with socket.create_server((host, port)) as listener:
        # Its own log would tell addresses of requests; nothing of this program logs those.
        config = uvicorn.Config(app, log_config=None, access_log=False, log_level="critical", lifespan="off")
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="sandbox-server", daemon=True)
        thread.start()
        try:
            server.wait_until_started(thread)
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


class _Server(uvicorn.Server):
    """A server that tells when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and say so."""
        await super().startup(sockets)
        self._up.set()

    def wait_until_started(self, thread: threading.Thread) -> None:
        """Wait for the start.

        Raises:
            RuntimeError: the thread ended first.
        """
        while not self._up.wait(0.05):
            if not thread.is_alive():
                raise RuntimeError("the server ended before it answered")


def with_faults(
    population: Population, clock: SandboxClock, faults: Faults, dvv_page: int = 500
) -> tuple[ASGIApp, ASGIApp]:
    """Make both providers' applications, the population register's and the postal operator's, with the same faults."""
    return (
        FaultMiddleware(dvv_app(population, clock, page_size=dvv_page), faults=faults, split=split_dvv),
        FaultMiddleware(moves_app(population, clock), faults=faults, split=split_lines),
    )


def serve(
    people: int,
    days: int,
    seed: int,
    host: str,
    dvv_port: int,
    moves_port: int,
    clinic_url: str | None = None,
    *,
    today: date | None = None,
) -> None:
    """Make up a population, serve both providers over it, and stay until SIGTERM or SIGINT.

    Args:
        people: how many.
        days: of their lives.
        seed: of all chance.
        host: address to listen on.
        dvv_port: of the population register; 0 lets the system choose.
        moves_port: of the postal operator; 0 lets the system choose.
        clinic_url: SQLAlchemy URL of a database for the clinic's table; a file that is there already, or a table in
            it, is replaced. None or empty makes no clinic.
        today: last day of the story; the present day by default.

    Raises:
        SandboxUnavailable: Faker is not installed.
        OSError: a port is taken.
    """
    clock = SandboxClock(RealClock())
    population = Population.grow(people=people, days=days, seed=seed, today=today or day_of(clock.now()))
    _log.info("sandbox_population_grown", people=people, events=len(population.events), seed=seed)
    if clinic_url:
        _open_clinic(clinic_url, population)
    dvv, moves = with_faults(population, clock, Faults())
    stop = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(_stopped_by_signals(stop))
        dvv_url = stack.enter_context(running(dvv, host=host, port=dvv_port))
        moves_url = stack.enter_context(running(moves, host=host, port=moves_port))
        _log.info("sandbox_serving", dvv=f"{dvv_url}/api/v1", moves=moves_url)
        stop.wait()
    _log.info("sandbox_stopped")


def _open_clinic(url: str, population: Population) -> None:
    database = make_url(url).database
    if make_url(url).get_backend_name() == "sqlite" and database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    clinic = Clinic.open(url, population)
    _log.info("sandbox_clinic_filled", customers=len(clinic.truth.people))
    clinic.close()


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
