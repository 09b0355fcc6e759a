"""Formula against measure in words: whether both say the same, and whose definition may not fit."""

from __future__ import annotations

from kpi_core.insight.closure import Closure
from kpi_core.model.workshop import Workshop
from kpi_core.services.why_words import node_name
from kpi_core.text import say
from kpi_core.text.numbers import format_percent
from kpi_core.vocabulary import ClosureVerdict, Language


def closure_words(found: Closure, workshop: Workshop, language: Language) -> str:
    """The verdict as one sentence."""
    names = [node_name(workshop, one.child, language) for one in found.suspects]
    match found.verdict:
        case ClosureVerdict.CHILD:
            first = found.suspects[0]
            share = format_percent(first.share, language, decimals=0)
            return say("insight.closure.child", language, child=names[0], factor=f"{first.factor:.3g}", share=share)
        case ClosureVerdict.AMBIGUOUS:
            children = "・".join(f"「{name}」" for name in names) if language is Language.JA else ", ".join(names)
            return say("insight.closure.ambiguous", language, children=children)
    return say(f"insight.closure.{found.verdict.value}", language)
