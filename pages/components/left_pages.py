"""What was typed just before a page is left is kept, and its late word leads nobody back (docs/decisions/0072).

A field says what was typed when it is left, which is often the very click that leads to another page. Streamlit then
hears of both at once. Where the new page's run is first, it goes back to the old page, whose fields the browser makes
anew and empty, and takes their emptiness for what the person typed. Where the field's word is first, the new page's
run takes its place before the word is heard. Here the old page's fields are heard in the new page's run, only those
that say something new, and the new page stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from weakref import WeakValueDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.safe_session_state import SafeSessionState

#: Where a session keeps its way through the pages.
_WAY = "_way_through_pages"
_TRIGGERS = {"trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value"}

Fields = dict[str, WidgetState]
"""Widget id → its value in the browser; clicks, which are no values, are left out."""


@dataclass
class _Way:
    """The page a session is on and what its fields said last; the page it left, until the browser has followed."""

    page: str | None = None
    query: str = ""
    said: Fields = field(default_factory=dict)
    left: str | None = None
    brought: frozenset[str] = frozenset()
    """The widgets that the way to this page spoke of."""
    heard: Fields = field(default_factory=dict)
    """What runs have taken in."""


#: By the identity of a session's state, which lives as long as its session and so its way.
_ways: WeakValueDictionary[int, _Way] = WeakValueDictionary()


def hear_left_pages() -> None:
    """Once, before sessions begin; again it changes nothing."""
    if hasattr(SafeSessionState.on_script_will_rerun, "_notes_fields"):
        return
    SafeSessionState.on_script_will_rerun = _noting(SafeSessionState.on_script_will_rerun)  # type: ignore[method-assign]  # Streamlit has no setting for this
    AppSession.request_rerun = _on_the_way(AppSession.request_rerun)  # type: ignore[method-assign]  # as above


def _noting(original: Any) -> Any:
    """Notes what a run has heard of the browser's fields."""

    @wraps(original)
    def heard(session: SafeSessionState, states: Any = None, **named: Any) -> Any:
        found = original(session, states, **named)
        way = _ways.get(id(session._state))
        if way is not None:
            way.heard |= _fields(states)
        return found

    heard._notes_fields = True  # type: ignore[attr-defined]
    return heard


def _on_the_way(original: Any) -> Any:
    """Asks for a run; of a page that was left, only for what its fields still say."""

    @wraps(original)
    def asked(session: AppSession, client_state: ClientState | None) -> None:
        if client_state is None:
            original(session, client_state)
            return
        way: _Way = session.__dict__.setdefault(_WAY, _Way())
        _ways[id(session._session_state)] = way
        said = _fields(client_state.widget_states)
        if client_state.page_script_hash == way.page:
            way.left = None
            way.said |= said
        elif client_state.page_script_hash == way.left and not way.brought.issuperset(said):
            news = [one for name, one in said.items() if way.said.get(name) != one]
            way.said |= said
            if not news:
                return
            client_state.page_script_hash, client_state.query_string = way.page or "", way.query
            client_state.fragment_id, client_state.is_auto_rerun = "", False
            _say_instead(client_state, news)
        else:
            unheard = [one for name, one in way.said.items() if name not in said and way.heard.get(name) != one]
            way.page, way.left, way.query = client_state.page_script_hash, way.page, client_state.query_string
            way.brought = frozenset(said)
            way.said |= said
            client_state.widget_states.widgets.extend(unheard)
        original(session, client_state)

    return asked


def _fields(states: Any) -> Fields:
    if states is None:
        return {}
    return {one.id: one for one in states.widgets if one.WhichOneof("value") not in _TRIGGERS}


def _say_instead(client_state: ClientState, fields: list[WidgetState]) -> None:
    kept = [WidgetState.FromString(one.SerializeToString()) for one in fields]
    del client_state.widget_states.widgets[:]
    client_state.widget_states.widgets.extend(kept)
