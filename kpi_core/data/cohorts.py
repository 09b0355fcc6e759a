"""Who entered on which day and converted on which, counted where the rows lie."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import pandas as pd

from kpi_core.data.query import Term, kept_rows
from kpi_core.data.rows import newest_rows
from kpi_core.data.tables import Tables
from kpi_core.data.values import day_column
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Aggregate


def days_of(
    workshop: Workshop, tables: Tables, part: SimpleMeasure, converted: str | None = None
) -> Mapping[str, pd.Series[pd.Timestamp]]:
    """The day of entry (``part.date``) of each row that ``part`` counts, as ``entered``; beside it, ``converted``.

    A distinct count counts an id once a day, with its first conversion; rows without the id are none of its. What
    travels are the numbers of rows by day. Raises ``RefusedError('rows_refused')`` with the reason.
    """
    with newest_rows(workshop, tables, part.dataset) as (engine, rows):
        names = {"entered": str(part.date)} | ({"converted": converted} if converted else {})
        asked = [*names.values(), *([part.column] if part.column else []), *(entry.column for entry in part.where)]
        for name in dict.fromkeys(asked):
            rows.add(name)
        kept = kept_rows(rows, Term.of(part.aggregate, part.column, part.where).where)
        table = (rows.table if kept is None else rows.table.filter(kept)).select(
            **{name: day_column(rows[column], column) for name, column in names.items()},
            one=rows[part.column] if part.column else ibis.null("int64"),
        )
        table = table.filter(table.one.notnull()) if part.column else table
        if part.aggregate is Aggregate.COUNT_DISTINCT:
            first = {"converted": table.converted.min()} if converted else {"times": table.count()}
            table = table.group_by(["entered", "one"]).aggregate(**first)
        grouped = table.group_by(list(names)).aggregate(rows=table.count())
        frame = pd.DataFrame(rows.fetch(engine, grouped.select(*names, "rows")), columns=[*names, "rows"])
    return {name: pd.Series(frame[name].to_numpy("datetime64[s]").repeat(frame["rows"])) for name in names}
