"""The papers say what the program does: settings, commands, metrics, errors, links."""

import ast
import inspect
import pkgutil
import re
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from adapters.cli import program
from adapters.cli.app import build
from adapters.cli.output import Exit
from adapters.labelled.mapping import FIELDS, read_map
from adapters.providers.moves.lines import read_payload
from adapters.registers.flat.names import ADDRESS_PREFIXES, ALL_NAMES
from adapters.sandbox.clinic import sql_register_settings
from adapters.sandbox.dvv_server import ACCOUNTS
from adapters.sandbox.moves_server import TOKEN
from config.reference import text as reference
from config.settings import load
from sync import errors
from sync.freshness.status import State
from sync.matching.compare.level import Level
from sync.matching.compare.person import COMPARISONS
from sync.matching.explain.english import ENGLISH
from sync.matching.keys import BLOCK_LIMIT, LOCATION_KINDS, SMALL_REGISTER, WIDE_KINDS
from sync.model import Change, NullHypothesis, Outcome
from sync.ports.store import DeliveryState, FeedHealth
from tests.soak import reliability
from tests.soak.run import Run, kept, stored

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OPERATORS = (DOCS / "operators.md").read_text("utf-8")
PAPERS = sorted(path for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")))


def papers_say(name: str) -> bool:
    """Tell whether a word stands, as code, in the operators' paper."""
    return re.search(rf"`[^`\n]*(?<![\w-]){re.escape(name)}(?![\w-])[^`\n]*`", OPERATORS) is not None


# --- settings ---------------------------------------------------------------------------------------------------------


def test_every_setting_is_in_the_reference() -> None:
    """docs/configuration.md holds, between its marks, what `python -m config.reference` prints."""
    paper = (DOCS / "configuration.md").read_text("utf-8")
    begin, end = "<!-- made by `python -m config.reference`: begin -->\n\n", "\n<!-- end -->\n"
    assert paper.partition(begin)[2].partition(end)[0] == reference()


def test_every_setting_is_described() -> None:
    """No row of the reference lacks its description."""
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_column_name_is_told() -> None:
    """Each name under which a column can be mapped is in docs/configuration.md, those of other addresses by prefix."""
    paper = (DOCS / "configuration.md").read_text("utf-8")
    prefixes = tuple(filter(None, ADDRESS_PREFIXES.values()))
    assert [name for name in ALL_NAMES if not name.startswith(prefixes) and f"`{name}`" not in paper] == []
    assert [prefix for prefix in prefixes if f"`{prefix}…`" not in paper] == []


def test_a_large_run_stays_beside_the_last_one() -> None:
    """Until one is larger; what was smaller goes."""
    small, middle, large = (Run("run", 1.0, (1, 1), {"kills": count}, {"lost": 0}) for count in (1, 2, 3))
    assert kept([large, middle]) == [large, middle]
    assert kept([large, middle, small]) == [large, small]
    assert kept([middle, large]) == [large]
    assert kept([small]) == [small]


def test_what_is_told_of_reliability_was_run() -> None:
    """RELIABILITY.md is, to the letter, what the kept runs of `make soak` render to."""
    assert (ROOT / "RELIABILITY.md").read_text("utf-8") == reliability.paper(stored())


# --- commands ---------------------------------------------------------------------------------------------------------


class Nothing(program.Program):
    """A program that is never asked: only its help is read."""

    def open(self, config: Path) -> AbstractContextManager[Any]:
        raise NotImplementedError


def commands(command: Any, path: str = "ajantasa") -> Iterator[tuple[str, Any]]:
    """Walk the command line."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(build(Nothing(), "0"))))


@pytest.mark.parametrize("path", [path for path, found in COMMANDS.items() if not hasattr(found, "commands")])
def test_every_command_and_option_is_told(path: str) -> None:
    """The operators' paper has a row for each command, with every one of its options in it."""
    rows = [line for line in OPERATORS.splitlines() if line.startswith(f"| `{path}") and line[3 + len(path)] in " `"]
    assert rows
    options = [option for parameter in COMMANDS[path].params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option != "--help" and not any(option in row for row in rows)] == []


def test_every_general_option_is_told() -> None:
    """The options of the command itself are in the operators' paper."""
    options = [option for parameter in COMMANDS["ajantasa"].params for option in parameter.opts]
    assert "--config" in options
    assert [option for option in (*options, "--help", "-h") if not papers_say(option)] == []


def test_every_command_of_the_papers_exists() -> None:
    """No paper names a command that is not there."""
    words = {tuple(path.split()[1:2]) for path in COMMANDS}
    for paper in PAPERS:
        for found in re.findall(r"`ajantasa (?:-\S+ \S+ )?([a-z]+)", paper.read_text("utf-8")):
            assert (found,) in words, f"{paper.name}: {found}"


# --- what an operator meets -------------------------------------------------------------------------------------------


def metric_names() -> set[str]:
    """Return the names of all metrics in the code: text constants that begin with our prefix."""
    found = set()
    for file in (ROOT / "adapters").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            made = isinstance(node, ast.Call) and getattr(node.func, "id", "") in METRIC_MAKERS and node.args
            if made and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value + ("_total" if getattr(node.func, "id", "") == "Counter" else ""))
    return found


