"""How far to trust a number on the dashboard: where the year lands, usual variation, formula and measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.base import Bilingual, PeriodValue
from kpi_core.model.node import Node
from kpi_core.model.period import period_of
from kpi_core.services import drafts
from kpi_core.services.datasets import today_of
from kpi_core.services.editing import save
from kpi_core.services.forecasts import override
from kpi_core.services.foreseen import find_outlook
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.views import add_missing_views
from kpi_core.store.state import State
from kpi_core.vocabulary import Grain, NodeKind, Page

Show = Callable[..., AppTest]
WHO = Who("test")


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def read(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.markdown, *app.caption)).replace("\\", "")


def large(show: Show, here: State, workshop: str, code: str) -> AppTest:
    """The field view that shows the node, with the node large below."""
    field = next(one for one in snapshot(here, workshop).workshop.views[1:] if code in one.nodes)
    app = show(Page.DASHBOARD, workshop)
    app.button_group(key="dashboard.view").set_value(field.code)
    run(app).button_group(key=f"dashboard.chosen.{field.code}").set_value(code)
    return run(app)


def test_where_the_year_lands_is_told_and_a_persons_own_number_speaks(show: Show, sample: str, here: State) -> None:
    assert "着地見込みを計算しています" in read(show(Page.DASHBOARD, sample))
    workshop = snapshot(here, sample).workshop
    today = today_of(workshop)
    found = find_outlook(here, sample, workshop.kgi.code, WHO, today=today)
    assert found.year is not None
    shown = read(show(Page.DASHBOARD, sample))
    assert "着地見込み(2026年度)" in shown
    assert "8割の見込みで" in shown
    override(here, sample, workshop.kgi.code, found.year.period.key, 700e6, "大口の内示", WHO, today=today)
    assert "testの手入力:大口の内示" in read(show(Page.DASHBOARD, sample))


@pytest.mark.parametrize(("typed", "words"), [(12, "計算式の値と実測値は一致しています"), (24, "定義")])
def test_a_formula_is_held_against_the_typed_number(
    show: Show, here: State, blank: str, typed: int, words: str
) -> None:
    workshop = snapshot(here, blank).workshop
    month = period_of(today_of(workshop), Grain.MONTH, 4)
    sales = workshop.departments[1].code

    def node(code: str, value: int, **more: Any) -> None:
        values = tuple(PeriodValue(period=month.shift(-back).key, value=value) for back in range(1, 9))
        made = Node(code=code, kind=NodeKind.KPI, department=sales, unit="count", manual=values, **more)
        save(here, blank, "nodes", made, None, WHO)

    node("calls", 6)
    node("teams", 2)
    node("visits", typed, formula="calls * teams", name=Bilingual(ja="訪問"))
    add_missing_views(here, blank, WHO)
    app = large(show, here, blank, "visits")
    app.session_state["dashboard.large.closure.visits"] = True
    assert words in read(run(app))
    table = app.dataframe[0].value
    assert list(table.columns) == ["期間", "実測", "計算式", "差"]
    assert table["差"].iloc[0] == ("±0件" if typed == 12 else "+12件")


def test_usual_variation_is_told_below_the_number(show: Show, sample: str, here: State) -> None:
    shown = read(large(show, here, sample, "sql_rate"))
    assert "これまでの通常の範囲は" in shown


def test_a_typed_landing_says_what_it_was_taken_for(show: Show, sample: str, here: State) -> None:
    workshop = snapshot(here, sample).workshop
    code, today = workshop.kgi.code, today_of(workshop)
    find_outlook(here, sample, code, WHO, today=today)
    typed = {"value": "585", "reason": ""}
    drafts.keep(here, sample, f"draft/{sample}/landing.{code}", None, typed, Who(""))
    app = show(Page.DASHBOARD, sample)
    app.session_state["dashboard.landing.override"] = True
    app.button(key="dashboard.landing_basis").click()
    told = read(run(app))
    assert "= 0.0006百万円" in told
    assert "の0%" in told
