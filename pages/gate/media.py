"""Whose a media file is: Streamlit hands one to anyone with its address, the gate to those whose sessions show it."""

from __future__ import annotations

from collections import OrderedDict

from streamlit.runtime import Runtime

from pages.gate.identity import HEADER

#: file → whose download it is, of the downloads made last.
_made: OrderedDict[str, set[str]] = OrderedDict()
_MOST = 1_000


def holder(session: str) -> str | None:
    """Whose a live session is: what the gate said when it was connected."""
    client = Runtime.instance().get_client(session)
    if client is None:
        return None
    return next((value for name, value in client.client_context.headers if name.lower() == HEADER), None)


def is_shown_to(file: str, mark: str) -> bool:
    """Whether a session of this person shows the file, or it was made for a download of theirs."""
    kept = Runtime.instance().media_file_mgr._files_by_session_and_coord
    sessions = [session for session, files in list(kept.items()) if file in list(files.values())]
    return mark in _made.get(file, ()) or any(holder(session) == mark for session in sessions)


def file_of(name: str) -> str:
    """A file's id, from the last part of its address (``id.extension``)."""
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def watch_downloads() -> None:
    """Once, at the start: keep whose a download is that is made on a click; Streamlit forgets it (1.67)."""
    manager = Runtime.instance().media_file_mgr
    make = manager.execute_deferred

    def made(placeholder: str) -> str:
        offered = manager._deferred_callables.get(placeholder)
        url = make(placeholder)
        mark = holder(offered["session_id"]) if offered is not None else None
        if mark is not None:
            _made.setdefault(file_of(url), set()).add(mark)
            _made.move_to_end(file_of(url))
            while len(_made) > _MOST:
                _made.popitem(last=False)
        return url

    manager.execute_deferred = made
