"""Which browser a session runs in: a random mark in a cookie, so that nobody meets another's half-typed input.

It says nothing about the person; it only tells one browser's unsaved input from another's.
"""

from __future__ import annotations

import re
import secrets

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "kpi_browser"
_MARK = re.compile(r"[0-9a-f]{32}")
_YEAR = 365 * 24 * 3600


def browser() -> str:
    """The mark of the session's browser; empty where it keeps no cookies."""
    mark = st.context.cookies.get(COOKIE, "")
    return mark if isinstance(mark, str) and _MARK.fullmatch(mark) else ""  # a test session has no real cookies


class BrowserCookie:
    """Gives a browser its mark with the first answer it gets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _marked(scope):
            await self.app(scope, receive, send)
            return
        cookie = f"{COOKIE}={secrets.token_hex(16)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        await self.app(scope, receive, send_marked)


def _marked(scope: Scope) -> bool:
    sent = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    return f"{COOKIE}=" in sent


def _is_page(message: Message) -> bool:
    """Only the page itself sets it: its scripts are asked for at once, and each would set another."""
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"])
