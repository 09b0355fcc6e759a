"""A callback is not cut off by the next event and runs alone; the rest of a run still makes way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from pages.components.callbacks import finish_callbacks


class Writing(SessionState):
    """A session whose callback reads and writes a value, as one that keeps what was typed; the next event follows."""

    outer: SafeSessionState
    requests: ScriptRequests

    def on_script_will_rerun(self, *given: Any, **named: Any) -> None:
        self.requests.request_rerun(RerunData())
        self.outer["seen"] = self.outer["typed"]


@pytest.fixture
def session() -> SafeSessionState:
    """A session at the begin of a run."""
    finish_callbacks()
    runner = ScriptRunner.__new__(ScriptRunner)
    runner._script_thread = threading.current_thread()
    runner._execing = True
    runner._requests = ScriptRequests()
    inner = Writing()
    inner.requests = runner._requests
    inner._new_session_state["typed"] = "受注金額"
    inner.outer = SafeSessionState(inner, runner._maybe_handle_execution_control_request)
    return inner.outer


def test_a_callback_ends_what_it_began(session: SafeSessionState) -> None:
    session.on_script_will_rerun(WidgetStates())
    with pytest.raises(RerunException):  # what follows makes way for the next event
        session["seen"]
    assert session["seen"] == "受注金額"


def test_a_run_that_is_outdated_before_its_callbacks_leaves_them_to_the_newer_one(session: SafeSessionState) -> None:
    session._state.requests.request_rerun(RerunData())
    with pytest.raises(RerunException):
        session.on_script_will_rerun(WidgetStates())
    assert "seen" not in session


def test_the_next_runs_callbacks_wait_for_those_of_the_run_before() -> None:
    """Two runs of a session, a thread each: the second begins while the first one is inside its callback."""
    finish_callbacks()
    inside, both, finish, order = threading.Event(), threading.Event(), threading.Event(), []

    class Slow(SessionState):
        def on_script_will_rerun(self, *given: Any, **named: Any) -> None:
            order.append("begins")
            (both if inside.is_set() else inside).set()
            finish.wait(10)
            order.append("ends")

    session = Slow()
    runs = [SafeSessionState(session, lambda: None) for _ in range(2)]
    threads = [threading.Thread(target=run.on_script_will_rerun, args=(WidgetStates(),)) for run in runs]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    assert not both.wait(0.3)
    finish.set()
    for thread in threads:
        thread.join(10)
    assert order == ["begins", "ends", "begins", "ends"]
