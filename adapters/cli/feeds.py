"""Commands about feeds: following, reading again, looking at what a provider says."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.output import Exit, account, err, out, print_json, table
from adapters.cli.service import Call, Json
from sync.errors import NotFound
from sync.guarding import resume
from sync.model import Change
from sync.model.codec import change_to_plain
from sync.parts import FeedParts, Parts, RegisterParts
from sync.report import RunReport
from sync.resync import resync_customer, resync_feed, try_resync_feed
from sync.schedule import due, run_feed, run_register


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(sync)
    app.command()(resync)
    feed = typer.Typer(no_args_is_help=True, help="Feeds, and what providers say.")
    feed.command()(parse)
    feed.command("resume")(resume_)
    app.add_typer(feed, name="feed")


def sync(
    context: typer.Context,
    feed: Annotated[str | None, typer.Argument(help="Which feed; all of them where none is named.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when everything is caught up.")] = False,
    json: Json = False,
) -> int:
    """Read the register, follow feeds, deliver: what the daemon does, in the foreground and without the web."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        chosen = [_feed(parts, feed)] if feed else list(parts.feeds.values())
        _registers(parts, chosen)
        reports = [run_feed(parts, each) for each in chosen]
        _registers(parts, chosen, read=False)
        _tell(reports, json=json)
        while not once and not parts.stopping():
            ready = [each for each in chosen if due(parts, each)]
            if not ready:
                time.sleep(0.5)
                continue
            _registers(parts, ready)
            reports = [run_feed(parts, each) for each in ready]
            _registers(parts, ready, read=False)
            _tell(reports, json=json)
    return Exit.PARTIAL if any(report.partial for report in reports) else Exit.OK


def resync(
    context: typer.Context,
    feed: Annotated[str | None, typer.Argument(help="Which feed to read again.")] = None,
    customer: Annotated[str | None, typer.Option(help="Look up one customer: KEY or REGISTER:KEY.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From which day.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")] = False,
    json: Json = False,
) -> int:
    """Read a feed again from an earlier day, or look one customer up again. Try it with --dry-run first."""
    if (feed is None) == (customer is None):
        raise typer.BadParameter("name a feed or give --customer, one of them")
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        if customer is not None:
            register, key = reference(parts, customer)
            reports = resync_customer(parts, register, key, dry_run=dry_run)
            touched = [f for f in parts.feeds.values() if f.register == register.name]
        else:
            chosen, day = _feed(parts, feed or ""), since.date() if since else None
            touched = [chosen]
            reports = [try_resync_feed(parts, chosen, day) if dry_run else resync_feed(parts, chosen, day)]
        if not dry_run:
            _registers(parts, touched, read=False)
    _tell(reports, json=json, title="This would happen" if dry_run else "This happened")
    return Exit.PARTIAL if any(report.partial for report in reports) else Exit.OK


def parse(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="Provider adapter: dvv or moves.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File with a raw payload.")],
) -> int:
    """Print the changes that a raw payload means, one JSON object a line. They are personal data."""
    call: Call = context.obj
    page = call.program.parse(provider, file.read_bytes())
    bad = 0
    for item in page.items:
        if isinstance(item, Change):
            print_json(change_to_plain(item))
        else:
            bad += 1
            print_json({"unreadable": item.reason, "position": item.position})
    for kind, count in sorted(page.ignored.items()):
        err().print(f"passed over: {kind} ({count})", markup=False)
    return Exit.PARTIAL if bad else Exit.OK


def resume_(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="Which feed.")],
    reason: Annotated[
        str, typer.Option(help="Why. It stands in the audit chain for good: tell of the feed, not of people.")
    ],
    up_to: Annotated[
        int,
        typer.Option(
            min=0,
            help="So many customers may be changed so until the feed is caught up; at least those that tripped the guard.",
        ),
    ] = 0,
    by: Annotated[str | None, typer.Option(help="Who says go; your account's name where it is not given.")] = None,
    json: Json = False,
) -> None:
    """Say go to a feed that a guard has paused: what tripped it passes."""
    if not reason.strip():
        raise typer.BadParameter("say why it may go on", param_hint="--reason")
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        allowed = resume(parts, _feed(parts, feed), by=by or account(), reason=reason, up_to=up_to)
    if json:
        print_json({"feed": feed, "allowed": allowed})
    else:
        out().print(f"The feed {feed} goes on; {allowed} customers may pass the guard.", markup=False)


def reference(parts: Parts, text: str) -> tuple[RegisterParts, str]:
    """Take `KEY` or `REGISTER:KEY` apart; returns the register, and the key in it.

    Raises:
        NotFound: several registers and none named, or no such register.
    """
    name, colon, key = text.partition(":")
    if colon and name in parts.registers:
        return parts.registers[name], key
    if len(parts.registers) == 1:
        return next(iter(parts.registers.values())), text
    raise NotFound(f"write REGISTER:KEY with one of the registers {', '.join(parts.registers)}")


def _feed(parts: Parts, name: str) -> FeedParts:
    if name not in parts.feeds:
        raise NotFound(f"no feed is called so; there are: {', '.join(parts.feeds) or 'none'}")
    return parts.feeds[name]


def _registers(parts: Parts, feeds: list[FeedParts], *, read: bool = True) -> None:
    for name in dict.fromkeys(feed.register for feed in feeds):
        run_register(parts, parts.registers[name], read=read)


def _tell(reports: list[RunReport], *, json: bool, title: str = "This happened") -> None:
    if json:
        for report in reports:
            print_json(report.plain())
        return
    shown = table(title, "feed", "received", "repeated", "outcomes", "to deliver", "absent")
    for report in reports:
        outcomes = ", ".join(f"{o.value} {n}" for o, n in sorted(report.outcomes.items())) or "-"
        figures = (str(report.received), str(report.repeated), outcomes, str(report.deliveries), str(report.absent))
        shown.add_row(report.feed, *figures)
    out().print(shown)
    for report in reports:
        if report.paused:
            err().print(
                f"{report.feed} is paused ({report.paused}): only protection orders were carried out", markup=False
            )
