"""When our own database cannot do what it should: what, where and what to do is said, nothing is kept by halves, and it passes."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from adapters.daemon import Daemon
from adapters.store import Keyring, SqlStore, open_store
from adapters.store.engine import make_engine
from adapters.store.faults import clear_errors
from sync.errors import StoreUnavailable
from sync.model import Field
from tests.harness import KEY, MAIJA_ID, Engine, HandClock, base, home, moved, sqlite_url
from tests.harness import make_engine as make_harness
from tests.integration.test_daemon import QUICK, run_until


@contextmanager
def pragma(store: SqlStore, now: str, afterwards: str) -> Iterator[None]:
    """Have every connection of a SQLite database told something, and something else afterwards."""

    def tell(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {now}")

    def take_back(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {afterwards}")

    sa.event.listen(store._engine, "checkout", tell)
    try:
        yield
    finally:
        sa.event.remove(store._engine, "checkout", tell)
        sa.event.listen(store._engine, "checkout", take_back)


def full(store: SqlStore) -> AbstractContextManager[None]:
    """Let it grow no further than it has: it then says what it says on a full disk."""
    return pragma(store, "max_page_count = 1", "max_page_count = 1000000")


def read_only(store: SqlStore) -> AbstractContextManager[None]:
    """Let it be read only, as on a file system that is."""
    return pragma(store, "query_only = ON", "query_only = OFF")


def fill(engine: Engine) -> None:
    """Write more, in one unit of work, than there is room for."""
    with engine.store.begin() as work:
        for _ in range(200):
            work.audit("x" * 400, "nothing", engine.clock.now(), {})
        work.commit()


def test_a_full_disk_is_named_with_what_to_do(tmp_path: Path) -> None:
    """The operator reads which file, what is the matter and what to do; the unit of work leaves nothing behind."""
    engine = make_harness(sqlite_url(tmp_path))
    engine.load()
    with full(engine.store):
        with pytest.raises(StoreUnavailable) as raised:
            fill(engine)
        with engine.store.snapshot() as work:
            head = work.audit_head()
    assert str(raised.value).startswith(f"our database, {tmp_path}")
    assert "its disk is full: make room" in str(raised.value)
    assert "SQLITE_FULL" in str(raised.value)
    assert head is None or "x" not in head.actor
    engine.store.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Damage is told from a disk that is only full: another thing is to be done."""
    file = tmp_path / "ajantasa.db"
    file.write_bytes(b"something else entirely " * 100)
    with pytest.raises(StoreUnavailable, match="it is damaged: stop ajantasa"):
        open_store(f"sqlite:///{file}", Keyring(KEY), HandClock())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As is whatever else keeps the file from being opened."""
    with pytest.raises(StoreUnavailable, match="may not be opened or written: see the owner and the rights"):
        open_store(f"sqlite:///{tmp_path}/missing/ajantasa.db", Keyring(KEY), HandClock())


def test_a_server_that_is_away_is_named_without_its_account() -> None:
    """Host, port and database say where; user and password are nobody's business."""
    with pytest.raises(
        StoreUnavailable, match=r"ajantasa on 127\.0\.0\.1:1: it cannot be reached: see that it runs"
    ) as raised:
        open_store("postgresql://anna:salaisuus@127.0.0.1:1/ajantasa", Keyring(KEY), HandClock())
    assert "anna" not in str(raised.value)
    assert "salaisuus" not in str(raised.value)
    assert raised.value.__suppress_context__, "the driver's own words would be shown"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("53100", "its disk is full"),
        ("58030", "its disk does not do"),
        ("57P01", "cannot be reached"),
        ("XX001", "damaged"),
    ],
)
def test_what_postgresql_says_is_told_apart(postgres_url: str, code: str, words: str) -> None:
    """By the server's own codes."""
    engine = make_engine(postgres_url)
    with pytest.raises(StoreUnavailable, match=words), clear_errors(engine), engine.connect() as connection:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'Kanarialintu' USING ERRCODE = '{code}'; END $$")
    engine.dispose()


@pytest.mark.postgres
def test_a_bug_is_not_taken_for_a_database_that_is_away(postgres_url: str) -> None:
    """A statement that is wrong would be wrong again."""
    engine = make_engine(postgres_url)
    with pytest.raises(sa.exc.ProgrammingError), clear_errors(engine), engine.connect() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    engine.dispose()


def test_the_daemon_lives_through_a_full_disk(tmp_path: Path) -> None:
    """It says so, does not blame its feeds, does not fill the log, and does its work when there is room."""
    engine = make_harness(sqlite_url(tmp_path))
    engine.add()
    engine.population.people[MAIJA_ID] = base(home("Vanhakuja", "1"))
    engine.population.log += [moved(home("Uusitie", str(n)), event=f"e{n}") for n in range(1, 400)]
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop)
    with structlog.testing.capture_logs() as logs:

        def told() -> bool:
            return sum(log["event"] == "store_unavailable" for log in logs) >= 3

        with full(engine.store):
            assert run_until(engine, daemon, stop, told) == 0
        assert told()
        assert engine.held().get(Field.ADDRESS) != home("Uusitie", "399")
        assert not [log for log in logs if log["event"] == "job_failed"]
        assert all("make room" in log["reason"] for log in logs if log["event"] == "store_unavailable")
    with engine.store.snapshot() as work:
        assert [work.feed(feed).failures for feed in ("vtj", "posti")] == [0, 0]
    stop.clear()
    daemon = Daemon(engine.parts, QUICK, stop)
    assert run_until(engine, daemon, stop, lambda: engine.held()[Field.ADDRESS] == home("Uusitie", "399")) == 0
    engine.store.close()


def test_forgetting_is_not_put_off_to_its_next_time(tmp_path: Path) -> None:
    """What could not be deleted because nothing could be written is deleted as soon as that is over, not hours later."""
    engine = make_harness(sqlite_url(tmp_path))
    daemon = Daemon(engine.parts, QUICK, threading.Event())
    with read_only(engine.store), pytest.raises(StoreUnavailable, match="may not be opened or written"):
        daemon._tick_housekeeping()
    daemon._tick_housekeeping()
    with engine.store.snapshot() as work:
        assert work.audit_head().action == "forgotten"
    engine.store.close()


def test_a_database_that_does_not_answer_is_asked_less_and_less_often(tmp_path: Path) -> None:
    """Twice as late each time, at longest after half a minute; one answer, and the job ticks as before."""
    engine = make_harness(sqlite_url(tmp_path))
    daemon = Daemon(engine.parts, QUICK, threading.Event(), monotonic=lambda: 100.0)
    waits = []
    for _ in range(14):
        daemon._note_answer("feed:vtj", answered=False)
        until, wait = daemon._put_off["feed:vtj"]
        assert until == 100.0 + wait
        waits.append(wait)
    tick = QUICK.tick.total_seconds()
    assert waits[:4] == [tick, 2 * tick, 4 * tick, 8 * tick]
    assert waits[-1] == 30
    daemon._note_answer("feed:vtj", answered=True)
    assert not daemon._put_off
    engine.store.close()
