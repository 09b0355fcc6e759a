"""The uploader of a page; what was put into it stays while other parts and pages are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.session import listed, t

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


def chosen_files(place: str, turn: int) -> Sequence[UploadedFile]:
    """The files in the uploader of this ``turn``, or those that were in it before the page drew something else.

    Streamlit empties an uploader that is not drawn. Its files are kept until the person takes them out.
    """
    key, kept = f"{place}/file/{turn}", f"{place}/files"

    def changed() -> None:
        if not st.session_state[key]:
            st.session_state.pop(kept, None)

    files = st.file_uploader(
        t("data_sources.drop"),
        accept_multiple_files=True,
        key=key,
        help=t("data_sources.drop_help"),
        on_change=changed,
    )
    if files:
        st.session_state[kept] = (turn, files)
        return files
    was, waiting = st.session_state.get(kept, (turn, []))
    if was != turn or not waiting:
        return []
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.info(t("data_sources.continued", names=listed(one.name for one in waiting)), icon=":material/history:")
        st.button(
            t("data_sources.take_out"),
            key=f"{place}/take_out",
            icon=":material/close:",
            on_click=st.session_state.pop,
            args=(kept, None),
        )
    return waiting
