"""The commands about the audit chain, as an operator and an authority give them."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.audit import verifier
from tests.integration.test_config_cli import ajantasa, make_clinic, problems, set_up

FEED = '\n[feeds.posti]\nregister = "clinic"\n[feeds.posti.moves]\nfolder = "incoming"\n'
AUDIT = '\n[audit]\ncheckpoint_file = "checkpoints.jsonl"\nsigning_key_file = "ajantasa-audit.key"\n'


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, once, a database that holds what a register holds, and a key to sign with."""
    folder = tmp_path_factory.mktemp("synced")
    make_clinic(folder)
    assert set_up(folder).returncode == 0
    assert ajantasa(folder, "audit", "key").returncode == 0
    (folder / "incoming").mkdir()
    with (folder / "ajantasa.toml").open("a", encoding="utf-8") as file:
        file.write(FEED + AUDIT)
    assert ajantasa(folder, "sync", "--once").returncode == 0
    return folder


@pytest.fixture
def loaded(synced: Path, tmp_path: Path) -> Path:
    """Give a copy of it."""
    return shutil.copytree(synced, tmp_path / "folder")


def edit(folder: Path, statement: str) -> None:
    """Edit the database behind the program's back."""
    with closing(sqlite3.connect(folder / "ajantasa.db")) as database, database:
        database.execute(statement)


def test_from_checkpoint_to_authority(loaded: Path, tmp_path: Path) -> None:
    """Signed, exported, verified here with the database and there without: no fault, and no value in the files."""
    made = ajantasa(loaded, "audit", "checkpoint")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("checkpoint 1: entries 1 to ")
    assert ajantasa(loaded, "audit", "checkpoint").stdout == "Nothing is new since the last checkpoint.\n"
    told = json.loads(ajantasa(loaded, "audit", "export", "audit.jsonl", "--json").stdout)
    assert told["checkpoints"] == "audit.jsonl.checkpoints"
    here = ajantasa(loaded, "audit", "verify")
    assert (here.returncode, here.stderr) == (0, "")
    assert "No fault was found." in here.stdout
    assert "No fact was changed." in here.stdout
    for name in ("audit.jsonl", "audit.jsonl.checkpoints", "ajantasa-audit.key.pub"):
        shutil.copy(loaded / name, tmp_path)
    files = ["audit.jsonl", "--checkpoints", "audit.jsonl.checkpoints", "--public-key", "ajantasa-audit.key.pub"]
    command = [sys.executable, "-I", verifier.__file__, *files]
    there = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert (there.returncode, there.stdout.splitlines()[-1]) == (0, "No fault was found.")
    given = (tmp_path / "audit.jsonl").read_text("utf-8") + (tmp_path / "audit.jsonl.checkpoints").read_text("utf-8")
    assert not [value for value in ("Kanarialintu", "Sitruuna", "Häkkikuja", "33100") if value in given]


def test_an_export_overwrites_nothing(loaded: Path) -> None:
    """A file that is there is said in a line, and left alone."""
    (loaded / "audit.jsonl").write_text("mine")
    result = ajantasa(loaded, "audit", "export", "audit.jsonl")
    assert (result.returncode, (loaded / "audit.jsonl").read_text()) == (1, "mine")
    assert ajantasa(loaded, "audit", "export", "nowhere/audit.jsonl").stderr.endswith("No such file or directory\n")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 1", "FAULT entry 1: was changed"),
        ("DELETE FROM audit WHERE seq >= (SELECT max(seq) - 1 FROM audit)", "it was cut off"),
        ("DELETE FROM fact WHERE id = (SELECT max(id) FROM fact)", "FAULT entry 1: binds "),
        ("UPDATE fact SET origin = 'nobody' WHERE id = (SELECT max(id) FROM fact)", "is not as it was when the chain"),
        ("UPDATE fact SET sealed = (SELECT min(sealed) FROM fact)", "is not as it was when the chain bound it"),
    ],
)
def test_verify_finds_what_was_done_to_the_database(loaded: Path, statement: str, said: str) -> None:
    """An entry or a fact that was changed or is gone is told, and makes the status 1."""
    assert ajantasa(loaded, "audit", "checkpoint").returncode == 0
    edit(loaded, statement)
    result = ajantasa(loaded, "audit", "verify")
    assert (result.returncode, said in result.stdout) == (1, True)
    assert json.loads(ajantasa(loaded, "audit", "verify", "--json").stdout)["good"] is False


