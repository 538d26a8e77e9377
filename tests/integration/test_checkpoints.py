"""Signing the audit chain: what is appended when, and what is refused rather than signed."""

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from adapters.audit.checkpoints import LEASE, CheckpointFile, sign_head
from adapters.audit.export import at_one_moment, export, lines
from adapters.audit.job import CheckpointJob, Signing
from adapters.audit.signing import create_signing_key, load_signing_key, read_public_key
from adapters.audit.verifier import Report, verify
from adapters.daemon import Daemon
from sync.errors import Busy, CheckpointFailed, KeyUnusable
from sync.schedule import held
from tests.harness import START, Engine, room_for
from tests.integration.test_daemon import QUICK, run_until

HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> CheckpointFile:
    """Give a checkpoint file that is not there yet, and its key."""
    return CheckpointFile(tmp_path / "checkpoints.jsonl", Ed25519PrivateKey.generate())


def note(engine: Engine) -> None:
    """Let something happen that is audited."""
    with engine.store.begin() as work:
        work.audit("test", "something", START, {})
        work.commit()


def seen(engine: Engine, file: CheckpointFile) -> Report:
    """Verify the chain as it is now."""
    with at_one_moment(engine.parts, file) as (work, _, signed):
        return verify(lines(work.trail()), signed, file.public_key)


def change(engine: Engine, statement: str) -> None:
    """Edit the database behind the program's back."""
    with engine.store.begin() as work:
        work._db.exec_driver_sql(statement)  # type: ignore[attr-defined]
        work.commit()


def test_the_head_is_signed_and_told_of(either: Engine, file: CheckpointFile) -> None:
    """A checkpoint is one line, and the chain tells of it; when nothing is new none is made."""
    first = sign_head(either.parts, file)
    assert sign_head(either.parts, file) is None
    note(either)
    second = sign_head(either.parts, file)
    assert first
    assert second
    assert (first["number"], second["number"]) == (1, 2)
    assert second["seq"] == first["seq"] + 2  # its own entry, and what was noted
    assert [json.loads(line) for line in file.path.read_bytes().splitlines()] == [first, second]
    report = seen(either, file)
    assert (report.fault_count, report.checkpoints, report.signed_to) == (0, 2, second["seq"])


def test_an_empty_chain_is_not_signed(engine: Engine, file: CheckpointFile) -> None:
    """Before the first entry there is nothing to vouch for."""
    change(engine, "DELETE FROM fact")
    change(engine, "DELETE FROM audit")
    assert sign_head(engine.parts, file) is None
    assert not file.path.exists()


def test_a_crash_after_the_line_is_made_good(engine: Engine, file: CheckpointFile) -> None:
    """The line is there and the chain does not tell of it: the next run does, and signs nothing twice."""
    with engine.store.snapshot() as work:
        head = work.audit_head()
    assert head
    made = file.append(head, START)
    assert seen(engine, file).fault_count == 0
    assert sign_head(engine.parts, file) == made
    assert sign_head(engine.parts, file) is None
    assert seen(engine, file).fault_count == 0


def test_half_a_line_is_cut_away(engine: Engine, file: CheckpointFile) -> None:
    """What a crash left of a line goes when the next one is written; it is said in the log."""
    sign_head(engine.parts, file)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + whole[:100])
    assert seen(engine, file).fault_count == 1
    note(engine)
    with structlog.testing.capture_logs() as logs:
        sign_head(engine.parts, file)
    assert [log["cut_off_bytes"] for log in logs if log["event"] == "checkpoint_torn"] == [100]
    assert seen(engine, file).fault_count == 0


def test_another_file_is_not_touched(engine: Engine, file: CheckpointFile) -> None:
    """Named by mistake, a file that holds something else stays as it was, with a last line or without."""
    for data in (b"something else", b"something else\n", b'{"at":"x"}\n'):
        file.path.write_bytes(data)
        with pytest.raises(CheckpointFailed):
            sign_head(engine.parts, file)
        assert file.path.read_bytes() == data


