"""Commands about undoing: what it would do, doing it, and taking it back."""

from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice
from typing import Annotated, Any

import typer

from adapters.cli.feeds import reference
from adapters.cli.output import Exit, account, out, print_json, table
from adapters.cli.service import Call, Json
from sync.applying.undo import Conflict, Effect, FieldUndo
from sync.parts import Parts, RegisterParts
from sync.provenance.sentences import WORDS, heading, say_day
from sync.recalling import moment_of
from sync.undoing import (
    CustomerUndo,
    Target,
    UndoReport,
    decision_target,
    run_target,
    try_undo,
    undo,
    undo_target,
    update_target,
)

_SHOWN = 20
"""Customers of a run whose plan is printed one by one; of all of them with --json."""

_EFFECTS = {
    Effect.BACK: "goes back to what {who} said{since}",
    Effect.EMPTY: "becomes empty: nothing else was said",
    Effect.COMING: "stays for now; what is to come changes",
    Effect.STAYS: "stays as it is",
}
_CONFLICTS = {
    Conflict.REPLACED: "something later had replaced it already",
    Conflict.STAFF_EDITED: "staff or the customer said otherwise since: that stands",
    Conflict.SAID_BY_OTHERS: "somebody else says the same, so that it still holds",
    Conflict.SAID_AGAIN: "the same feed said it again since; that does not count either",
    Conflict.TAKEN_BACK: "the provider had taken its notice back already",
    Conflict.NOT_KEPT: "what held before is no longer kept, and does not come back",
    Conflict.ORDER_STAYS: "it brought a non-disclosure order, which stays; --lift-protection is for the privacy officer",
    Conflict.HIDDEN: "of places nothing is told: the person is protected, or may be",
    Conflict.RESTRICTED: "the customer is restricted: nothing is changed until that is lifted",
    Conflict.ON_HOLD: "an objection, a lock or a ban on updates is in force: it is written into the register when that is lifted",
    Conflict.COMPANION: "it was matched through somebody who moved along: look at that person's update too",
}

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")]
Reason = Annotated[str, typer.Option(help="Why; kept sealed, and told with the provenance.")]
By = Annotated[str | None, typer.Option(help="Who undoes; your account's name where it is not given.")]
Lift = Annotated[bool, typer.Option("--lift-protection", help="Lift the non-disclosure order that it brought, too.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    undoing = typer.Typer(no_args_is_help=True, help="Undo what was applied. Try it with --dry-run first.")
    for command in (update, decision, run):
        undoing.command()(command)
    undoing.command("undo")(undo_)
    undoing.command("list")(list_)
    app.add_typer(undoing, name="undo")


def update(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="KEY, or REGISTER:KEY where there are several registers.")],
    event: Annotated[str, typer.Argument(help="The event, or how it begins, as `customer provenance` tells it.")],
    reason: Reason = "",
    by: By = None,
    lift: Lift = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Undo what one event brought to one customer. Try it with --dry-run first."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        target = update_target(parts, register, key, event)
        return _perform(parts, target, by, reason, lift=lift, dry_run=dry_run, json=json)


def decision(
    context: typer.Context,
    review_id: Annotated[int, typer.Argument(metavar="ID", help="The review that was decided.")],
    reason: Reason = "",
    by: By = None,
    lift: Lift = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Undo the decision of a review, and what followed from it. Try it with --dry-run first."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        target = decision_target(parts, review_id)
        return _perform(parts, target, by, reason, lift=lift, dry_run=dry_run, json=json)


def run(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="Which feed.")],
    since: Annotated[str, typer.Option(metavar="DATE[THH:MM]", help="From then on; a day means its beginning.")],
    until: Annotated[str, typer.Option(metavar="DATE[THH:MM]", help="Until then; a day means its end.")],
    reason: Reason = "",
    by: By = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Undo what the pages of a feed brought between two moments, decisions by people left out. First with --dry-run."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        if feed in parts.feeds:
            register = parts.register_of(parts.feeds[feed])
            begin, end = _moment(since, register, "--since"), _moment(until, register, "--until")
        else:
            begin = end = parts.clock.now()  # the target says that there is no such feed
        target = run_target(parts, feed, begin, end)
        return _perform(parts, target, by, reason, lift=False, dry_run=dry_run, json=json)


def undo_(
    context: typer.Context,
    undo_id: Annotated[int, typer.Argument(metavar="ID", help="The undoing, as `undo list` tells it.")],
    reason: Reason = "",
    by: By = None,
    lift: Lift = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Take an undoing back: all is as it was before it. Try it with --dry-run first."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        return _perform(parts, undo_target(parts, undo_id), by, reason, lift=lift, dry_run=dry_run, json=json)


def list_(context: typer.Context, json: Json = False) -> None:
    """List what was undone, by whom and why."""
    call: Call = context.obj
    with call.program.open(call.config) as parts, parts.store.snapshot() as work:
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "kind": one.kind.value,
                "what": _named(one.target),
                "by": one.by,
                "reason": one.reason,
                "at": one.at,
                "done": one.done,
            }
            for one in work.undos()
        ]
    if json:
        for row in rows:
            print_json(row)
        return
    shown = table("Undone", "id", "what", "at", "by", "why", "done")
    for row in rows:
        at, done = row["at"].isoformat(" ", "minutes"), "yes" if row["done"] else "interrupted"
        shown.add_row(str(row["id"]), f"{row['kind']} {row['what']}", at, row["by"], row["reason"], done)
    out().print(shown)


