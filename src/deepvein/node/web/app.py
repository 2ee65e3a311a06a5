"""The HTTP application: its parts are routers, one file each, listed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from deepvein._version import __version__
from deepvein.node.readiness import Look
from deepvein.node.web import (
    dashboard,
    events,
    health,
    interface,
    pages,
    reviews,
    sessions,
    studies,
    worklist,
)
from deepvein.node.web.answers import unfit
from deepvein.node.web.headers import SecurityHeaders
from deepvein.node.web.limits import BodyLimit

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.settings import NodeSettings


def create_app(settings: NodeSettings, database: Database) -> FastAPI:
    """The application of a node; both are found again in `request.app.state`.

    Its own description (OpenAPI) is for those who are logged in: it would tell strangers what there is.
    """
    app = FastAPI(
        title="deepvein",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.look = Look(database, settings.folder)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    for part in (health, sessions, worklist, studies, reviews, dashboard, events, interface, pages):
        app.include_router(part.router)
    return app
