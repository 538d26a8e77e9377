"""Tables as Markdown, for the papers."""

from pathlib import Path

import pytest
from rich.table import Table

from adapters.cli.output import table
from tests.benchmarks.accuracy.report import accuracy, chosen, promises
from tests.benchmarks.at_scale.__main__ import _ROWS, SIZES, shown
from tests.benchmarks.markdown import markdown

PAPER = Path(__file__).parents[3] / "docs" / "matching.md"
ACCURACY = [promises({}), accuracy({}, {}), chosen({})]
SPEED = shown({size: dict.fromkeys([row[1] for row in _ROWS], 0.0) for size in SIZES}, {}, {})


def test_a_table_becomes_markdown() -> None:
    """Heading with the title, rule and rows; tables are parted by an empty line."""
    one = table("Fruit", "", "colour")
    one.add_row("apple", "red")
    text = "| **Fruit** | colour |\n| --- | --- |\n| apple | red |"
    assert markdown([one]) == text
    assert markdown([one, one]) == f"{text}\n\n{text}"


@pytest.mark.parametrize(("mark", "tables"), [("accuracy", ACCURACY), ("speed", SPEED)])
def test_the_paper_holds_what_is_printed(mark: str, tables: list[Table]) -> None:
    """Between its marks docs/matching.md has the titles and headings of the tables that the benchmark prints."""
    block = PAPER.read_text("utf-8").partition(f"<!-- {mark}:begin -->")[2].partition(f"<!-- {mark}:end -->")[0]
    assert [heading for one in tables if (heading := markdown([one]).splitlines()[0]) not in block] == []
