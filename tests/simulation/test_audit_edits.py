"""I7: whatever is done to an exported trail or to its checkpoints, the verifier sees it, and says where."""

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.audit import verifier
from adapters.audit.verifier import words
from tests.simulation.edits import KINDS, Lines, Trail, cut, make_trail, recompute, refit, try_edits

EDITS = 100 * len(KINDS)
SEED = 4


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Trail:
    """Make a trail of some weeks, and another one, signed with the same key, to take pieces from."""
    other = make_trail(tmp_path_factory.mktemp("other"), [f"Sivukatu{n}" for n in range(9)])
    return make_trail(tmp_path_factory.mktemp("trail"), [f"Katu{n}" for n in range(9)], other)


def entries(lines: Lines) -> list[int]:
    """Return which lines are entries."""
    return [number for number, line in enumerate(lines) if b'"seq":' in line]


def test_a_whole_trail_has_no_fault(trail: Trail) -> None:
    """Nothing is found where nothing was done, and it is said what was checked."""
    report = trail.check(trail.audit, trail.checkpoints)
    assert (report.fault_count, report.faults) == (0, [])
    assert report.entries == report.last_seq == len(entries(trail.audit)) > 30
    assert report.facts > 15
    assert report.checkpoints == len(trail.checkpoints) > 5
    assert report.signed_to == report.last_seq - 1  # the last entry tells of the last checkpoint
    assert words(report, signatures=True)[-1] == "No fault was found."


def test_every_edit_is_seen(trail: Trail) -> None:
    """Some hundreds of each kind, of both files; ten thousand are tried by `python -m tests.benchmarks.audit_edits`."""
    tried, missed = Counter[str](), Counter[str]()
    for kind, seen in try_edits(trail, EDITS, Random(SEED)):
        tried[kind] += 1
        missed[kind] += not seen
    assert tried == dict.fromkeys(KINDS, 100)
    assert +missed == {}


def _with(lines: Lines, number: int, **change: object) -> Lines:
    place = entries(lines)[number - 1]
    changed = verifier.line_of(json.loads(lines[place]) | change)
    return [*lines[:place], changed, *lines[place + 1 :]]


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (lambda lines: _with(lines, 5, actor="nobody"), "entry 5"),
        (lambda lines: lines[: entries(lines)[4]] + lines[entries(lines)[5] :], "entry 6"),
        (lambda lines: [*lines[:2], *lines[3:]], "entry 1"),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], "entry 1"),
        (lambda lines: [*lines[:-1], lines[2], lines[-1]], "fact"),
        (lambda lines: lines[:-1], "the end"),
        (lambda lines: [*lines, lines[-1]], "line 58"),
        (lambda lines: lines[1:], "line 1"),
        (lambda lines: [lines[0], lines[1].replace(b":", b": ", 1), *lines[2:]], "line 2"),
        (lambda lines: [*lines[:-1], lines[-1].replace(b'"facts":22', b'"facts":21')], "line 57"),
        (lambda lines: [lines[0], b"[" * 100_000 + b"\n", *lines[1:]], "line 2"),
        (lambda lines: [lines[0], b'{"end":' + b"9" * 10_000 + b"}\n", *lines[1:]], "line 2"),
        (lambda lines: [lines[0], b'{"a":"\\ud800"}\n', b"\xff\n", *lines[1:]], "line 2"),
    ],
)
def test_it_is_said_where_the_first_fault_is(trail: Trail, edit: Callable[[Lines], Lines], where: str) -> None:
    """A fault names the entry, the fact or the line."""
    report = trail.check(edit(trail.audit), trail.checkpoints)
    assert report.faults[0].where.startswith(where)
    assert any(line.startswith(f"FAULT {where}") for line in words(report, signatures=True))


def test_a_chain_made_anew_is_seen_by_its_checkpoints_only(trail: Trail) -> None:
    """Without them, a suffix that was recomputed, or cut off tidily, looks whole; and that is said."""
    for edit in (recompute, cut):
        for seed in range(20):
            edited = edit(trail, Random(seed))
            assert trail.check(edited, trail.checkpoints).fault_count
            blind = verifier.verify(edited)
            assert not blind.fault_count
            assert "would not be seen" in "\n".join(words(blind, signatures=False))


def test_what_follows_the_last_checkpoint_can_be_cut_off_unseen(trail: Trail) -> None:
    """What nothing outside the database vouches for yet, nobody can miss: the rhythm bounds it, and it is said."""
    signed = trail.check(trail.audit, trail.checkpoints).signed_to
    place = entries(trail.audit)[signed]
    shorter = refit([json.loads(line) for line in (*trail.audit[:place], trail.audit[-1])])
    assert shorter[:-1] == trail.audit[:place]
    report = trail.check(shorter, trail.checkpoints)
    assert (report.fault_count, report.last_seq) == (0, signed)


def test_a_signature_has_one_spelling(trail: Trail) -> None:
    """The same bytes in capitals, or with spaces between, are another file, and so are no good."""
    (signed,) = [json.loads(line) for line in trail.checkpoints[-1:]]
    public = trail.key.public_key()
    assert verifier.is_signed(signed, public)
    for signature in (signed["signature"].upper(), " " + signed["signature"], "zz", ""):
        assert not verifier.is_signed(signed | {"signature": signature}, public)


def test_many_faults_are_counted_and_not_kept(trail: Trail) -> None:
    """However many there are, only the first hundred are held in memory."""
    report = trail.check([trail.audit[0], *([b"rubbish\n"] * 1_000)], [])
    assert report.fault_count == 1_001
    assert len(report.faults) == 100


def test_the_verifier_needs_nothing_of_ours() -> None:
    """It imports the standard library and `cryptography` only."""
    source = ast.parse(Path(verifier.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(source) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        name.partition(".")[0]
        for node in imports
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert names - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_runs_as_one_file(trail: Trail, tmp_path: Path) -> None:
    """Copied elsewhere, alone: status 0 without a fault, 1 with one, 2 for what cannot be read."""
    alone = tmp_path / "verifier.py"
    alone.write_bytes(Path(verifier.__file__).read_bytes())
    (tmp_path / "audit").write_bytes(b"".join(trail.audit))
    (tmp_path / "short").write_bytes(b"".join(trail.audit[:-1]))
    (tmp_path / "checkpoints").write_bytes(b"".join(trail.checkpoints))
    public = trail.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(alone), *arguments]
        return subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)

    signed = ("--checkpoints", "checkpoints", "--public-key", "key.pub")
    good, blind, bad = run("audit", *signed), run("audit"), run("short", *signed)
    assert (good.returncode, blind.returncode, bad.returncode) == (0, 0, 1)
    assert good.stdout.splitlines()[-1] == "No fault was found."
    assert good.stderr == ""
    assert "No checkpoints were given" in blind.stdout
    assert "FAULT the end: the last line is missing: the file was cut off" in bad.stdout
    for wrong in (("nosuch",), ("audit", "--checkpoints", "checkpoints"), ("audit", *signed[:3], "audit")):
        result = run(*wrong)
        assert (result.returncode, "Traceback" in result.stderr) == (2, False)
