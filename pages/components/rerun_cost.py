"""Streamlit's own share of a rerun, made smaller: the settings are read once, a run's words are heard in batches.

With every run Streamlit tells the browser the theme and the settings, option by option; they do not change while the
process lives. And each element a run draws wakes the event loop by itself, which then takes the interpreter from
the run that draws, for every single one. What both cost is in docs/decisions/0065.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from google.protobuf.message import Message
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent

#: Seconds a session's first word waits for those that follow, if its run has not ended before.
TOGETHER = 0.01


def spend_less_on_reruns() -> None:
    """Once, before sessions begin; again it changes nothing."""
    if hasattr(app_session._populate_theme_msg, "__wrapped__"):
        return
    app_session._populate_theme_msg = _once(app_session._populate_theme_msg)  # Streamlit has no setting for this
    app_session._populate_config_msg = _once(app_session._populate_config_msg)
    soon = AppSession._call_soon_on_event_loop
    AppSession._call_soon_on_event_loop = _together(soon)  # type: ignore[method-assign]  # as above
    AppSession._on_scriptrunner_event = _at_the_end(AppSession._on_scriptrunner_event, soon)  # type: ignore[method-assign]  # as above
    AppSession.request_rerun = _hearing_first(AppSession.request_rerun)  # type: ignore[method-assign]  # as above
    AppSession.shutdown = _hearing_first(AppSession.shutdown)  # type: ignore[method-assign]  # as above


def _once(original: Any) -> Any:
    """Writes what the settings say into a message; worked out the first time for each section of them."""
    sections: dict[tuple[object, ...], Message] = {}

    @wraps(original)
    def written(message: Message, *section: object) -> None:
        if section not in sections:
            worked_out = type(message)()
            original(worked_out, *section)
            sections[section] = worked_out
        if sections[section].ByteSize():  # a section without settings stays unset
            message.MergeFrom(sections[section])

    return written


@dataclass
class _Said:
    """What the runs of one session have said and the event loop has not heard yet, in order."""

    waiting: list[Callable[[], None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, callback: Callable[[], None]) -> bool:
        """Whether it is the first that waits: someone has to come for it."""
        with self.lock:
            self.waiting.append(callback)
            return len(self.waiting) == 1

    def taken(self) -> list[Callable[[], None]]:
        with self.lock:
            waiting, self.waiting = self.waiting, []
        return waiting


#: What a run says last.
_ENDS = (
    ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS,
    ScriptRunnerEvent.SCRIPT_STOPPED_WITH_COMPILE_ERROR,
    ScriptRunnerEvent.SCRIPT_STOPPED_FOR_RERUN,
    ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS,
)
#: Where a session keeps what its runs said: with it, it goes.
_PLACE = "_said_together"


def _together(original: Any) -> Any:
    """Lets the event loop hear what a session's runs say a few milliseconds later, all at once and in order."""

    @wraps(original)
    def soon(session: AppSession, callback: Callable[[], None]) -> None:
        said = _said_in(session)
        if said.add(callback):
            original(session, lambda: session._event_loop.call_later(TOGETHER, _heard, session, said))

    return soon


def _at_the_end(original: Any, soon: Any) -> Any:
    """Lets it hear at once what a run has said by its end."""

    @wraps(original)
    def told(session: AppSession, sender: Any, event: ScriptRunnerEvent, *given: Any, **named: Any) -> None:
        original(session, sender, event, *given, **named)
        if event in _ENDS:
            soon(session, lambda: _heard(session, _said_in(session)))

    return told


def _hearing_first(original: Any) -> Any:
    """Lets it hear what waits before another run takes the place of the one that said it, or the session closes.

    Streamlit no longer listens to a run that has a successor. Elsewhere than in the event loop nothing can be heard.
    """

    @wraps(original)
    def asked(session: AppSession, *given: Any, **named: Any) -> None:
        said = session.__dict__.get(_PLACE)
        if said is not None and _in_its_loop(session):
            _heard(session, said)
        original(session, *given, **named)

    return asked


def _in_its_loop(session: AppSession) -> bool:
    try:
        return asyncio.get_running_loop() is session._event_loop
    except RuntimeError:  # a thread without a loop
        return False


def _said_in(session: AppSession) -> _Said:
    found: _Said | None = session.__dict__.get(_PLACE)
    return session.__dict__.setdefault(_PLACE, _Said()) if found is None else found  # one, also of two threads'


def _heard(session: AppSession, said: _Said) -> None:
    """In the event loop; Streamlit would ask for a sending after every word, here it does after the last."""
    words = said.taken()
    if not words:  # the timer, after it was heard otherwise
        return
    send, session._message_enqueued_callback = session._message_enqueued_callback, None
    try:
        for callback in words:
            try:
                callback()
            except Exception as error:
                session._event_loop.call_exception_handler({"message": "a run's word", "exception": error})
    finally:
        session._message_enqueued_callback = send
        if send is not None:
            send()
