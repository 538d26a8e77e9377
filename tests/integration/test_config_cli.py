"""The command as an operator meets it first: setting up, checking, and everything that stops a start."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest

from adapters.store import Keyring
from adapters.web.settings import Readers, WebSettings

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("ajantasa")
CANARY = "KANARIALINTU-9"  # stands for a value: it must not come back in any message
NOTICE = {
    "format": "ajantasa-moves/1",
    "type": "notice",
    "notice_id": "n-1",
    "registered_at": "2026-11-20T10:00:00+02:00",
    "kind": "permanent",
    "move_date": "2026-12-01",
    "movers": [{"mover_id": "1", "given_names": "Sitruuna Keltainen", "surname": "Kanarialintu"}],
    "from": {"street": {"fi": "Häkkikuja"}, "number": "1", "postcode": "33100", "country": "FI"},
    "to": {"street": {"fi": "Orsitie"}, "number": "2", "postcode": "00100", "country": "FI"},
}


def ajantasa(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder, with nothing of this machine's settings but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AJANTASA_")}
    return subprocess.run(
        [COMMAND, *arguments],
        check=False,
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def problems(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Read the list of problems, by key."""
    lines = [line.strip() for line in result.stderr.splitlines() if line.startswith("  ")]
    return {key: message for key, _, message in (line.partition(": ") for line in lines)}


def dump(database: Path) -> list[str]:
    """Return everything in an SQLite database."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def set_up(folder: Path) -> subprocess.CompletedProcess[str]:
    """Write a configuration for a clinic's table."""
    return ajantasa(folder, "init", "--register-url", "sqlite:///clinic.db", "--table", "patients")


def make_clinic(folder: Path) -> None:
    """Make the table of a clinic with one patient."""
    with closing(sqlite3.connect(folder / "clinic.db")) as clinic, clinic:
        clinic.execute(
            "CREATE TABLE patients (id INTEGER PRIMARY KEY, surname TEXT, given_names TEXT, street_address TEXT,"
            " postcode TEXT, post_office TEXT)"
        )
        clinic.execute("INSERT INTO patients VALUES (1, 'Kanarialintu', 'Sitruuna', 'Häkkikuja 1', '33100', 'Tampere')")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, once, a configuration as `init` writes it and the register that it is for."""
    folder = tmp_path_factory.mktemp("fresh")
    make_clinic(folder)
    assert set_up(folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def synced(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, once, a database that holds what the register holds."""
    folder = shutil.copytree(fresh, tmp_path_factory.mktemp("synced") / "folder")
    assert ajantasa(folder, "sync", "--once").returncode == 0
    return folder


@pytest.fixture
def ready(fresh: Path, tmp_path: Path) -> Path:
    """Give a folder with a configuration and its register; nothing was run yet."""
    return shutil.copytree(fresh, tmp_path / "folder")


@pytest.fixture
def loaded(synced: Path, tmp_path: Path) -> Path:
    """Give a folder whose register was read."""
    return shutil.copytree(synced, tmp_path / "folder")


def test_it_tells_its_version(tmp_path: Path) -> None:
    """`--version` prints the version of the installed package."""
    result = ajantasa(tmp_path, "--version")
    assert (result.returncode, result.stdout) == (0, f"ajantasa {metadata.version('ajantasa')}\n")


