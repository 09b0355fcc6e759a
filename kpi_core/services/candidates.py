"""Success factors that are put forward: entered many at a time, scored one field at a time, chosen or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import MAX_LINE, Bilingual
from kpi_core.model.node import Candidate
from kpi_core.model.workshop import Workshop
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.editing import change
from kpi_core.services.people import Who
from kpi_core.store.state import State
from kpi_core.vocabulary import Language

Score = Literal["impact", "controllability", "measurability"]
SCORES: tuple[Score, ...] = ("impact", "controllability", "measurability")


def put_forward(state: State, workshop_id: str, lines: Sequence[str], who: Who) -> tuple[str, ...]:
    """Add a candidate for each line, in one change; gives the new codes.

    Lines are trimmed of bullets; empty ones, and names that are there already, are left out. A name is in the
    workshop's language. Raises ``RefusedError('candidate_too_long')`` and then adds none.
    """
    added: list[str] = []

    def with_candidates(workshop: Workshop) -> Workshop:
        found = list(workshop.candidates)
        for line in lines:
            text = line.strip().lstrip("-*•・●○■□–—").strip()
            if not text or any(text in (item.name.ja, item.name.en) for item in found):
                continue
            if len(text) > MAX_LINE:
                raise RefusedError("candidate_too_long", name=f"{text[:30]}…", limit=MAX_LINE)
            name = Bilingual(ja=text) if workshop.settings.language is Language.JA else Bilingual(en=text)
            taken = [item.code for item in found] + [node.code for node in workshop.nodes]
            found.append(Candidate(code=code_from(name, "factor", taken), name=name))
            added.append(found[-1].code)
        return workshop.model_copy(update={"candidates": tuple(found)}) if added else workshop

    change(state, workshop_id, who, with_candidates)
    return tuple(added)


def score(state: State, workshop_id: str, code: str, field: Score, value: int | None, who: Who) -> None:
    """Set one score (1-5, ``None`` for none) and leave the others as they are now: two people may score at once."""

    def scored(workshop: Workshop) -> Workshop:
        known = {item.code: item for item in workshop.candidates}
        if code not in known:
            raise MissingError("item_missing", item=code)
        known[code] = composed(Candidate, {field: value}, known[code])
        return workshop.model_copy(update={"candidates": tuple(known.values())})

    change(state, workshop_id, who, scored)
