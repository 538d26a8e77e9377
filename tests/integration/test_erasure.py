"""Erasure (I10): nothing is left of a person but keyed hashes, and nothing brings them back."""

import io
import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.audit import export, verifier
from adapters.cli.output import Exit
from adapters.erasures import ErasureFile
from adapters.store.columns import SCHEMA_TABLES
from sync.erasing import Erasure, Ground, erase_again, erase_customer, readmit_customer
from sync.errors import LedgerUnusable, NotFound, OnHold, SomebodyWasFirst
from sync.glass import Need, break_glass
from sync.holding import place_hold
from sync.model import Field, HoldKind, Outcome, PartialDate, PersonName
from sync.parts import Silence
from sync.ports.register import Write
from sync.ports.store import AuditEntry, FactCheck
from sync.retention import forget
from sync.reviewing import decide_review
from sync.undoing import decision_target
from tests.harness import AINO_ID, MAIJA_ID, Engine, base, make_engine, moved, protected, room_for, sqlite_url
from tests.integration.test_explaining import ajantasa
from tests.integration.whole_way import NEW, THIRD, posti, pull, uncertain, watched

_STAYS = {("reading", "customer_id"), ("opening", "customer_id")}
"""Who read what stays: it is about the reader."""


def erase(engine: Engine, *, dry_run: bool = False) -> Erasure:
    """Erase the customer."""
    register = engine.parts.registers["clinic"]
    return erase_customer(engine.parts, register, "42", Ground.NO_LONGER_NEEDED, by="officer", dry_run=dry_run)


def is_customer(engine: Engine, key: str = "42") -> bool:
    """Tell whether the record is mirrored."""
    with engine.store.snapshot() as work:
        return key in work.by_keys("clinic", [key])


def lived(engine: Engine) -> int:
    """Let the customer have a history with everything in it; returns our own id."""
    watched(engine)
    pull(engine, moved(NEW), posti(THIRD, event="o1", on="2026-10-20"))
    pull(engine, posti(THIRD, event="r1", identity=uncertain()), feed="posti")
    register = engine.parts.registers["clinic"]
    place_hold(engine.parts, register, "42", HoldKind.OBJECTION, by="officer", reason="they asked")
    pull(engine, moved(THIRD, on="2026-11-15", event="e2"))
    engine.desk.status("clinic", "42", reader="test")
    break_glass(engine.parts, register, "42", Need.VITAL_INTERESTS, by="officer", reader="test")
    with engine.store.snapshot() as work:
        return work.by_keys("clinic", ["42"])["42"].id


def rows_with(engine: Engine, number: int) -> list[tuple[str, str]]:
    """Return the tables and columns in which our own id of a customer stands."""
    found = []
    with engine.store.snapshot() as work:
        for name, table in SCHEMA_TABLES.tables.items():
            for column in table.columns:
                if column.name.endswith(("customer_id", "best_id", "runner_up_id")) or (name, column.name) == (
                    "customer",
                    "id",
                ):
                    query = select(column).where(column == number).limit(1)
                    if work._db.execute(query).first():  # type: ignore[attr-defined]
                        found.append((name, column.name))
    return found


def compared(engine: Engine) -> FactCheck:
    """Compare every fact with its commitment."""
    with engine.store.snapshot() as work:
        return work.compare_facts(lambda _done, _total: None)


def verified(engine: Engine) -> int:
    """Verify the chain as an authority would; returns how many faults there are."""
    with export.at_one_moment(engine.parts, None) as (work, total, _):
        reading = export.told(work.trail(), Silence(), total)
        return verifier.verify(export.lines(reading)).fault_count


def test_nothing_is_left_of_an_erased_person(either: Engine) -> None:
    """No row bears our id any more but who read what; review, parked change, outbox, keys and facts are gone; no entry ever did."""
    number = lived(either)
    assert {table for table, _ in rows_with(either, number)} >= {
        "customer", "fact", "identifier", "blocking_key", "coverage", "delivery", "disposition", "hold", "parked", "review",
    }  # fmt: skip
    done = erase(either)
    assert set(rows_with(either, number)) == _STAYS
    assert done.rows["facts"] > 5
    with either.store.snapshot() as work:
        bodies = [entry.body for entry in work.trail() if isinstance(entry, AuditEntry)]
    assert len(bodies) > 5
    assert not [body for body in bodies if str(number) in body]
    assert not is_customer(either)
    with pytest.raises(NotFound):
        erase(either)


