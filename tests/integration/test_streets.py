"""Names in both languages, from the operator's files to an address that is known again: the whole way."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.posti import read_list
from adapters.store import Keyring, open_store
from sync.errors import ListRefused
from sync.freshness.status import State
from sync.matching.prepared import prepare_customer
from sync.model import Address, Field, Identity, PartialDate, PersonName, Source, Text
from sync.parts import Silence
from sync.ports.store import ListKind
from sync.streets import refresh_forms, take_lists
from tests.harness import KEY, Engine, HandClock, home, make_engine, moved, sqlite_url
from tests.integration.test_config_cli import ajantasa, set_up
from tests.integration.whole_way import MAIJA, deliveries, mirror, pull, state, watched
from tests.posti import baf, pcf, write

FINNISH = home("Hämeentie", "5")
SWEDISH = Address(street=Text(sv="Tavastvägen"), number="5", postcode="00100", post_office=Text(sv="HELSINGFORS"))
NEW = home("Rantatie", "7")
STREETS = [
    baf(),
    baf(fi="Hämeentie", sv="Tavastvägen"),
    baf(fi="Koulutie", sv="Skolvägen"),
    baf(fi="Rantatie", sv="Strandvägen"),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database on each engine."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def clinic(place: str) -> Iterator[Engine]:
    """Give an engine with one customer, whose address is in Finnish."""
    engine = make_engine(place, shows_status=False)
    engine.add(address=FINNISH, protection=False)
    engine.load()
    yield engine
    engine.store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a list of streets."""
    return write(tmp_path / "BAF.dat", *STREETS)


def import_(engine: Engine, *files: Path, **options: Any) -> None:
    """Import lists into an engine's database."""
    lists = [read_list(path, Silence()).names for path in files]
    take_lists(engine.parts, lists, by="test", **options)
    refresh_forms(engine.parts)


def import_from_elsewhere(url: str, *files: Path) -> None:
    """Import lists as another process does: over a store of its own."""
    with closing(open_store(url, Keyring(KEY), HandClock())) as store, store.begin() as work:
        for path in files:
            work.replace_names(read_list(path, Silence()).names)
        work.commit()


def level_of_address(engine: Engine, key: str = "42") -> str:
    """Return the level at which the last move's old address was found to agree."""
    with engine.store.snapshot() as work:
        last = work.stored_facts(mirror(engine, key).id)[-1]
    return next(each.level for each in last.provenance.evidence if each.comparison == "address")


def mover(*addresses: Address) -> Identity:
    """Describe the customer as a postal operator does, by name, birth date and old address."""
    return Identity(names=(MAIJA,), birth_date=PartialDate(1952, 10, 13), addresses=addresses)


def test_a_move_from_the_swedish_address_finds_the_finnish_customer(clinic: Engine, file: Path) -> None:
    """After an import the two are one door; before it they were two streets of one town and postcode."""
    clinic.add(address=FINNISH, protection=False, phone="+358401234567")
    clinic.load()
    pull(clinic, moved(NEW, identity=replace(mover(SWEDISH), phone="040 1234567")), feed="posti")
    assert level_of_address(clinic) == "same_area"
    import_(clinic, file)
    clinic.add("43", national_id="010190-901R", address=FINNISH, name=PersonName("Koe", "Ville"))
    clinic.load()
    other = Identity(names=(PersonName("Koe", "Ville"),), birth_date=PartialDate(1952, 10, 13), addresses=(SWEDISH,))
    pull(clinic, moved(NEW, identity=other, event="e2"), feed="posti")
    assert clinic.held("43")[Field.ADDRESS] == NEW
    assert level_of_address(clinic, "43") == "equal_folded"


def test_a_running_daemon_takes_new_names_into_use(clinic: Engine, place: str, file: Path) -> None:
    """What another process imports is known in the next unit of work, and what it replaces is forgotten."""
    with clinic.store.snapshot() as work:
        assert not work.street_names()
    import_from_elsewhere(place, file)
    with clinic.store.snapshot() as work:
        assert work.street_names().others("skolvägen", "00100") == {"koulutie"}
        kept = work.street_names()
    with clinic.store.snapshot() as work:
        assert work.street_names() is kept
    pull(clinic, moved(NEW, identity=mover(SWEDISH)), feed="posti")
    assert level_of_address(clinic) == "equal_folded"
    import_from_elsewhere(place, write(file, baf()))
    with clinic.store.snapshot() as work:
        assert work.street_names().others("skolvägen", "00100") == frozenset()


def test_the_other_language_confirms_and_writes_nothing(clinic: Engine, file: Path) -> None:
    """The register keeps the name that it has, and the desk need not ask."""
    import_(clinic, file)
    watched(clinic, SWEDISH)
    assert clinic.outcomes() == {"no_change": 1}
    assert deliveries(clinic) == {}
    assert clinic.held()[Field.ADDRESS] == FINNISH
    assert state(clinic) is State.CURRENT
    clinic.clock.move(days=400)
    pull(clinic, moved(SWEDISH, event="again", recorded=clinic.clock.now() - timedelta(hours=1)))
    assert clinic.outcomes() == {"no_change": 2}
    assert state(clinic) is State.CURRENT


