"""Which ideas of a round sound alike, so that the room can look at them together."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz

from kpi_core.model.room import Idea

#: Share of letters in common order (0-100) from which two ideas are worth a look side by side.
ALIKE = 60


def alike_groups(ideas: Sequence[Idea]) -> tuple[tuple[Idea, ...], ...]:
    """The ideas in groups, each alike to its first one, in the order given. A hint for people, never a verdict."""
    groups: list[list[Idea]] = []
    for idea in ideas:
        text = _plain(idea.text)
        near = next((group for group in groups if _alike(text, _plain(group[0].text))), None)
        if near is None:
            groups.append([idea])
        else:
            near.append(idea)
    return tuple(tuple(group) for group in groups)


def _alike(one: str, other: str) -> bool:
    return one == other or fuzz.ratio(one, other, score_cutoff=ALIKE) > 0


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
