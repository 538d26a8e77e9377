"""What deciding together about the people of one notice is worth: `python -m tests.benchmarks.notices [--towns N]`.

Every notice of the operator of some made-up towns is matched twice against the clinic's register: as if each mover had
come alone, and as they came. The truth is the sandbox's own.
"""

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from adapters.cli.output import table
from adapters.logging import set_up_logging
from adapters.sandbox.world import REGISTER, World, made_up
from adapters.store.keyring import create_key_file
from config.bootstrap import Wishes, assembled
from config.settings import Settings
from sync.model import Change, Match, Verdict
from sync.parts import Parts
from sync.schedule import run_register
from sync.steps.match import match
from sync.steps.receive import Received

DAYS = 60
FEED = "posti"
_ROWS = {
    (True, Verdict.APPLY, True): "customers, applied rightly",
    (True, Verdict.APPLY, False): "customers, applied to somebody else",
    (True, Verdict.REVIEW, True): "customers, for review, with the right one first",
    (True, Verdict.REVIEW, False): "customers, for review, with somebody else first",
    (True, Verdict.FORGET, False): "customers, forgotten",
    (False, Verdict.APPLY, False): "strangers, applied to a customer",
    (False, Verdict.REVIEW, False): "strangers, for review",
    (False, Verdict.FORGET, False): "strangers, forgotten",
}

Outcomes = Counter[tuple[bool, Verdict, bool]]
"""By whether the mover is a customer, the verdict, and whether the right customer is the best candidate."""


def main() -> None:
    """Match every town's notices both ways, and print what became of those who moved together."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.notices", description=__doc__)
    asked.add_argument("--towns", type=int, default=6, help="how many, each by a seed of its own")
    asked.add_argument("--people", type=int, default=4_000, help="of each town")
    given = asked.parse_args()
    set_up_logging("error")
    alone, together = Outcomes(), Outcomes()
    for seed in range(given.towns):
        with tempfile.TemporaryDirectory(prefix="ajantasa-bench-") as folder:
            _town(Path(folder), given.people, seed, alone, together)
    shown = table("Movers of joint notices", "", "each alone", "together")
    for kind, title in _ROWS.items():
        shown.add_row(title, str(alone[kind]), str(together[kind]))
    Console(highlight=False, soft_wrap=True).print(shown)


def _town(folder: Path, people: int, seed: int, alone: Outcomes, together: Outcomes) -> None:
    create_key_file(folder / "ajantasa.key")
    clinic_url = f"sqlite:///{folder / 'clinic.db'}"
    with made_up(people=people, days=DAYS, seed=seed, clinic_url=clinic_url) as world:
        settings = Settings.model_validate(world.settings(folder))
        with assembled(settings, Wishes(clock=world.clock, migrate=True)) as parts:
            run_register(parts, parts.registers[REGISTER])
            world.clock.set(world.beginning + timedelta(days=DAYS, hours=12))
            for page in _pages(parts, world):
                together += _outcomes(parts, world, page)
                alone += _outcomes(parts, world, [replace(change, joint_notice=None) for change in page])


def _pages(parts: Parts, world: World) -> Iterator[list[Change]]:
    """Give the operator's movers who moved with others, a page at a time."""
    provider = parts.feeds[FEED].provider
    cursor, caught_up = provider.start(world.population.start), False
    while not caught_up:
        page = provider.pull(cursor, list)
        cursor, caught_up = page.cursor, page.up_to_date
        yield [item for item in page.items if isinstance(item, Change) and item.joint_notice]


def _outcomes(parts: Parts, world: World, page: Sequence[Change]) -> Outcomes:
    movers: dict[str, list[int]] = defaultdict(list)
    for event in world.population.events:
        if event.notice and "moves" in event.providers:
            movers[event.notice].append(event.person)
    received = [Received(change, change.event_id, change.notice_id or "") for change in page]
    with parts.store.snapshot() as work:
        keys = {id_: customer.key for id_, customer in work.customers(work.customer_ids(REGISTER, 0, 10**6)).items()}
        matches = match(parts, parts.feeds[FEED], work, received)
    found = Outcomes()
    for change, one in zip(page, matches, strict=True):
        notice, _, number = (change.notice_id or "").partition("#")
        found[_outcome(world, movers[notice][int(number) - 1], one, keys)] += 1
    return found


def _outcome(world: World, person: int, found: Match, keys: dict[int, str]) -> tuple[bool, Verdict, bool]:
    truth = world.clinic.truth
    right = found.best is not None and truth.people[int(keys[found.best.customer_id])] == person
    return bool(truth.customers_of(person)), found.verdict, right and found.verdict is not Verdict.FORGET


if __name__ == "__main__":
    main()
