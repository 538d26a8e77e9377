"""Commands by which people exercise their rights: restriction, objection, erasure; and staff's lock of a field."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from adapters.cli.feeds import reference
from adapters.cli.output import Exit, account, out, print_json
from adapters.cli.service import Call, Json
from sync.erasing import Erasure, Ground, erase_customer, readmit_customer
from sync.holding import Lifted, lift_hold, place_hold
from sync.model import STANDING_FIELDS, Field, Hold, HoldKind

Ref = Annotated[str, typer.Argument(help="KEY, or REGISTER:KEY where there are several registers.")]
Reason = Annotated[str, typer.Option(help="Why; kept sealed.")]
By = Annotated[str | None, typer.Option(help="Who decides; your account's name where it is not given.")]
Lift = Annotated[bool, typer.Option("--lift", help="End it, and decide again what arrived meanwhile.")]


def _lockable(name: Field) -> Field:
    if name in STANDING_FIELDS:
        raise typer.BadParameter("an order is ended by whoever gave it, and cannot be locked")
    return name


Lockable = Annotated[Field, typer.Argument(help="Which field.", callback=_lockable)]


def add_to(customer: typer.Typer) -> None:
    """Add the commands."""
    customer.command()(restrict)
    customer.command("object")(object_)
    customer.command()(lock)
    customer.command()(unlock)
    customer.command()(erase)
    customer.command()(readmit)


def restrict(
    context: typer.Context, ref: Ref, reason: Reason, lift: Lift = False, by: By = None, json: Json = False
) -> None:
    """Restrict processing (GDPR Art. 18): the customer does not change, and what arrives is parked. --lift ends it."""
    _hold(context.obj, ref, HoldKind.RESTRICTION, None, (reason, by), lift=lift, json=json)


def object_(
    context: typer.Context, ref: Ref, reason: Reason, lift: Lift = False, by: By = None, json: Json = False
) -> None:
    """Note an objection (GDPR Art. 21): no automatic updates of this customer. --lift ends it."""
    _hold(context.obj, ref, HoldKind.OBJECTION, None, (reason, by), lift=lift, json=json)


def lock(
    context: typer.Context,
    ref: Ref,
    field: Lockable,
    reason: Reason,
    by: By = None,
    json: Json = False,
) -> None:
    """Lock a field: its value is changed only by a person, in the register."""
    _hold(context.obj, ref, HoldKind.LOCK, field, (reason, by), lift=False, json=json)


def unlock(
    context: typer.Context,
    ref: Ref,
    field: Lockable,
    reason: Reason,
    by: By = None,
    json: Json = False,
) -> None:
    """Unlock a field, and decide again what was said of it meanwhile."""
    _hold(context.obj, ref, HoldKind.LOCK, field, (reason, by), lift=True, json=json)


def erase(
    context: typer.Context,
    ref: Ref,
    reason: Annotated[Ground, typer.Option(help="The ground in GDPR Art. 17(1).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    by: By = None,
    json: Json = False,
) -> int:
    """Erase everything kept about a customer (GDPR Art. 17), for good. Try it with --dry-run first."""
    call: Call = context.obj
    if not (dry_run or yes):
        typer.confirm("Nothing can bring it back. Erase?", abort=True, err=True)
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        done = erase_customer(parts, register, key, reason, by=by or account(), dry_run=dry_run)
    if json:
        print_json({"register": register.name, "dry_run": dry_run, **asdict(done)})
    else:
        for line in _erased_in_words(done, dry_run=dry_run):
            out().print(line, markup=False)
    return Exit.OK


def readmit(context: typer.Context, ref: Ref, by: By = None, json: Json = False) -> int:
    """Take a record of the register in again whose key or national id is that of an erased person."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        done = readmit_customer(parts, register, key, by=by or account())
    if json:
        print_json({"register": register.name, "readmitted": done})
    else:
        out().print(
            "The record is a customer again." if done else "The register holds no such record of an erased person."
        )
    return Exit.OK if done else Exit.NOT_FOUND


def hold_as_data(hold: Hold) -> dict[str, Any]:
    """Return a hold as JSON data."""
    return {
        "kind": hold.kind.value,
        "field": hold.field.value if hold.field else None,
        "placed_at": hold.placed_at,
        "placed_by": hold.placed_by,
        "reason": hold.reason,
        "lifted_at": hold.lifted_at,
        "lifted_by": hold.lifted_by,
        "lifted_reason": hold.lifted_reason,
    }


def _hold(
    call: Call, ref: str, kind: HoldKind, name: Field | None, why: tuple[str, str | None], *, lift: bool, json: bool
) -> None:
    reason, by = why
    do: Callable[..., Any] = lift_hold if lift else place_hold
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        done = do(parts, register, key, kind, name=name, by=by or account(), reason=reason)
    about = {"register": register.name, "key": key, "kind": kind.value, "field": name.value if name else None}
    result = _lifted(done) if isinstance(done, Lifted) else {"in_force": True}
    if json:
        print_json(about | result)
    else:
        out().print(_sentence(kind, name, result), markup=False)


def _erased_in_words(done: Erasure, *, dry_run: bool) -> Iterator[str]:
    yield ("Would be removed: " if dry_run else "Removed: ") + ", ".join(f"{n} {kind}" for kind, n in done.rows.items())
    if done.in_register is not False:
        still = "The register still holds" if done.in_register else "The register cannot be reached; it may hold"
        yield f"{still} the record. It is yours to delete there; it is not taken in again."
    if done.alike:
        yield f"{done.alike} more of the register's records bear the same national id and are not erased."
    if not done.kept_outside:
        yield "Restoring an older back-up would bring this person back: [erasure] file is not configured."
    if not dry_run and not done.scrubbed:
        yield "Sealed remains stay in the database's files until their space is used again."


def _lifted(done: Lifted) -> dict[str, Any]:
    outcomes = {outcome.value: count for outcome, count in sorted(done.outcomes.items())}
    return {"in_force": False, "decided_again": outcomes, "left_parked": done.left, "still_held": done.still_held}


def _sentence(kind: HoldKind, name: Field | None, result: dict[str, Any]) -> str:
    what = f"The {kind.value} of {name.value}" if name else f"The {kind.value}"
    if result["in_force"]:
        return f"{what} is in force. What arrives is parked."
    decided = ", ".join(f"{outcome} {count}" for outcome, count in result["decided_again"].items()) or "nothing"
    left = f" Left parked, their feed is not configured: {result['left_parked']}." if result["left_parked"] else ""
    still = " Another one is still in force." if result["still_held"] else ""
    return f"{what} is lifted. Decided again: {decided}.{left}{still}"
