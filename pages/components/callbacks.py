"""Callbacks that run to their end: a second click waits until what the first one writes is written.

Streamlit looks for the next event whenever something is drawn and whenever ``st.session_state`` is touched, also inside
a callback: an event that comes at that moment cuts the callback off between two statements, and what it was about to
write is lost, since the next run no longer sees a change. Here that look waits until all callbacks of the run are done;
Streamlit itself looks again right after them. ``st.rerun()`` in a callback works as ever.
"""

from __future__ import annotations

import threading
from functools import wraps
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state.safe_session_state import SafeSessionState

_here = threading.local()


def finish_callbacks() -> None:
    """Once, before sessions begin; again it changes nothing."""
    if hasattr(SafeSessionState.on_script_will_rerun, "__wrapped__"):
        return
    SafeSessionState.on_script_will_rerun = _with_callbacks(SafeSessionState.on_script_will_rerun)  # type: ignore[method-assign]  # Streamlit has no setting for this
    ScriptRunner._maybe_handle_execution_control_request = _patient(  # type: ignore[method-assign]  # as above
        ScriptRunner._maybe_handle_execution_control_request
    )


def _with_callbacks(original: Any) -> Any:
    """Applies the browser's values and runs the callbacks of what changed, while nobody looks for the next event."""

    @wraps(original)
    def applied(*given: Any, **named: Any) -> Any:
        _here.busy = True
        try:
            return original(*given, **named)
        finally:
            _here.busy = False

    return applied


def _patient(original: Any) -> Any:
    """Looks for the next event, unless callbacks run in this thread."""

    @wraps(original)
    def looked(*given: Any, **named: Any) -> Any:
        return None if getattr(_here, "busy", False) else original(*given, **named)

    return looked
