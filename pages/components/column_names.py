"""Columns given other names where they are shown: kept as a step, so that the next file gets them, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpi_core.model.recipe import Rename, Step
from pages.components.upload_placeholders import MADE
from pages.components.upload_recipe import STEPS, take_steps


def rename_column(answers: dict[str, Any], old: str, new: str, begun: Sequence[Step], names: Sequence[str]) -> None:
    """In a callback: the column is called ``new`` from now on; a name that another has, or none, changes nothing.

    ``begun`` are the steps of the file where it has none of its own yet. What was decided about the column stays.
    """
    name = " ".join(new.split())[:200]
    if not name or name in names:
        return
    if not answers.get(STEPS):
        take_steps(answers, tuple(begun))
    number, last = answers[STEPS][-1]
    if isinstance(last, Rename):
        pairs = [(was, name if now == old else now) for was, now in last.names]
        pairs += [] if any(now == old for _, now in last.names) else [(old, name)]
        answers[STEPS][-1] = (
            number,
            last.model_copy(update={"names": tuple(pair for pair in pairs if pair[0] != pair[1])}),
        )
    else:
        answers[STEPS].append((answers["turned"], Rename(step="rename", names=((old, name),))))
        answers["turned"] += 1
    for decided in ("types", "day_first"):
        if old in answers.get(decided, {}):
            answers[decided][name] = answers[decided].pop(old)
    for listed in ("blank", MADE):
        if old in answers.get(listed, ()):
            answers[listed] = sorted({name, *answers[listed]} - {old})
