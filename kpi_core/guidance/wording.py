"""The sentence for a finding, a verdict or a gap, with codes turned into the names people know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from kpi_core.errors import Param
from kpi_core.guidance.finding import LIST, Finding
from kpi_core.guidance.readiness import Verdict
from kpi_core.guidance.steps import Gap
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Workshop
from kpi_core.text import say
from kpi_core.text.periods import format_date
from kpi_core.vocabulary import Language

#: How many names a sentence lists before it says how many more there are.
LISTED = 3


def finding_text(finding: Finding, workshop: Workshop, language: Language) -> str:
    """What was found and what to do about it."""
    return _say(f"guidance.findings.{finding.code}", finding.params, workshop, language)


def verdict_text(verdict: Verdict, workshop: Workshop, language: Language) -> str:
    """Why a readiness item is met or not yet."""
    return _say(f"guidance.readiness.reasons.{verdict.reason}", verdict.params, workshop, language)


def gap_text(gap: Gap, workshop: Workshop, language: Language) -> str:
    """What a step still lacks."""
    return _say(f"guidance.steps.gaps.{gap.code}", gap.params, workshop, language)


def next_text(gap: Gap, workshop: Workshop, language: Language) -> str:
    """What to do next, as a button says it."""
    return _say(f"guidance.steps.next.{gap.code}", gap.params, workshop, language)


def _say(key: str, params: Mapping[str, Param], workshop: Workshop, language: Language) -> str:
    return say(key, language, **{name: _shown(name, value, workshop, language) for name, value in params.items()})


def _shown(name: str, value: Param, workshop: Workshop, language: Language) -> Param:
    """A parameter as people read it: ``node`` and its like hold one code, their plurals several."""
    if not isinstance(value, str) or name not in _NAMED:
        if name == "share" and isinstance(value, float):
            return f"{value:.1%}"
        if name == "date" and isinstance(value, str):
            return format_date(date.fromisoformat(value), language)
        return f"{value:,.12g}" if isinstance(value, float) else value
    names = [_NAMED[name](workshop, code, language) for code in value.split(LIST)]
    if name == "path":
        return " → ".join(names)
    if len(names) > LISTED:
        listed = say("guidance.list.separator", language).join(names[:LISTED])
        return say("guidance.list.more", language, listed=listed, count=len(names) - LISTED)
    return say("guidance.list.separator", language).join(names)


def _node(workshop: Workshop, code: str, language: Language) -> str:
    node = workshop.node(code)
    return (node.name.in_language(language) if node else "") or code


def _department(workshop: Workshop, code: str, language: Language) -> str:
    return workshop.department_name(code, language)


def _dataset(workshop: Workshop, code: str, language: Language) -> str:
    dataset = workshop.dataset(code)
    return (dataset.name.in_language(language) if dataset else "") or code


def _view(workshop: Workshop, code: str, language: Language) -> str:
    return _named(next((view.name for view in workshop.views if view.code == code), None), code, language)


def _review(workshop: Workshop, code: str, language: Language) -> str:
    return _named(next((review.name for review in workshop.reviews if review.code == code), None), code, language)


def _named(name: Bilingual | None, code: str, language: Language) -> str:
    return (name.in_language(language) if name else "") or code


def _field(workshop: Workshop, code: str, language: Language) -> str:
    return say(f"guidance.fields.{code}", language)


def _cadence(workshop: Workshop, code: str, language: Language) -> str:
    return say(f"vocabulary.cadence.{code}", language)


def _unit(workshop: Workshop, code: str, language: Language) -> str:
    return code


_Naming = Callable[[Workshop, str, Language], str]
_NAMED: Mapping[str, _Naming] = {
    "node": _node,
    "nodes": _node,
    "other": _node,
    "parent": _node,
    "path": _node,
    "department": _department,
    "other_department": _department,
    "departments": _department,
    "dataset": _dataset,
    "other_dataset": _dataset,
    "datasets": _dataset,
    "view": _view,
    "views": _view,
    "review": _review,
    "fields": _field,
    "cadence": _cadence,
    "cadences": _cadence,
    "columns": _unit,
}
