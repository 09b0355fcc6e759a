"""A browser's part of the conversation with a running app, without a browser: open a page, press a button, wait.

Serve with uvicorn (``served``): ``streamlit run`` adds stalls to such a client that browsers do not see. What is
measured is the server's own CPU time and the wall time from the request to ``script_finished``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.error import URLError

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.sync.client import ClientConnection, connect

PROJECT = Path(__file__).parent.parent
_START_SECONDS = 60.0
_RUN_SECONDS = 60.0
#: A server is at rest when over so many seconds it used less than this share of one core; what it begins by itself a
#: second after its first page (``pages.components.warm_up``) falls within.
_REST_SECONDS, _REST_SHARE = 1.5, 0.05


class RunFailedError(Exception):
    """The page ended with an exception, was not found, or never finished."""


@dataclass(frozen=True)
class Server:
    """A running app."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """CPU time of the server process so far, threads that ended included (the kernel's clock, in nanoseconds)."""
        return time.clock_gettime((~self.pid << 3) | 2)  # what clock_getcpuclockid(3) gives for a process

    def come_to_rest(self) -> None:
        """Waits until the process works on nothing of its own any more.

        Raises:
            RunFailedError: it still does after a minute.
        """
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            before = self.cpu_seconds()
            time.sleep(_REST_SECONDS)
            if self.cpu_seconds() - before < _REST_SECONDS * _REST_SHARE:
                return
        raise RunFailedError("the server never came to rest")


@contextmanager
def served(target: str = "app:app", folder: Path = PROJECT, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The ASGI app ``target`` under uvicorn in a process of its own, from ``folder``, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", target, "--host", "127.0.0.1", "--port", str(port)]
    whole = {**os.environ, "STREAMLIT_LOGGER_LEVEL": "warning", **(env or {})}
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=folder, env=whole)
    try:
        _wait_until_healthy(process, port)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RunFailedError(f"the server stopped with {process.returncode}")
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/_stcore/health", timeout=2
            ) as answer:  # our own server
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RunFailedError("the server did not start in time")


@dataclass(frozen=True)
class Run:
    """One run of a page's script as the client saw it."""

    seconds: float
    messages: int
    bytes: int


@dataclass
class Client:
    """One browser tab. ``widgets`` are the ids of what the page showed, by kind and label: ``("button", "保存")``."""

    connection: ClientConnection
    query: str
    page: str
    page_hash: str = ""
    widgets: dict[tuple[str, str], str] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    """Hashes of large messages the tab has, as a browser keeps them: the server sends these by name."""

    @classmethod
    def open(cls, server: Server, page: str = "", query: str = "") -> tuple[Self, Run]:
        """A tab on ``/page?query`` and its first run; ``page`` is a path without slashes, empty for the first page."""
        opening = connect(
            f"ws://127.0.0.1:{server.port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]  # a NewType of str
            max_size=None,
            compression=None,
        )
        connection = ExitStack().enter_context(opening)  # until ``close``
        client = cls(connection, query, page)
        return client, client.rerun()

    def close(self) -> None:
        self.connection.close()

    def rerun(self, *pressed: WidgetState, fragment: str = "") -> Run:
        """Runs the page's script again, with the values set so far and ``pressed`` this once."""
        request = BackMsg()
        request.rerun_script.query_string = self.query
        request.rerun_script.page_name = self.page
        request.rerun_script.page_script_hash = self.page_hash
        request.rerun_script.fragment_id = fragment
        request.rerun_script.cached_message_hashes.extend(self.held)
        request.rerun_script.widget_states.CopyFrom(WidgetStates(widgets=[*self.states.values(), *pressed]))
        start = time.perf_counter()
        self.connection.send(request.SerializeToString())
        return self._until_finished(start)

    def press(self, label: str) -> Run:
        """Presses the button with this label."""
        return self.rerun(WidgetState(id=self.widgets["button", label], trigger_value=True))

    def keep(self, state: WidgetState) -> None:
        """Sets a widget's value, as a browser does: it goes along with every later run."""
        self.states[state.id] = state

    def _until_finished(self, start: float) -> Run:
        messages = size = 0
        while True:
            data = self.connection.recv(timeout=_RUN_SECONDS)
            if isinstance(data, str):
                continue
            message = ForwardMsg.FromString(data)
            messages, size = messages + 1, size + len(data)
            kind = message.WhichOneof("type")
            if message.metadata.cacheable:
                self.held.add(message.hash)
            self._notice(message)
            if kind == "new_session":
                self.page_hash = message.new_session.page_script_hash
            elif kind == "navigation":
                self.page_hash = message.navigation.page_script_hash
            elif kind == "page_not_found":
                raise RunFailedError(f"no page {message.page_not_found.page_name!r}")
            elif kind == "delta":
                self._look_at(message)
            elif kind == "script_finished":
                early = message.script_finished == ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
                if message.script_finished == ForwardMsg.ScriptFinishedStatus.FINISHED_WITH_COMPILE_ERROR:
                    raise RunFailedError("the script does not compile")
                if not early:
                    return Run(time.perf_counter() - start, messages, size)

    def _notice(self, message: ForwardMsg) -> None:
        """For clients that keep more of a run's messages."""

    def _look_at(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        if kind == "exception":
            raise RunFailedError(f"{element.exception.type}: {element.exception.message}")
        shown = getattr(element, kind)
        if hasattr(shown, "id") and hasattr(shown, "label"):
            self.widgets[kind, shown.label] = shown.id


def cpu_per_rerun(server: Server, client: Client, count: int, label: str | None = None) -> tuple[float, list[float]]:
    """Server CPU seconds a rerun over ``count`` of them, and each one's wall seconds; ``label``: a button to press."""
    before = server.cpu_seconds()
    walls = [(client.press(label) if label else client.rerun()).seconds for _ in range(count)]
    return (server.cpu_seconds() - before) / count, walls
