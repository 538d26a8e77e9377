"""I13: what must not be kept is found nowhere: not in the database's bytes, an exported trail, logs, metrics or errors."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry, generate_latest

from adapters.audit.checkpoints import CheckpointFile, sign_head
from adapters.audit.export import export
from adapters.metrics import register_metrics
from adapters.registers.memory import Fault
from adapters.store.unit_of_work import SqlUnitOfWork
from sync.errors import AjantasaError, RegisterUnavailable
from sync.model import (
    BadItem,
    Change,
    Fact,
    FactKind,
    Field,
    Identity,
    PartialDate,
    PersonName,
    Protection,
)
from sync.retention import forget
from sync.undoing import undo, undo_target, update_target
from tests.harness import AINO_ID, MAIJA_ID, START, Engine, base, home, make_engine, moved, sqlite_url
from tests.simulation import canaries
from tests.simulation.canaries import Flock

HIDDEN = ["Piilokuja", "Suojatie", "Turvapolku"]
"""Streets of a protected person: before the order, with it, and after it."""
STRANGER = PersonName("Muukalainen", "Vieno")
STRANGER_ID = "131052-903Z"
STRANGERS_STREET = "Vieraankatu"
RUBBISH = "Roskasana"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give an engine with two customers, the first of whom will go into hiding."""
    engine = make_engine(sqlite_url(tmp_path))
    engine.add("42", address=home(HIDDEN[0]), email="maija@example.fi", phone="+358401234567")
    engine.add("44", national_id=AINO_ID, name=PersonName("Virtanen", "Aino"), birth_date=PartialDate(1990, 1, 1))
    engine.population.people = {
        MAIJA_ID: base(home(HIDDEN[0])),
        AINO_ID: base(home("Avokatu"), national_id=AINO_ID),
    }
    yield engine
    engine.store.close()


def live(engine: Engine) -> list[str]:
    """Let everything happen that touches canaries; returns the texts of all errors."""
    errors = []
    engine.run()
    uncertain = Identity(
        names=(PersonName("Meikäläinen", "Marja"),), birth_date=PartialDate(1952, 10, 13), addresses=(home(HIDDEN[0]),)
    )
    engine.postal.log.append(moved(home(HIDDEN[1]), event="maybe", identity=uncertain))
    engine.population.log += [moved(home(HIDDEN[1]), event="e1"), *_about_strangers()]
    engine.postal.log += _about_strangers()
    engine.follow("posti")
    engine.follow()
    engine.register._fault = lambda _: Fault.ANSWER_LOST
    try:
        engine.deliver()
    except RegisterUnavailable as error:
        errors.append(str(error))
    engine.register._fault = lambda _: None
    _undo_and_take_back(engine)
    order = Protection(True, "TURVAKIELTO")
    facts = (Fact(Field.ADDRESS, FactKind.SET, home(HIDDEN[2]), PartialDate(2026, 11, 20)),)
    identity = Identity(MAIJA_ID, addresses=(home(HIDDEN[1]),))
    hidden = Change("order", "p", identity, facts, order, recorded_at=START)
    engine.population.log += [hidden, moved(home(HIDDEN[2]), event="late", recorded=START)]
    engine.postal.log.append(moved(home(HIDDEN[2]), event="late", identity=uncertain))
    engine.follow()
    engine.follow("posti")
    engine.clock.move(hours=1)
    engine.run()
    _undo_and_take_back(engine)
    engine.desk.status("clinic", "42", reader="desk", reveal=True)
    forget(engine.parts)
    return errors


def _undo_and_take_back(engine: Engine) -> None:
    event = engine.store.digest("event/vtj", "e1")
    target = update_target(engine.parts, engine.parts.registers["clinic"], "42", event)
    report = undo(engine.parts, target, by="liisa", reason="a test")
    undo(engine.parts, undo_target(engine.parts, report.undo), by="liisa", reason="a test")


def _about_strangers() -> list[Any]:
    identity = Identity(STRANGER_ID, names=(STRANGER,), addresses=(home(STRANGERS_STREET),), phone="+358409876543")
    unnamed = Identity(names=(STRANGER,), birth_date=PartialDate(1950, 2, 3), addresses=(home(STRANGERS_STREET),))
    return [
        moved(home(STRANGERS_STREET, "9"), event="s1", identity=identity),
        moved(home(STRANGERS_STREET, "9"), event="s2", identity=unnamed),
        BadItem("s3", "line 3", "not_json", f"{STRANGER.surname} {RUBBISH}".encode()),
    ]


def spellings(text: str) -> list[bytes]:
    """Return how a text may lie in a file: as it is, folded, as JSON escapes it, and in UTF-16."""
    forms = {text, text.lower(), text.upper(), text.encode("ascii", "backslashreplace").decode()}
    return [form.encode(coding) for form in forms for coding in ("utf-8", "utf-16-le")]


CANARIES = [*HIDDEN, STRANGER.surname, STRANGER_ID, STRANGERS_STREET, RUBBISH, "98765432", MAIJA_ID, AINO_ID, "1234567"]


