"""Errors of the API as RFC 9457 problem details. They repeat nothing of the request."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sync.errors import StoreUnavailable


def problem(status: int, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    """Return a problem of the blank type, which says no more than the status and the detail."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def add_problem_handlers(app: FastAPI) -> None:
    """Let every error outside the page answer with a problem."""

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        detail = "" if error.detail == HTTPStatus(error.status_code).phrase else error.detail
        return problem(error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def unreadable(_request: Request, error: RequestValidationError) -> Response:
        names = ", ".join(sorted({str(item["loc"][-1]) for item in error.errors()}))
        return problem(HTTPStatus.BAD_REQUEST, f"Not acceptable: {names}.")

    @app.exception_handler(StoreUnavailable)
    async def unavailable(_request: Request, _error: StoreUnavailable) -> Response:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The status is not available now.", {"Retry-After": "5"})
