"""The invariants, checked from the database files and the clinic's own tables, not through the service."""

import base64
import hashlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.audit.verifier import load_public_key, verify
from adapters.clock import SystemClock
from adapters.providers.dvv import DvvProvider, DvvSettings
from adapters.providers.moves import MovesSettings, open_moves
from adapters.sandbox.dvv_register import owners_of_ids
from adapters.sandbox.world import World
from adapters.store import Keyring
from sync.model import BadItem, Change
from sync.ports.provider import Page, Provider
from tests.acceptance.service import Service, rows

_VALUES = ("sukunimi", "etunimet", "lahiosoite", "postinumero", "postitoimipaikka", "puhelin", "sahkoposti")
_WRITTEN = (*_VALUES, "osoitteen_tila", "osoite_varmistettu", "osoitteen_lahde")


def watch_writes(world: World) -> None:
    """Have the clinic's own database write down every update of a record, of whatever column, and whether it changed any."""
    before, after = (" || '|' || ".join(f"ifnull({row}.{c}, '')" for c in _WRITTEN) for row in ("OLD", "NEW"))
    with world.clinic.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE potilas_loki (asiakasnumero INTEGER, ennen TEXT, jalkeen TEXT)")
        connection.exec_driver_sql(
            f"""CREATE TRIGGER loki AFTER UPDATE OF {", ".join(_WRITTEN)} ON potilas
            BEGIN INSERT INTO potilas_loki VALUES (NEW.asiakasnumero, {before}, {after}); END"""
        )


@dataclass
class Recorder:
    """Listens in on what the providers answer, outside the service."""

    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    _read: list[tuple[str, Page]] = field(default_factory=list)
    _done: int = 0

    def around(self, app: ASGIApp) -> ASGIApp:
        """Put the recorder around an application."""

        async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
            feed = FEEDS.get(scope.get("path", ""))
            parts: list[bytes] = []

            async def sending(message: Message) -> None:
                parts.append(message.get("body", b""))
                await send(message)
                if feed and message["type"] == "http.response.body" and not message.get("more_body"):
                    self.bodies.append((feed, b"".join(parts)))

            await app(scope, receive, sending if feed else send)

        return recorded

    def pages(self) -> list[tuple[str, Page]]:
        """Read every answer that was a page."""
        readers: dict[str, Provider] = {
            "dvv": DvvProvider(DvvSettings(base_url="http://localhost")),
            "posti": open_moves(
                MovesSettings.model_validate({"base_url": "http://localhost", "token": "-"}), clock=SystemClock()
            ),
        }
        new = self.bodies[self._done :]
        self._done += len(new)
        self._read += [(feed, readers[feed].parse(body)) for feed, body in new if body.strip()]
        return self._read


Telling = tuple[str, int | str, datetime | None]
"""The feed, of whom and when it was recorded; or the feed and the event."""
FEEDS = {"/api/v1/muutokset": "dvv", "/v1/moves": "posti"}


def position(cursor: str) -> int:
    """Return how far a cursor of either provider of the sandbox is, as a number."""
    if cursor.startswith("{"):
        return int(json.loads(cursor)["keys"][0])
    with suppress(ValueError):
        cursor = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    return int(re.findall(r"\d+", cursor)[-1])


def events_without_disposition(service: Service, world: World, recorder: Recorder) -> set[Telling]:
    """I1 and I6: find what a cursor has passed and what has no outcome; the table's key allows an event only one."""
    if not is_set_up(service.store_url):
        return set()
    keyring = Keyring.load(service.folder / "ajantasa.key")
    # The cursor first: a server may still finish what the process that was killed had told it to commit.
    passed = passed_events(service, world, recorder)
    known = {(feed, event) for feed, event in rows(service.store_url, "SELECT feed, event FROM disposition")}
    settled = {telling for telling, feed, event in passed if (feed, keyring.digest(f"event/{feed}", event)) in known}
    return {telling for telling, _, _ in passed} - settled


def is_set_up(url: str) -> bool:
    """Tell whether there is a database yet: a process may be killed before it has made one."""
    engine = sa.create_engine(url)
    try:
        return sa.inspect(engine).has_table("disposition")
    finally:
        engine.dispose()


def passed_events(service: Service, world: World, recorder: Recorder) -> set[tuple[Telling, str, str]]:
    """Return the events of all pages that a cursor has passed: what they tell, the feed, and the event."""
    cursors = {name: position(cursor) for name, cursor in rows(service.store_url, "SELECT name, cursor FROM feed")}
    owners = {code: number for code, (number, _) in owners_of_ids(world.population)}
    return {
        (_telling(feed, item, owners), feed, item.event_id)
        for feed, page in recorder.pages()
        if feed in cursors and position(page.cursor) <= cursors[feed]
        for item in page.items
    }


