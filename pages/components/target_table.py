"""A node's targets period by period over one fiscal year: typed in a table, beside last year's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from kpi_core.model.node import Node
from kpi_core.model.period import Period
from kpi_core.model.workshop import Workshop
from kpi_core.text.numbers import axis_unit, format_period
from pages.components.draft import Draft, amount
from pages.components.session import current, raw, t

Row = dict[str, object]
#: Values from this size on are shown without decimals beside the targets.
_WHOLE = 1000


def target_field(year: Period) -> str:
    """The draft's field that holds one fiscal year's targets."""
    return f"targets_{year.key}"


def target_rows(node: Node | None, periods: Sequence[Period]) -> list[Row]:
    """What that field holds: a row a period with ``period`` (key) and ``value`` (``None``: no target)."""
    stated = {entry.period: entry.value for entry in node.targets} if node else {}
    return [{"period": one.key, "value": stated.get(one.key)} for one in periods]


def typed_targets(values: Mapping[str, object]) -> dict[str, float | None]:
    """Period key → target of every year that the draft's values hold; ``None``: taken away.

    Raises ``RefusedError('amount_unreadable')`` where a cell holds no number.
    """
    found: dict[str, float | None] = {}
    for field, rows in values.items():
        if field.startswith("targets_") and isinstance(rows, list):
            found |= {row["period"]: amount(row["value"]) for row in rows}
    return found


def target_table(
    draft: Draft,
    workshop: Workshop,
    node: Node | None,
    *,
    year: Period,
    periods: Sequence[Period],
    unit: str | None = None,
    previous_year: Sequence[float] = (),
) -> dict[str, float | None]:
    """Draws the table of ``year`` and gives its targets as they stand: period key → target.

    The draft keeps them in ``target_field(year)``, which must begin as ``target_rows(node, periods)``.
    """
    language = current().language
    settings = workshop.settings
    unit = unit if unit is not None else node.unit if node else ""
    known = any(value == value for value in previous_year)
    beside: dict[str, Sequence[object]] = {
        "label": [format_period(one, language, settings.fiscal_year_start, style="name") for one in periods]
    }
    if known:
        beside["previous"] = [round(one, 0 if abs(one) >= _WHOLE else 3) for one in previous_year]
    word = axis_unit(unit, language, currency=settings.currency) if unit else ""
    number_format = "percent" if unit == "ratio" else "localized"
    rows = draft.table(
        target_field(year),
        t("kgi.targets_of", year=format_period(year, language, settings.fiscal_year_start)),
        ["period", "value"],
        beside=beside,
        amounts={"value": unit},
        hide_index=True,
        column_order=["label", *(["previous"] if known else []), "value"],
        disabled=["label", "previous"],
        column_config={
            "label": st.column_config.TextColumn(raw("kgi.period"), width="small"),
            "previous": st.column_config.NumberColumn(raw("kgi.previous_year"), format=number_format),
            "value": st.column_config.TextColumn(
                raw("kgi.target_in", unit=word) if word else raw("kgi.target"),
                alignment="right",
                help=t("kgi.target_ratio_help") if unit == "ratio" else t("kgi.target_help"),
            ),
        },
        row_height=32,
        height="content",
    )
    return {str(row["period"]): None if isinstance(row["value"], str) else row["value"] for row in rows}
