"""Where people join. What answers there brings the services along, so it is loaded by whoever comes first.

It is loaded in a thread: the event loop answers everybody else meanwhile.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def _page(request: Request) -> Response:
    await run_in_threadpool(_load)
    from pages.gate.join_page import join_page

    return await join_page(request)


async def _now(request: Request) -> Response:
    await run_in_threadpool(_load)
    from pages.gate.join_page import join_now

    return await join_now(request)


def _load() -> None:
    import pages.gate.join_page  # noqa: F401


routes = [Route("/join", _page), Route("/join/{code}", _page), Route("/join/{code}", _now, methods=["POST"])]