@pytest.mark.parametrize("known", [True, False])
def test_nothing_is_left_of_who_is_erased_while_a_provider_is_asked(either: Engine, known: bool) -> None:
    """The answer is about nobody any more: that somebody was to be watched is not noted."""
    with either.store.snapshot() as work:
        number = work.by_keys("clinic", ["42"])["42"].id
    provider = either.population
    provider.people = {MAIJA_ID: base(NEW)} if known else {}
    answer = provider.look_up

    def meanwhile(*asked: Any) -> Any:
        erase(either)
        return answer(*asked)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(provider, "look_up", meanwhile)
        either.follow()
    assert not rows_with(either, number)


def test_the_chain_still_verifies(either: Engine) -> None:
    """The entries keep their commitments; the emptied facts are told apart from altered ones."""
    lived(either)
    before = compared(either)
    erase(either)
    after = compared(either)
    assert verified(either) == 0
    assert (after.altered, after.erased, after.facts) == ([], before.facts, before.facts)


def test_emptying_a_fact_without_an_entry_is_seen(engine: Engine) -> None:
    """Whoever empties another fact in the same way has altered it: no entry of the chain says that it was erased."""
    engine.add("43", national_id=AINO_ID, name=PersonName("Virtanen", "Aino"))
    engine.load()
    lived(engine)
    erase(engine)
    with engine.store.begin() as work:
        other = work.by_keys("clinic", ["43"])["43"]
        work.erase(other.id)
        work.commit()
    assert compared(engine).altered_count > 0


def test_what_was_sealed_is_nowhere_in_the_files(engine: Engine, tmp_path: Path) -> None:
    """Ciphertext, and the salts with it, is overwritten in the database file and its write-ahead log."""
    lived(engine)
    secrets = sealed(engine)
    assert len(secrets) > 10
    assert all(any(secret in path.read_bytes() for path in tmp_path.iterdir()) for secret in secrets)
    assert erase(engine).scrubbed
    left = [secret for secret in secrets for path in tmp_path.iterdir() if secret in path.read_bytes()]
    assert left == []


def test_what_sqlite_moved_is_nowhere_in_the_file(engine: Engine, tmp_path: Path) -> None:
    """SQLite overwrites what is deleted, but leaves copies behind where it moves rows to other pages: the file is written anew."""
    secrets = shuffled(tmp_path / "ajantasa.db")
    data = (tmp_path / "ajantasa.db").read_bytes()
    assert [secret for secret in secrets if secret in data]
    assert engine.store.scrub()
    data = (tmp_path / "ajantasa.db").read_bytes()
    assert [secret for secret in secrets if secret in data] == []


def shuffled(file: Path) -> list[bytes]:
    """Write rows of many lengths in any order, and empty one in seven; returns what was in those."""
    chance = random.Random(1)
    rows = [(number, chance.randbytes(chance.randint(20, 400))) for number in range(20_000)]
    chance.shuffle(rows)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA secure_delete=ON")
        database.execute("CREATE TABLE shuffled (id INTEGER PRIMARY KEY, sealed BLOB)")
        database.executemany("INSERT INTO shuffled VALUES (?, ?)", rows)
        database.execute("UPDATE shuffled SET sealed = x'' WHERE id % 7 = 0")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return [sealed for number, sealed in rows if number % 7 == 0]


@pytest.mark.parametrize("begun", ["BEGIN", "BEGIN IMMEDIATE"])
def test_somebody_who_reads_or_writes_meanwhile_leaves_remains_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    """The erasure is committed by then: it does not fail, it says that remains are left."""
    monkeypatch.setattr("adapters.store.engine._BUSY_TIMEOUT_MS", 50)
    store = make_engine(sqlite_url(tmp_path)).store
    with closing(sqlite3.connect(tmp_path / "ajantasa.db", isolation_level=None)) as other:
        other.execute(begun)
        other.execute("SELECT count(*) FROM fact").fetchone()
        assert not store.scrub()
    assert store.scrub()
    store.close()


