"""Tables of figures as Markdown, so that a paper holds what was printed and nothing that was typed."""

from collections.abc import Iterable

from rich.table import Table


def markdown(tables: Iterable[Table]) -> str:
    """Return the tables as Markdown, each with its title over the first column."""
    return "\n\n".join(map(_table, tables))


def _table(shown: Table) -> str:
    _, *columns = (str(column.header) for column in shown.columns)
    rows = [[f"**{shown.title}**", *columns], ["---"] * len(shown.columns)]
    rows += [list(map(str, cells)) for cells in zip(*(column.cells for column in shown.columns), strict=True)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
