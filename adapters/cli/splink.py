"""`ajantasa matching export` and `import`: our model as a Splink model, and what a Splink model learned in ours."""

import json as json_format
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.output import Exit, out, print_json, table
from adapters.cli.service import Call, Json
from sync.errors import ConfigurationInvalid, Problem
from sync.matching.model_file import dump_model
from sync.matching.splink import LEFT_OUT, Taken, from_splink, to_splink


def add_to(matching: typer.Typer) -> None:
    """Add the commands."""
    matching.command("export")(export)
    matching.command("import")(import_)


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where it goes; never over a file that is there.")],
    json: Json = False,
) -> int:
    """Write the model in use as the JSON of a Splink 5 model."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        model = parts.model
    settings = to_splink(model)
    _write(file, json_format.dumps(settings, indent=1) + "\n")
    names = [comparison["output_column_name"] for comparison in settings["comparisons"]]
    if json:
        print_json({"file": str(file), "version": model.version, "comparisons": names, "left_out": dict(LEFT_OUT)})
    else:
        out().print(f"{model.version} is in {file}, for Splink: {', '.join(names)}.", markup=False)
        _print_left(LEFT_OUT)
    return Exit.OK


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON file of a Splink 5 model.")],
    output: Annotated[
        Path, typer.Option(dir_okay=False, help="Where our model goes; never over a file that is there.")
    ],
    json: Json = False,
) -> int:
    """Take what a Splink 5 model learned over into a copy of the model in use."""
    call: Call = context.obj
    settings = _read(file)
    with call.program.open(call.config) as parts:
        taken = from_splink(settings, parts.model, f"splink-{parts.clock.now():%Y-%m-%dT%H%M}")
    _write(output, dump_model(taken.model))
    shown = _plain(taken, output)
    if json:
        print_json(shown)
    else:
        _print(shown)
    return Exit.OK


def _read(file: Path) -> Any:
    try:
        return json_format.loads(file.read_bytes())
    except OSError as error:
        raise ConfigurationInvalid([Problem(str(file), f"cannot be read: {error.strerror}")]) from None
    except (ValueError, RecursionError):
        raise ConfigurationInvalid([Problem(str(file), "a JSON object")]) from None


def _write(output: Path, text: str) -> None:
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigurationInvalid([Problem(str(output), "is there already and is not overwritten")]) from None
    except OSError as error:
        raise ConfigurationInvalid([Problem(str(output), f"cannot be written: {error.strerror}")]) from None


def _plain(taken: Taken, output: Path) -> dict[str, Any]:
    model = taken.model
    return {
        "file": str(output),
        "version": model.version,
        "share_about_customers": model.priors.share,
        "taken": {
            name: {
                level: {"m": model.comparisons[name][level].m, "u": model.comparisons[name][level].u}
                for level in levels
            }
            for name, levels in taken.levels.items()
        },
        "left_out": dict(taken.left),
    }


def _print(shown: dict[str, Any]) -> None:
    out().print(f"{shown['version']} is in {shown['file']}.", markup=False)
    found = table("Taken over", "comparison", "level", "m", "u")
    for name, levels in shown["taken"].items():
        for level, share in levels.items():
            found.add_row(name, level, f"{share['m']:.6g}", f"{share['u']:.6g}")
    out().print(found)
    _print_left(shown["left_out"])
    out().print(
        f"Of the changes, {shown['share_about_customers']:.1%} are expected to be about customers. Households, frequency "
        f'tables and thresholds are those of the model in use. To use it, set `matching.model = "{shown["file"]}"` and '
        "start ajantasa again.",
        markup=False,
    )


def _print_left(left: Mapping[str, str]) -> None:
    for name, why in left.items():
        out().print(f"Left out: {name}: {why}.", markup=False)
