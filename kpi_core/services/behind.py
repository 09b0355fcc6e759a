"""What is behind a number: the rows of which file it was computed from, with their count and aggregate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from kpi_core.data.rows import rows_behind, rows_total, version_behind
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.period import Period
from kpi_core.services.datasets import tables, versions
from kpi_core.services.exporting import csv_bytes
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State

#: How many rows a page shows; a download has them all.
MOST_SHOWN = 200


@dataclass(frozen=True, eq=False)
class Behind:
    """One part of a measure in one period; a ratio has two: the numerator, then the denominator.

    ``rows`` are the first ``MOST_SHOWN`` in the order of the file, with all columns. ``count`` is the number of all of
    them, ``value`` the aggregate of exactly these rows (``None`` of none); a measured node's value is that of its only
    part, or the first divided by the second.
    """

    part: SimpleMeasure
    rows: pd.DataFrame
    count: int
    value: float | None
    file_name: str
    uploaded_at: datetime


def behind_number(state: State, workshop_id: str, code: str, period: Period) -> tuple[Behind, ...]:
    """What a measured node's value in ``period`` was computed from; nothing for a node without a measure.

    Raises ``RefusedError('rows_refused')`` with the reason, ``no_rows`` where nothing is uploaded for the period.
    """
    with state.reading():
        workshop = snapshot(state, workshop_id).workshop
        node = workshop.node(code)
        if node is None or node.measure is None:
            return ()
        kept = tables(state, workshop_id)
        uploads = {version.id: version for version in versions(state, workshop_id)}
    found = []
    for part in node.measure.parts:
        upload = uploads[version_behind(workshop, kept, part, period).version]
        count, value = rows_total(workshop, kept, part, period)
        rows = rows_behind(workshop, kept, part, period, limit=MOST_SHOWN)
        found.append(Behind(part, rows, count, value, upload.file_name, upload.uploaded_at))
    return tuple(found)


def csv_behind(state: State, workshop_id: str, part: SimpleMeasure, period: Period) -> bytes:
    """All rows behind one part as a CSV that no spreadsheet runs. Raises as ``behind_number``."""
    workshop = snapshot(state, workshop_id).workshop
    rows = rows_behind(workshop, tables(state, workshop_id), part, period, limit=None)
    for name in rows.select_dtypes("datetime"):  # a column of days has midnights only
        if (rows[name].dropna() == rows[name].dropna().dt.normalize()).all():
            rows[name] = rows[name].dt.date
    return csv_bytes(list(rows.columns), rows.itertuples(index=False, name=None))


def computed(parts: tuple[Behind, ...]) -> float | None:
    """The number that the parts' rows give: the value of the only part, or the first divided by the second."""
    if not parts or any(part.value is None for part in parts):
        return None
    values = [part.value or 0.0 for part in parts]
    if len(values) == 1:
        return values[0]
    return values[0] / values[1] if values[1] else None