METRIC_MAKERS = frozenset({"Counter", "Gauge", "Histogram", "Summary", "_gauge", "GaugeMetricFamily"})


def test_every_metric_is_told() -> None:
    """Each metric has the project's prefix, and is in the operators' paper; no other is."""
    names = metric_names()
    assert len(names) > 10
    assert [name for name in names if not name.startswith("ajantasa_")] == []
    assert set(re.findall(r"`(ajantasa_\w+)`", OPERATORS)) == names


def test_every_error_is_told() -> None:
    """Each error class of sync/errors.py is in the operators' paper, and in the tree at the top of the module."""
    names = [
        name
        for name, found in vars(errors).items()
        if inspect.isclass(found) and issubclass(found, BaseException) and found.__module__ == errors.__name__
    ]
    assert len(names) > 15
    assert [name for name in names if not papers_say(name)] == []
    assert [name for name in names if name not in (errors.__doc__ or "")] == []


def test_every_exit_status_is_told() -> None:
    """The paper's table of exit statuses has exactly those of the program."""
    table = OPERATORS.partition("### Exit statuses")[2].partition("\n## ")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == [int(each) for each in Exit]


@pytest.mark.parametrize("words", [State, Outcome, DeliveryState, FeedHealth])
def test_every_state_is_told(words: type[State | Outcome | DeliveryState | FeedHealth]) -> None:
    """Each word that the desk, the status command or a metric can say is in the operators' paper."""
    assert [word.value for word in words if f"`{word.value}`" not in OPERATORS] == []


def test_the_example_of_the_moves_format_can_be_read() -> None:
    """The notices in docs/wire-format-moves.md mean what the page says: two movers and a cancellation."""
    paper = (DOCS / "wire-format-moves.md").read_text("utf-8")
    page = read_payload(paper.partition("```json\n")[2].partition("```")[0].encode())
    assert all(isinstance(item, Change) for item in page.items)
    assert (len(page.items), page.ignored, page.up_to_date) == (3, {}, True)


# --- matching ---------------------------------------------------------------------------------------------------------


