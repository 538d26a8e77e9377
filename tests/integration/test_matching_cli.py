"""`ajantasa matching` as an operator gives it: measuring on labelled data, and training on the own register."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.app import build, run
from adapters.cli.output import Exit
from adapters.clock import SystemClock
from adapters.store import Keyring, open_store
from config.entry import Ajantasa
from sync.model import Candidate, Evidence
from sync.ports.store import Review, ReviewState
from tests.harness import START
from tests.integration.test_config_cli import COMMAND, ajantasa, problems, set_up
from tests.labelled import Labelled, made_up, write, write_all

Cli = Callable[..., tuple[int, str, str]]

DATA = made_up()
FIGURES = {
    *("pairs_scored", "blocking_recall", "best_f1", "best_f1_threshold", "precision", "precision_interval", "recall"),
    *("recall_interval", "recall_at_precision", "auto", "expected_errors", "observed_errors", "train_seconds"),
    *("match_seconds", "peak_rss_mb"),
}
"""What programs rely on."""
AUTO = {"precision", "precision_interval", "recall", "recall_interval", "review_share", "threshold"}
DECISIONS = 40


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Measure once, with temporary files in a folder of their own."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "temporary").mkdir()
    options = write_all(folder, DATA)
    done = ajantasa(folder, "matching", "evaluate", *options, "--json", TMPDIR=str(folder / "temporary"))
    assert done.returncode == 0, done.stderr
    return done, folder


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Give commands in this process."""

    def give(*arguments: str | Path) -> tuple[int, str, str]:
        status = run(build(Ajantasa(), "0"), [str(argument) for argument in arguments])
        return status, *capfd.readouterr()

    return give


# --- measuring --------------------------------------------------------------------------------------------------------


def test_every_figure_is_told(measured: Any) -> None:
    """One JSON object on one line holds every figure, each share between nothing and all, within its interval."""
    figures = json.loads(measured[0].stdout)
    assert measured[0].stdout.count("\n") == 1
    assert figures.keys() >= FIGURES
    assert figures["auto"].keys() == AUTO
    assert list(figures["recall_at_precision"]) == ["0.99", "0.995", "0.999", "0.9999"]
    for part in (figures, figures["auto"]):
        for share in ("precision", "recall"):
            low, high = part[f"{share}_interval"]
            assert 0 <= low <= part[share] <= high <= 1
    assert figures["pairs_scored"] >= figures["with_counterpart"]
    assert figures["train_seconds"] > 0 < figures["match_seconds"]
    assert figures["peak_rss_mb"] > 10


def test_people_of_any_country_are_matched(measured: Any) -> None:
    """Latin and Cyrillic names, two manners of writing, families, slips and doubles: nearly all are found, none wrongly."""
    figures = json.loads(measured[0].stdout)
    assert (figures["changes"], figures["with_counterpart"], figures["truth_rows_left_out"]) == (300, 200, 0)
    assert figures["blocking_recall"] > 0.98
    assert figures["best_f1"] > 0.97
    assert figures["recall_at_precision"]["0.99"] > 0.9
    assert (figures["auto"]["precision"], figures["observed_errors"]) == (1.0, 0)
    assert figures["auto"]["recall"] > 0.5
    assert figures["expected_errors"] < 0.1


def test_measuring_leaves_nothing_behind(measured: Any) -> None:
    """No file is left, not even a temporary one, and nothing about anybody is written anywhere."""
    done, folder = measured
    assert sorted(path.name for path in folder.iterdir()) == [
        *("changes.csv", "map.toml", "register.csv", "temporary", "truth.csv")
    ]
    assert list((folder / "temporary").iterdir()) == []
    assert_tells_nobody(done.stdout + done.stderr, DATA)


def assert_tells_nobody(text: str, data: Labelled) -> None:
    """See that no personal value stands in a text."""
    assert [value for value in data.values() if value in text] == []


def test_a_terminated_measurement_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGTERM in the middle takes the temporary store away, too."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    options = write_all(tmp_path, DATA)
    process = subprocess.Popen(
        [COMMAND, "matching", "evaluate", *options],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not list(temporary.glob("*/*.db")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) not in {Exit.OK, -signal.SIGTERM}
    assert list(temporary.iterdir()) == []


def test_figures_are_told_to_people(tmp_path: Path, cli: Cli) -> None:
    """Without --json a table names the figures; the truth's rows about nobody who is there are counted and left out."""
    data = made_up(40, 30, seed=2)
    options = write_all(tmp_path, data)
    more = [*data.truth, ("K0", "no such change"), ("no such record", data.changes[0][0])]
    write(tmp_path / "truth.csv", ("register", "change"), more)
    status, out, err = cli("matching", "evaluate", *options)
    assert status == Exit.OK
    for said in ("best F1", "recall at precision 0.9999", "wrong, expected", "left to a person", "most memory"):
        assert said in out
    assert err == "2 rows name a record or a change that is not there: left out (truth.csv)\n"
    assert_tells_nobody(out + err, data)


def broken(folder: Path, name: str, content: bytes) -> list[str]:
    """Write good files, and one of other content."""
    options = write_all(folder, made_up(20, 12))
    (folder / name).write_bytes(content)
    return options


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("changes.csv", b"id;name;born;address;zip\n", "changes.csv: has no records"),
        ("register.csv", b"", "register.csv: is empty"),
        ("register.csv", b"nro;etunimi;sukunimi;synt.;katu;posti\n", "register.csv: has no column talo"),
        ("changes.csv", "id;name;born;address;zip\n1;Säe;;;\n".encode("latin-1"), "changes.csv: is not UTF-8"),
        (
            "changes.csv",
            b"id;name;born;address;zip\n1;Salaisuus;;;\n1;Salaisuus;;;\n",
            "changes.csv, row 3: has the key of row 2",
        ),
        ("truth.csv", b"register,change\nSalaisuus,m1\nm1,K1\n", "truth.csv: names no pair of a record and a change"),
        ("truth.csv", b"register,m\n", "truth.csv: has no column change"),
        ("map.toml", b"[register]\nid = 3\n", "register.id: the name of a column"),
    ],
)
def test_what_is_wrong_with_the_files_is_told(tmp_path: Path, cli: Cli, name: str, content: bytes, said: str) -> None:
    """Status 3, with the file, and the column or the row; nothing that stands in them."""
    status, out, err = cli("matching", "evaluate", *broken(tmp_path, name, content), "--json")
    assert (status, out) == (Exit.CONFIGURATION, "")
    assert said in err
    assert "Salaisuus" not in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path, cli: Cli) -> None:
    """The option is named."""
    options = write_all(tmp_path, made_up(20, 12))
    (tmp_path / "truth.csv").unlink()
    status, _, err = cli("matching", "evaluate", *options)
    assert status == Exit.USAGE
    assert "--truth" in err


# --- training ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, once, a clinic whose register was read, with decisions of reviewers."""
    folder = tmp_path_factory.mktemp("clinic")
    write_all(folder, DATA)
    with closing(sqlite3.connect(folder / "clinic.db")) as clinic, clinic:
        clinic.execute(
            "CREATE TABLE patients (id TEXT PRIMARY KEY, surname TEXT, given_names TEXT, birth_date TEXT,"
            " street_address TEXT, postcode TEXT, post_office TEXT, phone TEXT)"
        )
        people = [
            (key, p.surname, p.given, str(p.born), f"{p.street} {p.number}", p.postcode, "Anytown", p.phone)
            for key, p in DATA.register
        ]
        clinic.executemany("INSERT INTO patients VALUES (?, ?, ?, ?, ?, ?, ?, ?)", people)
    assert set_up(folder).returncode == 0
    config = folder / "ajantasa.toml"
    text = config.read_text("utf-8").replace("# birth_date", "birth_date").replace("# phone", "phone")
    config.write_text(f"{text}\n[feeds.posti]\nregister = 'clinic'\n[feeds.posti.moves]\nfolder = 'in'\n", "utf-8")
    (folder / "in").mkdir()
    assert ajantasa(folder, "sync", "--once").returncode == 0
    _decide(folder)
    return folder


def _decide(folder: Path) -> None:
    """Put reviews into the store in which a person said that a similar given name was the same person."""
    store = open_store(f"sqlite:///{folder / 'ajantasa.db'}", Keyring.load(folder / "ajantasa.key"), SystemClock())
    with closing(store), store.begin() as work:
        (best, *_) = work.customer_ids("clinic", 0, 1)
        evidence = (Evidence("surname", "equal", 9.0), Evidence("given_names", "similar", 2.0))
        decided = {"state": ReviewState.SAME, "decided_by": "test", "decided_at": START}
        work.add_reviews(
            [
                Review("posti", f"e{at}", "p", "x", None, Candidate(best, 1.0, evidence), None, START, START, **decided)  # type: ignore[arg-type]  # one dict for several types
                for at in range(DECISIONS)
            ]
        )
        work.commit()


TRAIN = ("matching", "train", "--changes", "changes.csv", "--map", "map.toml", "--json")


@pytest.fixture(scope="module")
def trained(clinic: Path) -> subprocess.CompletedProcess[str]:
    """Train once."""
    done = ajantasa(clinic, *TRAIN, "--output", "model.json", PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stderr
    return done


def test_training_tells_what_it_learned_from(trained: subprocess.CompletedProcess[str], clinic: Path) -> None:
    """Counts, thresholds and the version are told, and are those of the file."""
    told, model = json.loads(trained.stdout), json.loads((clinic / "model.json").read_text("utf-8"))
    assert told["counts"]["customers"] == len(DATA.register)
    assert (told["counts"]["changes"], told["counts"]["labelled"]) == (300, DECISIONS)
    assert told["thresholds"] == model["thresholds"]
    assert told["thresholds"]["false_update_rate"] == 1e-5
    assert 0.5 < told["share_about_customers"] < 0.8
    assert (told["version"], told["counts"]) == (model["version"], model["counts"])


def test_the_model_tells_of_nobody(trained: subprocess.CompletedProcess[str], clinic: Path) -> None:
    """Its tables hold keyed hashes only, none of a value that fewer than five customers have."""
    text = (clinic / "model.json").read_text("utf-8")
    assert_tells_nobody(text + trained.stdout + trained.stderr, DATA)
    tables = json.loads(text)["frequencies"]
    surnames = Counter(person.surname for _, person in DATA.register)
    common = sum(count >= 5 for count in surnames.values())
    assert 0 < common < len(surnames)
    assert len(tables["surname"]["shares"]) == common
    holders = [round(share * len(DATA.register)) for share in tables["surname"]["shares"].values()]
    assert min(holders) >= 5
    assert tables["phone"]["shares"] == {}
    assert all(len(key) == 32 and int(key, 16) >= 0 for table in tables.values() for key in table["shares"])


def test_training_overwrites_nothing(trained: subprocess.CompletedProcess[str], clinic: Path) -> None:
    """A file that is there stays as it is, and is told before any work is done; so is a folder that is not there."""
    before = (clinic / "model.json").read_bytes()
    again = ajantasa(clinic, *TRAIN, "--output", "model.json")
    assert (again.returncode, problems(again)) == (3, {"model.json": "is there already and is not overwritten"})
    assert (clinic / "model.json").read_bytes() == before
    nowhere = ajantasa(clinic, *TRAIN, "--output", "nowhere/model.json")
    assert (nowhere.returncode, problems(nowhere)) == (3, {"nowhere/model.json": "is in a folder that is not there"})


def test_the_same_seed_gives_the_same_model(trained: subprocess.CompletedProcess[str], clinic: Path) -> None:
    """Another process learns the same numbers to the last digit; another seed draws another sample."""
    models = [json.loads((clinic / "model.json").read_text("utf-8"))]
    for name, seed in (("same", "1"), ("other", "2")):
        done = ajantasa(clinic, *TRAIN, "--output", f"{name}.json", "--seed", seed, PYTHONHASHSEED="2")
        assert done.returncode == 0, done.stderr
        models.append(json.loads((clinic / f"{name}.json").read_text("utf-8")))
    for model in models:
        del model["version"], model["hash"]
    assert models[0] == models[1] != models[2]


@pytest.fixture
def with_model(trained: subprocess.CompletedProcess[str], clinic: Path, tmp_path: Path) -> Path:
    """Give the clinic with its model in use."""
    folder = shutil.copytree(clinic, tmp_path / "folder")
    with (folder / "ajantasa.toml").open("a", encoding="utf-8") as file:
        file.write("[matching]\nmodel = 'model.json'\n")
    return folder


def test_the_trained_model_decides(with_model: Path) -> None:
    """Named in the configuration it is good, and the next decision carries its version."""
    assert ajantasa(with_model, "config", "check").stderr == ""
    key, person = DATA.register[10]
    address = {
        "street": {"fi": person.street},
        "number": str(person.number),
        "postcode": person.postcode,
        "country": "FI",
    }
    mover = {"mover_id": "1", "given_names": person.given, "surname": person.surname, "birth_date": str(person.born)}
    notice = {
        "format": "ajantasa-moves/1",
        "type": "notice",
        "notice_id": "n-1",
        "registered_at": "2026-10-20T10:00:00+02:00",
        "kind": "permanent",
        "move_date": "2026-10-25",
        "movers": [mover | {"phone": person.phone}],
        "from": address,
        "to": address | {"number": "999"},
    }
    end = {"format": "ajantasa-moves/1", "type": "end", "count": 1, "cursor": "1", "up_to_date": True}
    (with_model / "in" / "1.jsonl").write_text(f"{json.dumps(notice)}\n{json.dumps(end)}\n", "utf-8")
    done = ajantasa(with_model, "sync", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(ajantasa(with_model, "customer", "show", key, "--json").stdout)
    models = {fact["model"] for fact in shown["history"] if fact["origin"] == "posti"}
    assert models == {json.loads((with_model / "model.json").read_text("utf-8"))["version"]}


def test_a_model_of_another_key_is_refused(with_model: Path) -> None:
    """Under another key file no name would be found in its tables: the check says so, and nothing starts."""
    assert ajantasa(with_model, "key", "create", "other.key").returncode == 0
    other = {"AJANTASA_KEY_FILE": "other.key", "AJANTASA_STORE__URL": "sqlite:///other.db"}
    check = ajantasa(with_model, "config", "check", **other)
    assert check.returncode == 3
    assert problems(check).keys() == {"model.key"}
    assert "train anew" in check.stderr
    assert ajantasa(with_model, "status", **other).returncode == 3


def test_what_training_needs_is_told(clinic: Path, ready: Path) -> None:
    """A file of changes needs a map, a register a name that is there, and customers."""
    alone = ajantasa(clinic, "matching", "train", "--output", "x.json", "--changes", "changes.csv")
    assert alone.returncode == 2
    assert "--changes and --map go together" in alone.stderr
    unknown = ajantasa(clinic, "matching", "train", "--output", "x.json", "--register", "nobody")
    assert problems(unknown) == {"--register": "one of clinic"}
    empty = ajantasa(ready, "matching", "train", "--output", "x.json")
    assert "has no customers yet" in problems(empty)["registers.clinic"]
    assert not (clinic / "x.json").exists()


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Give a configuration whose register was not read yet."""
    with closing(sqlite3.connect(tmp_path / "clinic.db")) as clinic, clinic:
        clinic.execute(
            "CREATE TABLE patients (id TEXT PRIMARY KEY, surname TEXT, given_names TEXT, street_address TEXT,"
            " postcode TEXT, post_office TEXT)"
        )
    assert set_up(tmp_path).returncode == 0
    return tmp_path