def test_verify_takes_another_checkpoint_file(loaded: Path) -> None:
    """One that was kept elsewhere, with the public key; one without the other is wrong usage."""
    assert ajantasa(loaded, "audit", "checkpoint").returncode == 0
    shutil.move(loaded / "checkpoints.jsonl", loaded / "kept.jsonl")
    assert ajantasa(loaded, "audit", "verify").returncode == 1
    given = ("--checkpoints", "kept.jsonl", "--public-key", "ajantasa-audit.key.pub")
    assert ajantasa(loaded, "audit", "verify", *given).returncode == 0
    assert ajantasa(loaded, "audit", "verify", *given[:2]).returncode == 2
    assert ajantasa(loaded, "audit", "verify", *given[:3], "ajantasa.toml").returncode == 3


def test_a_checkpoint_that_cannot_be_made_is_said(loaded: Path) -> None:
    """Over a chain that was changed nothing is signed; the error is told in a line."""
    assert ajantasa(loaded, "audit", "checkpoint").returncode == 0
    edit(loaded, "UPDATE audit SET hash = 'x'")
    result = ajantasa(loaded, "audit", "checkpoint")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("CheckpointFailed: ")


def test_without_configuration_it_is_off_and_said_so(loaded: Path) -> None:
    """No checkpoints are made, `config check` says so, and the rest works all the same."""
    toml = loaded / "ajantasa.toml"
    assert "Checkpoints" not in ajantasa(loaded, "config", "check").stdout
    toml.write_text(toml.read_text("utf-8").replace(AUDIT, ""), "utf-8")
    assert "Checkpoints of the audit chain are off" in ajantasa(loaded, "config", "check").stdout
    assert problems(ajantasa(loaded, "audit", "checkpoint")).keys() == {"audit.checkpoint_file"}
    verified = ajantasa(loaded, "audit", "verify")
    assert (verified.returncode, "No checkpoints were given" in verified.stdout) == (0, True)
    assert json.loads(ajantasa(loaded, "audit", "export", "a.jsonl", "--json").stdout)["checkpoints"] is None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (('checkpoint_file = "checkpoints.jsonl"\n', ""), "audit"),
        (('"ajantasa-audit.key"', '"ajantasa.key"'), "audit.signing_key_file"),
        (('"ajantasa-audit.key"', '"nosuch.key"'), "audit.signing_key_file"),
        (('"checkpoints.jsonl"', '"nowhere/checkpoints.jsonl"'), "audit.checkpoint_file"),
        (('"checkpoints.jsonl"', '"register-url"'), "audit.checkpoint_file"),
    ],
)
def test_config_check_looks_at_key_and_file(loaded: Path, change: tuple[str, str], key: str) -> None:
    """Half a configuration, a key that is none, a file that cannot be written or is something else."""
    toml = loaded / "ajantasa.toml"
    toml.write_text(toml.read_text("utf-8").replace(*change), "utf-8")
    result = ajantasa(loaded, "config", "check")
    assert (result.returncode, list(problems(result))) == (3, [key])


def test_the_key_is_made_once(loaded: Path) -> None:
    """A second one is refused, and where it cannot be written is said in a line."""
    before = (loaded / "ajantasa-audit.key").read_bytes()
    assert ajantasa(loaded, "audit", "key").returncode == 1
    assert (loaded / "ajantasa-audit.key").read_bytes() == before
    assert (
        ajantasa(loaded, "audit", "key", "nowhere/key").stderr
        == "nowhere/key cannot be written: No such file or directory\n"
    )
