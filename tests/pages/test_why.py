"""「なぜ？」 on the dashboard: from a number to its reasons, down the tree, by segment; in both languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.measure import SimpleMeasure, dimensions_of
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Aggregate, Page

Show = Callable[..., AppTest]
LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])
OCTOBER = "2026-10"


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.value for one in app.exception]
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def read(elements: Sequence[Any]) -> str:
    return "\n".join(str(one.value) for one in elements).replace("\\", "")


@pytest.fixture
def asked(show: Show, sample: str) -> Callable[[str], AppTest]:
    """The drawer of the KGI's reasons in October 2026."""

    def opened(language: str) -> AppTest:
        app = show(Page.DASHBOARD, sample, language)
        app.selectbox(key="dashboard.period_list").set_value(OCTOBER)
        run(app)
        return press(app, "dashboard.why_kgi")

    return opened


@LANGUAGES
def test_the_kgis_change_is_told_in_a_sentence_and_a_table(asked: Callable[[str], AppTest], language: str) -> None:
    app = asked(language)
    told = {
        "ja": "受注金額は前月より68.6百万円減。主因は新規受注件数(△49.0百万円)と追加受注件数(△22.2百万円)",
        "en": "Bookings: down ¥68.6 million from the previous month. Mainly",
    }[language]
    assert told in read(app.markdown)
    table = app.dataframe[0].value
    assert table.iloc[-1, 1] == {"ja": "△68.6百万円", "en": "−¥68.6 million"}[language]
    assert len(table) == 4  # three inputs and the sum
    assert {"ja": "シャープレイ値", "en": "Shapley value"}[language] in read(app.markdown)


def test_an_input_is_asked_in_turn_and_the_way_back_leads_up(asked: Callable[[str], AppTest]) -> None:
    app = press(asked("ja"), "dashboard.why.path.bookings.open.new_won_deals")
    press(app, "dashboard.why_kgi")  # a dialog's own rerun closes it in this test: it is opened where it was
    text = read(app.markdown)
    assert "新規受注件数は前月より42件減" in text
    assert "「受注金額」への影響は **△49.0百万円**" in text
    press(app, "dashboard.why.path.bookings.0")
    press(app, "dashboard.why_kgi")
    assert "受注金額は前月より68.6百万円減" in read(app.markdown)


def test_it_is_told_by_segment_and_against_the_target(asked: Callable[[str], AppTest]) -> None:
    app = asked("ja")
    app.session_state["dashboard.why.cut.bookings.4"] = "地域"
    press(app, "dashboard.why_kgi")
    assert list(app.dataframe[0].value.columns) == ["区分", "寄与"]
    app.session_state["dashboard.why.compared"] = "target"
    press(app, "dashboard.why_kgi")
    assert "受注金額は目標を2.30百万円下回る" in read(app.markdown)
    assert "計算式では説明できない分" in set(app.dataframe[0].value["要因"])


def test_a_number_typed_by_hand_says_that_it_cannot_be_split(show: Show, sample: str, here: State) -> None:
    app = show(Page.DASHBOARD, sample)
    field = next(one for one in snapshot(here, sample).workshop.views[1:] if "adoption_rate" in one.nodes)
    app.button_group(key="dashboard.view").set_value(field.code)
    run(app)
    press(app, "dashboard.why.adoption_rate")
    assert "計算式のない実測値です。手入力の値のため" in read(app.caption)


@LANGUAGES
def test_a_median_says_why_its_segments_explain_nothing(show: Show, sample: str, here: State, language: str) -> None:
    workshop = snapshot(here, sample).workshop
    node = next(
        one
        for one in workshop.nodes
        if isinstance(one.measure, SimpleMeasure)
        and one.measure.aggregate is Aggregate.MEDIAN
        and dimensions_of(one.measure)
    )
    field = next(one for one in workshop.views[1:] if node.code in one.nodes)
    app = show(Page.DASHBOARD, sample, language)
    app.session_state["dashboard.view"] = field.code
    run(app)
    press(app, f"dashboard.why.{node.code}")
    text = read(app.caption)
    assert {"ja": "「中央値」で、区分ごとの値を足しても", "en": 'summed up as "Median"'}[language] in text
    assert {"ja": "区分の列もない", "en": "Nor is it split"}[language] not in text


def test_reasons_are_computed_only_when_they_are_asked_for(show: Show, sample: str) -> None:
    app = press(show(Page.DASHBOARD, sample), "dashboard.larger.win_rate")
    assert "前月より" not in read(app.markdown)
    app.session_state["dashboard.why_open.win_rate"] = True
    press(app, "dashboard.larger.win_rate")
    assert "前月より" in read(app.markdown)
