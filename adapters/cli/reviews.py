"""Commands about uncertain matches that wait for a person."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from adapters.cli.output import account, out, print_json, table
from adapters.cli.service import Call, Json
from sync.matching.explain import describe
from sync.model import Candidate, Customer
from sync.model.codec import change_to_plain, values_to_plain
from sync.parts import Parts
from sync.ports.store import Review
from sync.reviewing import decide_review


class Decision(StrEnum):
    """What a person says of a review."""

    SAME = "same"
    DIFFERENT = "different"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    review = typer.Typer(no_args_is_help=True, help="Uncertain matches that wait for a person.")
    review.command("list")(list_)
    review.command()(show)
    review.command()(decide)
    app.add_typer(review, name="review")


def list_(context: typer.Context, json: Json = False) -> None:
    """List the open reviews."""
    call: Call = context.obj
    with call.program.open(call.config) as parts, parts.store.snapshot() as work:
        reviews = work.reviews()
        customers = work.customers(review.best.customer_id for review in reviews)
    rows = [_row(review, customers.get(review.best.customer_id)) for review in reviews]
    if json:
        for row in rows:
            print_json(row)
        return
    shown = table("Open reviews", "id", "feed", "customer", "weight", "why", "expires")
    for row in rows:
        expires = row["expires_at"].date().isoformat()
        shown.add_row(str(row["id"]), row["feed"], row["customer"], f"{row['weight']:.1f}", row["reason"], expires)
    out().print(shown)


def show(context: typer.Context, review_id: Annotated[int, typer.Argument(metavar="ID")], json: Json = False) -> None:
    """Show one review: what was said, about whom it could be, and the evidence for and against."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        review, customers = _with_customers(parts, review_id)
    best, runner_up = review.best, review.runner_up
    shown = _row(review, customers.get(best.customer_id)) | {
        "state": review.state.value,
        "change": change_to_plain(review.change) if review.change else None,
        "candidate": _candidate(best, customers.get(best.customer_id)),
        "runner_up": _candidate(runner_up, customers.get(runner_up.customer_id)) if runner_up else None,
    }
    if json:
        print_json(shown)
        return
    console = out()
    console.print(f"Review {review.id}: {review.state.value} ({review.reason})", markup=False)
    for title, plain, candidate in (
        ("Could be", shown["candidate"], best),
        ("Runner-up", shown["runner_up"], runner_up),
    ):
        if candidate is None or plain is None:
            continue
        console.print(f"\n{title}: {plain['customer']}, weight {candidate.weight:.1f} bits", markup=False)
        console.print_json(data=plain["values"])
        for line in describe(candidate, "en"):
            console.print(f"  {line}", markup=False)
    if shown["change"] is not None:
        console.print("\nWhat was said:")
        console.print_json(data=shown["change"])


def decide(
    context: typer.Context,
    review_id: Annotated[int, typer.Argument(metavar="ID")],
    decision: Annotated[Decision, typer.Argument(help="Is it the same person?")],
    reason: Annotated[str, typer.Option(help="Why; kept in the trail.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; your account's name where it is not given.")] = None,
    json: Json = False,
) -> None:
    """Decide a review. The first decision stands; a second one is told so."""
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        name = by or account()
        outcome = decide_review(parts, review_id, same=decision is Decision.SAME, by=name, reason=reason)
    if json:
        print_json({"review": review_id, "outcome": outcome.value})
    else:
        out().print(f"Review {review_id}: {decision.value}; the change is now {outcome.value}.")


def _with_customers(parts: Parts, review_id: int) -> tuple[Review, dict[int, Customer]]:
    with parts.store.snapshot() as work:
        review = work.review(review_id)
        ids = [review.best.customer_id] + ([review.runner_up.customer_id] if review.runner_up else [])
        return review, work.customers(ids)


def _row(review: Review, customer: Customer | None) -> dict[str, Any]:
    return {
        "id": review.id,
        "feed": review.feed,
        "customer": f"{customer.register}:{customer.key}" if customer else "gone",
        "weight": round(review.best.weight, 2),
        "reason": review.reason,
        "opened_at": review.opened_at,
        "expires_at": review.expires_at,
    }


def _candidate(candidate: Candidate, customer: Customer | None) -> dict[str, Any]:
    return {
        "customer": f"{customer.register}:{customer.key}" if customer else "gone",
        "values": values_to_plain(customer.values) if customer else {},
        "evidence": [[e.comparison, e.level, round(e.bits, 2)] for e in candidate.evidence],
    }