MATCHING = (DOCS / "matching.md").read_text("utf-8")


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_every_comparison_is_told_with_its_levels(comparison: str) -> None:
    """docs/matching.md has each comparison's levels, from the most agreement to the least, and no others."""
    (row,) = re.findall(rf"^\| `{comparison}` \| (.*) \|$", MATCHING, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == list(COMPARISONS[comparison])


def test_every_level_is_told() -> None:
    """Each level that a comparison can find is in docs/matching.md, and so is what both can be compared with."""
    assert [level for level in get_args(Level) if f"`{level}`" not in MATCHING] == []
    assert [against.value for against in NullHypothesis if f"`{against.value}`" not in MATCHING] == []


def test_every_kind_of_blocking_key_is_told() -> None:
    """Each kind that keys.py makes is in the table, and the limits are those of the code."""
    source = ast.parse((ROOT / "sync" / "matching" / "keys.py").read_text("utf-8"))
    texts = [str(getattr(node.values[0], "value", "")) for node in ast.walk(source) if isinstance(node, ast.JoinedStr)]
    kinds = {found[1] for text in texts if (found := re.match(r"([a-z_]+)\|", text))}
    assert kinds >= LOCATION_KINDS | WIDE_KINDS
    assert [kind for kind in kinds if not re.search(rf"^\| [^|]*`{kind}`", MATCHING, re.MULTILINE)] == []
    assert f"more than {BLOCK_LIMIT} customers" in MATCHING
    assert f"below {SMALL_REGISTER:,} customers" in MATCHING


def test_every_reason_is_told() -> None:
    """Each reason that a decision can have is in the table of reasons."""
    files = ("sync/matching/decide.py", "sync/matching/notice.py", "sync/steps/match.py", "sync/reviewing.py")
    source = "".join((ROOT / name).read_text("utf-8") for name in files)
    reasons = [reason for reason in ENGLISH.reasons if f'"{reason}"' in source]
    assert len(reasons) > 12
    assert [reason for reason in reasons if not re.search(rf"^\| [^|]*`{reason}`", MATCHING, re.MULTILINE)] == []


def test_the_example_of_a_map_can_be_read(tmp_path: Path) -> None:
    """The map in docs/matching.md is one, and the paper names every field."""
    path = tmp_path / "map.toml"
    path.write_text(MATCHING.partition("```toml\n")[2].partition("```")[0], "utf-8")
    found = read_map(path)
    assert found.changes.keys() == {"id", "full_name", "birth_date", "street_line", "postcode"}
    assert [field for field in FIELDS if f"`{field}`" not in MATCHING] == []


def test_the_paper_on_matching_is_no_book() -> None:
    """It is read in one go, apart from the figures that benchmarks printed."""
    typed = re.sub(r"<!-- (\w+):begin -->.*?<!-- \1:end -->", "", MATCHING, flags=re.DOTALL)
    assert len(typed.splitlines()) < 200 < len(MATCHING.splitlines())


# --- the papers themselves --------------------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    """A stranger reads it in one go, and finds both commands."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) < 150
    assert "make demo" in readme
    assert "make test" in readme


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(paper: Path) -> None:
    """Every link within the project leads to a file that is there, and to a heading that is in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", paper.read_text("utf-8")):
        if target.startswith(("https://", "http://127.0.0.1")):
            continue
        name, _, heading = target.partition("#")
        file = (paper.parent / name).resolve() if name else paper
        assert file.exists(), target
        assert ROOT in (file, *file.parents), target
        if heading:
            assert heading in headings(file), target


def headings(paper: Path) -> set[str]:
    """Return the anchors of a paper's headings."""
    titles = re.findall(r"^#+ (.*)$", paper.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_port_has_a_paper() -> None:
    """For each port some paper tells how to add an adapter, and points to the port."""
    papers = [path.read_text("utf-8") for path in DOCS.glob("add-a-*.md")]
    ports = [name.name for name in pkgutil.iter_modules([str(ROOT / "sync" / "ports")])]
    assert len(ports) >= 4
    for port in ports:
        told = [paper for paper in papers if f"](../sync/ports/{port}" in paper]
        assert told, port
        assert re.search(rf"add a {port}", "\n".join(told), re.IGNORECASE), port


def test_every_decision_is_listed() -> None:
    """Each note has a date in its name and a line in the list."""
    notes = {path.name for path in (DOCS / "decisions").glob("*.md")} - {"README.md"}
    listed = (DOCS / "decisions" / "README.md").read_text("utf-8")
    assert notes
    assert [
        note for note in notes if not re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z-]+\.md", note) or note not in listed
    ] == []


def test_every_dependency_has_its_reason() -> None:
    """Whatever pyproject.toml asks for has a line in the note on dependencies."""
    note = "".join(path.read_text("utf-8") for path in (DOCS / "decisions").glob("*-dependencies.md"))
    extras = PROJECT["optional-dependencies"].values()
    names = {re.split(r"[^a-z0-9-]", asked)[0] for asked in (*PROJECT["dependencies"], *(a for e in extras for a in e))}
    assert "sqlmodel" in names
    assert [name for name in names - {"ajantasa"} if not re.search(rf"(^\| |: ){name}\b", note, re.MULTILINE)] == []


def test_the_changelog_has_this_version() -> None:
    """What this version brings is told, and told first."""
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == PROJECT["version"]


def test_container_files_carry_this_version() -> None:
    """Labels and image names say the version that is in them."""
    found = re.findall(r"(?:VERSION=|ajantasa(?:-sandbox)?:)(\d+\.\d+\.\d+)", container_files())
    assert len(found) == 3
    assert set(found) == {PROJECT["version"]}


def container_files() -> str:
    """Return Dockerfile and Compose file."""
    return "".join((ROOT / name).read_text("utf-8") for name in ("Dockerfile", "docker-compose.yml"))


def test_the_demonstration_is_configured_for_its_sandbox() -> None:
    """deploy/demo.toml fits the made-up clinic's table and opens the made-up providers."""
    settings = load(ROOT / "deploy" / "demo.toml")
    table = sql_register_settings("sqlite://")
    register = settings.registers["clinic"].sql.model_dump(include=table.keys() - {"url"})
    dvv, moves = settings.feeds["dvv"].dvv, settings.feeds["posti"].moves
    assert register == {name: value for name, value in table.items() if name != "url"}
    assert dvv is not None
    assert ACCOUNTS[dvv.username or ""].password == dvv.password.get_secret_value()  # type: ignore[union-attr]  # given
    assert moves is not None
    assert moves.token is not None
    assert moves.token.get_secret_value() == TOKEN


@pytest.mark.parametrize("name", ["run", "sandbox", "dev"])
def test_requirements_name_no_place(name: str) -> None:
    """Requirements say which packages, versions and hashes, and leave it to the machine where they come from."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
    assert [
        line for line in lines if "http" in line.replace("httpx", "").replace("httpcore", "").replace("httptools", "")
    ] == []
    assert [
        line for line in lines if line and not re.match(r"[a-z0-9._-]+==\S+|\s+--hash=sha256:[0-9a-f]{64}|\s+#", line)
    ] == []


def test_no_file_knows_where_it_was_made() -> None:
    """Nothing in the project points to a place where checkouts are kept, or to what lies beside this one."""
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, cwd=ROOT, capture_output=True).stdout.split(b"\0")
    itself = Path(__file__).relative_to(ROOT)
    names = [path for name in listed if name and (path := Path(name.decode())) != itself]
    assert len(names) > 100
    assert [str(name) for name in names if _points_outside(name, _content(ROOT / name))] == []


def _content(path: Path) -> bytes:
    """Return what a file holds, or, of a link, where it leads; nothing of what was deleted and not committed yet."""
    if path.is_symlink():
        return bytes(path.readlink())
    return path.read_bytes() if path.is_file() else b""


def _points_outside(name: Path, content: bytes) -> bool:
    """Tell whether a file names a place of checkouts, or climbs out of this one."""
    climbs = max((found.group().count(b"..") for found in re.finditer(rb"(?:\.\./)+(?=\w)", content)), default=0)
    return bool(re.search(rb"/(?:root|work|workspace|home/[a-z]+)/", content)) or climbs > len(name.parts) - 1


@pytest.mark.parametrize(
    ("name", "content", "outside"),
    [
        ("README.md", b"see ../beside/it", True),
        ("docs/a.md", b"see ../sync/errors.py", False),
        ("docs/a.md", b"see ../../beside", True),
        ("sync/a.py", b"/home/anna/checkout", True),
        ("sync/a.py", b"a page of changes", False),
    ],
)
def test_what_points_outside_is_seen(name: str, content: bytes, outside: bool) -> None:
    """The check above finds what it is there to find."""
    assert _points_outside(Path(name), content) is outside
