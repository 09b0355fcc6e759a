"""A field of a node's definition card in words, and what differs in it between two versions."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from kpi_core.charts.writing import Writing
from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.measure import Filter, RatioMeasure, SimpleMeasure
from kpi_core.model.node import Node, Thresholds
from kpi_core.model.workshop import Workshop
from kpi_core.text.periods import format_date, format_period
from pages.components.session import current, raw

_NONE = "–"
#: Where the words of a field's values are: ``vocabulary.<name>.<value>``.
_VOCABULARY = {"kind": "node_kind", "status": "node_status", "update_frequency": "cadence"}


def field_words(workshop: Workshop, node: Node, field: str) -> str:
    """The field's value as plain text; a dash for none."""
    value = getattr(node, field)
    return _NONE if value in (None, "", ()) else _words(workshop, node, field, value)


def differing(workshop: Workshop, before: Node, after: Node, field: str) -> tuple[str, str]:
    """The field before and after; of values by period only those that differ."""
    was, now = getattr(before, field), getattr(after, field)
    if field in ("targets", "manual"):
        same = set(was) & set(now)
        before = before.model_copy(update={field: tuple(one for one in was if one not in same)})
        after = after.model_copy(update={field: tuple(one for one in now if one not in same)})
    return field_words(workshop, before, field), field_words(workshop, after, field)


def _words(workshop: Workshop, node: Node, field: str, value: Any) -> str:
    language, apart = current().language, raw("tree.separator")
    if isinstance(value, Bilingual):
        return " / ".join(name for name in (value.ja, value.en) if name) or _NONE
    if field == "parent":
        parent = workshop.node(value)
        return (parent.name.in_language(language) or value) if parent else str(value)
    if field == "department":
        return workshop.department_name(value, language)
    if field == "contributors":
        return apart.join(workshop.department_name(code, language) for code in value)
    if field == "review":
        found = next((one for one in workshop.reviews if one.code == value), None)
        return (found.name.in_language(language) if found else "") or str(value)
    if isinstance(value, Enum):
        return raw(f"vocabulary.{_VOCABULARY.get(field, field)}.{value.value}")
    if isinstance(value, date):
        return format_date(value, language)
    if isinstance(value, SimpleMeasure | RatioMeasure):
        return " ÷ ".join(_measure(workshop, part) for part in value.parts)
    if isinstance(value, PeriodValue | Thresholds | tuple):
        return _numbers(workshop, node, value)
    return str(value)


def _numbers(workshop: Workshop, node: Node, value: PeriodValue | Thresholds | tuple[PeriodValue, ...]) -> str:
    language, settings = current().language, workshop.settings
    writing, apart = Writing.of(node, settings, language), raw("tree.separator")
    if isinstance(value, Thresholds):
        bounds = [(name, getattr(value, name)) for name in ("goal", "red", "goal_upper", "red_upper")]
        parts = [
            f"{raw(f'kpi_design.field.{name}')} {writing.value(bound)}" for name, bound in bounds if bound is not None
        ]
        return apart.join(parts)
    entries = (value,) if isinstance(value, PeriodValue) else value
    start = settings.fiscal_year_start
    return apart.join(f"{format_period(one.period, language, start)} {writing.value(one.value)}" for one in entries)


def _measure(workshop: Workshop, part: SimpleMeasure) -> str:
    dataset = workshop.dataset(part.dataset)
    name = (dataset.name.in_language(current().language) if dataset else "") or part.dataset
    aggregate = raw(f"vocabulary.aggregate.{part.aggregate.value}")
    words = [name, f"{aggregate} {part.column}" if part.column else aggregate, part.date or ""]
    words += [_filter(entry) for entry in part.where]
    return " ・ ".join(word for word in words if word)


def _filter(entry: Filter) -> str:
    values = entry.value if isinstance(entry.value, tuple) else () if entry.value is None else (entry.value,)
    return f"{entry.column} {entry.op.value} {', '.join(str(value) for value in values)}".strip()
