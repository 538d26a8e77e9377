"""The commands, and what their errors become."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli import audit, customers, feeds, matching, reviews, service, streets, undoing
from adapters.cli.output import Exit, err
from adapters.cli.program import Program
from sync.errors import (
    AjantasaError,
    Busy,
    CannotStart,
    ConfigurationInvalid,
    NotFound,
    SomebodyWasFirst,
)


def build(program: Program, version: str) -> typer.Typer:
    """Return the command line over a program."""
    app = typer.Typer(
        name="ajantasa",
        help="Keeps an organisation's customer register right, and proves it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            typer.echo(f"ajantasa {version}")
            raise typer.Exit

    @app.callback()
    def main(
        context: typer.Context,
        config: Annotated[
            Path, typer.Option("--config", "-c", envvar="AJANTASA_CONFIG", help="Configuration file.")
        ] = Path("ajantasa.toml"),
        version_: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and exit.")
        ] = False,
    ) -> None:
        del version_
        context.obj = service.Call(program, config, version)

    for room in (service, feeds, customers, reviews, undoing, matching, streets, audit):
        room.add_to(app)
    return app


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status. What went wrong is said in a line, without a traceback."""
    command = typer.main.get_command(app)
    try:
        result = command.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except AjantasaError as error:
        return _explain(error)
    except KeyboardInterrupt:
        return Exit.FAILED
    except typer.Abort:
        return Exit.FAILED
    except Exception as error:
        # click's own errors know how to show themselves; anything else is a bug and keeps its traceback
        show: Callable[[], None] | None = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return getattr(error, "exit_code", Exit.USAGE)
    return result if isinstance(result, int) else Exit.OK


def _explain(error: AjantasaError) -> int:
    if isinstance(error, ConfigurationInvalid):
        err().print("The configuration has problems:")
        for problem in error.problems:
            err().print(f"  {problem.key}: {problem.message}", markup=False)
        return Exit.CONFIGURATION
    err().print(f"{type(error).__name__}: {error}", markup=False)
    if isinstance(error, CannotStart):
        return Exit.CONFIGURATION
    if isinstance(error, NotFound):
        return Exit.NOT_FOUND
    if isinstance(error, SomebodyWasFirst | Busy):
        return Exit.SOMEBODY_WAS_FIRST
    return Exit.FAILED


def main(program: Program, version: str) -> None:
    """Run the command line and exit."""
    sys.exit(run(build(program, version)))
