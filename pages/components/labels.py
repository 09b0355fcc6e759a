"""Labels of options that people named: Streamlit tells options apart by their label, so no two may be alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any


def distinct(options: Iterable[Any], words: Callable[[Any], str]) -> Callable[[Any], str]:
    """``words``, with the option itself added to labels that several options share: ``受注 (won_deals)``."""
    labels = {option: words(option) for option in options}
    shared = {label for label, count in Counter(labels.values()).items() if count > 1}

    def label(option: Any) -> str:
        written = labels[option] if option in labels else words(option)
        return f"{written} ({option})" if written in shared else written

    return label
