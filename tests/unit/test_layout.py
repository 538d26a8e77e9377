"""The house stands as it was drawn: who may import whom, and that our names are ours."""

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["sync", "adapters", "config", "tests"])
def test_our_names_are_ours(name: str) -> None:
    """These import names are so general that an installed package could take them: they resolve inside the checkout."""
    package = importlib.import_module(name)
    assert package.__file__ == str(ROOT / name / "__init__.py")


def test_nobody_imports_upwards() -> None:
    """The import contracts of pyproject.toml hold: config sees adapters, adapters see sync, sync sees nobody."""
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([command, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
    assert "Contracts: 2 kept, 0 broken." in result.stdout


def test_sync_imports_few_libraries() -> None:
    """`sync` imports the standard library, four value libraries and itself, nothing else."""
    allowed = {"sync", "rapidfuzz", "stdnum", "phonenumbers", "structlog", *sys.stdlib_module_names}
    imported: dict[str, Path] = {}
    for file in (ROOT / "sync").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            imported |= {name.partition(".")[0]: file for name in names}
    assert "rapidfuzz" in imported
    assert imported.keys() <= allowed


def test_the_wheel_takes_everything_along() -> None:
    """Pages, styles, schemas and models that lie beside the code are named as package data."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    for package in ("sync", "adapters", "config"):
        folder = ROOT / package
        beside = {f for f in folder.rglob("*") if f.is_file() and f.suffix not in {".py", ".pyc"}}
        taken = {f for pattern in tools["package-data"].get(package, []) for f in folder.glob(pattern)}
        assert beside <= taken
