"""The HTTP API: the same sentences for programs."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from adapters.web.asking import Asking
from adapters.web.card import printed, tell
from adapters.web.languages import preferred
from adapters.web.settings import Readers
from sync.freshness.sentences import advice
from sync.freshness.status import CustomerStatus, FieldStatus
from sync.model.address import Language


def api_routes(asking: Asking, readers: Readers, language: Language) -> APIRouter:
    """Return the API; `language` is for clients that name none."""
    routes = APIRouter(prefix="/api/v1")

    # `:path`, because a register's own keys may hold a slash.
    @routes.get("/registers/{register}/customers/{key:path}/status")
    async def status(
        request: Request,
        register: str,
        key: str,
        reader: Annotated[str, Depends(_bearer(readers))],
        lang: Annotated[Language | None, Query()] = None,
        reveal: Annotated[bool, Query()] = False,
    ) -> Response:
        found = await asking.status(register, key, reader=reader, reveal=reveal)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "No such register or customer.")
        spoken = lang or preferred(request.headers.get("accept-language", ""), language)
        body = _body(found, spoken, reveal=reveal)
        return JSONResponse(body, headers={"Content-Language": spoken, "Vary": "Accept-Language, Authorization"})

    return routes


def _bearer(readers: Readers) -> Callable[[Request], str]:
    def reader(request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = readers.find(token.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        return found

    return reader


def _body(status: CustomerStatus, language: Language, *, reveal: bool) -> dict[str, Any]:
    return {
        "register": status.register,
        "key": status.key,
        "asked_at": _utc(status.asked_at),
        "language": language,
        "fields": [_field(status, field, language, reveal=reveal) for field in status.fields],
    }


def _field(status: CustomerStatus, field: FieldStatus, language: Language, *, reveal: bool) -> dict[str, Any]:
    """Describe one field; `value` is there only when asked for: its printed lines, null when it may not be shown."""
    told = {
        "field": field.field,
        "state": field.state,
        "sentence": tell(status, field, language),
        "advice": advice(field, language),
        "confirmed_at": _utc(field.confirmed_at) if field.confirmed_at else None,
        "source": field.source,
        "day": field.day.isoformat() if field.day else None,
    }
    return told | {"value": printed(field, language) or None} if reveal else told


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
