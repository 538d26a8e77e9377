"""What this process tells Python's garbage collector."""

import gc

_COLLECT_AFTER = 150_000
"""Objects made and not yet freed, after which the collector looks for cycles among them: a large page's worth."""


def settle_memory() -> None:
    """Spare the garbage collector what stays until the end: modules, parsers, settings.

    Matching makes tens of thousands of short-lived objects a page, none of them in a cycle. Left alone, the collector
    walks everything that was ever imported again and again to find that out: a third of all time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
