"""The reasons as a table: before, after and contribution of each, with their sum."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.reasons import Why
from kpi_core.services.why_words import reason_name, writing_of
from pages.components.session import current, raw

#: More rows than these scroll.
_MOST = 10


def why_table(workshop: Workshop, found: Why, writing: Writing, *, key: str) -> None:
    """A row for each reason, then the whole change; by segment without the values before and after.

    An input that stands without drivers it shares has none in its row either: its values are of the whole.
    """
    told, language = found.explanation, current().language
    rows = []
    for one in found.reasons:
        node = workshop.node(one.node or "")
        own = writing if node is None else writing_of(node, workshop, language)
        own_values = (None, None) if one.without else (one.before, one.after)
        values = ["" if number is None else own.value(number) for number in own_values]
        rows.append([reason_name(one, workshop, language), writing.change(one.value), *values])
    rows.append([raw("why.sum"), writing.change(told.change), writing.value(told.before), writing.value(told.after)])
    first = raw("why.table_reason" if found.by is None else "why.table_segment")
    # the contribution comes first: on a phone what follows is scrolled to
    heads = [first, raw("why.table_value"), raw("why.table_before"), raw("why.table_after")]
    table = pd.DataFrame(rows, columns=heads)
    if not any(one.before is not None for one in found.reasons):
        table = table.drop(columns=heads[2:])
    st.dataframe(table, hide_index=True, key=key, height="auto" if len(rows) <= _MOST else 38 * (_MOST + 1))