def _telling(feed: str, item: Change | BadItem, owners: Mapping[str, int]) -> Telling:
    """Tell what is one and the same, however it is told.

    The population register tells of a change under the id that is in force when it is asked. A page whose reader was killed
    is asked for again, and by then an id may have been corrected: the same line of its log then is another event.
    """
    if feed == "dvv" and isinstance(item, Change) and item.identity.national_id in owners:
        return feed, owners[item.identity.national_id], item.recorded_at
    return feed, item.event_id, None


def doubled_writes(world: World) -> tuple[int, int]:
    """I2: count the updates of the clinic's table, and those of them that were made twice or changed nothing."""
    with world.clinic.engine.connect() as connection:
        log = list(connection.execute(sa.text("SELECT asiakasnumero, ennen, jalkeen FROM potilas_loki")))
    idle = sum(before == after for _, before, after in log)
    # The columns that tell how fresh an address is come and go with the calendar; what is known of a person does not.
    steps = Counter((customer, _values(before), _values(after)) for customer, before, after in log)
    return len(log), idle + sum(count - 1 for (_, before, after), count in steps.items() if before != after)


def _values(columns: str) -> tuple[str, ...]:
    return tuple(columns.split("|")[: len(_VALUES)])


def verify_trail(service: Service) -> int:
    """I7: export the audit trail and let the verifier look at it with its signed checkpoints; returns the faults."""
    exported = service.folder / "trail.jsonl"
    done = service.run("audit", "export", str(exported))
    assert done.returncode == 0, done.stderr
    public = load_public_key((service.folder / "ajantasa-audit.key.pub").read_bytes())
    checkpoints = (service.folder / "checkpoints.jsonl").read_bytes().splitlines(keepends=True)
    assert checkpoints
    return verify(exported.read_bytes().splitlines(keepends=True), checkpoints, public).fault_count


def check_provenance(service: Service) -> int:
    """I5 and I7: the audit chain is unbroken, and every fact is bound by the entry that it names."""
    previous, bound = "0" * 64, {}
    entries = rows(service.store_url, "SELECT seq, at, actor, action, body, previous, hash FROM audit ORDER BY seq")
    for number, (seq, at, actor, action, body, before, hash_) in enumerate(entries, start=1):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        text = json.dumps(
            [seq, moment.isoformat(), actor, action, body, before],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        assert (seq, before) == (number, previous), "the audit chain has a gap"
        assert hashlib.sha256(text.encode()).hexdigest() == hash_, "an audit entry was changed"
        previous, bound[seq] = hash_, json.loads(body)
    digests: dict[int, hashlib._Hash] = {}
    facts = rows(service.store_url, "SELECT id, commitment, audit_seq FROM fact ORDER BY id")
    for id_, commitment, seq in facts:
        digests.setdefault(seq, hashlib.sha256()).update(f"{id_}:{commitment}\n".encode())
    for seq, digest in digests.items():
        assert bound[seq]["facts_digest"] == digest.hexdigest(), "a fact is not the one that was audited"
    assert {seq for seq, body in bound.items() if "facts" in body} == digests.keys()
    return len(facts)


def secrets_of(world: World) -> set[bytes]:
    """Return what must be found nowhere: ids, protected people's homes, strangers' names with their homes."""
    customers = set(world.clinic.truth.people.values())
    secret = {person.national_id for person in world.population.people}
    for person in world.population.people:
        protected = any("protection" in event.kind.value for event in world.population.events_of(person.number))
        if person.number not in customers or protected:
            secret |= {home.street_line() for home in world.population.homes_of(person.number) if home.street}
        if person.number not in customers:
            secret.add(str(person.name))
    return {text.encode() for text in secret if len(text) > 8}


def check_no_secret_in(files: Iterable[Path], secrets: set[bytes], folder: Path) -> int:
    """I13: none of the secrets stands in any of these files; returns how many bytes were looked through."""
    listed = folder / "secrets"
    listed.write_bytes(b"\n".join(sorted(secrets)) + b"\n")
    whole = [file for file in files if file.stat().st_size]
    # `grep -F` looks for thousands of texts at once. It must find one that is there, or it proves nothing.
    command = ["grep", "--text", "--fixed-strings", "--files-with-matches", f"--file={listed}", "--"]
    found = subprocess.run([*command, *whole, listed], capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    assert found.stdout.splitlines() == [str(listed)], f"secrets stand in {len(found.stdout.splitlines()) - 1} files"
    return sum(file.stat().st_size for file in whole)
