"""Registers of a given size, made once and kept in the system's temporary folder until they would come out otherwise."""

import csv
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from adapters.cli.output import Bar
from adapters.clock import SystemClock
from adapters.store import Keyring, open_store
from adapters.store.keyring import create_key_file
from sync.matching.normalise.text import fold
from sync.model import Address, Change, Identity, PartialDate, PersonName
from sync.model.codec import change_from_plain, change_to_plain
from tests.benchmarks.at_scale.population import Asked, changes, customers

CHANGES = 10_000
_AT_ONCE = 20_000
_CHECKOUT = Path(__file__).parents[3]
_MADE_BY = (
    "sync/matching/keys.py",
    "sync/matching/prepared.py",
    "sync/matching/normalise/*.py",
    "adapters/store/tables.py",
    "adapters/store/keyring.py",
    "adapters/store/customers.py",
    "adapters/store/migrations/versions/*.py",
    "adapters/sandbox/names.py",
    "adapters/sandbox/places.py",
    "tests/benchmarks/at_scale/population.py",
    "tests/benchmarks/at_scale/made.py",
)
_COLUMNS = (
    "unique_id",
    "given",
    "surname",
    "name",
    "birth_date",
    "street",
    "number",
    "flat",
    "postcode",
    "phone",
    "email",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A register in files.

    Attributes:
        folder: holds all of them.
    """

    folder: Path

    @property
    def url(self) -> str:
        """Our database."""
        return f"sqlite:///{self.folder / 'ajantasa.db'}"

    @property
    def keyring(self) -> Keyring:
        """What the database is sealed with."""
        return Keyring.load(self.key_file)

    @property
    def key_file(self) -> Path:
        """The key of the database."""
        return self.folder / "ajantasa.key"

    @property
    def register_csv(self) -> Path:
        """The customers for Splink, normalised as we do it."""
        return self.folder / "register.csv"

    @property
    def changes_csv(self) -> Path:
        """The changes for Splink, with the customer's key as `truth`."""
        return self.folder / "changes.csv"

    def changes(self) -> Iterator[tuple[Change, str | None]]:
        """Give the changes, each with the key of the customer whom it is about."""
        with (self.folder / "changes.jsonl").open(encoding="utf-8") as file:
            for line in file:
                plain, key = json.loads(line)
                yield change_from_plain(plain), key


def made(size: int) -> Made:
    """Return the register of that size, made anew only if nobody has made it yet as it would come out now."""
    root = Path(tempfile.gettempdir()) / "ajantasa-bench"
    folder = root / _version() / str(size)
    if folder.exists():
        return Made(folder)
    for older in root.glob("*"):
        if older.name != _version():
            shutil.rmtree(older, ignore_errors=True)  # a million customers take more than a gigabyte
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{size}-", dir=folder.parent))
    _fill(Made(unfinished), size)
    unfinished.rename(folder)
    return Made(folder)


def _version() -> str:
    """Return a name for everything that decides what a register is made of."""
    files = sorted(path for pattern in _MADE_BY for path in _CHECKOUT.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _fill(into: Made, size: int) -> None:
    """Load the store as the daemon does, in big units of work, and write the same customers for Splink."""
    create_key_file(into.folder / "ajantasa.key")
    store, bar = open_store(into.url, into.keyring, SystemClock()), Bar(f"making {size:,} customers")
    people = customers(size)
    with into.register_csv.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_COLUMNS)
        while batch := list(islice(people, _AT_ONCE)):
            with store.begin() as work:
                work.add_customers(batch)
                work.commit()
            rows.writerows(_row(c.key, c.name, c.birth_date, c.address, c.phone, c.email) for c in batch)
            bar.advance(len(batch), size)
    bar.done()
    store.close()
    _write_changes(into, changes(size, min(CHANGES, size)))


def _write_changes(into: Made, asked: Iterable[Asked]) -> None:
    with (
        (into.folder / "changes.jsonl").open("w", encoding="utf-8") as lines,
        into.changes_csv.open("w", encoding="utf-8", newline="") as file,
    ):
        rows = csv.writer(file)
        rows.writerow((*_COLUMNS, "truth"))
        for number, one in enumerate(asked):
            change = Change(f"change-{number}", str(number), one.identity)
            lines.write(json.dumps([change_to_plain(change), one.key], ensure_ascii=False) + "\n")
            rows.writerow((*_told(change.event_id, one.identity), one.key))


def _told(event: str, identity: Identity) -> tuple[str, ...]:
    [name], [home] = identity.names, identity.addresses
    return _row(event, name, identity.birth_date, home, identity.phone, identity.email)


def _row(
    unique_id: str,
    name: PersonName | None,
    born: PartialDate | None,
    home: Address | None,
    phone: str | None,
    email: str | None,
) -> tuple[str, ...]:
    """Write somebody as Splink gets them: first name alone, marks and case gone, empty where nothing is known."""
    name, home = name or PersonName("", ""), home or Address()
    given, surname = fold(name.given_names.partition(" ")[0]), fold(name.surname)
    street = fold(home.street.text()) if home.street else ""
    flat = f"{home.stairwell or ''}{home.flat or ''}"
    door = (street, home.number or "", flat, home.postcode or "")
    return (unique_id, given, surname, f"{given} {surname}", str(born or ""), *door, phone or "", email or "")
