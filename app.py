"""The server: Streamlit over ``pages/main.py``, with the state opened and migrated first, and a health route.

Start it with ``streamlit run app.py``; ``uvicorn app:app`` serves the same.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parent))  # pages import `kpi_core` and `pages` whatever the working folder

from kpi_core.errors import KpiError
from kpi_core.store.keeping import kept_open
from kpi_core.store.state import State
from pages.components.browser import BrowserCookie
from pages.components.callbacks import finish_callbacks
from pages.components.deliveries import deliver_everything
from pages.components.left_pages import hear_left_pages
from pages.components.rerun_cost import spend_less_on_reruns
from pages.components.warm_up import warm_up_for_the_first
from pages.gate.database import database
from pages.gate.gate import Gate
from pages.gate.join_routes import routes as join_routes
from pages.gate.media import watch_downloads

log = logging.getLogger("kpi_workshop")
#: The collector looks for circles after so many new objects; after 700, as it does by itself, several times a rerun.
_SELDOM = (20_000, 20, 20)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Open the state before anyone is served, so that a wrong or newer one stops the start with its reason.

    It stays open, and connections of the pages are kept for the next run.
    """
    with kept_open(database()), State.open(database()) as state:
        log.info("state: %s", state.path)
        watch_downloads()
        finish_callbacks()
        deliver_everything()
        hear_left_pages()
        spend_less_on_reruns()
        gc.collect()
        gc.freeze()  # what is imported lives as long as the process: the collector need not walk it on every rerun
        gc.set_threshold(*_SELDOM)
        warm_up_for_the_first()
        yield


async def healthz(request: Request) -> JSONResponse:
    """200 while the state can be opened; unknown paths answer 200 with the app's page, so health needs its own."""
    try:
        with State.open(database()):
            return JSONResponse({"status": "ok"})
    except KpiError as error:
        return JSONResponse({"status": "failed", "code": error.code}, status_code=503)


def show_trouble(error: Exception) -> bool:
    """What a page shows when it failed; it knows the session, so it is loaded with the pages."""
    from pages.components import trouble

    return trouble.show_trouble(error)


app = st.App(
    Path(__file__).parent / "pages" / "main.py",
    lifespan=lifespan,
    routes=[Route("/healthz", healthz), *join_routes],
    middleware=[Middleware(Gate), Middleware(BrowserCookie)],
    on_script_error=show_trouble,
)
