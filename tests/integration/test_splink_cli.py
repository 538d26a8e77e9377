"""`ajantasa matching export` and `import`: out to Splink and back into a file that the daemon takes."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import typer

from adapters.cli import splink
from adapters.cli.app import run
from adapters.cli.output import Exit
from adapters.cli.service import Call
from config.bootstrap import load_model
from config.entry import Ajantasa
from sync.matching.splink import LEFT_OUT, parse_splink
from tests.integration.test_config_cli import set_up

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Give the commands in this process, over a configuration of their own."""
    with closing(sqlite3.connect(tmp_path / "clinic.db")) as clinic, clinic:
        clinic.execute("CREATE TABLE patients (id INTEGER PRIMARY KEY, surname TEXT, given_names TEXT)")
    assert set_up(tmp_path).returncode == 0
    app = typer.Typer()
    splink.add_to(app)

    @app.callback()
    def main(context: typer.Context) -> None:
        context.obj = Call(Ajantasa(), tmp_path / "ajantasa.toml")

    def give(*arguments: str | Path) -> tuple[int, str, str]:
        status = run(app, [str(argument) for argument in arguments])
        return status, *capfd.readouterr()

    return give


def test_out_and_back(cli: Cli, tmp_path: Path) -> None:
    """What is exported can be read as a Splink model, and imported again it is the model in use under another name."""
    there, back = tmp_path / "splink.json", tmp_path / "back.json"
    status, out, _ = cli("export", there)
    assert status == Exit.OK
    assert "Left out: address" in out
    assert parse_splink(json.loads(there.read_text("utf-8"))).comparisons
    status, out, _ = cli("import", there, "--output", back, "--json")
    assert status == Exit.OK
    told, shipped = json.loads(out), load_model(None)
    model = load_model(back)
    assert model.version == told["version"] != shipped.version
    assert (model.comparisons, model.priors, model.thresholds) == (
        shipped.comparisons,
        shipped.priors,
        shipped.thresholds,
    )
    assert told["left_out"] == LEFT_OUT
    assert told["taken"]["phone"]["equal"] == {
        "m": shipped.comparisons["phone"]["equal"].m,
        "u": shipped.comparisons["phone"]["equal"].u,
    }


def test_what_was_taken_is_told_to_people(cli: Cli, tmp_path: Path) -> None:
    """A table of what was learned, what was left out and why, and what to do next."""
    there = tmp_path / "splink.json"
    status, out, _ = cli("export", there, "--json")
    assert (status, json.loads(out)["left_out"]) == (Exit.OK, LEFT_OUT)
    settings = json.loads(there.read_text("utf-8"))
    settings["comparisons"] = [one for one in settings["comparisons"] if one["output_column_name"] == "phone"]
    settings["comparisons"][0]["comparison_levels"][1]["m_probability"] = 0.5
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps(settings), "utf-8")
    status, out, _ = cli("import", foreign, "--output", tmp_path / "model.json")
    assert status == Exit.OK
    assert "Left out: surname: the file has nothing that means the same." in out
    assert "phone" in out
    assert "matching.model" in out
    assert load_model(tmp_path / "model.json").comparisons["phone"] != load_model(None).comparisons["phone"]


def test_nothing_is_overwritten(cli: Cli, tmp_path: Path) -> None:
    """A file that is there stays as it is, and so does one that cannot be made."""
    there = tmp_path / "there.json"
    there.write_text("mine", "utf-8")
    assert cli("export", there)[0] == Exit.CONFIGURATION
    assert cli("export", tmp_path / "splink.json")[0] == Exit.OK
    status, _, err = cli("import", tmp_path / "splink.json", "--output", there)
    assert (status, there.read_text("utf-8")) == (Exit.CONFIGURATION, "mine")
    assert "is there already" in err
    assert cli("export", tmp_path / "no such folder" / "splink.json")[0] == Exit.CONFIGURATION


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "a JSON object"),
        (b"[" * 100_000, "a JSON object"),
        (b"[]", "a JSON object"),
        (b'{"comparisons": [{"output_column_name": "name", "comparison_levels": []}]}', "splink.name: left out"),
    ],
)
def test_what_is_no_model_is_refused(cli: Cli, tmp_path: Path, content: bytes, told: str) -> None:
    """Without a traceback, with the reason, and nothing is written."""
    foreign = tmp_path / "foreign.json"
    foreign.write_bytes(content)
    status, _, err = cli("import", foreign, "--output", tmp_path / "model.json")
    assert status == Exit.CONFIGURATION
    assert told in err
    assert not (tmp_path / "model.json").exists()
