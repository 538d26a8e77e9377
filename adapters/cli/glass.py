"""Commands for break-glass views."""

from typing import Annotated, Any

import typer

from adapters.cli.feeds import reference
from adapters.cli.output import account, out, print_json, reader, table
from adapters.cli.rights import By, Ref
from adapters.cli.service import Call, Json
from sync.glass import Need, break_glass


def add_to(customer: typer.Typer) -> None:
    """Add the commands."""
    customer.command("break-glass")(break_)
    customer.command()(openings)


def break_(
    context: typer.Context,
    ref: Ref,
    need: Annotated[Need, typer.Option(help="Why it is lawful.")],
    by: By = None,
    json: Json = False,
) -> None:
    """In need: be told for 15 minutes what is hidden of a customer. Audited, warned of in the daemon's log, counted and listed."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        opening = break_glass(parts, register, key, need, by=by or account(), reader=reader())
        until = opening.until.astimezone(register.policy.zone)
    if json:
        print_json({"register": register.name, "key": key, "until": until, "reader": opening.reader})
    else:
        out().print(
            f"Until {until:%H:%M} `customer show` and `customer provenance` tell you all that is kept of this customer. Under an "
            "order no place is kept. It is in the audit chain; the daemon's log warns of it, the metrics count it, and `customer openings` lists it.",
            markup=False,
        )


def openings(context: typer.Context, json: Json = False) -> None:
    """List the break-glass views: who was told what is hidden of whom, when and in which need."""
    call: Call = context.obj
    with call.program.open(call.config) as parts, parts.store.snapshot() as work:
        kept = work.openings()
        customers = work.customers({opening.customer_id for opening in kept})
    listed: list[dict[str, Any]] = [
        {
            "id": opening.id,
            "at": opening.at,
            "until": opening.until,
            "reader": opening.reader,
            "need": opening.need,
            "register": opening.register,
            "key": customers[opening.customer_id].key if opening.customer_id in customers else None,
        }
        for opening in kept
    ]
    if json:
        print_json(listed)
        return
    shown = table("Break-glass views", "id", "at", "until", "who", "need", "customer")
    for one in listed:
        whom = f"{one['register']}:{one['key'] or '(erased)'}"
        when = f"{one['at']:%Y-%m-%d %H:%M}", f"{one['until']:%H:%M} UTC"
        shown.add_row(str(one["id"]), *when, one["reader"], one["need"], whom)
    out().print(shown)
