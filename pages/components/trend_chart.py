"""A node over time, large: actual, target and previous year, and below them the difference to the target."""

from __future__ import annotations

from kpi_core.charts import trend, variance
from kpi_core.charts.columns import Frame
from kpi_core.charts.writing import Writing
from kpi_core.model.workshop import Workshop
from kpi_core.services.dashboards import Board, Tile
from kpi_core.services.variation_words import immature_shares, limits
from pages.components.chart import OVER_TIME, chart, colours, titled_chart
from pages.components.tile import name_of
from pages.components.variation import marked_periods, maturity_of, signals_of


def trend_chart(
    board: Board, workshop: Workshop, one: Tile, writing: Writing, *, key: str, differences: bool = True
) -> None:
    """The last periods up to the shown one, with the finding as the title; signals and unripe cohorts are marked."""
    found = signals_of(board, workshop, one.node.code)
    usual = limits(found)

    def drawn() -> tuple[Frame, str, Frame]:
        course = board.trend(one.node.code)
        early = maturity_of(board, one)
        rows = trend.frame(
            *course,
            writing,
            today=board.today,
            signals=marked_periods(board, workshop, one),
            limits=usual,
            immature=frozenset(immature_shares(early)) if early is not None else frozenset(),
        )
        periods, actual, target, _ = course
        apart = variance.frame(periods, actual, target, writing, one.node.direction, today=board.today)
        return rows, trend.title(name_of(one), rows, writing, one.node.direction), apart

    rows, finding, apart = board.once(("trend", one.node.code, writing.language), drawn)
    grain = board.evaluated.periods[-1].grain
    has_target = rows["target"].null_count < rows.num_rows
    has_before = rows["previous_year"].null_count < rows.num_rows
    shown = {
        "target": has_target,
        "previous_year": has_before,
        "signals": usual is not None,
        "immature": any(rows["immature"].to_pylist()),
    }
    spec = trend.spec(writing, grain, **shown, colours=colours())
    titled_chart(rows, spec, finding, OVER_TIME, key=key)
    if differences and apart["variance"].null_count < apart.num_rows:
        chart(apart, variance.spec(writing, colours=colours()), finding, key=f"{key}.differences")
