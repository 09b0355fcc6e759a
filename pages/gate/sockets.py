"""The open connections of people who joined: each ends as soon as its person may no longer come in."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kpi_core.errors import KpiError
from kpi_core.store.state import State
from pages.gate.database import database

#: Seconds between two looks, and looks between two notes of who is here.
EVERY = 2.0
_NOTED = 15
log = logging.getLogger("kpi_workshop")


class Sockets:
    """Serves them and watches over them; while there are none, nothing runs."""

    def __init__(self) -> None:
        self._ends: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, person: str) -> None:
        """Let the app talk over the connection until it closes or the person's access ends."""
        ended = asyncio.Event()
        self._ends[person].add(ended)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look())
        ending = asyncio.create_task(ended.wait())

        async def receive_or_end() -> Message:
            message = asyncio.ensure_future(receive())
            await asyncio.wait({message, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.is_set():
                return message.result()
            message.cancel()
            await send({"type": "websocket.close", "code": 1008})
            return {"type": "websocket.disconnect", "code": 1008}

        async def send_until_end(message: Message) -> None:
            if not ended.is_set():
                await send(message)

        try:
            await app(scope, receive_or_end, send_until_end)
        finally:
            ending.cancel()
            self._ends[person].discard(ended)
            if not self._ends[person]:
                del self._ends[person]

    async def _look(self) -> None:
        """Look every two seconds whose access ended, for as long as anyone is connected."""
        looks = 0
        while self._ends:
            here = frozenset(self._ends)
            try:
                left = await run_in_threadpool(_still_in, here, noted=looks % _NOTED == 0)
            except KpiError:
                log.exception("who may still come in could not be read")
                left = here  # every run asks again by itself
            for person in here - left:
                for ended in self._ends.get(person, ()):
                    ended.set()
            looks += 1
            await asyncio.sleep(EVERY)


def _still_in(people: frozenset[str], *, noted: bool) -> frozenset[str]:
    from kpi_core.services.joining import still_in

    with State.open(database()) as state:
        return still_in(state, people, here=noted)
