"""Showing in a terminal why a customer could be meant: the sum behind its weight as bars, and words."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.cli.output import table
from sync.matching.explain import Step, StepKind, say_against, say_odds, say_what, steps
from sync.matching.explain.numbers import signed
from sync.matching.explain.scale import Scale
from sync.matching.explain.steps import is_weighed
from sync.model import Candidate
from sync.model.address import Language

Words = Annotated[Language, typer.Option("--language", help="Language of the explanation.")]

_NAMES, _CELLS = 42, 26  # with the numbers, as wide as a terminal is at least
_INK = {"prior": ("░", "dim"), "for": ("█", "green"), "against": ("▒", "red"), "total": ("█", "bold")}


def scale_of(*candidates: Candidate | None) -> Scale:
    """Return a scale on which all of these can be drawn, to be compared by eye."""
    found = [step for one in candidates if one for step in steps(one)]
    return Scale.over([at for step in found for at in (step.start, step.end)], 0, _CELLS)


def print_waterfall(console: Console, candidate: Candidate, language: Language, scale: Scale) -> None:
    """Print whom the candidate is compared with, a bar for each step of the sum, and how often such a match is wrong."""
    weighed = is_weighed(candidate)
    if weighed:
        console.print(f"  {say_against(candidate.against, language)}:", markup=False)
    console.print(_bars(candidate, language, scale))
    if weighed:
        console.print(f"  {say_odds(candidate.weight, language)}", markup=False)


def _bars(candidate: Candidate, language: Language, scale: Scale) -> Table:
    shown = table("", "", "", "")
    shown.show_header = False
    shown.columns[0].min_width = shown.columns[0].max_width = _NAMES
    shown.columns[1].no_wrap = True
    shown.columns[2].justify = "right"
    for step in steps(candidate):
        style = "bold" if step.kind is StepKind.TOTAL else ""
        what = Text(f"  {say_what(step, language)}", style)
        shown.add_row(what, _bar(step, scale), Text(signed(step.bits, language), style, no_wrap=True))
    return shown


def _bar(step: Step, scale: Scale) -> Text:
    """Draw a bar over the zero line; what weighs something fills a cell at least."""
    start, end = sorted((round(scale.place(step.start)), round(scale.place(step.end))))
    if start == end and round(step.bits, 1):
        start, end = (start - 1, end) if end == _CELLS else (start, end + 1)
    ink, style = _INK[step.side]
    cells = [" "] * (_CELLS + 1)
    cells[min(_CELLS, round(scale.place(0.0)))] = "│"
    cells[start:end] = ink * (end - start)
    return Text("".join(cells), style)