def test_a_rewritten_chain_is_not_signed(engine: Engine, file: CheckpointFile) -> None:
    """What was signed last must be in the chain, or nothing is signed on top of it."""
    sign_head(engine.parts, file)
    note(engine)
    change(engine, "UPDATE audit SET hash = 'x' WHERE seq = 1")
    assert seen(engine, file).fault_count
    for statement in ("UPDATE audit SET hash = 'x'", "DELETE FROM audit WHERE seq > 1"):
        change(engine, statement)
        with pytest.raises(CheckpointFailed, match="not the one that was signed"):
            sign_head(engine.parts, file)
    assert len(file.path.read_bytes().splitlines()) == 1


def test_a_lost_file_is_not_begun_anew(engine: Engine, file: CheckpointFile) -> None:
    """The chain tells of checkpoints of this key; with another key a new file is begun."""
    sign_head(engine.parts, file)
    note(engine)
    file.path.unlink()
    with pytest.raises(CheckpointFailed, match="is empty, but the chain tells"):
        sign_head(engine.parts, file)
    assert "tells of checkpoint 1" in seen(engine, file).faults[0].what
    new = CheckpointFile(file.path, Ed25519PrivateKey.generate())
    assert sign_head(engine.parts, new)
    report = seen(engine, new)
    assert (report.fault_count, report.mentions) == (0, 1)


@pytest.mark.parametrize("room", [0, 100])
def test_a_full_disk_leaves_the_file_as_it_was(engine: Engine, file: CheckpointFile, room: int) -> None:
    """Half a line that could be written is taken back, and the next one is written when there is room."""
    sign_head(engine.parts, file)
    before = file.path.read_bytes()
    note(engine)
    with engine.store.snapshot() as work:
        head = work.audit_head()
    assert head
    with room_for(len(before) + room), pytest.raises(CheckpointFailed):
        file.append(head, START)
    assert file.path.read_bytes() == before
    assert sign_head(engine.parts, file)
    assert seen(engine, file).fault_count == 0


def test_one_signs_at_a_time(engine: Engine, file: CheckpointFile) -> None:
    """Two daemons on one database never write into the file at once, and nobody reads chain and file in between."""
    with held(engine.parts, LEASE):
        for act in (lambda: sign_head(engine.parts, file), lambda: seen(engine, file)):
            with pytest.raises(Busy):
                act()
    assert sign_head(engine.parts, file)


def test_checkpoints_made_while_a_trail_is_read_do_no_harm(engine: Engine, file: CheckpointFile) -> None:
    """Chain and checkpoints are those of one moment, whatever the daemon does meanwhile."""
    sign_head(engine.parts, file)
    with at_one_moment(engine.parts, file) as (work, total, signed):
        note(engine)
        sign_head(engine.parts, file)
        report = verify(lines(work.trail()), signed, file.public_key)
    assert (report.fault_count, report.entries, report.checkpoints) == (0, total, 1)


# --- the database itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE audit SET body = '{}' WHERE seq = 1", "entry 1"),
        ("UPDATE fact SET commitment = 'x' WHERE id = (SELECT max(id) FROM fact)", "entry 1"),
        ("DELETE FROM fact WHERE id = (SELECT max(id) FROM fact)", "entry 1"),
        ("UPDATE fact SET audit_seq = 99 WHERE id = (SELECT max(id) FROM fact)", "entry 1"),
        ("UPDATE fact SET audit_seq = 0 WHERE id = (SELECT max(id) FROM fact)", "fact"),
        ("DELETE FROM audit WHERE seq = 1", "fact"),
    ],
)
def test_what_was_done_to_the_database_is_seen(either: Engine, statement: str, where: str) -> None:
    """I5, I7: an entry that was changed or is gone, a fact that is gone, exchanged or bound by nothing."""
    note(either)
    with either.store.snapshot() as work:
        assert verify(lines(work.trail())).fault_count == 0
    change(either, statement)
    with either.store.snapshot() as work:
        assert verify(lines(work.trail())).faults[0].where.startswith(where)


