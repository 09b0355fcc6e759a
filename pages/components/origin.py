"""Where a candidate or node came from: the ideas of a round, their authors and votes, in one small line."""

from __future__ import annotations

from kpi_core.model.workshop import Workshop
from kpi_core.services.adopting import origin_of
from pages.components.session import raw, t


def origin_words(workshop: Workshop, code: str) -> str:
    """Markdown; empty for what did not come from a round."""
    origin = origin_of(workshop, code)
    if origin is None:
        return ""
    parts = [raw("room.origin")]
    if origin.authors:
        parts.append(raw("room.origin_authors", authors=" · ".join(origin.authors)))
    if origin.votes is not None:
        parts.append(raw("room.votes", count=origin.votes))
    return f":material/lightbulb: :small[:gray[{t('room.origin_line', parts=' · '.join(parts))}]]"