def test_without_room_to_write_the_file_anew_the_log_is_emptied_all_the_same(engine: Engine, tmp_path: Path) -> None:
    """Else more would be left than before, and what could not be written would fill the disk."""
    file, log = tmp_path / "ajantasa.db", tmp_path / "ajantasa.db-wal"
    secrets = sealed(engine)
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE large (sealed BLOB)")
        database.executemany("INSERT INTO large VALUES (?)", [(bytes(3_000),) for _ in range(1_000)])
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with room_for(file.stat().st_size):
        assert not erase(engine).scrubbed
    assert log.stat().st_size == 0
    assert [secret for secret in secrets if secret in file.read_bytes()] == []
    assert engine.store.scrub()


def sealed(engine: Engine) -> list[bytes]:
    """Return everything sealed about the customer, as it stands in the database."""
    found = []
    with engine.store.snapshot() as work:
        for name in ("customer", "fact", "identifier", "hold", "parked", "review"):
            table = SCHEMA_TABLES.tables[name]
            found += [row[0][8:] for row in work._db.execute(select(table.c.sealed)) if row[0]]  # type: ignore[attr-defined]
    return found


def test_replay_resync_and_late_events_bring_nobody_back(either: Engine) -> None:
    """I10: the same events, new ones, a look-up and the register's own row, read from the beginning."""
    lived(either)
    erase(either)
    pull(either, moved(NEW), moved(THIRD, on="2026-11-20", event="late"), protected(event="order"))
    pull(either, posti(THIRD, event="late-post"), feed="posti")
    either.follow(again=True)
    either.register.put("42", {Field.PHONE: "+358401234567"})
    either.run()
    forget(either.parts)
    assert not is_customer(either)
    assert set(either.outcomes()) == {"no_match"}
    assert set(either.outcomes("posti")) == {"no_match"}
    with either.store.snapshot() as work:
        assert work.counts().facts == 0
        assert work.reviews() == ()
        assert [one.seen_at is not None for one in work.tombstones() if one.mark == "key"] == [True]


def test_a_review_that_was_open_cannot_be_decided(engine: Engine) -> None:
    """The reviewer is told that it is closed; nothing of the payload is left."""
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    erase(engine)
    with pytest.raises(SomebodyWasFirst):
        decide_review(engine.parts, review.id, same=True, by="anna", reason="")
    with engine.store.snapshot() as work:
        left = work.review(review.id)
    assert (left.change, left.best.customer_id, left.best.evidence, left.state) == (None, 0, (), "erased")


def test_reviews_about_others_are_decided_as_before(engine: Engine) -> None:
    """What is left of an erased person's facts belongs to nobody, and is read for nobody."""
    engine.add("43", national_id=AINO_ID, name=PersonName("Virtanen", "Aino"), birth_date=PartialDate(1990, 1, 1))
    engine.load()
    clinic = engine.parts.registers["clinic"]
    erase_customer(engine.parts, clinic, "43", Ground.NO_LONGER_NEEDED, by="officer", dry_run=False)
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    assert review.runner_up is None
    assert decide_review(engine.parts, review.id, same=True, by="anna", reason="asked") is Outcome.APPLIED


@pytest.mark.parametrize("same", [True, False])
def test_a_decision_about_an_erased_person_cannot_be_undone(engine: Engine, *, same: bool) -> None:
    """There is nothing left to undo, which is told; it once ended in an error of the program."""
    pull(engine, posti(NEW, identity=uncertain()), feed="posti")
    with engine.store.snapshot() as work:
        (review,) = work.reviews()
    decide_review(engine.parts, review.id, same=same, by="anna", reason="asked")
    erase(engine)
    with pytest.raises(NotFound, match="erased"):
        decision_target(engine.parts, review.id)


