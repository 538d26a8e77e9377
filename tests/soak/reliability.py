"""RELIABILITY.md, as the runs write it: what was tried, how many, with which seeds, what came of it, and what is not covered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.soak.run import ROOT, Run

PAPER = ROOT / "RELIABILITY.md"

_HEAD = """# Reliability

What was tried to make ajantasa lose, double, overwrite or leak something, and what came of it. The runs write this page: every
figure is of the last run of its kind, or of a larger one before it, on older code; none is typed by hand. `make soak` runs all of them
again; smaller ones of each kind are part of `make test`. Which rule is held by which test stands in [docs/architecture.md](docs/architecture.md#invariants-and-the-tests-that-hold-them).
"""


@dataclass(frozen=True)
class Kind:
    """One kind of run, in words.

    Attributes:
        title: heading of its section.
        goal: what `make soak` sets out to do.
        done: what is done and how the outcome is known.
        gaps: what it does not cover.
    """

    title: str
    goal: str
    done: str
    gaps: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "kills": Kind(
        "The real process, killed",
        "1,000 kills over 200,000 changes",
        """Each round has a made-up town, its clinic's own database, and both providers as real HTTP servers that repeat and reorder
what they tell. The service is the real program with a configuration file, on SQLite and on PostgreSQL in turn. It is sent SIGKILL
in each of the ways below, with news from the providers and edits by staff before each kill; at a named point it kills itself the
moment it passes it, by adapters wrapped in the test (the product has no hook). Then two daemons are started at once and work until
nothing is left. What became of it is read from the clinic's own table, whose database writes down every update, and from the
sandbox, which alone knows who lives where; no figure is the service's own. *Lost*: an event that a cursor has passed without an
outcome, a delivered move of somebody with a national id that the table does not show, or something staff typed that was
overwritten. *Doubled*: an update that was made twice, or that changed nothing. *Wrong*: somebody else's address, a protected
person's, or a row that is gone.""",
        (
            "While the story goes on, the program's clock is set back to the story's day, by the test's own entry point.",
            "PostgreSQL runs without fsync here: it is our process that is killed, not the machine.",
            "The clinic's database is SQLite throughout.",
            "A power cut, a disk that lies about what it has written, a file system that loses files.",
        ),
    ),
    "disks": Kind(
        "Disks that fail, and a PostgreSQL that dies",
        "1,000 troubles",
        """A town, a clinic and the real program as above. In each piece of the story something breaks under the running process, or is
broken when it starts, and is mended again. In turn of rounds: calls of the operating system fail by [libfiu](https://blitiri.com.ar/p/libfiu/)
(what SQLite writes, syncs and cuts off, the register's too; the checkpoint file; the log); a small disk with database and checkpoint file
is full; a PostgreSQL server, or the process of one connection, is killed or stopped at once. The same process must then catch up by
itself; only one that was started in the trouble may have ended, with status 1 and one sentence that says what is wrong, where, and what
to do. Beside *lost*, *doubled* and *wrong* as above: *missing* is an entry of the audit trail, an outcome, an acknowledged delivery or a
cursor's position that somebody outside had read from the database at any time, and that is not there at the end; *unclear* is a traceback, an
error that nobody foresaw, more than 100 lines about one trouble, an answer of desk, health or metrics other than 200, 503 or (of
somebody whom the first load has not reached) 404, or a command that ends without
words. While it lasts, `ajantasa status` is asked too.""",
        (
            "Faults that nobody is told of: a disk that says that it has written and has not, or that gives back something else.",
            "Calls that hang. Reads that fail.",
            "A full disk under PostgreSQL: its answer is tried in the tests of our store, not its disk.",
            "libfiu's dice fall in the order of the process's threads: a seed gives the same story, not the same calls.",
        ),
    ),
    "machine": Kind(
        "The engine, step by step",
        "1,000,000 steps",
        """Hypothesis makes up stories of 150 steps about two customers: providers repeat, reorder, withdraw, correct, end, cancel, predate
and postdate; people go into hiding and come back, updates are forbidden and allowed; staff type meanwhile, reviewers decide, customers
are restricted and released, erased and taken in again; updates, decisions, what a feed brought lately and undoings are undone; calls fail, writes conflict, answers are lost or come twice; the process dies at any of 18 points; a second
worker does everything in the middle of the first one's work, within its lease and after it; clocks are set back, days and both
nights of the changing clocks go by. Now and then all faults stop, and then the rules I1 to I3 and I5 to I17 are checked: against what was
said and undone, as plain dictionaries hold it, and a small second opinion on which address holds. Of who was erased, no row and no
sealed byte may be left.""",
        (
            "The order of arrival for its own sake (I4), which has tests of its own.",
            "Nothing is undone after somebody in the story came under an order or an update ban: what was not kept cannot come back.",
            "No decision is undone while somebody is restricted; nobody who was erased is taken in again where there are orders.",
            "A restored back-up, which must not bring back who was erased: that has tests of its own.",
            "A record taken in again after an erasure may be changed by a resync: it brings what was told meanwhile.",
            "What was told of an erased person while nobody watched: should a provider repeat it to a worker who dies, no outcome is asked for.",
            "The second opinion is about home addresses; other fields have the unit tests of survivorship.",
            "Providers and register are in memory here, the store is SQLite.",
        ),
    ),
    "canaries": Kind(
        "Canaries",
        "1,000 protected people, 1,000 strangers, 2,000 national ids",
        """Customers are loaded, move, and go into hiding while their move waits in the outbox; they are spoken of afterwards too. Strangers come
by in both feeds, with and without an id, and in items that nobody can read. Then the audit trail, its checkpoints, metrics and some
customers' provenance without values are exported. Database, write-ahead log, log, metrics and exports are searched for every name,
street and id, in capitals or not, in UTF-8 and UTF-16. That the search finds what is there is shown by three builds that leak on
purpose, in `tests/simulation/test_canaries.py`.""",
        (
            "PostgreSQL's files: the kill runs of `make test` search those, for a made-up town's people.",
            "What the operating system keeps: swap, core dumps, deleted blocks of the disk.",
        ),
    ),
    "edits": Kind(
        "Audit files, edited",
        "10,000 edits",
        """A real trail of some weeks is exported with its signed checkpoints. Each edit is made to one of the two files, by accident, by hand,
or by a program that knows how they are made and hashes everything anew, but has no signing key.""",
        (
            "Somebody who has the signing key. What follows the last checkpoint can be cut off unseen: [docs/audit.md](docs/audit.md).",
        ),
    ),
}


