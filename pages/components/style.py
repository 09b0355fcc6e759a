"""The style sheets beside the components, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent


def style(*names: str) -> None:
    """Puts ``frame.css`` for ``frame`` on the page; several go as one."""
    st.html(_text(names))


@cache
def _text(names: tuple[str, ...]) -> str:
    sheets = "\n".join((_FOLDER / f"{name}.css").read_text("utf-8") for name in names)
    return f"<style>{sheets}</style>"
