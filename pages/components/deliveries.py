"""What a run drew reaches the browser, also when a run of pieces follows at once (docs/decisions/0057).

Streamlit loses of it in two places. Before a run of pieces (fragments) it drops what was drawn in them and not sent
yet, and says of other pieces' runs that they ended early. And when a run of pieces is asked for just as the run before
has ended, it no longer listens to what that run had still to say. The browser then hears that the page is whole without
some piece: it takes the piece away, everything behind moves up, and the next piece is drawn inside a neighbour
("'setIn' cannot be called on an ElementNode"). Or it keeps what a piece no longer drew. Here everything is sent, in
order; only a run of the whole page, which draws all anew, replaces what was not sent.
"""

from __future__ import annotations

from functools import wraps
from typing import Any
from weakref import WeakSet

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent

#: Runners that ended by themselves and have a successor: what they still say counts.
_ended: WeakSet[ScriptRunner] = WeakSet()


def deliver_everything() -> None:
    """Once, before sessions begin; again it changes nothing."""
    if hasattr(AppSession._clear_queue, "__wrapped__"):
        return
    AppSession._clear_queue = _keeping(AppSession._clear_queue)  # type: ignore[method-assign]  # Streamlit has no setting for this
    AppSession.request_rerun = _noting_ends(AppSession.request_rerun)  # type: ignore[method-assign]  # as above
    AppSession._handle_scriptrunner_event_on_event_loop = _to_the_end(  # type: ignore[method-assign]  # as above
        AppSession._handle_scriptrunner_event_on_event_loop
    )


def _keeping(original: Any) -> Any:
    """Keeps what waits when pieces run; no later message takes the place of one of them, which is another run's."""

    @wraps(original)
    def cleared(session: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
        if fragment_ids_this_run:
            session._browser_queue._delta_index_map = {}
        else:
            original(session, fragment_ids_this_run)

    return cleared


def _noting_ends(original: Any) -> Any:
    """Asks for a run, and notes whose end made a new runner necessary: a run of pieces stops none."""

    @wraps(original)
    def asked(session: AppSession, client_state: ClientState | None) -> None:
        before = session._scriptrunner
        original(session, client_state)
        if before is not None and session._scriptrunner is not before and client_state and client_state.fragment_id:
            _ended.add(before)

    return asked


def _to_the_end(original: Any) -> Any:
    """Listens to a runner that ended by itself; all it has to say was said before its successor's first word."""

    @wraps(original)
    def heard(session: AppSession, sender: ScriptRunner | None, event: ScriptRunnerEvent, *given: Any) -> None:
        now = session._scriptrunner
        if sender is now or sender not in _ended or event is ScriptRunnerEvent.SHUTDOWN:
            original(session, sender, event, *given)
            return
        session._scriptrunner = sender
        try:
            original(session, sender, event, *given)
        finally:
            session._scriptrunner = now

    return heard
