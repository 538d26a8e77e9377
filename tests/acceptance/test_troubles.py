"""The real process on a disk that fails or is full, and with a database server that dies: it says so, and catches up."""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.breaking import can_mount, dead_servers, failing_calls, full_disks, small_disk
from tests.acceptance.service import Service, change
from tests.acceptance.story import made_world
from tests.acceptance.troubling import Sufferer, Trouble, Witness, unclear_lines
from tests.harness import MAIJA_ID, base, home, make_engine, moved, sqlite_url
from tests.postgres import hurry, own_server

PEOPLE = 150
_DISK_MEGABYTES = 64

no_libfiu = pytest.mark.skipif(not shutil.which("fiu-run"), reason="needs Debian's fiu-utils")


@pytest.fixture
def disk() -> Iterator[Path]:
    """Mount a small disk."""
    if not can_mount():
        pytest.skip("only root may mount a small disk")
    with small_disk(_DISK_MEGABYTES) as folder:
        yield folder


@contextmanager
def suffering(folder: Path, service_folder: Path, url: str, seed: int) -> Iterator[Sufferer]:
    """Make up a town and configure the service in a folder of its own."""
    with made_world(folder, people=PEOPLE, days=90, seed=seed) as (world, recorder):
        service = Service.configure(service_folder, world, url)
        service.log = folder / "service.log"
        try:
            yield Sufferer(service, world, recorder, random.Random(seed))
        finally:
            service.end()


def check(sufferer: Sufferer, troubles: Sequence[Trouble]) -> None:
    """Go through them, settle, and look for anything lost, doubled, wrong, missing or unclear."""
    sufferer.suffer_through(troubles)
    sufferer.settle()
    found = sufferer.findings()
    assert (found.lost, found.doubled, found.wrong, found.trail) == (0, 0, 0, 0)
    assert sufferer.witness.seen > PEOPLE
    assert sufferer.witness.missing() == 0
    assert sufferer.unclear == []
    assert found.troubles.total() == len(troubles)
    assert min(found.changes, found.writes, found.right) > PEOPLE / 10


@no_libfiu
@pytest.mark.timeout(300)
def test_failing_writes_and_syncs_lose_nothing(tmp_path: Path) -> None:
    """Writes, syncs and truncations of database, checkpoint file and log fail; the same process catches up afterwards."""
    with suffering(tmp_path, tmp_path, f"sqlite:///{tmp_path / 'ajantasa.db'}", seed=11) as sufferer:
        check(sufferer, failing_calls(tmp_path)[:4])  # `make soak` tries all of them


@pytest.mark.timeout(300)
def test_a_full_disk_loses_nothing(tmp_path: Path, disk: Path) -> None:
    """Without room nothing is kept by halves, the log says what to do, and with room again the work goes on."""
    with suffering(tmp_path, disk, f"sqlite:///{disk / 'ajantasa.db'}", seed=12) as sufferer:
        check(sufferer, full_disks(disk))


@pytest.mark.postgres
@pytest.mark.timeout(300)
def test_a_postgresql_that_dies_loses_nothing(tmp_path: Path) -> None:
    """Killed, stopped at once or gone when the daemon starts: it waits or ends with clear words, and catches up."""
    with own_server() as server:
        hurry(server.get_uri(), dies=True)
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        with suffering(tmp_path, tmp_path, url, seed=13) as sufferer:
            check(sufferer, dead_servers(server)[:2])


def test_what_tells_an_operator_nothing_is_found() -> None:
    """A traceback, an unforeseen error and a line without end are; what says what to do is not."""
    good = '{"event": "store_unavailable", "level": "error", "reason": "our database, x: its disk is full"}\n'
    bug = '{"event": "job_failed", "level": "error", "error": "OperationalError"}\n'
    assert unclear_lines(good * 3) == []
    assert unclear_lines(good + bug) == [bug.strip()]
    assert len(unclear_lines("Traceback (most recent call last):\n")) == 1
    assert len(unclear_lines(good * 1_000)) == 1


@pytest.mark.parametrize(
    "loss",
    [
        "DELETE FROM disposition WHERE event = (SELECT min(event) FROM disposition)",
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
        "UPDATE audit SET hash = 'x' WHERE seq = 1",
        "UPDATE delivery SET state = 'pending' WHERE state = 'acknowledged'",
        "UPDATE feed SET cursor = '0' WHERE name = 'vtj'",
    ],
)
def test_the_witness_misses_what_went_away(tmp_path: Path, loss: str) -> None:
    """An outcome, an entry, what an entry was, an acknowledgement, a cursor's position: each is one thing missing."""
    engine = make_engine(sqlite_url(tmp_path))
    engine.add()
    engine.population.people[MAIJA_ID] = base(home("Vanhakuja", "1"))
    engine.population.log.append(moved(home("Uusitie", "7")))
    engine.run()
    witness = Witness(Service(tmp_path, sqlite_url(tmp_path), tmp_path, tmp_path))
    witness.look()
    assert witness.missing() == 0
    change(sqlite_url(tmp_path), loss)
    assert witness.missing() == 1
    engine.store.close()