def _named(target: Any) -> str:
    """Say which one it was."""
    if "since" in target:
        return f"{target['feed']} {target['since']} to {target['until']}"
    return str(target.get("undo") or target.get("review") or str(target.get("event", "-"))[:12])  # "-": erased


def _moment(text: str, register: RegisterParts, option: str) -> datetime:
    try:
        if option == "--since" and "T" not in text:
            return datetime.combine(datetime.fromisoformat(text).date(), time(), register.policy.zone)
        return moment_of(text, register)
    except ValueError:
        raise typer.BadParameter("write YYYY-MM-DD or YYYY-MM-DDTHH:MM", param_hint=option) from None


def _perform(
    parts: Parts, target: Target, by: str | None, reason: str, *, lift: bool, dry_run: bool, json: bool
) -> int:
    if not dry_run and not reason.strip():
        raise typer.BadParameter("say why it is undone, or try it with --dry-run", param_hint="--reason")
    names = parts.registers[target.register].policy.names
    if dry_run:
        report = UndoReport(done=True)
        _print_plans(_counting(try_undo(parts, target, lift=lift), report), names, json=json)
    else:
        report = undo(parts, target, by=by or account(), reason=reason, lift=lift)
    _print_report(report, dry_run=dry_run, json=json)
    return Exit.OK if report.done else Exit.PARTIAL


def _counting(plans: Iterator[CustomerUndo], report: UndoReport) -> Iterator[CustomerUndo]:
    for one in plans:
        report.add(one.plan)
        yield one


def _print_plans(plans: Iterator[CustomerUndo], names: Any, *, json: bool) -> None:
    if json:
        for one in plans:
            print_json(_plain(one, names))
        return
    for one in islice(plans, _SHOWN):
        _print_plan(one, names)
    if left := sum(1 for _ in plans):
        out().print(f"… and {left} more customers; --json tells of each", markup=False)


def _plain(one: CustomerUndo, names: Any) -> dict[str, Any]:
    return {
        "register": one.register,
        "key": one.key,
        "facts": len(one.plan.targets),
        "fields": [
            {
                "field": each.field.value,
                "effect": each.effect.value,
                "words": _effect(each, names),
                "source": each.by.value if each.by else None,
                "origin": each.origin or None,
                "since": str(each.since) if each.since else None,
                "conflicts": [conflict.value for conflict in each.conflicts],
            }
            for each in one.plan.fields
        ],
        "conflicts": [conflict.value for conflict in one.plan.conflicts],
    }


def _print_plan(one: CustomerUndo, names: Any) -> None:
    console = out()
    console.print(f"{one.register}:{one.key}", markup=False)
    if not one.plan.targets:
        console.print("  nothing left to undo", markup=False)
    for each in one.plan.fields:
        console.print(f"  {heading(each.field, 'en')}: {_effect(each, names)}", markup=False)
        for conflict in each.conflicts:
            console.print(f"    {_CONFLICTS[conflict]}", markup=False)
    for conflict in one.plan.conflicts:
        console.print(f"  {_CONFLICTS[conflict]}", markup=False)


def _effect(each: FieldUndo, names: Any) -> str:
    if Conflict.HIDDEN in each.conflicts:
        return "what becomes of it is not told"
    who = f"{names.get(each.origin, each.origin)} ({WORDS['en'].sources[each.by]})" if each.by else "nobody"
    since = f" from {say_day(each.since, 'en')}" if each.since else ", without a date"
    return _EFFECTS[each.effect].format(who=who, since=since)


def _print_report(report: UndoReport, *, dry_run: bool, json: bool) -> None:
    effects: dict[str, dict[str, int]] = {}
    for (field, effect), count in sorted(report.effects.items()):
        effects.setdefault(field.value, {})[effect.value] = count
    conflicts = {conflict.value: count for conflict, count in sorted(report.conflicts.items())}
    if json:
        figures = {"customers": report.customers, "facts": report.facts, "deliveries": report.deliveries}
        kept = {"undo": report.undo or None, "dry_run": dry_run, "done": report.done}
        print_json(kept | figures | {"fields": effects, "conflicts": conflicts})
        return
    shown = table("This would happen" if dry_run else "This happened", "field", *(effect.value for effect in Effect))
    for name, counts in effects.items():
        shown.add_row(name, *(str(counts.get(effect.value, 0)) for effect in Effect))
    console = out()
    if effects:
        console.print(shown)
    for conflict, count in conflicts.items():
        console.print(f"{count} x {_CONFLICTS[Conflict(conflict)]}", markup=False)
    verb = "would count" if dry_run else "count"
    console.print(
        f"{report.facts} facts of {report.customers} customers {verb} no longer, {report.deliveries} to deliver"
        if report.facts or not report.undo
        else "Noted.",
        markup=False,
    )
    if report.undo:
        console.print(f"`ajantasa undo undo {report.undo}` takes it back", markup=False)
