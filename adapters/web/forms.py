"""Reading the page's small forms, whose fields must never stand in a URL."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

_MOST_BYTES = 4096
_MOST_FIELDS = 10


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a posted form, stripped; the last of a name counts.

    Raises:
        HTTPException: 413 or 400, repeating nothing of the form.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:  # UnicodeDecodeError is one too
        raise HTTPException(HTTPStatus.BAD_REQUEST, "Not a form.") from None
    return {name: value.strip() for name, value in pairs}
