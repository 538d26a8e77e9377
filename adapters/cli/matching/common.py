"""What both commands take and show."""

from collections.abc import Callable
from typing import Annotated

import typer

from adapters.cli.output import Bar

Rate = Annotated[
    float,
    typer.Option(
        min=1e-9, max=0.5, help="Wrong updates that are acceptable for each change; thresholds are chosen for it."
    ),
]
Seed = Annotated[int, typer.Option(help="Of the sample that training looks at.")]

_STAGES = {
    "register": "counting values",
    "pairs": "comparing any two",
    "changes": "comparing changes",
    "learning": "learning",
    "thresholds": "choosing thresholds",
}


def stages() -> Callable[[str, float], None]:
    """Return what shows the progress of training, a bar for each stage."""
    bars: dict[str, tuple[Bar, list[int]]] = {}

    def progress(stage: str, done: float) -> None:
        bar, last = bars.setdefault(stage, (Bar(_STAGES[stage]), [0]))
        percent = round(done * 100)
        bar.advance(percent - last[0], 100)
        last[0] = percent
        if done >= 1:
            bar.done()

    return progress