def test_init_writes_what_a_start_needs(ready: Path) -> None:
    """After `init` the configuration is good as it is, and only the owner can read key, URL and token."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in ready.iterdir()}
    assert modes["ajantasa.key"] == modes["register-url"] == modes["desk-tokens"] == 0o600
    assert modes["ajantasa.toml"] == 0o644
    result = ajantasa(ready, "config", "check")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        "The configuration is good.\nCheckpoints of the audit chain are off: see [audit] in docs/configuration.md.\n"
        "Restoring a back-up would bring erased people back: see [erasure] in docs/configuration.md.\n"
    )


def test_init_overwrites_nothing(ready: Path) -> None:
    """A second `init` names the files that are there, leaves them alone and fails."""
    names = ("ajantasa.key", "ajantasa.toml", "desk-tokens", "register-url")
    before = {name: (ready / name).read_bytes() for name in names}
    result = set_up(ready)
    assert result.returncode == 3
    assert problems(result).keys() == set(names)
    assert {name: (ready / name).read_bytes() for name in names} == before


def test_init_takes_any_table_name(tmp_path: Path) -> None:
    """A table whose name has quotes and backslashes in it still makes a file that can be read."""
    assert ajantasa(tmp_path, "init", "--register-url", "sqlite:///x.db", "--table", 'a"\\b').returncode == 0
    assert problems(ajantasa(tmp_path, "config", "check")) == {"registers.clinic.sql": "there is no database file"}


def test_init_says_where_it_cannot_write(tmp_path: Path) -> None:
    """A folder that cannot be made is said in a line, without a traceback."""
    (tmp_path / "file").touch()
    result = ajantasa(tmp_path, "init", "file/below", "--register-url", "sqlite:///x.db", "--table", "t")
    assert result.returncode == 1
    assert result.stderr == "file/below cannot be written: Not a directory\n"


def test_a_missing_configuration_is_said(tmp_path: Path) -> None:
    """Without a configuration every command that needs one stops with status 3."""
    for command in (("run",), ("config", "check")):
        result = ajantasa(tmp_path, *command)
        assert result.returncode == 3
        assert "`ajantasa init` writes one" in problems(result)["ajantasa.toml"]


def test_every_wrong_setting_is_listed_at_once(tmp_path: Path) -> None:
    """Wrong values are listed with their keys in one go, from the file and the environment, and none is repeated."""
    (tmp_path / "ajantasa.toml").write_text(
        f"""
        log_level = "{CANARY}"
        bogus = "{CANARY}"
        [registers.clinic]
        time_zone = "{CANARY}"
        [registers.clinic.sql]
        url = "{CANARY}"
        table = ""
        key = "id"
        columns = {{ surnam = "{CANARY}" }}
        [feeds.vtj]
        [feeds.vtj.dvv]
        base_url = "ftp://{CANARY}"
        [feeds.posti]
        register = "clinic"
        [feeds.posti.moves]
        folder = "in"
        token = "{CANARY}"
        [web]
        tokens = ["{CANARY}"]
        """,
        "utf-8",
    )
    result = ajantasa(tmp_path, "config", "check", AJANTASA_WEB__PORT=CANARY)
    assert result.returncode == 3
    assert problems(result).keys() == {
        "log_level",
        "bogus",
        "registers.clinic.time_zone",
        "registers.clinic.sql.table",
        "registers.clinic.sql.columns.surnam.[key]",
        "feeds.vtj.register",
        "feeds.vtj.dvv.base_url",
        "feeds.posti.moves",
        "web.port",
        "web.tokens",
    }
    assert CANARY not in result.stdout + result.stderr


def test_problems_are_told_to_programs_too(ready: Path) -> None:
    """With `--json` the answer is one object, with the same exit status."""
    (ready / "ajantasa.key").unlink()
    done = ajantasa(ready, "config", "check", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 3
    assert told["good"] is False
    assert "key_file" in {problem["key"] for problem in told["problems"]}


def test_everything_that_the_configuration_names_is_looked_at(ready: Path) -> None:
    """Files, key, databases and columns that are not as configured are listed at once, each with its key."""
    with (ready / "ajantasa.toml").open("a", encoding="utf-8") as file:
        file.write("[matching]\nmodel = 'no-model.json'\n")
        file.write("[feeds.vtj]\nregister = 'clinic'\n[feeds.vtj.dvv]\nbase_url = 'https://localhost'\n")
        file.write(f"username = '{CANARY}'\npassword_file = 'no-password'\nca_bundle = 'no-ca'\n")
        file.write("[feeds.posti]\nregister = 'clinic'\n[feeds.posti.moves]\nbase_url = 'https://localhost'\n")
        file.write("token_file = 'no-token'\nca_bundle = 'no-ca'\n")
        file.write("[feeds.kirje]\nregister = 'clinic'\n[feeds.kirje.moves]\nfolder = 'no-folder'\n")
    result = ajantasa(
        ready,
        "config",
        "check",
        AJANTASA_KEY_FILE="no-key",
        AJANTASA_STORE__URL=f"mysql://{CANARY}@localhost/x",
        AJANTASA_WEB__TOKEN_FILE="no-tokens",
        AJANTASA_REGISTERS__CLINIC__SQL__COLUMNS__PHONE="no_such_column",
    )
    assert result.returncode == 3
    assert problems(result).keys() == {
        "key_file",
        "store.url",
        "web.token_file",
        "matching.model",
        "registers.clinic.sql.columns.phone",
        "feeds.vtj.dvv.password_file",
        "feeds.vtj.dvv.ca_bundle",
        "feeds.posti.moves.ca_bundle",
        "feeds.posti.moves.token_file",
        "feeds.kirje.moves.folder",
    }
    assert CANARY not in result.stdout + result.stderr
    assert not (ready / "ajantasa.db").exists()


def test_without_its_key_nothing_is_written(ready: Path) -> None:
    """A missing key file stops the daemon with status 3 before there is a database."""
    (ready / "ajantasa.key").unlink()
    before = sorted(ready.iterdir())
    result = ajantasa(ready, "run")
    assert result.returncode == 3
    assert "the key file cannot be read" in result.stderr
    assert sorted(ready.iterdir()) == before


def test_a_damaged_key_is_refused(ready: Path) -> None:
    """A file that is no key stops the daemon, and what stands in it is not repeated."""
    (ready / "ajantasa.key").write_text(f"ajantasa-key-1:{CANARY}\n", "ascii")
    result = ajantasa(ready, "run")
    assert result.returncode == 3
    assert CANARY not in result.stderr
    assert not (ready / "ajantasa.db").exists()


def test_another_key_is_refused(loaded: Path) -> None:
    """A database that was sealed with another key is not opened, and the check says so under `key_file`."""
    (loaded / "ajantasa.key").unlink()
    assert ajantasa(loaded, "key", "create").returncode == 0
    result = ajantasa(loaded, "run")
    assert result.returncode == 3
    assert "not the one that sealed this database" in result.stderr
    assert problems(ajantasa(loaded, "config", "check")).keys() == {"key_file"}


def test_a_newer_database_is_refused(loaded: Path) -> None:
    """A database of a schema version from the future stops the daemon and is left as it is."""
    with sqlite3.connect(loaded / "ajantasa.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    for command in (("run",), ("db", "upgrade")):
        result = ajantasa(loaded, *command)
        assert result.returncode == 3
        assert "newer version of ajantasa" in result.stderr
    assert problems(ajantasa(loaded, "config", "check")).keys() == {"store"}


def test_a_foreign_database_is_refused(ready: Path) -> None:
    """The register's own database given as ours by mistake is not written to."""
    before = dump(ready / "clinic.db")
    result = ajantasa(ready, "run", AJANTASA_STORE__URL="sqlite:///clinic.db")
    assert result.returncode == 3
    assert "tables that are not ajantasa's" in result.stderr
    assert dump(ready / "clinic.db") == before


