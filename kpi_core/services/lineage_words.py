"""A number's lineage in words: what a measure takes from rows, which file they came in, who typed a value."""

from __future__ import annotations

from datetime import datetime

from kpi_core.model.measure import Filter, SimpleMeasure
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.lineage import Origin, Rows, Typed, Way
from kpi_core.services.typed_lists import written
from kpi_core.services.wording import sentence_for
from kpi_core.text import say
from kpi_core.text.periods import format_date, format_datetime, format_period
from kpi_core.tree.writing import formula_in_words
from kpi_core.vocabulary import Aggregate, Language, Op

_BARE = (Op.IS_NULL, Op.NOT_NULL)


def way_words(origin: Origin, workshop: Workshop, language: Language) -> str:
    """How the number comes about: its formula with names, or measured, typed, from nowhere."""
    if origin.way is Way.FORMULA and origin.formula:
        formula = formula_in_words(origin.formula, workshop, language)
        return say("lineage.by_formula", language, formula=formula)
    return say(f"lineage.by_{origin.way.value}", language)


def measure_words(part: SimpleMeasure, workshop: Workshop, language: Language) -> str:
    """What is counted or added up, by which date: ``「金額」の合計（「締結日」の期間）``."""
    aggregate = say(f"vocabulary.aggregate.{part.aggregate.value}", language)
    dataset = dataset_name(workshop, part.dataset, language)
    key = "rows_counted" if part.aggregate is Aggregate.COUNT else "column_taken"
    line = say(f"lineage.{key}", language, dataset=dataset, column=part.column or "", how=aggregate)
    date = say("lineage.by_date", language, column=part.date) if part.date else say("lineage.by_snapshot", language)
    return f"{line} {date}"


def filter_words(entry: Filter, language: Language) -> str:
    """One condition: ``「ステージ」が「受注」``."""
    values = entry.value if isinstance(entry.value, tuple) else () if entry.value is None else (entry.value,)
    quoted = say("lineage.comma", language).join(say("lineage.quoted", language, value=written(one)) for one in values)
    if entry.op is Op.BETWEEN:
        low, high = (written(one) for one in values)
        return say("lineage.filter.between", language, column=entry.column, low=low, high=high)
    return say(f"lineage.filter.{entry.op.value}", language, column=entry.column, value=quoted)


def file_words(rows: Rows, workshop: Workshop, language: Language) -> str:
    """The upload the rows came in: file, place in it, who and when."""
    version = rows.version
    if version is None:
        return "".join(sentence_for(problem, language) for problem in rows.problems)
    reading = version.reading
    parts = [say("lineage.file", language, file=version.file_name, rows=f"{version.rows:,}")]
    if reading.sheet:
        parts.append(say("lineage.sheet", language, sheet=reading.sheet))
    if reading.header_row:
        parts.append(say("lineage.header_row", language, row=reading.header_row))
    at = _at(version.uploaded_at, workshop, language)
    key = "uploaded_by" if version.uploaded_by else "uploaded"
    parts.append(say(f"lineage.{key}", language, who=version.uploaded_by, at=at))
    parts.append(say("lineage.as_of", language, day=format_date(version.as_of, language)))
    return say("lineage.dot", language).join(parts)


def source_words(rows: Rows, workshop: Workshop, language: Language) -> str:
    """The system the dataset belongs to, and who answers for it."""
    source = next((one for one in workshop.sources if one.code == rows.source), None)
    if source is None:
        return rows.source
    name = source.name.in_language(language) or source.code
    return say("lineage.source_owned", language, name=name, owner=source.owner) if source.owner else name


def typed_words(entry: Typed, workshop: Workshop, language: Language, value: str) -> str:
    """A typed value with who typed it; where that is not on record, says so."""
    start = workshop.settings.fiscal_year_start
    period = _period(entry.period, start, language)
    if entry.at is None:
        return say("lineage.typed_before", language, period=period, value=value)
    at = _at(entry.at, workshop, language)
    who = entry.who or say("lineage.anonymous", language)
    return say("lineage.typed", language, period=period, value=value, who=who, at=at)


def dataset_name(workshop: Workshop, code: str, language: Language) -> str:
    found = workshop.dataset(code)
    return (found.name.in_language(language) if found else "") or code


def computed_words(origin: Origin, workshop: Workshop, language: Language) -> str:
    """When the number was last computed from rows; empty where it was not."""
    if origin.computed_at is None:
        return ""
    return say("lineage.computed", language, at=_at(origin.computed_at, workshop, language))


def _period(key: str, start: int, language: Language) -> str:
    return format_period(parse_period(key, start), language, start)


def _at(moment: datetime, workshop: Workshop, language: Language) -> str:
    return format_datetime(moment, language, workshop.settings.timezone)
