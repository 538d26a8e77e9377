"""What the sandbox's servers share: reading questions, and setting the clock over HTTP."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.sandbox.clock import SandboxClock


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """The request is answered with an error.

    Attributes:
        status: of the answer.
        reason: code in snake_case.
        headers: of the answer.
    """

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


async def answer_refusal(_request: Request, refusal: Exception) -> Response:
    """Answer a refusal."""
    if not isinstance(refusal, Refusal):
        raise refusal
    return JSONResponse({"virhe": refusal.reason}, refusal.status, refusal.headers)


async def body_of(request: Request) -> dict[str, Any]:
    """Read a body that is a JSON object.

    Raises:
        Refusal: it is none.
    """
    with suppress(ValueError):
        body = json.loads(await request.body())
        if isinstance(body, dict):
            return body
    raise Refusal(400, "body_is_no_json_object")


def clock_route(clock: SandboxClock) -> Route:
    """Make the way to set the clock: `POST /sandbox/now {"at": "2026-11-21T12:00:00Z"}`, null to let it run."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            at = (await body_of(request)).get("at")
            try:
                clock.set(datetime.fromisoformat(at) if at is not None else None)
            except (ValueError, TypeError):
                raise Refusal(400, "at_is_no_moment_with_its_zone") from None
        return JSONResponse({"now": clock.now().isoformat()})

    return Route("/sandbox/now", endpoint, methods=["GET", "POST"])