def test_no_key_is_ever_overwritten(tmp_path: Path) -> None:
    """`key create` makes a key that only its owner can read, and refuses a second time."""
    assert ajantasa(tmp_path, "key", "create", "a.key").returncode == 0
    key = (tmp_path / "a.key").read_bytes()
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
    result = ajantasa(tmp_path, "key", "create", "a.key")
    assert (result.returncode, result.stderr) == (1, "a.key is there already and is not overwritten\n")
    assert (tmp_path / "a.key").read_bytes() == key


def test_the_containers_secrets_are_made_once(tmp_path: Path) -> None:
    """`deploy/secrets` makes every file that Compose mounts, closed to others by its folder, and keeps what is there."""
    shutil.copy(ROOT / "deploy" / "secrets", tmp_path / "secrets")
    subprocess.run([tmp_path / "secrets"], check=True, capture_output=True)
    folder = tmp_path / "secret"
    made = {path.name: path.read_text("ascii") for path in folder.iterdir()}
    mounted = set(re.findall(r"file: \./deploy/secret/(\S+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    assert made.keys() == mounted
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    Keyring.load(folder / "ajantasa.key")
    assert Readers.load(WebSettings(token_file=folder / "desk-tokens")).find(
        made["desk-tokens"].strip()[len("desk:") :]
    )
    (folder / "register-url").unlink()
    (folder / "register-url").write_text("mine", "ascii")
    subprocess.run([tmp_path / "secrets"], check=True, capture_output=True)
    assert {path.name: path.read_text("ascii") for path in folder.iterdir()} == made | {"register-url": "mine"}


def test_a_payload_is_printed_as_changes(tmp_path: Path) -> None:
    """`feed parse` prints one JSON object a line; a line that cannot be read makes the status 6."""
    payload = tmp_path / "payload.jsonl"
    payload.write_text(json.dumps(NOTICE) + "\n", "utf-8")
    result = ajantasa(tmp_path, "feed", "parse", "moves", "payload.jsonl")
    (change,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0
    assert change["identity"]["names"][0]["surname"] == "Kanarialintu"
    bad = NOTICE | {"notice_id": "n-2", "move_date": "soon"}
    payload.write_text(json.dumps(NOTICE) + "\n" + json.dumps(bad) + "\n", "utf-8")
    result = ajantasa(tmp_path, "feed", "parse", "moves", "payload.jsonl")
    good, unreadable = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 6
    assert good == change
    assert unreadable.keys() == {"unreadable", "position"}


def test_what_is_not_there_is_status_4(loaded: Path) -> None:
    """An unknown customer, feed, review or provider is status 4."""
    for command in (
        ("customer", "show", "404"),
        ("sync", "nofeed"),
        ("resync", "--customer", "404"),
        ("review", "decide", "1", "same"),
        ("feed", "parse", "nobody", "ajantasa.toml"),
    ):
        result = ajantasa(loaded, *command)
        assert (command, result.returncode, result.stderr.count("\n")) == (command, 4, 1)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become a user without a name")
def test_a_user_without_a_name_has_a_number() -> None:
    """In a container the user may be a number without a name: the trail of who read what gets the number."""
    code = "import os; from adapters.cli.output import account; os.setuid(54321); print(account())"
    clean = {name: value for name, value in os.environ.items() if name not in ("USER", "LOGNAME", "LNAME", "USERNAME")}
    result = subprocess.run([sys.executable, "-c", code], check=True, env=clean, capture_output=True, text=True)
    assert result.stdout == "user-54321\n"


@pytest.mark.parametrize("arguments", [("nosuch",), ("sync", "--nosuch"), ("resync",)])
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """An unknown command, option or form of argument is status 2, with a line about it and no traceback."""
    result = ajantasa(tmp_path, *arguments)
    assert result.returncode == 2
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr
