"""Where a number comes from, down to rows, files and people."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpi_core.cli.answering import detail_of, problem_json
from kpi_core.cli.common import language_of, tell
from kpi_core.store.state import State
from kpi_core.vocabulary import Language

if TYPE_CHECKING:
    from kpi_core.model.workshop import Workshop
    from kpi_core.services.datasets import Version
    from kpi_core.services.lineage import Origin, Rows


def lineage(asked: Namespace) -> int:
    from kpi_core.services.lineage import datasets_of, lineage
    from kpi_core.services.snapshots import snapshot

    with State.open(asked.db) as state:
        language = language_of(state, asked)
        workshop = snapshot(state, asked.id).workshop
        found = lineage(state, asked.id, asked.node, asked.period)
    document = {**_origin(found, language), "datasets": list(datasets_of(found))}
    return tell(asked, document, _lines(found, workshop, language))


def _origin(one: Origin, language: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"node": one.node, "period": one.period.key, "value": one.value, "way": one.way.value}
    if one.formula:
        told["formula"] = one.formula
    if one.inputs:
        told["inputs"] = [_origin(each, language) for each in one.inputs]
    if one.cut:
        told["cut"] = True
    if one.rows:
        told["rows"] = [_rows(each, language) for each in one.rows]
        told["computed_at"] = None if one.computed_at is None else one.computed_at.isoformat()
    if one.typed:
        told["typed"] = [
            {"period": each.period, "value": each.value, "by": each.who, "at": each.at and each.at.isoformat()}
            for each in one.typed
        ]
    return told


def _rows(rows: Rows, language: Language) -> dict[str, Any]:
    part = rows.part
    told: dict[str, Any] = {
        "dataset": part.dataset,
        "source": rows.source,
        "aggregate": part.aggregate.value,
        "column": part.column,
        "date": part.date,
        "where": [entry.model_dump(mode="json", exclude_none=True) for entry in part.where],
        "count": rows.count,
        "value": rows.value,
        "derived": [{"name": one.name, "expression": one.expression} for one in rows.derived],
        "lookups": [{"dataset": one.dataset, "version": _version(one.version)} for one in rows.lookups],
        "version": _version(rows.version),
    }
    return told | ({"issues": [problem_json(one, language) for one in rows.problems]} if rows.problems else {})


def _version(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    reading = version.reading
    return {
        "id": version.id,
        "file": version.file_name,
        "sha256": reading.sha256,
        "sheet": reading.sheet,
        "header_row": reading.header_row,
        "rows": version.rows,
        "as_of": version.as_of.isoformat(),
        "uploaded_by": version.uploaded_by,
        "uploaded_at": version.uploaded_at.isoformat(),
    }


def _lines(one: Origin, workshop: Workshop, language: Language, depth: int = 0) -> Iterator[str]:
    from kpi_core.services import lineage_words as words

    indent = "  " * depth
    value = "–" if one.value is None else f"{one.value:.10g}"
    yield f"{indent}{one.node}\t{one.period.key}\t{value}\t{words.way_words(one, workshop, language)}"
    for rows in one.rows:
        yield f"{indent}  {words.measure_words(rows.part, workshop, language)}"
        for condition in rows.part.where:
            yield f"{indent}    {words.filter_words(condition, language)}"
        if rows.count is not None:
            yield f"{indent}    {rows.count}\t{'–' if rows.value is None else f'{rows.value:.10g}'}"
        yield f"{indent}    {words.file_words(rows, workshop, language)}"
        if rows.version is None:
            yield from (f"{indent}    {detail}" for one in rows.problems if (detail := detail_of(one)))
    for entry in one.typed:
        yield f"{indent}  {words.typed_words(entry, workshop, language, f'{entry.value:.10g}')}"
    for below in one.inputs:
        yield from _lines(below, workshop, language, depth + 1)
