"""Text people typed, made safe for places that read markdown."""

from __future__ import annotations

import re
from functools import lru_cache

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """``text`` so that markdown shows it letter by letter (CommonMark: any ASCII punctuation may be escaped)."""
    return _PUNCTUATION.sub(r"\\\1", text).replace("\r\n", "\n").replace("\n", "  \n")
