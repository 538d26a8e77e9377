"""Faults to switch on: what providers do to those who depend on them.

Off by default. `POST /sandbox/faults {"too_many": 0.1, "cut": 0.05}` switches them on while a server runs; each rate is
the share of answers that it happens to. With the same seed and the same requests, the same faults happen.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATH = "/sandbox/faults"
_OWN_PATHS = "/sandbox/"
_CHANCE_OF_A_SECOND_COPY = 0.3
_TOO_MANY, _ERROR, _OK = 429, 500, 200

Items = list[Any]
Split = Callable[[bytes], tuple[Items, Callable[[Items], bytes]] | None]
"""Takes a body apart into its items, and gives what puts them together again; None for a body without items."""


@dataclass(slots=True)
class Faults:
    """How often what goes wrong, 0 to 1.

    Attributes:
        too_many: answered 429 with `Retry-After: 1`.
        error: answered 500.
        cut: the body ends in the middle: with the connection, or looking whole.
        duplicate: some items of the page come twice.
        reorder: the items of the page come in another order.
        seed: of chance; setting it begins the row of faults anew.
    """

    too_many: float = 0.0
    error: float = 0.0
    cut: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    seed: int = 1
    rng: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed} faults")

    def set(self, wanted: dict[str, Any]) -> None:
        """Set what is named, leave the rest; a new seed begins anew.

        Raises:
            ValueError: an unknown name, a rate outside 0 to 1, a seed that is no whole number. Then nothing is set.
        """
        names = {each.name for each in fields(self)} - {"rng"}
        for name, value in wanted.items():
            whole = isinstance(value, int) and not isinstance(value, bool)
            rate = (whole or isinstance(value, float)) and 0 <= value <= 1
            if name not in names or not (whole if name == "seed" else rate):
                raise ValueError("faults are rates between 0 and 1, and a seed")
        for name, value in wanted.items():
            setattr(self, name, value)
        if "seed" in wanted:
            self.rng = random.Random(f"{self.seed} faults")

    def told(self) -> dict[str, Any]:
        """Return what is set."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "rng"}

    def strikes(self, rate: float) -> bool:
        """Draw whether a fault of that rate happens now."""
        return rate > 0 and self.rng.random() < rate


class FaultMiddleware:
    """Lets faults happen to an application's answers. Its own paths below `/sandbox/` are spared."""

    def __init__(self, app: ASGIApp, *, faults: Faults, split: Split) -> None:
        """Wrap the application.

        Args:
            app: the application.
            faults: what happens how often.
            split: takes its bodies apart.
        """
        self._app = app
        self._faults = faults
        self._split = split

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == _PATH:
            await self._set(receive, send)
        elif scope["path"].startswith(_OWN_PATHS):
            await self._app(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = self._faults
        if faults.strikes(faults.too_many):
            await _send(send, _TOO_MANY, b"{}", [(b"retry-after", b"1")])
            return
        if faults.strikes(faults.error):
            await _send(send, _ERROR, b'{"virhe": "sandbox_fault"}')
            return
        start, body = await _whole_answer(self._app, scope, receive)
        if start["status"] == _OK:
            body = self._shuffled(body)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        if start["status"] == _OK and len(body) > 1 and faults.strikes(faults.cut):
            await self._cut(send, start["status"], body, headers)
        else:
            await _send(send, start["status"], body, headers)

    def _shuffled(self, body: bytes) -> bytes:
        faults = self._faults
        twice, mixed = faults.strikes(faults.duplicate), faults.strikes(faults.reorder)
        parts = self._split(body) if twice or mixed else None
        if parts is None:
            return body
        items, join = parts
        if twice and items:
            again = [item for item in items if faults.rng.random() < _CHANCE_OF_A_SECOND_COPY]
            items = items + (again or [faults.rng.choice(items)])
        if mixed:
            faults.rng.shuffle(items)
        return join(items)

    async def _cut(self, send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """Send a part: every other time it is declared to be the whole."""
        part = body[: self._faults.rng.randint(1, len(body) - 1)]
        if self._faults.rng.random() < 0.5:
            await _send(send, status, part, headers)
            return
        whole = [*headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": whole})
        await send({"type": "http.response.body", "body": part, "more_body": True})
        # Ending here without the rest makes the server drop the connection.

    async def _set(self, receive: Receive, send: Send) -> None:
        body = await _request_body(receive)
        try:
            self._faults.set(json.loads(body) if body else {})
        except (ValueError, AttributeError, TypeError):
            await _send(send, 400, b'{"virhe": "faults_are_rates_and_a_seed"}')
            return
        await _send(send, _OK, json.dumps(self._faults.told()).encode())


async def _request_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _whole_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    kept = [(name, value) for name, value in headers or [] if name.lower() != b"content-length"]
    if not any(name.lower() == b"content-type" for name, _ in kept):
        kept.append((b"content-type", b"application/json"))
    kept.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})


def split_dvv(body: bytes) -> tuple[Items, Callable[[Items], bytes]] | None:
    """Take an answer of `/muutokset` apart."""
    answer = json.loads(body)
    if not isinstance(answer, dict) or "muutokset" not in answer:
        return None
    return answer["muutokset"], lambda items: json.dumps(answer | {"muutokset": items}, ensure_ascii=False).encode()


def split_lines(body: bytes) -> tuple[Items, Callable[[Items], bytes]] | None:
    """Take a page of lines apart; its last line counts the others, and goes on counting right."""
    lines = body.splitlines()
    end = json.loads(lines[-1]) if lines else {}
    if not isinstance(end, dict) or end.get("type") != "end":
        return None

    def join(items: Items) -> bytes:
        last = json.dumps(end | {"count": len(items)}).encode()
        return b"".join(line + b"\n" for line in [*items, last])

    return list(lines[:-1]), join