def test_no_canary_in_the_database_exports_logs_or_metrics(engine: Engine, tmp_path: Path) -> None:
    """Whatever is looked for, sealed or never written, is not there in clear."""
    with structlog.testing.capture_logs() as logs:
        errors = live(engine)
    registry = CollectorRegistry()
    register_metrics(engine.parts, registry)
    texts = [repr(logs), *errors, generate_latest(registry).decode()]
    signed = CheckpointFile(tmp_path / "checkpoints.jsonl", Ed25519PrivateKey.generate())
    sign_head(engine.parts, signed)
    assert export(engine.parts, tmp_path / "trail.jsonl", signed) > 10
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"trail.jsonl", "trail.jsonl.checkpoints"} < files.keys()
    assert any(name.endswith("-wal") for name in files), "the write-ahead log is to be looked through too"
    assert logs
    for canary in CANARIES:
        assert all(canary.lower() not in text.lower() for text in texts), canary
        for name, data in files.items():
            assert all(form not in data for form in spellings(canary)), f"{canary} in {name}"


def test_nothing_that_can_be_unsealed_tells_where_a_protected_person_is(engine: Engine) -> None:
    """P3: the holder of the key finds no location either, in any row of any table."""
    live(engine)
    opened = list(unsealed(engine))
    assert len(opened) > 10
    assert all(street not in text for text in opened for street in HIDDEN)
    assert Field.ADDRESS not in engine.held("42")


def test_nothing_that_can_be_unsealed_is_about_a_stranger(engine: Engine) -> None:
    """Truth 3: but for the dead letters' days, no row holds anything of people who are no customers."""
    live(engine)
    engine.clock.move(days=8)
    forget(engine.parts)
    for text in unsealed(engine):
        assert all(canary not in text for canary in (STRANGER.surname, STRANGER_ID, STRANGERS_STREET, RUBBISH))


def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    """The search itself works: one written in clear is seen."""
    path = tmp_path / "file"
    path.write_bytes(b"..." + HIDDEN[0].upper().encode("utf-16-le") + b"...")
    assert any(form in path.read_bytes() for form in spellings(HIDDEN[0]))
    with pytest.raises(AjantasaError, match=HIDDEN[0]):
        raise AjantasaError(HIDDEN[0])


PLACES = {
    "customer": "'customer/' || id",
    "identifier": "'identifier/' || hash || '/' || customer_id",
    "fact": "'fact/' || id",
    "review": "'review/' || id",
    "delivery": "'delivery/' || id",
    "dead_letter": "'dead_letter/' || id",
    "hold": "'hold/' || id",
    "parked": "'parked/' || id",
    "undo": "'undo/' || id",
}


def unsealed(engine: Engine) -> Iterator[str]:
    """Open every sealed value of every table."""
    from sqlalchemy import inspect, text  # noqa: PLC0415 - below the port on purpose

    with engine.store.snapshot() as work:
        db: Any = work._db  # type: ignore[attr-defined]
        sealed = [
            t for t in inspect(db).get_table_names() if "sealed" in {c["name"] for c in inspect(db).get_columns(t)}
        ]
        assert set(sealed) == set(PLACES)
        for table, place in PLACES.items():
            rows = db.execute(text(f"SELECT {place}, sealed FROM {table} WHERE length(sealed) > 0")).all()
            for where, value in rows:
                yield work._keyring.open(where, value).decode("utf-8", "surrogatepass")  # type: ignore[attr-defined]


# --- by the hundred ---------------------------------------------------------------------------------------------------

FLOCK = 100


def test_no_trace_of_many_canaries(tmp_path: Path) -> None:
    """A hundred protected people, a hundred strangers and their ids leave nothing in clear; `make soak` tries a thousand."""
    flock = Flock.of(FLOCK, Random(13))
    canaries.live(tmp_path, flock, Random(13))
    names = {file.name for file in tmp_path.iterdir() if file.stat().st_size}
    assert {"ajantasa.db", "ajantasa.db-wal", "log.jsonl", "metrics", "provenance.json", "trail.jsonl"} <= names
    assert canaries.search(tmp_path, flock) == {}


def _log_names(monkeypatch: pytest.MonkeyPatch) -> None:
    real = SqlUnitOfWork.by_national_ids

    def leaking(self: Any, register: str, ids: Any) -> Any:
        ids = list(ids)
        structlog.get_logger().info("looking_for", ids=ids)
        return real(self, register, ids)

    monkeypatch.setattr(SqlUnitOfWork, "by_national_ids", leaking)


def _keep_payloads(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaking(self: Any, letters: Any, expires_at: Any) -> None:
        self._db.exec_driver_sql("CREATE TABLE IF NOT EXISTS seen (payload BLOB)")
        self._db.exec_driver_sql("INSERT INTO seen VALUES (?)", (letters[0].payload,))

    monkeypatch.setattr(SqlUnitOfWork, "add_dead_letters", leaking)


def _tell_the_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    real = SqlUnitOfWork.add_facts

    def leaking(self: Any, facts: Any) -> Any:
        streets = [str(f.held.fact.value) for f in facts if f.held.fact.field is Field.ADDRESS]
        made = real(self, facts)
        self.audit("test", "moved", START, {"to": streets})
        return made

    monkeypatch.setattr(SqlUnitOfWork, "add_facts", leaking)


@pytest.mark.parametrize(
    ("leak", "where"),
    [(_log_names, {"log.jsonl"}), (_keep_payloads, {"ajantasa.db-wal"}), (_tell_the_trail, {"trail.jsonl"})],
)
def test_a_build_that_leaks_is_found_out(leak: Any, where: set[str], tmp_path: Path, monkeypatch: Any) -> None:
    """One that logs ids, keeps payloads in clear, or tells the trail where people live: the same search sees it."""
    leak(monkeypatch)
    flock = Flock.of(10, Random(13))
    canaries.live(tmp_path, flock, Random(13))
    assert where <= canaries.search(tmp_path, flock).keys()
