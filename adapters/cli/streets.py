"""Commands about the names of streets."""

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.output import Exit, account, err, out, print_json, table
from adapters.cli.service import Call, Json
from adapters.posti import ReadList, read_list
from sync.ports.store import ListKind
from sync.streets import refresh_forms, take_lists

_BAD_LINES_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    streets = typer.Typer(no_args_is_help=True, help="Names of streets in both languages.")
    streets.command("import")(import_)
    streets.callback()(_group)
    app.add_typer(streets, name="streets")


def _group() -> None:
    """Keep the command's own name although it is the only one of its group."""


def import_(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Posti's BAF and PCF files, unpacked.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take a list although more than half of the earlier one is not in it.")
    ] = False,
    json: Json = False,
) -> int:
    """Take in Posti's lists of streets (BAF) and postcodes (PCF), each in the place of an earlier one of its kind."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        read = {file: read_list(file, parts.progress(f"reading {file.name}")) for file in files}
        lists = [one.names for one in read.values()]
        take_lists(parts, lists, by=account(), whatever_is_lost=replace)
        whole = refresh_forms(parts)
    shown = {"files": [_plain(file, one) for file, one in read.items()], "forms_made_anew": whole}
    if json:
        print_json(shown)
    else:
        _print(shown)
    return Exit.PARTIAL if any(one.bad for one in read.values()) or not whole else Exit.OK


def _plain(file: Path, one: ReadList) -> dict[str, Any]:
    names = one.names
    figures: dict[str, Any] = {
        "file": str(file),
        "kind": names.kind.value,
        "run_on": names.run_on.isoformat(),
        "records": one.records,
        "streets" if names.kind is ListKind.BAF else "postcodes": names.entries,
    }
    if names.kind is ListKind.BAF:
        figures["bilingual_streets"] = len(names.streets)
    bad_lines = [{"line": line.number, "problem": line.problem} for line in one.bad_lines]
    return figures | {"bad": one.bad, "bad_lines": bad_lines}


def _print(shown: dict[str, Any]) -> None:
    done = table("Imported", "file", "list", "of", "lines", "names")
    for one in shown["files"]:
        names = (
            f"{one['streets']} streets, {one['bilingual_streets']} with two names"
            if one["kind"] == ListKind.BAF
            else f"{one['postcodes']} postcodes"
        )
        done.add_row(Path(one["file"]).name, one["kind"].upper(), one["run_on"], str(one["records"]), names)
    out().print(done)
    for one in shown["files"]:
        _print_bad_lines(one)
    if not shown["forms_made_anew"]:
        err().print("Stopped before every customer's comparable form was made anew: import once more.", markup=False)


def _print_bad_lines(one: dict[str, Any]) -> None:
    if one["bad"]:
        err().print(f"{one['file']}: {one['bad']} bad lines were left out", markup=False)
    for line in one["bad_lines"][:_BAD_LINES_SHOWN]:
        err().print(f"  line {line['line']}: {line['problem']}", markup=False)
    if one["bad"] > _BAD_LINES_SHOWN:
        err().print(f"  and {one['bad'] - _BAD_LINES_SHOWN} more", markup=False)