def test_a_review_about_somebody_else_that_names_them_is_closed(engine: Engine) -> None:
    """The change names the erased person's id, whoever it was taken to be about."""
    for key in ("43", "44"):
        engine.add(key, national_id=AINO_ID, name=PersonName("Virtanen", "Aino"), birth_date=PartialDate(1990, 1, 1))
    engine.load()
    pull(
        engine,
        moved(
            NEW,
            national_id=AINO_ID,
            event="x1",
            identity=replace(moved(NEW).identity, national_id=AINO_ID, former_ids=(MAIJA_ID,)),
        ),
        feed="posti",
    )
    with engine.store.snapshot() as work:
        assert len(work.reviews()) == 1
    erase(engine)
    with engine.store.snapshot() as work:
        assert work.reviews() == ()


def test_a_stranger_who_looks_like_them_is_still_matched_to_others(engine: Engine) -> None:
    """Only a change that names an erased person's id is nobody's: namesakes and neighbours go on as before."""
    engine.add("43", national_id=AINO_ID, name=PersonName("Virtanen", "Aino"), birth_date=PartialDate(1990, 1, 1))
    engine.load()
    erase(engine)
    pull(engine, moved(NEW, national_id=AINO_ID), feed="posti")
    assert engine.held("43")[Field.ADDRESS] == NEW


def test_another_record_with_the_same_id_goes_on(engine: Engine) -> None:
    """Two records of one person: only the one is erased, which is told, and the other is updated as before."""
    engine.add("43", national_id=MAIJA_ID)
    engine.load()
    assert erase(engine).alike == 1
    pull(engine, moved(NEW), feed="posti")
    assert engine.held("43")[Field.ADDRESS] == NEW


def test_a_restriction_stands_in_the_way(engine: Engine) -> None:
    """People ask for restriction instead of erasure: nothing is removed until it is lifted."""
    place_hold(engine.parts, engine.parts.registers["clinic"], "42", HoldKind.RESTRICTION, by="officer", reason="claim")
    with pytest.raises(OnHold):
        erase(engine)
    assert is_customer(engine)


def test_a_dry_run_takes_everything_back(either: Engine) -> None:
    """The same figures as the erasure itself, and nothing is changed."""
    number = lived(either)
    before = rows_with(either, number)
    tried = erase(either, dry_run=True)
    assert rows_with(either, number) == before
    assert tried.rows == erase(either).rows


