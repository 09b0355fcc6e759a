"""What a page has asked of the app and whether it has been answered: read from their websocket, not guessed by time."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_STREAM = "/_stcore/stream"


class _Talk:
    """One websocket: ``asked`` until a run that began after the last request has ended.

    A page that asks while a run goes on stops that run or waits behind it; either way its own run begins later. What a
    fragment asks by itself every second or so is not waited for: its own timer asks again.
    """

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.asked = self.begun = False
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, payload: str | bytes) -> None:
        if not isinstance(payload, bytes):
            return
        message = BackMsg.FromString(payload)
        if message.WhichOneof("type") == "rerun_script" and not message.rerun_script.is_auto_rerun:
            self.asked, self.begun = True, False

    def _received(self, payload: str | bytes) -> None:
        if not isinstance(payload, bytes):
            return
        message = ForwardMsg.FromString(payload)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.begun = True
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.asked = self.asked and not self.begun


class Answering:
    """Of each page of one test, what it asks on its newest websocket."""

    def __init__(self) -> None:
        self._talks: dict[Page, _Talk] = {}

    def follow(self, page: Page) -> None:
        """Follows what ``page`` asks from now on; to be called before its first address is opened."""

        def opened(socket: WebSocket) -> None:
            if socket.url.endswith(_STREAM):
                self._talks[page] = _Talk(socket)

        page.on("websocket", opened)

    def wait(self, page: Page) -> None:
        """Waits until all that was asked is answered and drawn: nothing runs, no placeholder is left."""
        app = page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
        expect(page.get_by_role("heading", level=1)).not_to_have_count(0)
        _drawn(page)
        talk = self._talks[page]
        while talk.asked:
            talk.socket.wait_for_event("framereceived", lambda _: not talk.asked)
            _drawn(page)
        expect(app).to_have_attribute("data-test-script-state", "notRunning")
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        _drawn(page)


def _drawn(page: Page) -> None:
    """Lets the browser finish what it is doing: two frames on, what was set has been sent and drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
