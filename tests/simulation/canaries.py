"""Many canaries: protected people, strangers and national ids by the hundred, and a search for any trace of them."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from json import dumps
from pathlib import Path
from random import Random

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry, generate_latest

from adapters.audit.checkpoints import CheckpointFile, sign_head
from adapters.audit.export import export
from adapters.metrics import register_metrics
from adapters.provenance.fhir import provenance_bundle
from adapters.provenance.prov_json import prov_document
from adapters.provenance.subject import Subject
from adapters.sandbox.ids import IdMint
from sync.model import BadItem, Change, Fact, FactKind, Field, Identity, PartialDate, PersonName, Protection
from sync.recalling import past_of, stories_of
from sync.retention import forget
from tests.harness import START, Engine, base, home, make_engine, moved, sqlite_url

MARK = "kanaria"
"""Stands in every name, street and payload that must be found nowhere."""
CODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_ID = re.compile(rb"[0-9]{6}[-+A-FU-Y]9[0-9]{2}[0-9A-Z]", re.IGNORECASE)
_TOLD = 10
"""Customers whose provenance is exported, without values."""


@dataclass(frozen=True)
class Flock:
    """Who is released: as many people who go into hiding as strangers, and everybody's id."""

    hidden: tuple[str, ...]
    strangers: tuple[str, ...]
    births: dict[str, date] = field(default_factory=dict)

    @classmethod
    def of(cls, number: int, chance: Random) -> "Flock":
        """Make so many of each up."""
        mint, births = IdMint(chance), {}
        for _ in range(2 * number):
            birth = date(1940, 1, 1) + timedelta(days=chance.randrange(24_000))
            births[mint.mint(birth, female=True)] = birth
        ids = tuple(births)
        return cls(ids[:number], ids[number:], births)


def live(folder: Path, flock: Flock, chance: Random) -> None:
    """Let customers be loaded, move, go into hiding and be spoken of still; strangers pass by; all is exported."""
    engine = make_engine(sqlite_url(folder))
    with _logging_into(folder / "log.jsonl"):
        for number, id_ in enumerate(flock.hidden):
            name = PersonName(_word(chance, "sukunimi"), _word(chance, "etunimi"))
            street = home(_street(chance), str(number))
            engine.add(
                str(number), national_id=id_, name=name, birth_date=PartialDate.of(flock.births[id_]), address=street
            )
            engine.population.people[id_] = base(street, national_id=id_)
        engine.run()
        engine.population.log += [_move(id_, f"m{n}", chance) for n, id_ in enumerate(flock.hidden)]
        engine.follow()  # the outbox holds the new address while the order comes
        engine.population.log += [_order(id_, f"o{n}", chance) for n, id_ in enumerate(flock.hidden)]
        engine.postal.log += [
            item for n, id_ in enumerate(flock.strangers) for item in _about_a_stranger(id_, n, flock, chance)
        ]
        engine.clock.move(hours=1)
        engine.run()
        engine.population.log += [_move(id_, f"l{n}", chance) for n, id_ in enumerate(flock.hidden)]
        engine.run()
        forget(engine.parts)
        _export(engine, folder)
    engine.store.snapshot().__enter__()  # held open, so that the write-ahead log is there to be looked through


def _move(id_: str, event: str, chance: Random) -> Change:
    return moved(home(_street(chance)), event=event, national_id=id_)


def _order(id_: str, event: str, chance: Random) -> Change:
    fact = Fact(Field.ADDRESS, FactKind.SET, home(_street(chance)), PartialDate(2026, 11, 20))
    order = Protection(True, "TURVAKIELTO")
    return Change(event, event, Identity(id_), (fact,), order, recorded_at=START)


def _about_a_stranger(id_: str, number: int, flock: Flock, chance: Random) -> Sequence[Change | BadItem]:
    name = PersonName(_word(chance, "sukunimi"), _word(chance, "etunimi"))
    at = home(_street(chance))
    known = Identity(id_, names=(name,), addresses=(at,))
    unknown = Identity(names=(name,), birth_date=PartialDate.of(flock.births[id_]), addresses=(at,))
    return (
        moved(home(_street(chance)), event=f"s{number}", identity=known),
        moved(home(_street(chance)), event=f"u{number}", identity=unknown),
        BadItem(f"b{number}", "line 1", "not_json", f"{name.surname} {id_}".encode()),
    )


def _street(chance: Random) -> str:
    return _word(chance, "polku")


def _word(chance: Random, end: str) -> str:
    return MARK.capitalize() + "".join(chance.choices("abdefghijklmnoprstuv", k=8)) + end


def _export(engine: Engine, folder: Path) -> None:
    signed = CheckpointFile(folder / "checkpoints.jsonl", Ed25519PrivateKey.generate())
    sign_head(engine.parts, signed)
    export(engine.parts, folder / "trail.jsonl", signed)
    registry = CollectorRegistry()
    register_metrics(engine.parts, registry)
    (folder / "metrics").write_bytes(generate_latest(registry))
    clinic, told = engine.parts.registers["clinic"], []
    for key in map(str, range(_TOLD)):
        past = past_of(engine.parts, clinic, key)
        stories = list(stories_of(engine.parts, past))
        subject = Subject("clinic", key, past.asking.now, reveal=False, version="0")
        told += [prov_document(stories, subject), provenance_bundle(stories, subject)]
    (folder / "provenance.json").write_text(dumps(told, ensure_ascii=False), "utf-8")


@contextmanager
def _logging_into(path: Path) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as file:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        everything = structlog.make_filtering_bound_logger(logging.DEBUG)
        structlog.configure(
            processors=[renderer], wrapper_class=everything, logger_factory=structlog.PrintLoggerFactory(file)
        )
        try:
            yield
        finally:
            structlog.reset_defaults()


def search(folder: Path, flock: Flock) -> Counter[str]:
    """Count, by file, every trace of a canary: in whatever case, in three encodings."""
    ids = {id_.encode().upper() for id_ in (*flock.hidden, *flock.strangers)}
    found = Counter[str]()
    for file in sorted(folder.iterdir()):
        data = file.read_bytes()
        found[file.name] += sum(data.lower().count(MARK.encode(coding)) for coding in CODINGS)
        found[file.name] += sum(one.upper() in ids for one in _ID.findall(data))
    return +found
