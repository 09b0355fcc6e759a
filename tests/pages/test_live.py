"""Others' changes and one's own next page at the same moment, as a browser's messages put them together."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from benchmarks.websocket_client import PROJECT, Client, Server, served
from kpi_core.services.notes import park
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language
from pages.components.deliveries import deliver_everything


class Tab(Client):
    """Notes besides what a plain client keeps: titles, fragments that look again by themselves, and components."""

    titles: list[str]
    looks: dict[float, str]
    components: dict[str, str]
    pieces: set[str]

    def _look_at(self, message: ForwardMsg) -> None:
        super()._look_at(message)
        self.pieces.add(message.delta.fragment_id)
        if message.delta.new_element.WhichOneof("type") == "heading":
            self.titles.append(message.delta.new_element.heading.body)
        if message.delta.new_element.WhichOneof("type") == "bidi_component":
            shown = message.delta.new_element.bidi_component
            self.components[shown.component_name] = shown.id

    def _notice(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "auto_rerun":
            self.looks[message.auto_rerun.interval] = message.auto_rerun.fragment_id

    def ask(self, fragment: str) -> None:
        """Asks for a run of a piece without waiting for its end."""
        request = BackMsg()
        request.rerun_script.query_string = self.query
        request.rerun_script.page_script_hash = self.page_hash
        request.rerun_script.fragment_id = fragment
        self.connection.send(request.SerializeToString())

    def next(self) -> ForwardMsg:
        return ForwardMsg.FromString(self.connection.recv(timeout=10))


@pytest.fixture
def server(database: Path, blank: str) -> Iterator[Server]:
    path = os.pathsep.join([".", str(PROJECT)])
    with served(env={"PYTHONPATH": path, "KPI_WORKSHOP_DB": str(database)}) as running:
        yield running


def opened(server: Server, workshop: str) -> Tab:
    Tab.titles, Tab.looks, Tab.components, Tab.pieces = [], {}, {}, set()
    tab, _ = Tab.open(server, "ksf", f"workshop={workshop}&lang=ja")
    return tab


def test_a_page_asked_for_together_with_news_from_the_room_is_drawn(server: Server, here: State, blank: str) -> None:
    tab = opened(server, blank)
    park(here, blank, "税込か税抜か", None, Who("佐藤"))
    tab.rerun(fragment=tab.looks[1.0])  # it now offers to draw the pieces of the room again
    news = WidgetState(
        id=_make_trigger_id(next(one for name, one in tab.components.items() if "kpi_live" in name), "events"),
        json_trigger_value=json.dumps([{"event": "room", "value": "1/1"}]),
    )
    tab.titles.clear()
    tab.page, tab.page_hash = "kgi", ""
    tab.rerun(news)
    tab.close()
    assert say("pages.kgi.title", Language.JA) in tab.titles


class Session(AppSession):
    """A session as far as its messages go."""

    def __init__(self, runner: ScriptRunner | None = None) -> None:
        self._state = AppSessionState.SHUTDOWN_REQUESTED  # nothing to close
        self._browser_queue = ForwardMsgQueue()
        self._message_enqueued_callback = None
        self._scriptrunner = runner

    def has_fragment(self, fragment_id: str) -> bool:
        return fragment_id == "clock"

    def _create_scriptrunner(self, initial_rerun_data: RerunData) -> None:
        self._scriptrunner = ended_runner()


def ended_runner() -> ScriptRunner:
    """One that found nothing more to run."""
    runner = ScriptRunner.__new__(ScriptRunner)
    runner._requests = ScriptRequests()
    runner._requests.on_scriptrunner_ready()
    runner._join_wake_lock, runner._join_wake_coordinator = threading.Lock(), None
    return runner


def drawing(text: str) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, 1])
    message.delta.fragment_id = "clock"
    message.delta.new_element.markdown.body = text
    return message


def test_what_the_page_drew_is_sent_before_a_piece_is_drawn_in_its_place() -> None:
    """Else the browser hears that the page is whole without the piece, and takes it away."""
    deliver_everything()
    session = Session()
    whole = ForwardMsg(script_finished=ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY)
    by_page, by_piece = drawing("20:00"), drawing("19:59")
    session._enqueue_forward_msg(by_page)
    session._enqueue_forward_msg(whole)
    session._clear_queue(["clock"])
    session._enqueue_forward_msg(by_piece)
    assert session.flush_browser_queue() == [by_page, whole, by_piece]


def test_the_last_words_of_a_run_are_heard_when_the_next_one_is_asked_for_before() -> None:
    deliver_everything()
    before = ended_runner()
    session = Session(before)

    async def heard() -> None:
        session._event_loop = asyncio.get_running_loop()
        session._state = AppSessionState.APP_NOT_RUNNING
        session.request_rerun(ClientState(fragment_id="clock"))
        session._handle_scriptrunner_event_on_event_loop(
            before, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, drawing("20:00")
        )
        session._state = AppSessionState.SHUTDOWN_REQUESTED

    asyncio.run(heard())
    assert session.flush_browser_queue() == [drawing("20:00")]
    assert session._scriptrunner is not before


def test_what_a_piece_drew_is_sent_whole_when_another_follows_at_once(server: Server, blank: str) -> None:
    """The second is asked for at each moment of the first one's run, as a click and the look of every second meet."""
    tab = opened(server, blank)
    look = tab.looks[1.0]
    (bar,) = tab.pieces - {look, ""}
    drawn: dict[str, set[int]] = {bar: set(), look: set()}
    ends: set[int] = set()
    for moment in range(20):
        tab.ask(bar)
        messages: list[ForwardMsg] = []
        while sum(one.HasField("delta") for one in messages) < moment % 5 + 1:
            messages.append(tab.next())
        tab.ask(look)
        while sum(one.HasField("script_finished") for one in messages) < 2:
            messages.append(tab.next())
        for piece, counts in drawn.items():
            counts.add(sum(one.delta.fragment_id == piece for one in messages if one.HasField("delta")))
        ends |= {one.script_finished for one in messages if one.HasField("script_finished")}
    tab.close()
    assert ends == {ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
    assert all(len(counts) == 1 for counts in drawn.values())
