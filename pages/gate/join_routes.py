"""Where people join. What answers there brings the services along, so it is loaded by whoever comes first."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def _page(request: Request) -> Response:
    from pages.gate.join_page import join_page

    return await join_page(request)


async def _now(request: Request) -> Response:
    from pages.gate.join_page import join_now

    return await join_now(request)


routes = [Route("/join", _page), Route("/join/{code}", _page), Route("/join/{code}", _now, methods=["POST"])]
