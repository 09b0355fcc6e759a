"""Callbacks that run to their end, one after another: a second click waits until the first one's writes are done.

For every event Streamlit tells the run before to stop and begins the next in another thread at once. The run before
stops where it draws or touches ``st.session_state``, also in the middle of a callback: what it was about to write is
lost, since no later run sees that change. And two callbacks of a session may run at the same time: both would take back
the same act. Here a run stops only after its callbacks, and the next run's wait for them. ``st.rerun()`` in a callback
works as ever.
"""

from __future__ import annotations

import threading
from functools import wraps
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

_here = threading.local()
#: By the identity of a session's state, which is alive as long as a lock is held here.
_turns: WeakValueDictionary[int, threading.Lock] = WeakValueDictionary()
_finding = threading.Lock()


def finish_callbacks() -> None:
    """Once, before sessions begin; again it changes nothing."""
    if hasattr(SafeSessionState.on_script_will_rerun, "__wrapped__"):
        return
    SafeSessionState.on_script_will_rerun = _with_callbacks(SafeSessionState.on_script_will_rerun)  # type: ignore[method-assign]  # Streamlit has no setting for this
    ScriptRunner._maybe_handle_execution_control_request = _patient(  # type: ignore[method-assign]  # as above
        ScriptRunner._maybe_handle_execution_control_request
    )


def _turn(session: SessionState) -> threading.Lock:
    """The lock that the callbacks of one session take in turn."""
    with _finding:
        return _turns.setdefault(id(session), threading.Lock())


def _with_callbacks(original: Any) -> Any:
    """Applies the browser's values and runs the callbacks of what changed, alone in the session and to the end."""

    @wraps(original)
    def applied(session: SafeSessionState, *given: Any, **named: Any) -> Any:
        with _turn(session._state):
            session._yield_callback()  # a newer run holds all that this one would apply: make way, or it undoes that
            _here.busy = True
            try:
                return original(session, *given, **named)
            finally:
                _here.busy = False

    return applied


def _patient(original: Any) -> Any:
    """Looks for the next event, unless callbacks run in this thread."""

    @wraps(original)
    def looked(*given: Any, **named: Any) -> Any:
        return None if getattr(_here, "busy", False) else original(*given, **named)

    return looked
