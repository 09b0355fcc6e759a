"""Hypotheses in step 3: stated first, then put to the data; what is missing is said."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.workshop import Workshop
from kpi_core.services.evidence import Evidence, evidence
from kpi_core.services.people import Who
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import EvidenceGrade, Language, Page
from tests.pages.test_kpi_design import at_node, button, words

ENDS = "sql_count→proposals"


def at_hypotheses(show, workshop: str, node: str, ends: str, language: str = "ja") -> AppTest:
    app = show(Page.HOME, workshop, language)
    app.session_state["kpi_design.below"] = "hypotheses"
    app.session_state[f"hypothesis/{ends}"] = True
    app.switch_page("kpi_design.py")
    return at_node(app, node)


def link(here: State, workshop: str) -> Evidence:
    found = evidence(here, workshop, today=date(2026, 11, 27))
    return next(one for one in found if f"{one.source}→{one.target}" == ENDS)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_result_can_be_asked_for_before_the_hypothesis_is_stated(show, sample: str, here, language: str) -> None:
    app = at_hypotheses(show, sample, "proposals", ENDS, language)
    ask = next(one for one in app.button if one.key == f"hypothesis.test/{ENDS}")
    assert ask.disabled
    assert say("hypotheses.unseen", Language(language)) in words(app)
    button(app, f"/hypothesis/{ENDS}/save")
    assert link(here, sample).hypothesis is not None
    assert link(here, sample).grade is EvidenceGrade.UNTESTED
    button(app, f"hypothesis.test/{ENDS}")
    found = link(here, sample)
    assert found.verdict is not None
    assert say(f"vocabulary.link_verdict.{found.verdict.value}", Language(language)) in words(app)


def test_a_link_that_cannot_be_told_yet_says_how_many_periods_more(show, here: State) -> None:
    # 24 months are needed at the least, both have 15
    months = [f"2025-{month:02d}" for month in range(1, 13)] + ["2026-01", "2026-02", "2026-03"]
    typed = [{"period": month, "value": at % 5 + 1} for at, month in enumerate(months)]
    nodes = [
        {"code": "won", "kind": "kgi", "name": {"ja": "受注"}, "manual": typed},
        {"code": "more", "kind": "ksf", "parent": "won"},
        {"code": "visits", "kind": "kpi", "parent": "more", "name": {"ja": "訪問"}, "manual": typed},
    ]
    links = [{"from": "visits", "to": "won", "sign": "+", "lag": 1}]
    document = {"workshop": {"name": "w"}, "nodes": nodes, "links": links}
    workshop = create_workshop(here, Workshop.model_validate(document), Who("test"))
    app = at_hypotheses(show, workshop, "visits", "visits→won")
    assert "あと9期、訪問と受注の両方に値がそろえば検証できます。" in words(app)