def test_without_an_import_the_other_language_is_another_address(clinic: Engine) -> None:
    """Equal postcode, number and flat alone say nothing about the street."""
    watched(clinic, SWEDISH)
    assert clinic.outcomes() == {"applied": 1}
    assert clinic.held()[Field.ADDRESS] == SWEDISH


def test_staff_who_write_the_other_language_change_nothing(clinic: Engine, file: Path) -> None:
    """What a provider says afterwards in the first language confirms what staff wrote, and leaves it there."""
    import_(clinic, file)
    clinic.register.put("42", {Field.ADDRESS: SWEDISH})
    clinic.load()
    clinic.clock.move(days=1)
    watched(clinic, FINNISH)
    clinic.run()
    assert clinic.held()[Field.ADDRESS] == SWEDISH
    assert deliveries(clinic) == {}


def test_customers_are_kept_with_both_names(clinic: Engine, file: Path) -> None:
    """Those that were there are made anew, later ones and edited ones are made so."""
    import_(clinic, file)
    clinic.add("43", national_id="010190-901R", address=SWEDISH)
    clinic.load()
    clinic.register.put("42", {Field.ADDRESS: home("Koulutie", "7")})
    clinic.load()
    with clinic.store.snapshot() as work:
        names = work.street_names()
        customers = [work.by_keys("clinic", [key])[key] for key in ("42", "43")]
        kept = work.prepared([customer.id for customer in customers])
    assert [kept[c.id].places[0].also for c in customers] == [{"skolvägen"}, {"hämeentie"}]
    assert kept == {customer.id: prepare_customer(customer, names) for customer in customers}


def test_an_import_writes_only_the_forms_that_it_changes(clinic: Engine, place: str, file: Path) -> None:
    """A customer on a street with one name is left alone: sealed anew, nothing would be as it was, byte by byte."""
    clinic.add("43", national_id="010190-901R", address=home("Koetie", "1"))
    clinic.load()

    def sealed() -> dict[str, bytes]:
        engine = sa.create_engine(place)
        with engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT key, sealed_forms FROM customer")).all()
        engine.dispose()
        return {key: bytes(forms) for key, forms in rows}

    before = sealed()
    import_(clinic, file)
    after = sealed()
    assert [key for key in before if before[key] != after[key]] == ["42"]


def test_staff_who_were_before_us_in_the_other_language_are_no_edit(clinic: Engine, file: Path) -> None:
    """What we were about to write stands there already, so that it is ours that is acknowledged."""
    import_(clinic, file)
    watched(clinic, FINNISH)
    clinic.register.unreachable = True
    clinic.population.log.append(moved(home("Koulutie", "7")))
    clinic.follow()
    clinic.register.unreachable = False
    clinic.register.put("42", {Field.ADDRESS: Address(street=Text(sv="Skolvägen"), number="7", postcode="00100")})
    clinic.load()
    assert Source.STAFF not in {held.source for held in clinic.facts()}
    assert deliveries(clinic) == {"acknowledged": 1}


def test_making_forms_anew_can_be_stopped(clinic: Engine, file: Path) -> None:
    """It says so; one side that knows both names is enough meanwhile."""
    object.__setattr__(clinic.parts, "stopping", lambda: True)
    take_lists(clinic.parts, [read_list(file, Silence()).names], by="test")
    assert refresh_forms(clinic.parts) is False
    object.__setattr__(clinic.parts, "stopping", lambda: False)
    pull(clinic, moved(NEW, identity=mover(SWEDISH)), feed="posti")
    assert level_of_address(clinic) == "equal_folded"


