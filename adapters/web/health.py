"""/livez, /readyz and /metrics: for supervisors, load balancers and Prometheus. They need no token."""

from collections.abc import Callable, Mapping
from typing import Protocol

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

_log = structlog.get_logger()


class Health(Protocol):
    """What the daemon knows of itself. Names of checks are snake_case and hold no personal value."""

    @property
    def registry(self) -> CollectorRegistry:
        """Return where the daemon's metrics are."""
        ...

    def alive(self) -> Mapping[str, bool]:
        """Return the checks that only a restart mends, by name."""
        ...

    def ready(self) -> Mapping[str, bool]:
        """Return the checks without which the desk cannot be answered, by name."""
        ...


def health_routes(health: Health) -> APIRouter:
    """Return the three endpoints."""
    routes = APIRouter()

    @routes.get("/livez")
    async def livez() -> Response:
        return await _report(health.alive)

    @routes.get("/readyz")
    async def readyz() -> Response:
        return await _report(health.ready)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(await run_in_threadpool(encode, health.registry), media_type=content_type)

    return routes


async def _report(checks: Callable[[], Mapping[str, bool]]) -> Response:
    try:
        results = dict(await run_in_threadpool(checks))
    except Exception as error:  # noqa: BLE001 - a check that cannot even be made is a failed check, not a traceback
        _log.warning("health_check_failed", error=type(error).__name__)
        results = {"checks_answer": False}
    ok = all(results.values())
    return JSONResponse({"ok": ok, "checks": results}, status_code=200 if ok else 503)
