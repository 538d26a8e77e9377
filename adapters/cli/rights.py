"""Commands by which people keep automation from a customer: restriction, objection, lock."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from adapters.cli.feeds import reference
from adapters.cli.output import account, out, print_json
from adapters.cli.service import Call, Json
from sync.applying.survivorship import STANDING_FIELDS
from sync.holding import Lifted, lift_hold, place_hold
from sync.model import Field, Hold, HoldKind
from sync.parts import Parts, RegisterParts

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
        register, key = _register(parts, ref)
        done = do(parts, register, key, kind, name=name, by=by or account(), reason=reason)
    about = {"register": register.name, "key": key, "kind": kind.value, "field": name.value if name else None}
    result = _lifted(done) if isinstance(done, Lifted) else {"in_force": True}
    if json:
        print_json(about | result)
    else:
        out().print(_sentence(kind, name, result), markup=False)


def _register(parts: Parts, ref: str) -> tuple[RegisterParts, str]:
    name, key = reference(parts, ref)
    return parts.registers[name], key


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
