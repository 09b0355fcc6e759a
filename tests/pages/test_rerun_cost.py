"""Streamlit's share of a rerun made smaller: the browser hears the same, in the same order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from unittest.mock import MagicMock

import pytest
from streamlit import config
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import Config, CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession, RunDescriptor
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent

from pages.components import rerun_cost
from pages.components.rerun_cost import spend_less_on_reruns

SECTIONS = ("theme", *(f"theme.{one.value}" for one in config.CustomThemeCategories))


@pytest.fixture(autouse=True)
def set_up() -> None:
    spend_less_on_reruns()


class Session(AppSession):
    """A session as far as its runs' words go; ``asked``: how often it asked for a sending."""

    def __init__(self) -> None:
        self.asked = 0
        self.heard: list[ScriptRunnerEvent] = []
        self._message_enqueued_callback: Callable[[], None] | None = self._ask

    def shutdown(self) -> None:
        """Nothing is open."""

    def _ask(self) -> None:
        self.asked += 1

    def _handle_scriptrunner_event_on_event_loop(self, _: object, event: ScriptRunnerEvent, *__: object) -> None:
        self.heard.append(event)
        if self._message_enqueued_callback:
            self._message_enqueued_callback()


@pytest.mark.parametrize("section", SECTIONS)
def test_the_browser_is_told_the_theme_of_the_settings_with_every_run(section: str) -> None:
    by_streamlit = CustomThemeConfig()
    app_session._populate_theme_msg.__wrapped__(by_streamlit, section)
    for _ in range(2):
        told = CustomThemeConfig()
        app_session._populate_theme_msg(told, section)
        assert told == by_streamlit


def test_the_browser_is_told_the_settings_with_every_run() -> None:
    by_streamlit = Config()
    app_session._populate_config_msg.__wrapped__(by_streamlit)
    for _ in range(2):
        told = Config()
        app_session._populate_config_msg(told)
        assert told == by_streamlit


def test_what_several_threads_say_is_heard_once_and_in_each_ones_order() -> None:
    heard: list[tuple[int, int]] = []

    async def listen() -> None:
        session = Session()
        session._event_loop = asyncio.get_running_loop()
        all_said = asyncio.Event()

        def say(thread: int, word: int) -> None:
            heard.append((thread, word))
            if len(heard) == 4 * 500:
                all_said.set()

        def speak(thread: int) -> None:
            for word in range(500):
                session._call_soon_on_event_loop(partial(say, thread, word))

        speakers = [threading.Thread(target=speak, args=(number,)) for number in range(4)]
        for one in speakers:
            one.start()
        async with asyncio.timeout(30):
            await all_said.wait()

    asyncio.run(listen())
    for number in range(4):
        assert [word for thread, word in heard if thread == number] == list(range(500))


def test_a_word_that_fails_is_reported_and_those_after_it_are_heard() -> None:
    reported: list[object] = []

    async def listen() -> None:
        session = Session()
        session._event_loop = loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
        after = asyncio.Event()
        session._call_soon_on_event_loop(lambda: 1 // 0)
        session._call_soon_on_event_loop(after.set)
        async with asyncio.timeout(30):
            await after.wait()

    asyncio.run(listen())
    assert [type(one) for one in reported] == [ZeroDivisionError]


def test_a_run_that_ends_is_heard_at_once_and_asks_for_one_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun_cost, "TOGETHER", 3600.0)
    run = [
        ScriptRunnerEvent.SCRIPT_STARTED,
        *[ScriptRunnerEvent.ENQUEUE_FORWARD_MSG] * 20,
        ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS,
    ]
    session = Session()

    async def listen() -> None:
        session._event_loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        session._message_enqueued_callback = lambda: (session._ask(), ended.set())[0]
        for event in run:
            session._on_scriptrunner_event(None, event)
        async with asyncio.timeout(30):
            await ended.wait()

    asyncio.run(listen())
    assert session.heard == run
    assert session.asked == 1


#: What Streamlit's own class does; the set-up wraps each.
PATCHED = ("_call_soon_on_event_loop", "_on_scriptrunner_event", "request_rerun", "shutdown")


def _words() -> list[ForwardMsg]:
    """A toast, another address and a line of text, as a run says them."""
    toast, address, text = ForwardMsg(), ForwardMsg(), ForwardMsg()
    toast.delta.new_element.toast.body = "保存しました"
    address.page_info_changed.query_string = "workshop=2"
    text.delta.new_element.markdown.body = "こんにちは"
    for at, word in enumerate((toast, text)):
        word.metadata.delta_path[:] = [0, at]
    return [toast, address, text]


def _told_when_another_run_comes_between() -> list[str]:
    """The kinds of messages that wait for the browser when its next event came before a run had ended."""
    start = {"page_script_hash": "page", "run_descriptor": RunDescriptor.create(None)}

    async def listen() -> list[ForwardMsg]:
        session = AppSession(ScriptData(__file__, False), MagicMock(), MagicMock(), None, {})
        session._create_scriptrunner = lambda _: setattr(session, "_scriptrunner", second)  # type: ignore[method-assign]
        first, second = MagicMock(name="first"), MagicMock(name="second")
        session._scriptrunner = first
        session._on_scriptrunner_event(first, ScriptRunnerEvent.SCRIPT_STARTED, **start)
        for word in _words():
            session._on_scriptrunner_event(first, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=word)
        await asyncio.sleep(0)  # Streamlit's own session hears them in the loop's next turn
        session.request_rerun(ClientState())
        session._on_scriptrunner_event(first, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=_words()[0])
        session._on_scriptrunner_event(second, ScriptRunnerEvent.SCRIPT_STARTED, **start)
        session._on_scriptrunner_event(second, ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS)
        await asyncio.sleep(0)
        session._scriptrunner = None
        session.shutdown()
        return session.flush_browser_queue()

    kinds = [(one, one.WhichOneof("type")) for one in asyncio.run(listen())]
    return [one.delta.new_element.WhichOneof("type") if kind == "delta" else str(kind) for one, kind in kinds]


def test_what_a_run_said_before_the_browsers_next_event_is_heard_as_streamlit_hears_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rerun_cost, "TOGETHER", 3600.0)
    together = _told_when_another_run_comes_between()
    for name in PATCHED:
        monkeypatch.setattr(AppSession, name, getattr(AppSession, name).__wrapped__)
    assert together == _told_when_another_run_comes_between()
    assert together.count("toast") == together.count("page_info_changed") == 1


def test_a_session_that_closes_has_heard_that_its_run_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun_cost, "TOGETHER", 3600.0)

    async def listen() -> bool:
        session = AppSession(ScriptData(__file__, False), MagicMock(), MagicMock(), None, {})
        session._scriptrunner = MagicMock()
        session._on_scriptrunner_event(session._scriptrunner, ScriptRunnerEvent.SHUTDOWN)
        await asyncio.sleep(0)
        session.shutdown()
        return session._script_event_loop.is_closed()

    assert asyncio.run(listen())
