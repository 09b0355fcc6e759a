"""Which fiscal years targets and baselines can be of."""

from __future__ import annotations

from pathlib import Path

from kpi_core.model.base import PeriodValue
from kpi_core.services.datasets import store_upload, today_of
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.target_years import baseline_periods, fiscal_years, years_of_data
from kpi_core.store.state import State

ROWS = """stage,closed,region
Won,2009-02-03,East
Won,2017-12-20,West
Won,9998-12-31,East
"""


def test_years_around_today_and_those_of_the_data_are_offered(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, encoding="utf-8")
    store_upload(state, workshop, "deals", path, "deals.csv", None, me)
    assert [year.key for year in years_of_data(state, workshop)] == ["2026"]  # size is typed
    refresh(state, workshop, me)
    measured = years_of_data(state, workshop)
    assert [year.key for year in measured] == ["2008", "2017", "2026"]  # February 2009 is of the year from April 2008
    found = snapshot(state, workshop).workshop
    won = found.node("won")
    assert won is not None
    aimed = won.model_copy(update={"targets": (PeriodValue(period="2050-04", value=1),)})
    today = today_of(found)
    this = today.year if today.month >= 4 else today.year - 1
    keys = [year.key for year in fiscal_years(found, aimed, measured)]
    assert keys == ["2008", *map(str, range(this - 10, this + 11)), "2050"]


def test_baselines_are_of_recent_months_and_of_those_of_the_data(
    state: State, workshop: str, tmp_path: Path, me: Who
) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, encoding="utf-8")
    store_upload(state, workshop, "deals", path, "deals.csv", None, me)
    refresh(state, workshop, me)
    keys = baseline_periods(snapshot(state, workshop).workshop, years_of_data(state, workshop))
    assert {"2008", "2017", "2008-04", "2009-03", "2017-12"} <= set(keys)
    assert "2010-01" not in keys
    assert len(keys) == len(set(keys))
