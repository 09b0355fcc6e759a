from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.node import Node
from kpi_core.services.candidates import put_forward
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind, Page

Show = Callable[..., AppTest]
WHO = Who("test")


def texts(app: AppTest) -> str:
    return "\n".join(one.value for kind in ("markdown", "caption") for one in app.get(kind))


@pytest.mark.parametrize(
    ("language", "teaches"), [("ja", "KGIの達成を左右する少数の要因"), ("en", "the few things that decide")]
)
def test_an_empty_page_teaches_what_a_factor_is(show: Show, blank: str, language: str, teaches: str) -> None:
    assert teaches in texts(show(Page.KSF, blank, language))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_sample_lists_its_factors_with_their_kpis(show: Show, sample: str, language: str) -> None:
    text = texts(show(Page.KSF, sample, language))
    assert {"ja": "商談の質を上げて勝ち切る", "en": "Win better opportunities"}[language] in text
    assert "KPI 5" in text


def test_pasted_lines_become_candidates_and_doubles_are_left_out(show: Show, blank: str, here: State) -> None:
    app = show(Page.KSF, blank)
    app.chat_input(key="ksf.entry").set_value("・商談の質を上げる\n\n単価を上げる\n商談の質を上げる").run()
    names = [one.name.ja for one in snapshot(here, blank).workshop.candidates]
    assert names == ["商談の質を上げる", "単価を上げる"]


def test_scores_are_kept_at_once_and_a_candidate_becomes_a_factor(show: Show, blank: str, here: State) -> None:
    save(here, blank, "nodes", Node(code="bookings", kind=NodeKind.KGI, name={"ja": "受注金額"}), None, WHO)
    (code,) = put_forward(here, blank, ["商談の質を上げる"], WHO)
    app = show(Page.KSF, blank)
    app.button_group(key=f"ksf.impact.{code}").set_value(5).run()
    assert snapshot(here, blank).workshop.candidates[0].impact == 5
    app.button(key=f"ksf.choose.{code}").click().run()
    factor = snapshot(here, blank).workshop.node(code)
    assert factor is not None
    assert (factor.kind, factor.parent) == (NodeKind.KSF, "bookings")
    app.button(key=f"ksf.unchoose.{code}").click().run()
    assert snapshot(here, blank).workshop.node(code) is None
    assert len(snapshot(here, blank).workshop.candidates) == 1


def test_a_factor_with_kpis_is_taken_out_only_after_asking(show: Show, sample: str, here: State) -> None:
    workshop = snapshot(here, sample).workshop
    chosen = next(one.code for one in workshop.candidates if workshop.node(one.code))
    app = show(Page.KSF, sample)
    app.button(key=f"ksf.unchoose.{chosen}").click().run()
    assert snapshot(here, sample).workshop.node(chosen) is not None
    app.button(key="ksf.unchoose.sure").click().run()
    after = snapshot(here, sample).workshop
    assert after.node(chosen) is None
    assert all(node.parent != chosen for node in after.nodes)