def paper(runs: Mapping[str, Sequence[Run]]) -> str:
    """Return the whole page."""
    sections = [_section(KINDS[name], runs[name]) for name in KINDS if name in runs]
    missing = [f"- {kind.title}: {kind.goal}." for name, kind in KINDS.items() if name not in runs]
    if missing:
        sections.append("## Not yet run\n\n" + "\n".join(missing) + "\n")
    return "\n".join([_HEAD, _overview(runs), *sections])


def _overview(runs: Mapping[str, Sequence[Run]]) -> str:
    rows = ["| run | set out to do | tried | what must not happen | seeds | day, commit |", "| --- " * 6 + "|"]
    for name, kind in KINDS.items():
        for run in runs.get(name, ()):
            cells = (kind.title, kind.goal, _told(run.tried), _told(run.bad), _seeds(run), f"{run.on}, {run.commit}")
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _section(kind: Kind, runs: Sequence[Run]) -> str:
    return "\n".join(_lines(kind, runs))


def _lines(kind: Kind, runs: Sequence[Run]) -> Iterator[str]:
    yield f"## {kind.title}\n"
    yield kind.done + "\n"
    for run in runs:
        yield f"`{run.command}`, {run.minutes:.0f} minutes.\n"
        if run.detail:
            yield "| what | how many |"
            yield "| --- | --- |"
            yield from (f"| {what} | {count:,} |" for what, count in run.detail.items())
            yield ""
    yield "Not covered:\n"
    yield from (f"- {gap}" for gap in kind.gaps)
    yield ""


def _told(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count:,}" for what, count in figures.items())


def _seeds(run: Run) -> str:
    first, last = run.seeds
    return str(first) if first == last else f"{first} to {last}"
