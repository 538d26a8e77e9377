"""Commands about the service itself: setting up, running, looking how it is."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.output import Exit, err, out, print_json, table
from adapters.cli.program import Answers, Program
from sync.errors import ConfigurationInvalid
from sync.freshness.census import census, plain
from sync.model.address import Language
from sync.parts import Parts
from sync.ports.store import Mark

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@dataclass(frozen=True, slots=True)
class Call:
    """What every command works with."""

    program: Program
    config: Path
    version: str = ""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(init)
    app.command()(run)
    app.command()(status)
    app.command()(demo)
    app.command(hidden=True)(sandbox)
    for name, help_, command in (
        ("config", "The configuration.", check),
        ("key", "The key file.", create),
        ("db", "Our own database.", upgrade),
    ):
        group = typer.Typer(no_args_is_help=True, help=help_)
        group.command()(command)
        app.add_typer(group, name=name)
        group.callback()(_group)


def _group() -> None:
    """Keep the command's own name although it is the only one of its group."""


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder for the files.")] = Path(),
    register_url: Annotated[
        str | None, typer.Option(help="SQLAlchemy URL of your register's database; asked for where it is not given.")
    ] = None,
    table_name: Annotated[str | None, typer.Option("--table", help="The register's table of customers.")] = None,
    language: Annotated[Language, typer.Option(help="Language of the desk.")] = "fi",
) -> int:
    """Write a commented configuration, a key file and a desk token, and say what to do next."""
    url = register_url or typer.prompt("URL of your register's database, such as postgresql://user@host/name")
    chosen = table_name or typer.prompt("Its table of customers")
    try:
        written = context.obj.program.set_up(Answers(folder, url, chosen, language))
    except OSError as error:
        return not_written(folder, error)
    console = out()
    for path in written:
        console.print(f"wrote {path}", markup=False)
    console.print(
        "\nNext:\n"
        "  1. Open ajantasa.toml and name your table's columns, and the feeds that you follow.\n"
        "  2. ajantasa config check\n"
        "  3. ajantasa run\n\n"
        "Keep a copy of ajantasa.key somewhere safe: without it nothing in the database can be read again.",
        markup=False,
    )
    return Exit.OK


def run(context: typer.Context) -> int:
    """Run the daemon: follow the feeds, keep the register right, answer the desk."""
    call: Call = context.obj
    return call.program.serve(call.config)


def check(context: typer.Context, json: Json = False) -> int:
    """Check the configuration and everything that it names: files, key, database, the register's columns."""
    call: Call = context.obj
    remarks: list[str] = []
    try:
        problems = list(call.program.check(call.config))
        remarks = list(call.program.remarks(call.config))
    except ConfigurationInvalid as error:
        problems = list(error.problems)
    if json:
        told = [{"key": p.key, "message": p.message} for p in problems]
        print_json({"good": not problems, "problems": told, "remarks": remarks})
        return Exit.CONFIGURATION if problems else Exit.OK
    if problems:
        raise ConfigurationInvalid(problems)
    out().print("The configuration is good.")
    for remark in remarks:
        out().print(remark, markup=False)
    return Exit.OK


def create(
    context: typer.Context, path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("ajantasa.key")
) -> int:
    """Make a key file. An existing one is never overwritten: all that was sealed with it would be lost."""
    call: Call = context.obj
    try:
        call.program.create_key(path)
    except FileExistsError:
        err().print(f"{path} is there already and is not overwritten", markup=False)
        return Exit.FAILED
    except OSError as error:
        return not_written(path, error)
    out().print(f"wrote {path}", markup=False)
    return Exit.OK


def not_written(path: Path, error: OSError) -> int:
    """Say in a line that a file cannot be written."""
    err().print(f"{path} cannot be written: {error.strerror}", markup=False)
    return Exit.FAILED


def upgrade(context: typer.Context) -> int:
    """Bring our own database up to this version. Back it up first."""
    call: Call = context.obj
    call.program.upgrade(call.config)
    out().print("The database is up to date.")
    return Exit.OK


