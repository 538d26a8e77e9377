"""The desk's page: sign in, type a customer number, read one line per field.

Works without JavaScript: each form posts and gets a whole page. With it, htmx posts the same forms and gets fragments.
A customer number is only ever posted, so that no URL, history or log holds one.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from adapters.web.asking import Asking
from adapters.web.card import card
from adapters.web.forms import read_form
from adapters.web.guard import same_origin
from adapters.web.languages import LANGUAGES, is_language
from adapters.web.sessions import Sessions
from adapters.web.settings import Readers
from adapters.web.words import WORDS
from sync.errors import StoreUnavailable
from sync.model import Field
from sync.model.address import Language

_log = structlog.get_logger()
_SESSION = "ajantasa_session"
_LANGUAGE = "ajantasa_language"
_A_YEAR_SECONDS = 365 * 24 * 3600
POSTED = ("/sign-in", "/sign-out", "/language", "/customer", "/reveal")


class Page:
    """Renders the page, and knows who looks at it.

    Args:
        asking: the desk.
        readers: the tokens that open it.
        sessions: who is signed in.
        session_seconds: how long the browser keeps the session's cookie.
        language: until the reader picks one.
    """

    def __init__(
        self, asking: Asking, readers: Readers, sessions: Sessions, *, session_seconds: int, language: Language
    ) -> None:
        self._asking = asking
        self._readers = readers
        self._sessions = sessions
        self._session_seconds = session_seconds
        self._language = language
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def home(self, request: Request) -> Response:
        """Show the search box, or the way in."""
        return self._render("desk.html" if self._reader(request) else "sign_in.html", request)

    async def sign_in(self, request: Request) -> Response:
        """Take the token and begin a session."""
        if not same_origin(request.headers):
            return self._foreign(request)
        reader = self._readers.find((await read_form(request)).get("token", ""))
        if reader is None:
            _log.warning("desk_sign_in_refused")
            return self._render("sign_in.html", request, status=HTTPStatus.UNAUTHORIZED, refused=True)
        _log.info("desk_signed_in", reader=reader)
        self._sessions.end(request.cookies.get(_SESSION))
        response = _go_home()
        self._set_cookie(request, response, _SESSION, self._sessions.begin(reader), self._session_seconds)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        if not same_origin(request.headers):
            return self._foreign(request)
        self._sessions.end(request.cookies.get(_SESSION))
        response = _go_home()
        response.delete_cookie(_SESSION, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return response

    async def language(self, request: Request) -> Response:
        """Change the language, and show the same customer again."""
        if not same_origin(request.headers):
            return self._foreign(request)
        form = await read_form(request)
        chosen = form.get("lang")
        language = chosen if is_language(chosen) else self._language_of(request)
        reader = self._reader(request)
        if reader and form.get("key"):
            response = await self._customer(request, form, reader, language=language)
        else:
            response = _go_home()
        self._set_cookie(request, response, _LANGUAGE, language, _A_YEAR_SECONDS)
        return response

    async def customer(self, request: Request) -> Response:
        """Look a customer up, with no value of theirs."""
        return await self._look_up(request, reveal=False)

    async def reveal(self, request: Request) -> Response:
        """Look a customer up, with the value of one field."""
        return await self._look_up(request, reveal=True)

    async def _look_up(self, request: Request, *, reveal: bool) -> Response:
        if not same_origin(request.headers):
            return self._foreign(request)
        form = await read_form(request)
        reader = self._reader(request)
        if reader is None:
            return _sign_in_again(request)
        revealed = _field(form.get("field")) if reveal else None
        return await self._customer(request, form, reader, language=self._language_of(request), revealed=revealed)

    async def _customer(
        self,
        request: Request,
        form: Mapping[str, str],
        reader: str,
        *,
        language: Language,
        revealed: Field | None = None,
    ) -> Response:
        register, key = form.get("register", ""), form.get("key", "")
        shown: dict[str, Any] = {"language": language, "register": register, "key": key, "revealed": revealed}
        try:
            found = (
                await self._asking.status(register, key, reader=reader, reveal=revealed is not None) if key else None
            )
        except StoreUnavailable:
            return self._render_result(request, status=HTTPStatus.SERVICE_UNAVAILABLE, unavailable=True, **shown)
        if found is None:
            return self._render_result(request, unknown=bool(key), **shown)
        return self._render_result(request, card=card(found, language, revealed=revealed), **shown)

    def _render_result(self, request: Request, **shown: Any) -> Response:
        if "hx-request" not in request.headers:
            return self._render("desk.html", request, **shown)
        return self._render("value.html" if shown["revealed"] else "result.html", request, **shown)

    def _render(
        self,
        template: str,
        request: Request,
        *,
        status: int = HTTPStatus.OK,
        language: Language | None = None,
        **shown: Any,
    ) -> Response:
        language = language or self._language_of(request)
        shown = {"card": None, "register": "", "key": "", "revealed": None} | shown
        text = self._templates.get_template(template).render(
            language=language,
            languages=LANGUAGES,
            words=WORDS[language],
            registers=self._asking.registers,
            signed_in=self._reader(request) is not None,
            unknown=shown.pop("unknown", False),
            unavailable=shown.pop("unavailable", False),
            refused=shown.pop("refused", False),
            **shown,
        )
        return HTMLResponse(text, status_code=status, headers={"Content-Language": language, "Vary": "HX-Request"})

    def _foreign(self, request: Request) -> Response:
        text = self._templates.get_template("foreign.html").render(
            language=self._language_of(request), words=WORDS[self._language_of(request)]
        )
        return HTMLResponse(text, status_code=HTTPStatus.FORBIDDEN)

    def _reader(self, request: Request) -> str | None:
        return self._sessions.reader(request.cookies.get(_SESSION))

    def _language_of(self, request: Request) -> Language:
        chosen = request.cookies.get(_LANGUAGE)
        return chosen if is_language(chosen) else self._language

    def _set_cookie(self, request: Request, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )


def page_routes(page: Page) -> APIRouter:
    """Return the page's routes. A posted address that is opened or reloaded by hand leads home."""
    routes = APIRouter()
    routes.add_api_route("/", page.home, methods=["GET"])
    for path, handler in zip(
        POSTED, (page.sign_in, page.sign_out, page.language, page.customer, page.reveal), strict=True
    ):
        routes.add_api_route(path, handler, methods=["POST"])
        routes.add_api_route(path, _go_home, methods=["GET"])
    return routes


def _go_home() -> Response:
    return RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)


def _sign_in_again(request: Request) -> Response:
    """Lead back to the way in; htmx would follow a redirect silently, and is told by a header."""
    if "hx-request" in request.headers:
        return Response(headers={"HX-Redirect": "/"})
    return _go_home()


def _field(name: str | None) -> Field | None:
    return Field(name) if name in set(Field) else None
