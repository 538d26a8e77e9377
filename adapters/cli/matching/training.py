"""`ajantasa matching train`: a model learned from the operator's own register."""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.matching.common import Rate, Seed, stages
from adapters.cli.output import Exit, err, out, print_json
from adapters.cli.service import Call, Json
from adapters.labelled import People, read_changes_map
from sync.errors import ConfigurationInvalid, Problem
from sync.matching.model import Model
from sync.matching.model_file import dump_model
from sync.matching.prepared import Prepared
from sync.matching.train import Training
from sync.matching.train import train as learn
from sync.parts import Parts
from sync.training import Mirror, frequency_hash, reviewed


def train(
    context: typer.Context,
    output: Annotated[
        Path, typer.Option(dir_okay=False, help="Where the model goes; never over a file that is there.")
    ],
    register: Annotated[str | None, typer.Option(help="Name of the register; needed where there are several.")] = None,
    changes: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV file of changes to learn from.")
    ] = None,
    map_: Annotated[
        Path | None, typer.Option("--map", exists=True, dir_okay=False, help="TOML file: which column holds what.")
    ] = None,
    false_update_rate: Rate = 1e-5,
    seed: Seed = 1,
    json: Json = False,
) -> int:
    """Learn a model from the register, from reviewers' decisions, and from a file of changes if there is one."""
    call: Call = context.obj
    if (changes is None) != (map_ is None):
        raise typer.BadParameter("--changes and --map go together")
    _see_that_it_can_be_written(output)
    asked = _changes(changes, map_) if changes and map_ else []
    with call.program.open(call.config) as parts:
        model = _learned(parts, _register(parts, register), asked, Training(false_update_rate=false_update_rate), seed)
    _write(output, dump_model(model))
    shown = _figures(model, output)
    if json:
        print_json(shown)
    else:
        _print(shown, asked)
    return Exit.OK


def _see_that_it_can_be_written(output: Path) -> None:
    """Look before an hour of training, not behind it."""
    problem = ""
    if output.exists() or output.is_symlink():
        problem = "is there already and is not overwritten"
    elif not output.parent.is_dir():
        problem = "is in a folder that is not there"
    elif not os.access(output.parent, os.W_OK | os.X_OK):
        problem = "is in a folder that cannot be written to"
    if problem:
        raise ConfigurationInvalid([Problem(str(output), problem)])


def _changes(path: Path, map_: Path) -> list[Prepared]:
    found = [person for _, person in People(path, read_changes_map(map_))]
    if not found:
        raise ConfigurationInvalid([Problem(path.name, "has no records")])
    return found


def _register(parts: Parts, name: str | None) -> str:
    if name is None and len(parts.registers) == 1:
        return next(iter(parts.registers))
    if name is None or name not in parts.registers:
        raise ConfigurationInvalid([Problem("--register", f"one of {', '.join(sorted(parts.registers))}")])
    return name


def _learned(parts: Parts, register: str, changes: Sequence[Prepared], training: Training, seed: int) -> Model:
    mirror = Mirror(parts.store, register)
    if not mirror.size():
        raise ConfigurationInvalid([Problem(f"registers.{register}", "has no customers yet: `ajantasa sync --once`")])
    return learn(
        mirror,
        changes,
        parts.model,
        f"trained-{parts.clock.now():%Y-%m-%dT%H%M}",
        chance=random.Random(seed),  # noqa: S311 - a sample, no secret
        digest=frequency_hash(parts.store.digest),
        labelled=reviewed(parts.store),
        training=training,
        progress=_until_stopped(parts),
    )


def _until_stopped(parts: Parts) -> Callable[[str, float], None]:
    """Return what shows progress, and heeds Ctrl-C: signals only set a mark here."""
    show = stages()

    def progress(stage: str, done: float) -> None:
        if parts.stopping():
            raise KeyboardInterrupt
        show(stage, done)

    return progress


def _write(output: Path, text: str) -> None:
    try:
        # "x": whoever wrote a file of that name in the meantime keeps it.
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationInvalid([Problem(str(output), f"cannot be written: {error.strerror}")]) from None


def _figures(model: Model, output: Path) -> dict[str, Any]:
    return {
        "file": str(output),
        "version": model.version,
        "counts": dict(model.counts),
        "share_about_customers": model.priors.share,
        "household": model.priors.household,
        "thresholds": {
            "apply_bits": model.thresholds.apply_bits,
            "review_bits": model.thresholds.review_bits,
            "false_update_rate": model.thresholds.false_update_rate,
        },
    }


def _print(shown: dict[str, Any], changes: Sequence[Prepared]) -> None:
    limits, counts = shown["thresholds"], shown["counts"]
    console = out()
    console.print(
        f"{shown['version']} is in {shown['file']}: {counts['customers']} customers, {counts['changes']} changes, "
        f"{counts['household_pairs']} pairs of one household, {counts['labelled']} decisions of reviewers.",
        markup=False,
    )
    console.print(
        f"Applied from {limits['apply_bits']:.2f} bits on, for a review from {limits['review_bits']:.2f} bits on, "
        f"so that {limits['false_update_rate']:g} of the changes are updates of the wrong customer.",
        markup=False,
    )
    console.print(f'To use it, set `matching.model = "{shown["file"]}"` and start ajantasa again.', markup=False)
    if not changes:
        err().print(
            "Without --changes, how often a field of one person differs (m) is taken from the model in use.",
            markup=False,
        )
