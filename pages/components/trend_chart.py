"""A node over time, large: actual, target and previous year, and below them the difference to the target."""

from __future__ import annotations

from kpi_core.charts import trend, variance
from kpi_core.charts.columns import Frame
from kpi_core.charts.writing import Writing
from kpi_core.services.dashboards import Board, Tile
from pages.components.chart import OVER_TIME, chart, colours, titled_chart
from pages.components.tile import name_of


def trend_chart(board: Board, one: Tile, writing: Writing, *, key: str, differences: bool = True) -> None:
    """The last periods up to the shown one, with the finding as the title."""

    def drawn() -> tuple[Frame, str, Frame]:
        course = board.trend(one.node.code)
        rows = trend.frame(*course, writing, today=board.today)
        periods, actual, target, _ = course
        apart = variance.frame(periods, actual, target, writing, one.node.direction, today=board.today)
        return rows, trend.title(name_of(one), rows, writing, one.node.direction), apart

    rows, finding, apart = board.once(("trend", one.node.code, writing.language), drawn)
    grain = board.evaluated.periods[-1].grain
    has_target = rows["target"].null_count < rows.num_rows
    has_before = rows["previous_year"].null_count < rows.num_rows
    spec = trend.spec(writing, grain, target=has_target, previous_year=has_before, colours=colours())
    titled_chart(rows, spec, finding, OVER_TIME, key=key)
    if differences and apart["variance"].null_count < apart.num_rows:
        chart(apart, variance.spec(writing, colours=colours()), finding, key=f"{key}.differences")