def test_each_list_replaces_its_own_kind(clinic: Engine, tmp_path: Path, file: Path) -> None:
    """Streets leave towns of the other list alone, and the other way round; all of it is in the audit trail."""
    import_(clinic, file, write(tmp_path / "PCF.dat", pcf(), pcf("20100", ("TURKU", "ÅBO"), ("853", "Turku", "Åbo"))))
    more = [*STREETS, baf("20100", "Koetie", "Provvägen", ("TURKU", "ÅBO"), ("853", "Turku", "Åbo"))]
    import_(clinic, write(file, *more))
    with clinic.store.snapshot() as work:
        streets, towns = work.name_list(ListKind.BAF), work.name_list(ListKind.PCF)
        names = work.street_names()
    assert streets is not None
    assert towns is not None
    assert (streets.entries, len(streets.streets), len(streets.towns)) == (5, 5, 4)
    assert (towns.entries, len(towns.towns)) == (2, 4)
    assert names.finnish_towns(frozenset({"abo"})) == {"abo", "turku"}
    assert names.others("koetie", "", "853") == {"provvägen"}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([baf()], "has 1 entries, the one imported before had 4"),
        ([baf(f"{n:05}", "Uusitie", "Nyvägen") for n in range(9)], "of 4 streets imported before, 4 are not in"),
        ([baf(fi="Mannerheimintie", sv=""), *(baf(str(n), "A", "A") for n in range(10_000, 10_005))], "4 are not in"),
    ],
)
def test_a_list_without_half_of_the_names_is_refused(
    clinic: Engine, file: Path, lines: list[str], problem: str
) -> None:
    """Whatever is in it instead; what was there stays, until it is asked for in so many words."""
    import_(clinic, file)
    write(file, *lines)
    with pytest.raises(ListRefused, match=problem):
        import_(clinic, file)
    with clinic.store.snapshot() as work:
        held = work.name_list(ListKind.BAF)
        assert held is not None
        assert len(held.streets) == 4
    import_(clinic, file, whatever_is_lost=True)
    with clinic.store.snapshot() as work:
        assert work.street_names().others("koulutie", "00100") == frozenset()


def test_one_list_that_is_refused_stops_the_other(clinic: Engine, tmp_path: Path, file: Path) -> None:
    """All of them, or none."""
    towns = write(tmp_path / "PCF.dat", *(pcf(f"{n:05}") for n in range(9)))
    import_(clinic, file, towns)
    with pytest.raises(ListRefused):
        import_(clinic, write(file, *STREETS, baf("00300", "Koetie", "Provvägen")), write(towns, pcf()))
    with clinic.store.snapshot() as work:
        assert work.street_names().others("koetie", "00300") == frozenset()


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(place: str, tmp_path: Path) -> Path:
    """Give a configuration over each engine, and a list of streets with one bad line beside it."""
    where = tmp_path / "folder"
    where.mkdir()
    assert set_up(where).returncode == 0
    write(where / "BAF.dat", *STREETS[:2], "KATUN", *STREETS[2:])
    write(where / "PCF.dat", pcf())
    (where / "store-url").write_text(place)
    return where


def run(folder: Path, *arguments: str) -> Any:
    """Run the command over the folder's database."""
    return ajantasa(folder, *arguments, AJANTASA_STORE__URL=(folder / "store-url").read_text())


def test_the_command_tells_what_it_took_in(folder: Path) -> None:
    """How much of which list, and each bad line with its number; something left out is status 6."""
    done = run(folder, "streets", "import", "BAF.dat", "PCF.dat", "--json")
    assert done.returncode == 6, done.stderr
    told = json.loads(done.stdout)
    assert told["forms_made_anew"] is True
    assert told["files"] == [
        {
            "file": "BAF.dat",
            "kind": "baf",
            "run_on": "2026-11-14",
            "records": 4,
            "streets": 4,
            "bilingual_streets": 4,
            "bad": 1,
            "bad_lines": [{"line": 3, "problem": "5 bytes long instead of 256"}],
        },
        {
            "file": "PCF.dat",
            "kind": "pcf",
            "run_on": "2026-11-20",
            "records": 1,
            "postcodes": 1,
            "bad": 0,
            "bad_lines": [],
        },
    ]
    again = run(folder, "streets", "import", "BAF.dat")
    assert again.returncode == 6
    assert "4 streets, 4 with two names" in again.stdout
    assert again.stderr == "BAF.dat: 1 bad lines were left out\n  line 3: 5 bytes long instead of 256\n"
    assert run(folder, "streets", "import", "PCF.dat").returncode == 0


def test_the_command_refuses_half_a_list(folder: Path) -> None:
    """Status 1 and the reason in a line; with --replace it is taken."""
    assert run(folder, "streets", "import", "BAF.dat").returncode == 6
    write(folder / "small.dat", baf())
    refused = run(folder, "streets", "import", "small.dat")
    assert refused.returncode == 1
    assert refused.stderr.startswith("ListRefused: the BAF file has 1 entries, the one imported before had 4;")
    assert run(folder, "streets", "import", "--replace", "small.dat").returncode == 0
    engine = sa.create_engine((folder / "store-url").read_text())
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT postcode, name_sv FROM street")).all() == [
            ("00100", "Mannerheimvägen")
        ]
    engine.dispose()


def test_the_command_refuses_what_is_no_list(folder: Path) -> None:
    """And leaves everything as it is."""
    (folder / "empty.dat").touch()
    refused = run(folder, "streets", "import", "BAF.dat", "empty.dat")
    assert refused.returncode == 1
    assert refused.stderr.startswith("ListRefused: empty.dat is neither a BAF nor a PCF file")
    engine = sa.create_engine((folder / "store-url").read_text())
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        assert "street" not in tables or connection.execute(sa.text("SELECT 1 FROM street")).all() == []
    engine.dispose()
