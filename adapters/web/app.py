"""Puts the desk's page, its API and the health endpoints together."""

from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from adapters.web.api import api_routes
from adapters.web.asking import Asking
from adapters.web.guard import Guard
from adapters.web.health import Health, health_routes
from adapters.web.page import Page, page_routes
from adapters.web.problems import add_problem_handlers
from adapters.web.sessions import Sessions
from adapters.web.settings import Readers, WebSettings
from sync.freshness.status import Desk

_SHUTDOWN_SECONDS = 5  # below the daemon's own deadline of ten


def create_app(desk: Desk, health: Health, settings: WebSettings) -> FastAPI:
    """Return the web application.

    Args:
        desk: answers the questions; called in worker threads, several at a time.
        health: of the daemon; its registry also takes the web's own metrics.
        settings: tokens, language, host names.

    Raises:
        ConfigurationInvalid: the token file cannot be used.
    """
    readers = Readers.load(settings)
    asking = Asking(desk, health.registry)
    session_seconds = int(settings.session_hours * 3600)
    page = Page(
        asking,
        readers,
        Sessions(session_seconds),
        session_seconds=session_seconds,
        language=settings.language,
    )
    app = FastAPI(title="ajantasa", docs_url=None, redoc_url=None, openapi_url=None)
    add_problem_handlers(app)
    app.include_router(health_routes(health))
    app.include_router(api_routes(asking, readers, settings.language))
    app.include_router(page_routes(page))
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.add_middleware(Guard, allowed_hosts=settings.allowed_hosts)
    return app


def create_server(app: FastAPI, settings: WebSettings) -> uvicorn.Server:
    """Return a server for the application: `run()` serves until `should_exit` is set.

    There is no access log: the API's paths hold customer numbers.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
    )
