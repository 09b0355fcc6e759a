"""The gate in front of Streamlit: pages, sessions, uploads and media are for the owner and for who joined, nobody else.

It refuses by default: what is open to everyone is listed. What someone may do inside is the services' to say.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from pages.gate.identity import HEADER, OWNER, mark_of
from pages.gate.media import file_of, holder, is_shown_to
from pages.gate.sockets import Sockets

#: Open to everyone: joining, and whether the server lives.
_OPEN = ("/join", "/healthz", "/_stcore/health")
#: Streamlit's own doors that someone who joined needs; the others (figures of the server …) are the owner's.
_CORE = ("/_stcore/stream", "/_stcore/host-config", "/_stcore/upload_file/", "/_stcore/bidi-components/")
_UPLOAD, _MEDIA = "/_stcore/upload_file/", "/media/"


class Gate:
    """ASGI middleware; the first of all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._sockets = Sockets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = _path(scope)
        if scope["type"] == "http" and any(path == one or path.startswith(f"{one}/") for one in _OPEN):
            await self._app(_marked(scope, None), receive, send)
            return
        mark = await run_in_threadpool(mark_of, scope)
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, mark)
        elif mark is None:
            answer = await run_in_threadpool(_refusal, scope)  # the page for it loads with its first use
            await answer(scope, receive, send)
        elif mark != OWNER and not _is_theirs(path, mark):
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        else:
            await self._app(_marked(scope, mark), receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, mark: str | None) -> None:
        if mark is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif mark == OWNER:
            await self._app(_marked(scope, mark), receive, send)
        else:
            await self._sockets.serve(self._app, _marked(scope, mark), receive, send, mark)


def _path(scope: Scope) -> str:
    """The path below the app's base, as Streamlit's routes see it."""
    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    path: str = scope["path"]
    return path.removeprefix(f"/{base}") if base else path


def _marked(scope: Scope, mark: str | None) -> Scope:
    """The request with the gate's word on it, and never one that a browser put there."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != HEADER.encode()]
    if mark is not None:
        headers.append((HEADER.encode(), mark.encode()))
    return {**scope, "headers": headers}


def _refusal(scope: Scope) -> Response:
    """A page for people, a word for programs."""
    if "text/html" in Headers(scope=scope).get("accept", ""):
        from pages.gate.join_page import refused_page

        return refused_page(scope)
    return PlainTextResponse("Forbidden", 403)


def _is_theirs(path: str, mark: str) -> bool:
    """Whether someone who joined may ask for this: an upload into their own session, a file shown in one of those."""
    if path.startswith(_UPLOAD):
        return holder(path.removeprefix(_UPLOAD).split("/")[0]) == mark
    if path.startswith(_MEDIA):
        return is_shown_to(file_of(path), mark)
    return not path.startswith("/_stcore") or path.startswith(_CORE)
