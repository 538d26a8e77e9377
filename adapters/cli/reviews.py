"""Commands about uncertain matches that wait for a person."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.explaining import Words, print_waterfall, scale_of
from adapters.cli.output import Exit, account, err, out, print_json, reader, table
from adapters.cli.service import Call, Json
from sync.matching.explain import candidate_as_data, say_limits, say_reason, waterfall, why_not, without_location
from sync.model import Candidate, Customer
from sync.model.address import Language
from sync.model.codec import change_to_plain, values_to_plain
from sync.parts import Parts
from sync.ports.store import Review
from sync.recalling import note_reading
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


def show(
    context: typer.Context,
    review_id: Annotated[int, typer.Argument(metavar="ID")],
    language: Words = "en",
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the evidence as a picture.")] = None,
    json: Json = False,
) -> int:
    """Show one review: what was said, about whom it could be, the evidence for and against, and why not the runner-up.

    Values are shown, since nobody could decide without them; the reading is noted of each customer.
    """
    call: Call = context.obj
    with call.program.open(call.config) as parts:
        review, customers = _with_customers(parts, review_id)
        for customer in customers.values():
            note_reading(parts, customer.register, customer.id, reader(), revealed=True)
        apply, review_from = parts.model.thresholds.apply_bits, parts.model.thresholds.review_bits
    if svg is not None:
        picture = waterfall(review.best, language, apply=apply, review=review_from, runner_up=review.runner_up)
        try:
            svg.write_text(picture, "utf-8")
        except OSError as error:
            err().print(f"{svg} cannot be written: {error.strerror}", markup=False)
            return Exit.FAILED
    shown = _plain(review, customers, language)
    if json:
        print_json(shown | {"thresholds": {"apply": apply, "review": review_from}})
    else:
        _print(review, shown, language)
        out().print("\n" + ", ".join(text for _, text in say_limits(apply, review_from, language)), markup=False)
    return Exit.OK


def _plain(review: Review, customers: dict[int, Customer], language: Language) -> dict[str, Any]:
    best, runner_up = review.best, review.runner_up
    return _row(review, customers.get(best.customer_id)) | {
        "state": review.state.value,
        "reason_words": say_reason(review.reason, language),
        "change": change_to_plain(review.change) if review.change else None,
        "candidate": _candidate(best, customers.get(best.customer_id), language),
        "runner_up": _candidate(runner_up, customers.get(runner_up.customer_id), language) if runner_up else None,
        "why_not_runner_up": list(why_not(best, runner_up, language)),
    }


def _print(review: Review, shown: dict[str, Any], language: Language) -> None:
    console, scale = out(), scale_of(review.best, review.runner_up)
    console.print(f"Review {review.id}: {review.state.value} ({review.reason})", markup=False)
    console.print(say_reason(review.reason, language), markup=False)
    for title, plain, candidate in (
        ("Could be", shown["candidate"], review.best),
        ("Runner-up", shown["runner_up"], review.runner_up),
    ):
        if candidate is None or plain is None:
            continue
        console.print(f"\n{title}: {plain['customer']}", style="bold", markup=False)
        console.print_json(data=plain["values"])
        print_waterfall(console, candidate, language, scale)
    if shown["why_not_runner_up"]:
        console.print("\nWhy not the runner-up:", style="bold")
        for line in shown["why_not_runner_up"]:
            console.print(f"  {line}", markup=False)
    if shown["change"] is not None:
        console.print("\nWhat was said:", style="bold")
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
    """Read a review with its customers; of one who is protected by now nothing is told about places (P7)."""
    with parts.store.snapshot() as work:
        review = work.review(review_id)
        ids = [review.best.customer_id] + ([review.runner_up.customer_id] if review.runner_up else [])
        customers = work.customers(ids)
    if any(customer.protected for customer in customers.values()):
        runner_up = without_location(review.runner_up) if review.runner_up else None
        review = replace(review, best=without_location(review.best), runner_up=runner_up)
    return review, customers


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


def _candidate(candidate: Candidate, customer: Customer | None, language: Language) -> dict[str, Any]:
    return {
        "customer": f"{customer.register}:{customer.key}" if customer else "gone",
        "values": values_to_plain(customer.values) if customer else {},
        **candidate_as_data(candidate, language),
    }
