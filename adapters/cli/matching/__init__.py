"""Commands about the matcher: measuring it, training its model, and exchanging it with Splink."""

import typer

from adapters.cli import splink
from adapters.cli.matching.evaluating import evaluate
from adapters.cli.matching.training import train


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    matching = typer.Typer(no_args_is_help=True, help="The matcher and its model.")
    matching.command()(evaluate)
    matching.command()(train)
    splink.add_to(matching)
    app.add_typer(matching, name="matching")
