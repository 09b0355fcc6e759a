"""Hypothesis first, then the data; grades stay on record and expire."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from kpi_core.errors import RefusedError
from kpi_core.model.node import Link
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import save
from kpi_core.services.evidence import Evidence, evidence
from kpi_core.services.hypotheses import ask_data, state_hypothesis
from kpi_core.services.measuring import set_manual
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.tree_editing import rename_code
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import EvidenceState, LinkVerdict, RollUp, Sign

TODAY = date(2026, 11, 27)
KEYS = [f"{year}-{month:02d}" for year in (2022, 2023, 2024, 2025, 2026) for month in range(1, 13)][:58]


def manual(values: np.ndarray) -> list[dict[str, Any]]:
    return [{"period": key, "value": float(value)} for key, value in zip(KEYS, values, strict=True)]


@pytest.fixture
def linked(state: State, me: Who) -> str:
    """Orders follow calls after two months; 58 months from January 2022 to October 2026."""
    random = np.random.default_rng(1)
    calls = random.normal(size=60)
    orders = 100 + 5 * calls[:-2] + random.normal(size=58)
    nodes = [
        {"code": "orders", "kind": "kgi", "unit": "count", "manual": manual(orders)},
        {"code": "more", "kind": "ksf", "parent": "orders"},
        {"code": "calls", "kind": "kpi", "parent": "more", "unit": "count", "manual": manual(calls[2:])},
    ]
    document = {"workshop": {"name": "w"}, "nodes": nodes, "links": [{"from": "calls", "to": "orders"}]}
    return create_workshop(state, Workshop.model_validate(document), me)


def the_link(state: State, workshop: str, today: date = TODAY) -> Evidence:
    (found,) = [one for one in evidence(state, workshop, today=today) if one.target == "orders"]
    return found


def revision(state: State, workshop: str, code: str) -> int:
    return snapshot(state, workshop).revisions["nodes", code]


def test_no_result_is_seen_before_the_hypothesis_is_stated(state: State, linked: str, me: Who) -> None:
    with pytest.raises(RefusedError) as refused:
        ask_data(state, linked, "calls", "orders", me, today=TODAY)
    assert refused.value.code == "hypothesis_unstated"
    before = the_link(state, linked)
    assert (before.state, before.verdict, before.missing) == (EvidenceState.UNSTATED, None, 0)
    stated = state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 2, me)
    assert (stated.who, stated.after_test) == (me.name, False)
    assert the_link(state, linked).state is EvidenceState.UNTESTED
    (link,) = snapshot(state, linked).workshop.links
    assert (link.sign, link.lag) == (Sign.PLUS, 2)  # the edge says what was stated
    tested = ask_data(state, linked, "calls", "orders", me, today=TODAY)
    assert (tested.verdict, tested.until) == (LinkVerdict.SUPPORTED, "2026-10")
    after = the_link(state, linked)
    assert (after.state, after.verdict, after.expired) == (EvidenceState.CURRENT, LinkVerdict.SUPPORTED, None)


def test_a_hypothesis_changed_after_the_result_is_visible(state: State, linked: str, me: Who) -> None:
    state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 5, me)
    first = ask_data(state, linked, "calls", "orders", me, today=TODAY)
    assert first.verdict is not LinkVerdict.SUPPORTED
    edited = Link.model_validate({"from": "calls", "to": "orders", "sign": "+", "lag": 2})
    at = snapshot(state, linked).revisions["links", "calls→orders"]
    save(state, linked, "links", edited, at, me)  # the edge is edited past the record
    assert (the_link(state, linked).state, the_link(state, linked).expired) == (
        EvidenceState.EXPIRED,
        "hypothesis_changed",
    )
    with pytest.raises(RefusedError) as refused:
        ask_data(state, linked, "calls", "orders", me, today=TODAY)
    assert refused.value.code == "hypothesis_changed"
    assert state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 2, me).after_test
    assert ask_data(state, linked, "calls", "orders", me, today=TODAY).verdict is LinkVerdict.SUPPORTED
    found = the_link(state, linked)
    assert (found.revised, found.tests[0].verdict) == (1, first.verdict)


def test_a_grade_expires_when_newer_data_disagree_and_only_then(state: State, linked: str, me: Who) -> None:
    state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 2, me)
    ask_data(state, linked, "calls", "orders", me, today=TODAY)
    usual = {"2026-11": 0.0, "2026-12": 0.0}
    set_manual(state, linked, "calls", usual, revision(state, linked, "calls"), me)
    set_manual(state, linked, "orders", dict.fromkeys(usual, 100), revision(state, linked, "orders"), me)
    later = date(2027, 1, 10)
    assert the_link(state, linked, later).state is EvidenceState.CURRENT  # two more months that fit
    noise = np.random.default_rng(9).normal(size=(2, 60)) * 100
    later_keys = [f"{year}-{month:02d}" for year in range(2022, 2027) for month in range(1, 13)]
    for code, values in zip(("calls", "orders"), noise, strict=True):
        entries = dict(zip(later_keys, values.tolist(), strict=True))
        set_manual(state, linked, code, entries, revision(state, linked, code), me)
    found = the_link(state, linked, later)
    assert (found.state, found.expired) == (EvidenceState.EXPIRED, "newer_data_disagree")
    assert found.verdict is LinkVerdict.SUPPORTED
    assert found.now is not LinkVerdict.SUPPORTED


def test_a_grade_expires_with_the_definition_and_survives_a_new_code(state: State, linked: str, me: Who) -> None:
    state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 2, me)
    ask_data(state, linked, "calls", "orders", me, today=TODAY)
    node = snapshot(state, linked).workshop.node("calls")
    assert node is not None
    named = node.model_copy(update={"target_rationale": "見直し"})
    save(state, linked, "nodes", named, revision(state, linked, "calls"), me)
    assert the_link(state, linked).state is EvidenceState.CURRENT
    rename_code(state, linked, "calls", "phone_calls", revision(state, linked, "calls"), me)
    renamed = the_link(state, linked)
    assert (renamed.source, renamed.state, len(renamed.tests)) == ("phone_calls", EvidenceState.CURRENT, 1)
    rolled = named.model_copy(update={"code": "phone_calls", "roll_up": RollUp.MEAN})
    save(state, linked, "nodes", rolled, revision(state, linked, "phone_calls"), me)
    assert the_link(state, linked).expired == "definition_changed"


def test_too_little_data_is_a_full_answer(state: State, linked: str, me: Who) -> None:
    state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 2, me)
    early = date(2023, 5, 3)
    tested = ask_data(state, linked, "calls", "orders", me, today=early)  # 16 months were over then
    assert (tested.verdict, tested.figures["missing"]) == (LinkVerdict.NOT_ENOUGH_DATA, 8)
    assert the_link(state, linked, early).missing == 8


def test_what_is_no_driver_link_or_no_lag_is_refused(state: State, linked: str, me: Who, viewer: Who) -> None:
    for source, target, lag, code in (
        ("orders", "calls", 1, "driver_link_missing"),
        ("calls", "orders", 61, "lag_out_of_range"),
    ):
        with pytest.raises(RefusedError) as refused:
            state_hypothesis(state, linked, source, target, Sign.PLUS, lag, me)
        assert refused.value.code == code
    with pytest.raises(RefusedError) as refused:
        state_hypothesis(state, linked, "calls", "orders", Sign.PLUS, 1, viewer)
    assert refused.value.code == "not_allowed"
    with pytest.raises(RefusedError) as refused:
        ask_data(state, linked, "calls", "orders", viewer, today=TODAY)
    assert refused.value.code == "not_allowed"
