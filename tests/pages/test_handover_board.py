"""Hand-overs on the dashboard: both departments read the same numbers; what is not measured is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.operation import Tracking
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Page

Show = Callable[..., AppTest]


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def said(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.subheader, app.metric)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def field(elements: Any, key: str) -> Any:
    return next(one for one in elements if str(one.key).endswith(key))


def at_view(show: Show, workshop: str, department: str | None, here: State, language: str = "ja") -> AppTest:
    views = snapshot(here, workshop).workshop.views
    view = next(one for one in views if one.department == department)
    app = show(Page.DASHBOARD, workshop, language)
    app.session_state["dashboard.view"] = view.code
    return run(app)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_both_departments_and_the_executives_read_the_same(show: Show, sample: str, here: State, language: str) -> None:
    told = []
    for department in (None, "marketing", "inside_sales"):
        app = at_view(show, sample, department, here, language)
        told.append([one.value for one in app.metric if one.label in ("受け入れ率", "期限内の対応", "Accepted")])
    assert told[0] == told[1] == told[2]
    counts = "この期間に引き渡した" if language == "ja" else "handed over in this period"
    assert any(counts in one.value for one in app.caption)  # not the conversion of the leads made in the period
    assert told[0][0].replace("\\", "") == "34.6%"  # October 2026: 46 of 133


def test_another_department_does_not_see_it_and_an_unmeasured_one_says_why(
    show: Show, sample: str, here: State
) -> None:
    text = said(at_view(show, sample, "customer_success", here))
    assert "マーケティング部 → インサイドセールス部" not in text
    assert "- 営業部 → カスタマーサクセス部" in text
    assert "引き渡した日時などの列が決まっていません" in text
    assert "受け入れ率" not in [one.label for one in at_view(show, sample, "customer_success", here).metric]


def test_the_columns_are_picked_with_the_criterion(show: Show, sample: str, here: State) -> None:
    app = show(Page.KPI_DESIGN, sample)
    app.session_state["kpi_design.below"] = "handovers"
    app = run(app)
    place = "handovers.sql_to_deal"
    field(app.selectbox, f"{place}/track_handed_at").set_value("SQL日")
    field(app.selectbox, f"{place}/track_outcome").set_value("判定")
    app = run(app)
    field(app.multiselect, f"{place}/track_accepted").set_value(["SQL"])
    app = run(app)
    field(app.button, f"{place}/save").click()
    run(app)
    handover = next(one for one in snapshot(here, sample).workshop.handovers if one.code == "sql_to_deal")
    assert handover.tracking == Tracking(handed_at="SQL日", outcome="判定", accepted=("SQL",))