def status(
    context: typer.Context,
    count: Annotated[
        bool, typer.Option("--census", help="Count every customer's address by its state now; takes a while.")
    ] = False,
    json: Json = False,
) -> None:
    """Show how the feeds, the deliveries and the reviews stand."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        figures = _figures(parts, count=count)
    if json:
        print_json(figures)
    else:
        _print_figures(figures)


def _figures(parts: Parts, *, count: bool) -> dict[str, Any]:
    with parts.store.snapshot() as work:
        counts = work.counts()
        feeds = {name: work.feed(name) for name in parts.feeds}
        loaded = {name: work.loaded(name) for name in parts.registers}
        counted = {name: work.census(name) or ({}, None) for name in parts.registers}
        erased = [one for one in work.tombstones() if one.mark is Mark.KEY]
    figures: dict[str, Any] = {
        "customers": counts.customers,
        "facts": counts.facts,
        "reviews_open": counts.reviews_open,
        "dead_letters": counts.dead_letters,
        "parked": counts.parked,
        "holds": dict(counts.holds),
        "openings": counts.openings,
        "erased": len(erased),
        "erased_in_register": sum(one.seen_at is not None for one in erased),
        "feeds": {
            name: {
                "health": state.health.value,
                "detail": state.detail,
                "caught_up_at": state.caught_up_at,
                "next_at": state.next_at,
                "pause": asdict(state.pause) if state.pause else None,
                "outcomes": {o: n for (f, o), n in counts.dispositions.items() if f == name},
            }
            for name, state in feeds.items()
        },
        "registers": {
            name: {
                "loaded": done,
                "deliveries": {s: n for (r, s), n in counts.deliveries.items() if r == name},
                "accuracy": counted[name][0],
                "counted_at": counted[name][1],
            }
            for name, done in loaded.items()
        },
    }
    if count:
        for name, register in parts.registers.items():
            found = census(parts, register)
            states = {s.value: n for s, n in sorted(found.states.items())}
            figures["registers"][name] |= {
                "address_states": states,
                "accuracy": plain(found.accuracy),
                "counted_at": found.at,
            }
    return figures


def _print_figures(figures: dict[str, Any]) -> None:
    console = out()
    feeds = table("Feeds", "feed", "health", "caught up", "outcomes")
    for name, feed in figures["feeds"].items():
        caught = feed["caught_up_at"].isoformat(" ", "seconds") if feed["caught_up_at"] else "never"
        feeds.add_row(name, " ".join(filter(None, (feed["health"], feed["detail"]))), caught, _pairs(feed["outcomes"]))
    pauses = [_pause(name, feed["pause"]) for name, feed in figures["feeds"].items() if feed["pause"]]
    registers = table("Registers", "register", "loaded", "deliveries", "addresses", "counted")
    for name, register in figures["registers"].items():
        states = _pairs(register.get("address_states") or register["accuracy"])
        at = register["counted_at"].isoformat(" ", "minutes") if register["counted_at"] else "not yet"
        registers.add_row(name, "yes" if register["loaded"] else "not yet", _pairs(register["deliveries"]), states, at)
    console.print(feeds, *pauses, "", registers, "", markup=False)
    console.print(
        f"{figures['customers']} customers, {figures['facts']} facts, {figures['reviews_open']} open reviews, "
        f"{figures['dead_letters']} dead letters, {figures['parked']} parked changes; holds: {_pairs(figures['holds'])}"
    )
    if figures["openings"]:
        console.print(f"{figures['openings']} break-glass views; `ajantasa customer openings` lists them")
    if figures["erased"]:
        seen = figures["erased_in_register"]
        console.print(
            f"{figures['erased']} erased people; records of {seen} were last seen in the register, not taken in"
        )


def _pause(feed: str, pause: dict[str, Any]) -> str:
    since = pause["at"].isoformat(" ", "minutes")
    counts = f"{pause['total']} customers, at most {pause['most']}"
    return f"{feed} is paused since {since} by the guard {pause['guard']}: {counts}; see `feed resume`"


def _pairs(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"


def demo(
    context: typer.Context,
    people: Annotated[int, typer.Option(min=300, max=100_000, help="How many people to make up.")] = 2_000,
    days: Annotated[int, typer.Option(min=30, max=400, help="For how many days they live.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running, with the desk page.")] = False,
    port: Annotated[int, typer.Option(help="Port of the desk page.")] = 8080,
) -> int:
    """Run the whole way on a made-up clinic, and tell what happened."""
    call: Call = context.obj
    return call.program.demo(people=people, days=days, seed=seed, keep=keep, port=port)


def sandbox(
    context: typer.Context,
    clinic: Annotated[str, typer.Option(help="SQLAlchemy URL of the made-up clinic's database; made if empty.")],
    people: Annotated[int, typer.Option(min=300, max=1_000_000)] = 2_000,
    days: Annotated[int, typer.Option(min=30, max=400)] = 60,
    seed: Annotated[int, typer.Option()] = 1,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    dvv_port: Annotated[int, typer.Option()] = 8181,
    moves_port: Annotated[int, typer.Option()] = 8182,
) -> int:
    """Serve made-up providers and a made-up clinic, for trying things out."""
    call: Call = context.obj
    return call.program.sandbox(
        people=people, days=days, seed=seed, host=host, ports=(dvv_port, moves_port), clinic=clinic
    )