def test_a_delivery_under_way_does_no_harm(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased between the write and its answer: the answer is about nobody."""
    watched(engine)
    engine.population.log.append(moved(NEW))
    engine.follow()
    write = engine.register.write

    def erase_meanwhile(one: Write) -> Any:
        erase(engine)
        return write(one)

    monkeypatch.setattr(engine.register, "write", erase_meanwhile)
    engine.deliver()
    engine.load()
    assert not is_customer(engine)


def test_tombstones_have_their_time(engine: Engine) -> None:
    """After the period nothing is left at all."""
    erase(engine)
    engine.clock.move(days=731)
    assert forget(engine.parts)["tombstones"] == 2
    with engine.store.snapshot() as work:
        assert work.tombstones() == ()


# --- outside the database ---------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Engine]:
    """Give an engine with a file of erasures, on a database file that can be put back."""
    (tmp_path / "db").mkdir()
    engine = make_engine(sqlite_url(tmp_path / "db"))
    engine.parts = replace(engine.parts, ledger=ErasureFile(tmp_path / "erasures.jsonl"))
    engine.add()
    engine.load()
    yield engine
    engine.store.close()


def restored(engine: Engine, tmp_path: Path, backup: Path) -> Engine:
    """Put an older database back, and start on it."""
    engine.store.close()
    shutil.rmtree(tmp_path / "db")
    shutil.copytree(backup, tmp_path / "db")
    again = make_engine(sqlite_url(tmp_path / "db"), clock=engine.clock)
    again.parts = replace(
        again.parts,
        ledger=engine.parts.ledger,
        feeds=engine.parts.feeds,
        registers=engine.parts.registers,
    )
    again.population, again.postal, again.register = engine.population, engine.postal, engine.register
    return again


def backed_up(engine: Engine, tmp_path: Path) -> Path:
    """Copy the database's files."""
    engine.store.scrub()
    shutil.copytree(tmp_path / "db", tmp_path / "backup")
    return tmp_path / "backup"


def test_a_restored_back_up_brings_nobody_back(kept: Engine, tmp_path: Path) -> None:
    """I10: the file outside tells who was erased since, and they are erased again before anything else is done."""
    watched(kept)
    backup = backed_up(kept, tmp_path)
    erase(kept)
    again = restored(kept, tmp_path, backup)
    assert is_customer(again)
    assert erase_again(again.parts) == 1
    assert erase_again(again.parts) == 0
    again.run()
    assert not is_customer(again)
    assert verified(again) == 0
    assert compared(again).altered == []
    again.store.close()


def test_the_file_holds_hashes_and_days_only(kept: Engine, tmp_path: Path) -> None:
    """Neither the register's key nor a national id stands in it, and only its owner may read it."""
    erase(kept)
    path = tmp_path / "erasures.jsonl"
    lines = [json.loads(line) for line in path.read_text("ascii").splitlines()]
    assert [line.keys() for line in lines] == [{"register", "mark", "hash", "at"}] * 2
    assert MAIJA_ID not in path.read_text("ascii")
    assert path.stat().st_mode & 0o077 == 0


def test_nothing_is_erased_when_the_file_cannot_be_written(kept: Engine, tmp_path: Path) -> None:
    """An erasure that a restore would undo is none: the operator mends the file and asks again."""
    kept.parts = replace(kept.parts, ledger=ErasureFile(tmp_path / "nowhere" / "erasures.jsonl"))
    with pytest.raises(LedgerUnusable):
        erase(kept)
    assert is_customer(kept)


def test_a_damaged_file_stops_the_start(kept: Engine, tmp_path: Path) -> None:
    """It is not taken for an empty one."""
    erase(kept)
    (tmp_path / "erasures.jsonl").write_text("{", "ascii")
    with pytest.raises(LedgerUnusable):
        erase_again(kept.parts)


def test_a_file_that_comes_later_learns_what_the_database_knows(engine: Engine, tmp_path: Path) -> None:
    """Configured after somebody was erased, it holds them from the next start on; what is too old goes."""
    erase(engine)
    file = ErasureFile(tmp_path / "erasures.jsonl")
    parts = replace(engine.parts, ledger=file)
    assert erase_again(parts) == 0
    assert len(file.read()) == 2
    engine.clock.move(days=731)
    forget(parts)
    assert file.read() == ()


def test_a_person_may_become_a_customer_again(kept: Engine) -> None:
    """An operator says so: the record is taken in, and no later start erases it."""
    erase(kept)
    kept.load()
    assert not is_customer(kept)
    register = kept.parts.registers["clinic"]
    assert readmit_customer(kept.parts, register, "42", by="officer")
    assert is_customer(kept)
    assert not readmit_customer(kept.parts, register, "42", by="officer")
    assert erase_again(kept.parts) == 0
    pull(kept, moved(NEW), feed="posti")
    assert kept.held()[Field.ADDRESS] == NEW


def test_the_commands_ask_first_and_tell(
    engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --yes or --dry-run it asks; `status` says that the register still holds the record."""
    ground = ("--reason", "consent_withdrawn")
    assert ajantasa(engine, "customer", "erase", "42", "--dry-run", *ground) == Exit.OK
    assert is_customer(engine)
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers
    assert ajantasa(engine, "customer", "erase", "42", *ground) == Exit.FAILED
    assert is_customer(engine)
    capsys.readouterr()
    assert ajantasa(engine, "customer", "erase", "42", "--yes", "--json", *ground) == Exit.OK
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["in_register"], done["kept_outside"], done["scrubbed"]) == (True, False, True)
    assert ajantasa(engine, "status", "--json") == Exit.OK
    figures = json.loads(capsys.readouterr().out)
    assert (figures["erased"], figures["erased_in_register"], figures["customers"]) == (1, 1, 0)
    assert ajantasa(engine, "customer", "show", "42") == Exit.NOT_FOUND
    assert ajantasa(engine, "customer", "readmit", "42") == Exit.OK
    assert ajantasa(engine, "customer", "readmit", "42") == Exit.NOT_FOUND
    assert is_customer(engine)