# --- the daemon -------------------------------------------------------------------------------------------------------


def test_the_daemon_signs_and_says_when(engine: Engine, file: CheckpointFile) -> None:
    """It signs at its rhythm, and tells when the chain was last signed."""
    stop = threading.Event()
    daemon = Daemon(engine.parts, QUICK, stop, signing=Signing(file, HOUR))

    def signed() -> float:
        return daemon.registry.get_sample_value("ajantasa_audit_signed_timestamp_seconds") or 0

    assert run_until(engine, daemon, stop, lambda: signed() > 0) == 0
    assert signed() == START.timestamp()
    assert len(file.path.read_bytes().splitlines()) == 1


def test_a_checkpoint_that_fails_is_loud_and_stops_nothing(engine: Engine, tmp_path: Path) -> None:
    """Log and metric tell; it is tried again after a minute, and when it works the rhythm is the usual one again."""
    folder, registry = tmp_path / "later", CollectorRegistry()
    file = CheckpointFile(folder / "checkpoints.jsonl", Ed25519PrivateKey.generate())
    job = CheckpointJob(engine.parts, Signing(file, HOUR), registry)

    def failures() -> float | None:
        return registry.get_sample_value("ajantasa_audit_checkpoint_failures_total")

    with structlog.testing.capture_logs() as logs:
        job.tick()
        job.tick()
    assert [log["log_level"] for log in logs if log["event"] == "checkpoint_failed"] == ["error"]
    assert failures() == 1
    engine.clock.move(minutes=1)
    folder.mkdir()
    job.tick()
    assert file.path.exists()
    note(engine)
    engine.clock.move(minutes=59)
    job.tick()
    assert len(file.path.read_bytes().splitlines()) == 1
    engine.clock.move(minutes=1)
    job.tick()
    assert (len(file.path.read_bytes().splitlines()), failures()) == (2, 1)


# --- keys and exported files ------------------------------------------------------------------------------------------


def test_a_key_is_for_its_owner_and_is_never_overwritten(tmp_path: Path) -> None:
    """The private key can be read by its owner only, the public one by everybody, and both fit."""
    path = tmp_path / "audit.key"
    public = create_signing_key(path)
    assert (stat.S_IMODE(path.stat().st_mode), public.name) == (0o600, "audit.key.pub")
    key = load_signing_key(path)
    assert read_public_key(public).public_bytes_raw() == key.public_key().public_bytes_raw()
    path.unlink()
    with pytest.raises(FileExistsError):
        create_signing_key(path)


@pytest.mark.parametrize("data", [None, b"", b"ajantasa-key-1:AAAA\n", b"\xff\xfe"])
def test_a_key_that_is_none_is_said(tmp_path: Path, data: bytes | None) -> None:
    """Missing, empty, the other key, rubbish: an error that an operator can act on."""
    path = tmp_path / "key"
    if data is not None:
        path.write_bytes(data)
    for read in (load_signing_key, read_public_key):
        with pytest.raises(KeyUnusable):
            read(path)


def test_an_export_is_whole_or_not_there(engine: Engine, file: CheckpointFile, tmp_path: Path) -> None:
    """Chain and checkpoints are written for their owner's eyes; a failure leaves neither, and overwrites nothing."""
    sign_head(engine.parts, file)
    path, beside = tmp_path / "audit", tmp_path / "audit.checkpoints"
    beside.write_text("mine")
    with pytest.raises(FileExistsError):
        export(engine.parts, path, file)
    assert (path.exists(), beside.read_text()) == (False, "mine")
    beside.unlink()
    assert export(engine.parts, path, file) > 0
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, beside)} == {0o600}
    assert beside.read_bytes() == file.path.read_bytes()
    with path.open("rb") as audit, beside.open("rb") as signed:
        assert verify(audit, signed, file.public_key).fault_count == 0
