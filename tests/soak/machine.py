"""Let the engine's machine look on for as many steps as there is time for, batch after batch, each with its own seed."""

import sys
import time
from itertools import count

from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from adapters.cli.output import Bar
from tests.simulation.test_engine_machine import STEPS, EngineMachine, machine_settings
from tests.soak.run import Run

_STORIES = 20
"""In one batch."""


def machine(wanted: int, seed: int, minutes: float, command: str) -> Run:
    """Take so many steps, or as many as there is time for."""
    begun, broken, steps = time.monotonic(), 0, 0
    bar = Bar("stepping")
    for number in count():
        if steps >= wanted or time.monotonic() - begun > minutes * 60:
            break
        EngineMachine.taken = 0
        try:
            run_state_machine_as_test(seeded(seed + number)(EngineMachine), settings=machine_settings(_STORIES))
        except Exception as error:  # a batch in which a rule was broken is told and counted; the others go on
            broken += 1
            sys.stderr.write(f"\nseed {seed + number}: {type(error).__name__}: {error}\n")
        steps += EngineMachine.taken
        bar.advance(EngineMachine.taken, wanted)
    bar.done()
    return Run(
        command,
        (time.monotonic() - begun) / 60,
        (seed, seed + number - 1),
        {"steps": steps, "stories, of about so many": number * _STORIES, "steps in a story at most": STEPS},
        {"batches in which a rule was broken": broken},
    )
