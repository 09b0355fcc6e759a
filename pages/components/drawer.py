"""The drawer that the navigation is on a phone: closed once a page was chosen in it.

No setting does it: Streamlit remembers in the browser that the person opened it, and that outweighs what a page asks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_PAGE = "drawer.page"


def close_drawer(page: str) -> None:
    """Below the page with that path: where it is another one than in the run before, the drawer closes.

    Only then is anything drawn, since every element costs each run.
    """
    before = st.session_state.get(_PAGE, page)
    st.session_state[_PAGE] = page
    if before != page:
        _component()(key="drawer", data={"page": page})


@cache
def _component() -> Any:
    return st.components.v2.component("kpi_drawer", js=Path(__file__).with_name("drawer.js").read_text("utf-8"))
