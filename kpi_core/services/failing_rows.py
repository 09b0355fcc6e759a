"""The rows that break a rule, to take away and mend."""

from __future__ import annotations

from kpi_core.data.tables import Tables
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import tables
from kpi_core.services.exporting import csv_bytes
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State


def failing_csv(state: State, workshop_id: str, dataset_code: str, position: int) -> bytes:
    """All rows of the newest version that break the rule at ``position``, as a CSV that no spreadsheet runs.

    Of a connected table at most ``most_taken``, without numbers. Else the first column is the row's number, counted
    from the first data row. Raises ``RefusedError('rows_refused')`` where the rule cannot be checked.
    """
    workshop = snapshot(state, workshop_id).workshop
    return csv_of_failing(workshop, tables(state, workshop_id), dataset_code, position)


def most_taken(workshop: Workshop, dataset_code: str) -> int | None:
    """How many failing rows of a dataset travel at the most; ``None``: all of them."""
    from kpi_core.data.rows import MOST_FETCHED

    return None if workshop.connection_of(dataset_code) is None else MOST_FETCHED


def csv_of_failing(workshop: Workshop, tables: Tables, dataset_code: str, position: int, before: int = 0) -> bytes:
    """The same of tables that were read already; ``before`` rows stand before those that are counted, uncounted."""
    from kpi_core.data.quality import failing_rows

    rows = failing_rows(workshop, tables, dataset_code, position)
    lines = rows.itertuples(index=False, name=None)
    if before and list(rows.columns)[:1] == ["#"]:
        lines = ((number - before if number > before else None, *cells) for number, *cells in lines)
    return csv_bytes(list(rows.columns), lines)
