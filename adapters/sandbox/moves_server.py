"""The postal operator's change-of-address feed as a web application."""

import base64
import binascii
import hmac
import re
from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.providers.moves.wire import FORMAT, End, written
from adapters.sandbox.clock import SandboxClock
from adapters.sandbox.moves_lines import Line, joined, lines_of
from adapters.sandbox.population import Population
from adapters.sandbox.requests import Refusal, answer_refusal, clock_route

TOKEN = "muuttoposti"  # noqa: S105 - opens nothing but notices of made-up people
_LARGEST_PAGE = 10_000
_USUAL_PAGE = 500
_MEDIA_TYPE = "application/x-ndjson"


def moves_app(
    population: Population, clock: SandboxClock, *, token: str = TOKEN, keeps: timedelta | None = None
) -> Starlette:
    """Make the application: `/v1/cursor`, `/v1/moves`, and `/sandbox/now` to set the clock.

    Args:
        population: whose notices it tells of.
        clock: what is registered later than now is not told yet.
        token: the bearer token to ask with.
        keeps: how long notices are kept; a cursor older than that is answered 410. None keeps them for ever.
    """
    api = _Api(lines_of(population), clock, token, keeps)
    routes = [
        Route("/v1/cursor", api.cursor, methods=["GET"]),
        Route("/v1/moves", api.moves, methods=["GET"]),
        clock_route(clock),
    ]
    return Starlette(routes=routes, exception_handlers={Refusal: answer_refusal})


@dataclass(frozen=True, slots=True)
class _Api:
    lines: tuple[Line, ...]
    clock: SandboxClock
    token: str
    keeps: timedelta | None

    async def cursor(self, request: Request) -> Response:
        self._check_token(request)
        since = request.query_params.get("since", "")
        with suppress(ValueError):
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", since):
                midnight = datetime.combine(date.fromisoformat(since), time(), UTC)
                first = bisect_left(self.lines, midnight, key=lambda line: line.registered)
                return JSONResponse({"cursor": _cursor(min(first, self._told()))})
        raise Refusal(400, "since_is_no_day")

    async def moves(self, request: Request) -> Response:
        self._check_token(request)
        after = _position(request.query_params.get("after", ""), len(self.lines))
        limit = _limit(request.query_params.get("limit"))
        if self.keeps is not None and after < bisect_left(
            self.lines, self.clock.now() - self.keeps, key=lambda line: line.registered
        ):
            raise Refusal(410, "cursor_too_old")
        told = max(after, self._told())
        page = self.lines[after : min(after + limit, told)]
        end = End(
            format=FORMAT,
            type="end",
            count=len(page),
            cursor=_cursor(after + len(page)),
            up_to_date=after + len(page) == told,
        )
        return Response(joined(page) + written(end), media_type=_MEDIA_TYPE)

    def _told(self) -> int:
        """Return how many lines are told by now."""
        return bisect_right(self.lines, self.clock.now(), key=lambda line: line.registered)

    def _check_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), self.token.encode()):
            raise Refusal(401, "token_refused", {"WWW-Authenticate": "Bearer"})


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"m1:{position}".encode()).decode()


def _position(cursor: str, count: int) -> int:
    with suppress(binascii.Error, UnicodeDecodeError, ValueError):
        version, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if version == "m1" and 0 <= int(number) <= count:
            return int(number)
    raise Refusal(410, "cursor_unknown")


def _limit(text: str | None) -> int:
    if text is None:
        return _USUAL_PAGE
    if re.fullmatch(r"\d{1,6}", text) and 1 <= int(text) <= _LARGEST_PAGE:
        return int(text)
    raise Refusal(400, "limit_is_out_of_range")
