"""What holds for every answer: under which names the desk is addressed, and what a browser may do with it."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
"""Probed under whatever name the machine has; they hold no personal value."""

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Middleware: refuses a foreign Host header and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        self._app = app
        self._allowed = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                # Static files hold nothing personal, but must follow an upgrade at once.
                headers["Cache-Control"] = "no-cache" if path.startswith("/static/") else "no-store"
            await send(message)

        known = path in OPEN_PATHS or self._addressed_rightly(Headers(scope=scope))
        app = self._app if known else PlainTextResponse("This host name is not in allowed_hosts.", status_code=400)
        await app(scope, receive, send_guarded)

    def _addressed_rightly(self, headers: Headers) -> bool:
        """Tell whether the Host header is one of ours: stops DNS rebinding."""
        if "*" in self._allowed:
            return True
        try:
            name = urlsplit(f"//{headers.get('host', '')}").hostname
        except ValueError:
            return False
        return name in self._allowed


def same_origin(headers: Headers) -> bool:
    """Tell whether a POST comes from our own page.

    Browsers say so in Sec-Fetch-Site over https and on localhost. Elsewhere the Origin has to name our host; with our
    own `Referrer-Policy: no-referrer` a plain form then sends the origin `null`, which is refused: such a desk
    needs https in front of it.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    host = headers.get("host")
    return bool(host) and urlsplit(headers.get("origin", "")).netloc == host
