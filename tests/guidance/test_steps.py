"""The five steps: where the team stands, what is missing there, and what to do next."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kpi_core.guidance.facts import Facts
from kpi_core.guidance.steps import STEPS, Gap, next_step, steps
from kpi_core.guidance.wording import gap_text, next_text
from kpi_core.model.file import read_workshop
from kpi_core.model.workshop import Workshop
from kpi_core.text import say, sentences
from kpi_core.vocabulary import Language, Page

FIVE = [Page.KGI, Page.KSF, Page.KPI_DESIGN, Page.DATA_SOURCES, Page.DASHBOARD]


def blank(**sections: Any) -> Workshop:
    return read_workshop(json.dumps({"format": "kpi-workshop/1", "workshop": {"name": "新規"}, **sections}))


def test_a_blank_workshop_stands_at_the_kgi(facts) -> None:
    states = steps(blank(), Facts(facts.today))
    assert [step.page for step in states] == FIVE
    assert [step.state for step in states] == ["current", "open", "open", "open", "open"]
    assert (next_step(states).code, next_step(states).page) == ("kgi_none", Page.KGI)


def test_a_sound_workshop_is_through_all_five(broken, facts) -> None:
    states = steps(broken(), facts)
    assert {step.state for step in states} == {"done"}
    assert (next_step(states).code, next_step(states).page) == ("done_dashboard", Page.CHECKLIST)


def test_the_kgis_gaps_are_told_one_by_one(facts) -> None:
    states = steps(blank(nodes=[{"code": "売上", "kind": "kgi", "unit": "JPY"}]), facts)
    wanted = ["kgi_name", "kgi_baseline", "kgi_targets", "kgi_due", "kgi_owner"]
    assert [gap.code for gap in states[0].missing] == wanted


def test_a_later_step_can_be_done_before_an_earlier_one(broken, change, facts) -> None:
    states = steps(broken(change("bookings", due=None)), facts)
    assert [step.state for step in states] == ["current", "done", "done", "done", "done"]


def test_after_the_design_the_data_is_next(broken, facts) -> None:
    states = steps(broken(), Facts(facts.today))
    assert [step.state for step in states] == ["done", "done", "done", "current", "open"]
    gap = next_step(states)
    assert (gap.code, gap.params["datasets"]) == ("uploads", "deals")


def test_values_are_asked_for_once_everything_is_uploaded(broken, facts) -> None:
    states = steps(broken(), replace(facts, latest={"bookings": "2026-10"}))
    assert [gap.code for gap in states[3].missing] == ["values"]
    assert states[3].missing[0].params["count"] == 5


def test_a_done_step_points_to_the_following_one(broken, facts) -> None:
    states = steps(broken(), facts)
    assert [(step.next.code, step.next.page) for step in states] == [
        ("done_kgi", Page.KSF),
        ("done_ksf", Page.KPI_DESIGN),
        ("done_kpi_design", Page.DATA_SOURCES),
        ("done_data_sources", Page.DASHBOARD),
        ("done_dashboard", Page.CHECKLIST),
    ]


def test_views_for_each_department_are_asked_for(broken, facts) -> None:
    states = steps(broken(lambda document: document["views"].pop(2)), facts)
    assert [(gap.code, gap.params["departments"]) for gap in states[4].missing] == [("view_field", "marketing")]


@pytest.mark.parametrize("language", Language)
def test_every_gap_has_its_sentence_and_its_button(broken, change, facts, language) -> None:
    workshops = [broken(), blank(), blank(nodes=[{"code": "売上", "kind": "kgi"}, {"code": "要因", "kind": "ksf"}])]
    workshops += [broken(change(node, **{key: None})) for node, key in (("mqls", "owner"), ("visits", "parent"))]
    workshops += [broken(lambda document: document.pop("views")), broken(lambda document: document.pop("handovers"))]
    for workshop in workshops:
        for known in (facts, Facts(facts.today)):
            for step in steps(workshop, known):
                assert say(f"guidance.steps.state.{step.state}", language)
                for gap in (*step.missing, step.next):
                    assert "{" not in gap_text(gap, workshop, language)
                    assert "{" not in next_text(gap, workshop, language)


def test_gaps_and_buttons_come_in_pairs() -> None:
    gaps = {key.rpartition(".")[2] for key in sentences(Language.JA) if key.startswith("guidance.steps.gaps.")}
    buttons = {key.rpartition(".")[2] for key in sentences(Language.JA) if key.startswith("guidance.steps.next.")}
    assert gaps == buttons
    assert {f"done_{page.value}" for page, _ in STEPS} <= gaps
    assert Gap("kgi_none", Page.KGI).code in gaps
