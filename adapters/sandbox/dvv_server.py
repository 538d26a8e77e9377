"""The population register's change API as a web application."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.sandbox.clock import SandboxClock
from adapters.sandbox.dvv_register import DvvRegister
from adapters.sandbox.population import Population
from adapters.sandbox.requests import Refusal, answer_refusal, body_of, clock_route

PASSWORD = "hiekkalaatikko"  # noqa: S105 - of accounts to made-up people
_LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Account:
    """Who may ask.

    Attributes:
        password: for HTTP Basic.
        withholds: is not told where protected persons are.
    """

    password: str
    withholds: bool


ACCOUNTS: Mapping[str, Account] = {"mutpT1": Account(PASSWORD, False), "mutpT1x": Account(PASSWORD, True)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the API takes.

    Attributes:
        base_data: how many people one `/perustiedot` may ask for.
        over_limit: status of the answer when it asks for more.
    """

    base_data: int = 1000
    over_limit: int = 400


def dvv_app(
    population: Population,
    clock: SandboxClock,
    *,
    page_size: int = 500,
    accounts: Mapping[str, Account] = ACCOUNTS,
    limits: Limits | None = None,
) -> Starlette:
    """Make the application: `/api/v1/…`, and `/sandbox/now` to set the clock.

    Args:
        population: whom it tells of.
        clock: what is recorded later than now is not told yet.
        page_size: how many entries of the log one answer of `/muutokset` goes through.
        accounts: by user name.
        limits: what it takes; the known limits by default.
    """
    api = _Api(DvvRegister(population, clock, page_size), accounts, limits or Limits())
    routes = [
        Route("/api/v1/kirjausavain/{day}", api.key, methods=["GET"]),
        Route("/api/v1/muutokset", api.changes, methods=["POST"]),
        Route("/api/v1/perustiedot", api.base, methods=["POST"]),
        clock_route(clock),
    ]
    return Starlette(routes=routes, exception_handlers={Refusal: answer_refusal})


@dataclass(frozen=True, slots=True)
class _Api:
    register: DvvRegister
    accounts: Mapping[str, Account]
    limits: Limits

    async def key(self, request: Request) -> Response:
        self._account(request)
        day = request.path_params["day"]
        with suppress(ValueError):
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
                return JSONResponse({"viimeisinKirjausavain": self.register.key_before(date.fromisoformat(day))})
        raise Refusal(400, "no_such_day")

    async def changes(self, request: Request) -> Response:
        account = self._account(request)
        body = await body_of(request)
        _only(body, "viimeisinKirjausavain", "hetulista")
        key = body.get("viimeisinKirjausavain")
        if isinstance(key, bool) or not isinstance(key, int) or not 0 <= key <= _LARGEST_KEY:
            raise Refusal(400, "viimeisinKirjausavain_is_no_key")
        return JSONResponse(self.register.changes(key, _texts(body, "hetulista"), withhold=account.withholds))

    async def base(self, request: Request) -> Response:
        account = self._account(request)
        body = await body_of(request)
        _only(body, "hetulista", "tietoryhmat")
        ids = _texts(body, "hetulista")
        if len(ids) > self.limits.base_data:
            raise Refusal(self.limits.over_limit, "too_many_persons")
        wanted = frozenset(_texts(body, "tietoryhmat")) if "tietoryhmat" in body else None
        return JSONResponse(self.register.base(ids, wanted, withhold=account.withholds))

    def _account(self, request: Request) -> Account:
        """Find out who asks; a gateway may have moved the credentials into a header of another name."""
        header = request.headers.get("x-authorization") or request.headers.get("authorization") or ""
        scheme, _, encoded = header.partition(" ")
        with suppress(binascii.Error, UnicodeDecodeError):
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
            account = self.accounts.get(user)
            known = account.password if account else ""
            right = hmac.compare_digest(known.encode(), password.encode())
            if account and right and scheme.lower() == "basic":
                return account
        raise Refusal(401, "credentials_refused", {"WWW-Authenticate": 'Basic realm="mutp"'})


def _only(body: dict[str, Any], *keys: str) -> None:
    if body.keys() - set(keys):
        raise Refusal(400, "unknown_key")


def _texts(body: dict[str, Any], key: str) -> list[str]:
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refusal(400, f"{key}_is_no_list_of_texts")
    return found
