"""Commands by which staff note what the customer or the post told them of a value."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.cli.feeds import reference
from adapters.cli.output import account, out, print_json
from adapters.cli.rights import By, Ref
from adapters.cli.service import Call, Json
from sync.freshness.status import State
from sync.model import Field
from sync.noting import CONFIRMABLE, RETURNABLE, note_confirmed, note_returned


def _confirmable(name: Field) -> Field:
    return _among(name, CONFIRMABLE)


def _returnable(name: Field) -> Field:
    return _among(name, RETURNABLE)


def _among(name: Field, allowed: frozenset[Field]) -> Field:
    if name not in allowed:
        raise typer.BadParameter(f"choose one of {', '.join(field.value for field in Field if field in allowed)}")
    return name


def add_to(customer: typer.Typer) -> None:
    """Add the commands."""
    customer.command()(confirmed)
    customer.command()(returned)


def confirmed(
    context: typer.Context,
    ref: Ref,
    field: Annotated[Field, typer.Option(help="What was confirmed.", callback=_confirmable)] = Field.ADDRESS,
    by: By = None,
    json: Json = False,
) -> None:
    """Note that the customer, whose identity you checked, said that a value still holds."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        state = note_confirmed(parts, register, key, field, by=by or account())
    _tell(register.name, key, field, state, json=json)


def returned(
    context: typer.Context,
    ref: Ref,
    field: Annotated[Field, typer.Option(help="Where it had been sent.", callback=_returnable)] = Field.ADDRESS,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day on which it came back; today without it.")
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Note that a letter or an e-mail came back: the desk asks until the value is confirmed. Changes no value."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        today = parts.today(register)
        day = on.date() if on else today
        if day > today:
            raise typer.BadParameter("that day is still to come", param_hint="--on")
        state = note_returned(parts, register, key, field, day, by=by or account())
    _tell(register.name, key, field, state, json=json)


def _tell(register: str, key: str, field: Field, state: State, *, json: bool) -> None:
    if json:
        print_json({"register": register, "key": key, "field": field.value, "state": state.value})
    else:
        out().print(f"Noted. The state of {field.value} is now: {state.value}.", markup=False)
