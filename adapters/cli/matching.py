"""Commands about the matcher: measuring it, and training its model."""

import random
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.output import Bar, Exit, err, out, print_json, table
from adapters.cli.service import Call, Json
from adapters.clock import SystemClock
from adapters.labelled import Map, People, read_map, read_truth
from adapters.store.engine import open_store
from adapters.store.keyring import Keyring
from sync.errors import ConfigurationInvalid, Problem
from sync.matching.decide import decide, rank
from sync.matching.evaluate import Evaluation, Outcome, evaluate, interval
from sync.matching.model import Model
from sync.matching.model_file import dump_model
from sync.matching.prepared import Prepared
from sync.matching.score import certainty
from sync.matching.train import Training, train
from sync.model import Customer, MatchRule, Verdict
from sync.parts import Parts
from sync.ports.store import Store
from sync.training import Mirror, frequency_hash, reviewed

_REGISTER = "labelled"
_LOADED, _MATCHED = 2_000, 500
_BY_ID = 1_000.0
"""Certainty of what an equal national id decided."""

Rate = Annotated[
    float,
    typer.Option(
        min=1e-9, max=0.5, help="Wrong updates that are acceptable for each change; thresholds are chosen for it."
    ),
]
Seed = Annotated[int, typer.Option(help="Of the sample that training looks at.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    matching = typer.Typer(no_args_is_help=True, help="The matcher and its model.")
    matching.command("evaluate")(evaluate_)
    matching.command("train")(train_)
    app.add_typer(matching, name="matching")


def evaluate_(
    context: typer.Context,
    register: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file of the register.")],
    changes: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file of the changes.")],
    truth: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV file: which change is about whom.")],
    map_: Annotated[
        Path, typer.Option("--map", exists=True, dir_okay=False, help="TOML file: which column holds what.")
    ],
    false_update_rate: Rate = 1e-5,
    seed: Seed = 1,
    json: Json = False,
) -> int:
    """Train without labels on a register and changes, match them, and compare with the truth."""
    call: Call = context.obj
    columns = read_map(map_)
    known = read_truth(truth, columns.truth)
    with _store() as (store, keyring):
        keys = _load(store, People(register, columns.register))
        asked = list(People(changes, columns.changes))
        if not keys or not asked:
            raise ConfigurationInvalid([Problem(register.name if asked else changes.name, "has no records")])
        mirror, started = Mirror(store, _REGISTER), time.perf_counter()
        model = train(
            mirror,
            [person for _, person in asked],
            call.program.shipped_model(),
            "evaluated",
            chance=random.Random(seed),  # noqa: S311 - a sample, no secret
            digest=frequency_hash(keyring.digest),
            training=Training(false_update_rate=false_update_rate),
            progress=_stages(),
        )
        trained = time.perf_counter()
        outcomes = _match(mirror, asked, {change: keys.get(key, 0) for change, key in known.items()}, model)
        matched = time.perf_counter()
    found = evaluate(outcomes, model.thresholds.apply_bits)
    figures = _figures(found, model) | {
        "train_seconds": round(trained - started, 2),
        "match_seconds": round(matched - trained, 2),
        "peak_rss_mb": round(_peak_mb(), 1),
    }
    if json:
        print_json(figures)
    else:
        _print(figures)
    return Exit.OK


@contextmanager
def _store() -> Iterator[tuple[Store, Keyring]]:
    """Give a store of its own, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ajantasa-") as folder:
        keyring = Keyring(secrets.token_bytes(32))
        store = open_store(f"sqlite:///{folder}/labelled.db", keyring, SystemClock())
        try:
            yield store, keyring
        finally:
            store.close()


def _load(store: Store, people: People) -> dict[str, int]:
    """Mirror the register; returns our own id of each key."""
    keys: dict[str, int] = {}
    bar, records = Bar("reading the register"), iter(people)
    while page := list(islice(records, _LOADED)):
        customers = [
            Customer(_REGISTER, str(len(keys) + at), None, former_ids=tuple(sorted(person.ids)))
            for at, (_, person) in enumerate(page)
        ]
        with store.begin() as work:
            added = work.add_customers(customers, [person for _, person in page])
            work.commit()
        keys.update({key: customer.id for (key, _), customer in zip(page, added, strict=True)})
        bar.advance(len(page))
    bar.done()
    return keys


def _match(mirror: Mirror, asked: Sequence[tuple[str, Prepared]], truth: dict[str, int], model: Model) -> list[Outcome]:
    outcomes, bar = [], Bar("matching")
    for at in range(0, len(asked), _MATCHED):
        page = asked[at : at + _MATCHED]
        for (key, change), people in zip(page, _candidates(mirror, [person for _, person in page]), strict=True):
            outcomes.append(_outcome(change, people, truth.get(key), model))
        bar.advance(len(page), len(asked))
    bar.done()
    return outcomes


def _candidates(mirror: Mirror, changes: Sequence[Prepared]) -> list[list[Prepared]]:
    """Return who came up for each change: by a blocking key, or by a national id."""
    found = [list(people) for people in mirror.candidates(changes)]
    with mirror.store.snapshot() as work:
        named = work.by_national_ids(mirror.register, {id_ for change in changes for id_ in change.ids})
        bearers = work.prepared({customer for group in named.values() for customer in group})
    for change, people in zip(changes, found, strict=True):
        people += [bearers[customer] for id_ in change.ids for customer in named.get(id_, ()) if customer in bearers]
    return found


def _outcome(change: Prepared, people: Sequence[Prepared], meant: int | None, model: Model) -> Outcome:
    people = list({person.id: person for person in people}.values())
    match = decide(change, people, model)
    found = meant in {person.id for person in people}
    if match.best is None:
        return Outcome(len(people), meant is not None, found, None, False, match.verdict)
    right = match.best.customer_id == meant
    if match.rule is MatchRule.NATIONAL_ID:
        sure = _BY_ID if match.verdict is Verdict.APPLY else 0.0
        return Outcome(len(people), meant is not None, found, sure, right, match.verdict)
    allowed = [person for person in people if not (person.ids and change.ids)]
    weights = [weight for weight, _, _ in rank(change, allowed, model)]
    tie = len(weights) > 1 and weights[0] == weights[1]
    sure = certainty(weights[0], weights[1:], model)
    return Outcome(len(people), meant is not None, found, sure, right and not tie, match.verdict)


def _figures(found: Evaluation, model: Model) -> dict[str, Any]:
    best, auto = found.best, found.auto
    return {
        "changes": found.changes,
        "with_counterpart": found.known,
        "pairs_scored": found.pairs_scored,
        "blocking_recall": found.blocking_recall,
        "best_f1": best.f1,
        "best_f1_threshold": best.threshold,
        "precision": best.precision,
        "precision_interval": list(interval(best.precision, best.taken)),
        "recall": best.recall,
        "recall_interval": list(interval(best.recall, best.known)),
        "recall_at_precision": found.recall_at_precision,
        "auto": {
            "threshold": auto.threshold,
            "precision": auto.precision,
            "precision_interval": list(interval(auto.precision, auto.taken)),
            "recall": auto.recall,
            "recall_interval": list(interval(auto.recall, auto.known)),
            "review_share": found.reviews / found.changes,
        },
        "false_update_rate": model.thresholds.false_update_rate,
        "expected_errors": found.expected_errors,
        "observed_errors": found.observed_errors,
    }


def _print(figures: dict[str, Any]) -> None:
    shown = table("How well it matched", "", "", "95 %")
    auto = figures["auto"]
    rows: list[tuple[str, str, list[float] | None]] = [
        ("changes", str(figures["changes"]), None),
        ("with a counterpart in the register", str(figures["with_counterpart"]), None),
        ("pairs scored", str(figures["pairs_scored"]), None),
        ("counterpart among the candidates", _percent(figures["blocking_recall"]), None),
        (f"best F1, at {figures['best_f1_threshold']:.1f} bits", f"{figures['best_f1']:.4f}", None),
        ("  precision", _percent(figures["precision"]), figures["precision_interval"]),
        ("  recall", _percent(figures["recall"]), figures["recall_interval"]),
        *((f"recall at precision {at}", _percent(found), None) for at, found in figures["recall_at_precision"].items()),
        (f"applied by itself, from {auto['threshold']:.2f} bits on", "", None),
        ("  precision", _percent(auto["precision"]), auto["precision_interval"]),
        ("  recall", _percent(auto["recall"]), auto["recall_interval"]),
        ("  wrong, expected", f"{figures['expected_errors']:.2f}", None),
        ("  wrong, observed", str(figures["observed_errors"]), None),
        ("left to a person", _percent(auto["review_share"]), None),
        ("training", f"{figures['train_seconds']:.1f} s", None),
        ("matching", f"{figures['match_seconds']:.1f} s", None),
        ("most memory", f"{figures['peak_rss_mb']:.0f} MB", None),
    ]
    for title, value, ends in rows:
        shown.add_row(title, value, f"{_percent(ends[0])} to {_percent(ends[1])}" if ends else "")
    out().print(shown)


def _percent(share: float) -> str:
    # Never rounded up to 100: a precision of 0.99996 is not perfect.
    return f"{min(share * 100, 99.99) if share < 1 else 100:.2f} %"


def _peak_mb() -> float:
    """Return the most memory that this process had, in MB (2**20 bytes)."""
    try:
        # Linux: what getrusage tells includes the parent's memory at the moment of forking.
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size / (1 << 20 if sys.platform == "darwin" else 1 << 10)


_STAGES = {
    "register": "counting values",
    "pairs": "comparing any two",
    "changes": "comparing changes",
    "learning": "learning",
    "thresholds": "choosing thresholds",
}


def _stages() -> Callable[[str, float], None]:
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


@dataclass(frozen=True, slots=True)
class _Changes:
    """A file of changes to learn from."""

    path: Path
    columns: Map

    def people(self) -> list[Prepared]:
        """Return them, ready to be compared."""
        return [person for _, person in People(self.path, self.columns.changes)]


def train_(
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
    if output.exists():
        raise ConfigurationInvalid([Problem(output.name, "is there already and is not overwritten")])
    learned = _Changes(changes, read_map(map_)).people() if changes and map_ else []
    with call.program.open(call.config) as parts:
        model = train(
            Mirror(parts.store, _register(parts, register)),
            learned,
            parts.model,
            f"trained-{parts.clock.now():%Y-%m-%dT%H%M}",
            chance=random.Random(seed),  # noqa: S311 - a sample, no secret
            digest=frequency_hash(parts.store.digest),
            labelled=reviewed(parts.store),
            training=Training(false_update_rate=false_update_rate),
            progress=_stages(),
        )
    output.write_text(dump_model(model), "utf-8")
    shown = {
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
    if json:
        print_json(shown)
    else:
        _print_trained(shown, learned)
    return Exit.OK


def _register(parts: Parts, name: str | None) -> str:
    if name is None and len(parts.registers) == 1:
        return next(iter(parts.registers))
    if name is None or name not in parts.registers:
        raise ConfigurationInvalid([Problem("--register", f"one of {', '.join(sorted(parts.registers))}")])
    return name


def _print_trained(shown: dict[str, Any], changes: Sequence[Prepared]) -> None:
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
