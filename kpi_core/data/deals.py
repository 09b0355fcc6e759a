"""The deals of a weighted pipeline, counted where their rows lie."""

from __future__ import annotations

import ibis
import pandas as pd

from kpi_core.data.query import Term, kept_rows
from kpi_core.data.relation import Rows
from kpi_core.data.rows import newest_rows
from kpi_core.data.tables import Tables
from kpi_core.data.values import Value, day_column, number_column
from kpi_core.model.pipeline import Pipeline
from kpi_core.model.workshop import Workshop
from kpi_core.vocabulary import Aggregate


def counted_deals(workshop: Workshop, tables: Tables, pipeline: Pipeline) -> pd.DataFrame:
    """The newest rows that ``pipeline.where`` keeps, those alike counted together.

    Columns: ``stage`` (its cell), the days ``expected`` and ``closed``, ``reached <n>`` (whether the date column of the
    n-th open stage is filled; true where it has none), ``rows``, and of these the ``amount`` in all (0 where none has
    one; without an amount column their number) and how many are ``without`` one.
    Raises ``RefusedError('rows_refused')`` with the reason, also where nothing was uploaded.
    """
    with newest_rows(workshop, tables, pipeline.dataset) as (engine, rows):
        reached = {f"reached {at}": stage.reached for at, stage in enumerate(pipeline.open)}
        named = (pipeline.stage, pipeline.expected, pipeline.closed, pipeline.amount, *reached.values())
        for name in dict.fromkeys([*(one for one in named if one), *(entry.column for entry in pipeline.where)]):
            rows.add(name)
        kept = kept_rows(rows, Term.of(Aggregate.COUNT, None, pipeline.where).where)
        amount = _number(rows, pipeline.amount) if pipeline.amount else ibis.literal(1.0)
        table = (rows.table if kept is None else rows.table.filter(kept)).select(
            stage=rows[pipeline.stage],
            expected=day_column(rows[pipeline.expected], pipeline.expected),
            closed=day_column(rows[pipeline.closed], pipeline.closed),
            number=amount,
            **{name: rows[column].notnull() if column else ibis.literal(True) for name, column in reached.items()},
        )
        groups = ["stage", "expected", "closed", *reached]
        grouped = table.group_by(groups).aggregate(
            rows=table.count(),
            amount=table.number.sum().fill_null(0.0),
            without=table.count(where=table.number.isnull()),
        )
        names = [*groups, "rows", "amount", "without"]
        frame = pd.DataFrame(rows.fetch(engine, grouped.select(*names)), columns=names)
    days = {name: frame[name].to_numpy("datetime64[s]") for name in ("expected", "closed")}
    return frame.assign(**days, amount=frame["amount"].astype("float64"))


def _number(rows: Rows, column: str) -> Value:
    decimal = number_column(rows[column], column, Aggregate.SUM).cast("float64")
    return decimal.isnan().ifelse(ibis.null("float64"), decimal)  # what is no number is no amount
