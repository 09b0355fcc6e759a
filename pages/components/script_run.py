"""What Streamlit knows of the run that goes on and has no public word for."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.gate.identity import MARK


def mark() -> str | None:
    """What the gate said of the connection: nothing a browser sends comes through it.

    The same as ``st.user.get(MARK)``, which looks for a file of secrets on disk each time it is asked.
    """
    run = get_script_run_ctx()
    found = None if run is None else run.user_info.get(MARK)
    return found if isinstance(found, str) else None


def in_a_piece() -> bool:
    """Whether only pieces of the page run (fragments), as after a click in one of them; in a callback, too."""
    run = get_script_run_ctx()
    return run is not None and bool(run.fragment_ids_this_run)
