"""Tables of figures as Markdown, so that a paper holds what was printed and nothing that was typed."""

from collections.abc import Iterable

from rich.table import Table


def markdown(tables: Iterable[Table]) -> str:
    """Return the tables as Markdown, each below its title."""
    return "\n\n".join(map(_table, tables))


def _table(shown: Table) -> str:
    rows = [[str(column.header) for column in shown.columns], ["---"] * len(shown.columns)]
    rows += [list(map(str, cells)) for cells in zip(*(column.cells for column in shown.columns), strict=True)]
    title = [f"**{shown.title}**", ""] if shown.title else []
    return "\n".join([*title, *("| " + " | ".join(row) + " |" for row in rows)])
