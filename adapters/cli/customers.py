"""Commands about single customers."""

from datetime import datetime
from typing import Annotated, Any

import typer

from adapters.cli import glass, noting, rights
from adapters.cli.explaining import Words, print_waterfall, scale_of
from adapters.cli.feeds import reference
from adapters.cli.output import out, print_json, reader, table
from adapters.cli.provenance import provenance
from adapters.cli.service import Call, Json
from sync.applying.counting import marks_on
from sync.applying.survivorship import FieldState
from sync.freshness.desk import DeskService
from sync.freshness.sentences import label, sentence
from sync.freshness.status import CustomerStatus
from sync.matching.explain import candidate_as_data
from sync.model import Address, Candidate, Field
from sync.model.address import Language
from sync.model.codec import value_to_plain
from sync.parts import RegisterParts
from sync.ports.store import StoredFact
from sync.recalling import Past, moment_of, note_reading, past_of, weighed


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    customer = typer.Typer(no_args_is_help=True, help="Single customers.")
    customer.command()(show)
    customer.command()(provenance)
    noting.add_to(customer)
    rights.add_to(customer)
    glass.add_to(customer)
    app.add_typer(customer, name="customer")


def show(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="KEY, or REGISTER:KEY where there are several registers.")],
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="What held on that day.")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="DATE[THH:MM]", help="As far as was known then; a day means its end."),
    ] = None,
    language: Words = "en",
    json: Json = False,
) -> None:
    """Show what holds of a customer, since when, and why; or what held, as was known then. The reading is noted."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        register, key = reference(parts, ref)
        who = reader()
        day, moment = as_of.date() if as_of else None, _moment(known_at, register)
        past = past_of(parts, register, key, day=day, known_at=moment, reader=who)
        desk = None
        with parts.store.snapshot() as work:
            holds = work.holds_of(past.customer_id)
        if day is None and moment is None:
            desk = DeskService(parts).status(register.name, key, reader=who, reveal=True)
        else:
            note_reading(parts, register.name, past.customer_id, who, revealed=True)
    told = [(stored, weighed(stored, past)) for stored in past.said]
    undone = marks_on([stored.held for stored in past.said], past.same)
    history = [_fact(stored, candidate, language) | {"undone": stored.held.id in undone} for stored, candidate in told]
    shown = {"register": register.name, "key": key} | _plain(desk, past, asked_known=moment is not None)
    shown |= {"holds": [rights.hold_as_data(hold) for hold in holds], "history": history}
    if json:
        print_json(shown)
    else:
        _print(shown)
        _print_reasons(told, language)


def _moment(text: str | None, register: RegisterParts) -> datetime | None:
    try:
        return moment_of(text, register) if text else None
    except ValueError:
        raise typer.BadParameter("write YYYY-MM-DD or YYYY-MM-DDTHH:MM", param_hint="--known-at") from None


def _plain(desk: CustomerStatus | None, past: Past, *, asked_known: bool) -> dict[str, Any]:
    return {
        "as_of": past.asking.day.isoformat(),
        "known_at": past.asking.known_at if asked_known else None,
        "desk": [
            {
                "field": status.field.value,
                "state": status.state.value,
                "sentence": sentence(status, "en", asked_at=desk.asked_at, today=desk.today),
            }
            for status in desk.fields
        ]
        if desk
        else [],
        "values": {
            field.value: _value(recalled.state) for field, recalled in past.fields.items() if recalled.state.current
        },
        "forgotten": [field.value for field, recalled in past.fields.items() if recalled.forgotten],
        "hidden": sorted(field.value for field in past.hidden),
    }


def _value(state: FieldState) -> dict[str, Any]:
    held = state.current
    assert held is not None
    return {
        "value": value_to_plain(held.fact.value),
        "printed": ", ".join(held.fact.value.print()) if isinstance(held.fact.value, Address) else str(held.fact.value),
        "since": str(held.fact.valid_from) if held.fact.valid_from else None,
        "source": held.source.value,
        "from": held.origin,
        "confirmed_at": state.confirmed_at,
        "confirmed_by": state.confirmed_by,
    }


def _fact(stored: StoredFact, candidate: Candidate | None, language: Language) -> dict[str, Any]:
    held, why = stored.held, stored.provenance
    return {
        "field": held.fact.field.value,
        "kind": held.fact.kind.value,
        "value": value_to_plain(held.fact.value),
        "from": str(held.fact.valid_from) if held.fact.valid_from else None,
        "until": str(held.fact.valid_until) if held.fact.valid_until else None,
        "source": held.source.value,
        "origin": held.origin,
        "position": why.position,
        "learned_at": held.learned_at,
        "rule": why.rule.value if why.rule else None,
        "weight": why.weight,
        "explanation": candidate_as_data(candidate, language) if candidate else None,
        "model": why.model or None,
        "decided_by": why.decided_by,
        "reason": why.reason or None,
        "cancelled": held.cancelled,
        "purged": held.purged,
    }


def _print(shown: dict[str, Any]) -> None:
    console = out()
    known = f", as known at {shown['known_at'].isoformat(' ', 'minutes')}" if shown["known_at"] else ""
    console.print(f"{shown['register']}:{shown['key']} as of {shown['as_of']}{known}", markup=False)
    for line in shown["desk"]:
        console.print(f"  {label(Field(line['field']), 'en')}: {line['sentence']}", markup=False)
    for hold in shown["holds"]:
        until = f" until {hold['lifted_at'].date().isoformat()}" if hold["lifted_at"] else ""
        field = f" of {hold['field']}" if hold["field"] else ""
        since = f"since {hold['placed_at'].date().isoformat()}{until}, by {hold['placed_by']}"
        console.print(f"  {hold['kind']}{field} {since}: {hold['reason']}", markup=False)
    values = table(
        "What held" if not shown["desk"] else "What holds", "field", "value", "since", "said by", "confirmed"
    )
    for field, value in shown["values"].items():
        confirmed = value["confirmed_at"].date().isoformat() if value["confirmed_at"] else "-"
        values.add_row(field, value["printed"], value["since"] or "-", value["from"], confirmed)
    for field in shown["forgotten"]:
        values.add_row(field, "(no longer kept)", "-", "-", "-")
    if shown["hidden"]:
        console.print(f"  Not told: {', '.join(shown['hidden'])}", markup=False)
    history = table("What was said", "learned", "field", "kind", "from", "until", "by", "matched by")
    for fact in shown["history"]:
        matched = " ".join(str(part) for part in (fact["rule"], fact["weight"]) if part is not None)
        learned = fact["learned_at"].isoformat(" ", "minutes")
        dates = (fact["from"] or "-", fact["until"] or "-")
        kind = f"{fact['kind']}, undone" if fact["undone"] else fact["kind"]
        history.add_row(learned, fact["field"], kind, *dates, fact["origin"], matched or "-")
    console.print("", values, "", history)


def _print_reasons(told: list[tuple[StoredFact, Candidate | None]], language: Language) -> None:
    """Print why each change that was weighed was taken to be about the customer, once for all its facts."""
    console, changes = out(), set()
    for stored, candidate in told:
        held = stored.held
        if candidate is None or (held.origin, held.event) in changes:
            continue
        changes.add((held.origin, held.event))
        learned = held.learned_at.isoformat(" ", "minutes")
        by = f", decided by {stored.provenance.decided_by}" if stored.provenance.decided_by else ""
        console.print(f"\nWhy {held.origin}'s change of {learned} was matched{by}:", markup=False)
        print_waterfall(console, candidate, language, scale_of(candidate))
