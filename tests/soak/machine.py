"""Let the engine's machine look on for as many steps as there is time for, batch after batch, each with its own seed."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context

from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from adapters.cli.output import Bar
from tests.simulation.test_engine_machine import STEPS, EngineMachine, machine_settings
from tests.soak.run import Run

_STORIES = 20
"""In one batch."""


def machine(wanted: int, seed: int, minutes: float, processes: int, command: str) -> Run:
    """Take so many steps, or as many as there is time for; each process takes the next seed, with a database of its own."""
    begun, broken, steps = time.monotonic(), 0, 0
    bar = Bar("stepping")
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for number in count(0, processes):
            if steps >= wanted or time.monotonic() - begun > minutes * 60:
                break
            for taken, fault in pool.map(_batch, range(seed + number, seed + number + processes)):
                steps += taken
                if fault:  # a batch in which a rule was broken is told and counted; the others go on
                    broken += 1
                    sys.stderr.write(f"\n{fault}\n")
                bar.advance(taken, wanted)
    bar.done()
    return Run(
        command,
        (time.monotonic() - begun) / 60,
        (seed, seed + number - 1),
        {"steps": steps, "stories, of about so many": number * _STORIES, "steps in a story at most": STEPS},
        {"batches in which a rule was broken": broken},
    )


def _batch(seed: int) -> tuple[int, str]:
    """Tell one batch; returns how many steps were taken, and what went wrong."""
    EngineMachine.taken, fault = 0, ""
    try:
        run_state_machine_as_test(seeded(seed)(EngineMachine), settings=machine_settings(_STORIES))
    except Exception as error:  # goes to the process that counts
        fault = f"seed {seed}: {type(error).__name__}: {error}"
    return EngineMachine.taken, fault
