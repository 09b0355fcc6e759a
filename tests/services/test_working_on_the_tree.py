"""Nodes are added, moved, renamed with every reference, and taken away with all below them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.expression import names_in, parse_formula
from kpi_core.services.codes import code_from, renamed_in_formula
from kpi_core.services.people import Who
from kpi_core.services.tree_editing import add_node, adopt_candidate, delete_node, move_node, rename_code
from kpi_core.services.workshops import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import NodeKind


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (Bilingual(en="Won deals"), "won_deals"),
        (Bilingual(ja="受注件数", en="Won deals (new)"), "won_deals_new"),
        (Bilingual(ja="受注 件数(新規)"), "受注_件数_新規"),
        (Bilingual(en="90-day churn"), "n_90_day_churn"),
        (Bilingual(en="Sum"), "sum_kpi"),
        (Bilingual(en="for"), "for_kpi"),
        (Bilingual(en="!?"), "kpi"),
        (Bilingual(ja="100%"), "n_100"),
        (Bilingual(), "kpi"),
    ],
)
def test_a_code_is_made_from_the_name(name: Bilingual, code: str) -> None:
    assert code_from(name, "kpi", []) == code
    assert code_from(name, "kpi", [code]) == f"{code}_2"


@given(st.text(max_size=80), st.text(max_size=80))
def test_every_made_code_can_stand_in_a_formula(ja: str, en: str) -> None:
    code = code_from(Bilingual(ja=ja, en=en), "kpi", [])
    assert names_in(parse_formula(code)) == (code,)


def test_nodes_are_added_below_their_parent(state: State, workshop: str, me: Who) -> None:
    code = add_node(state, workshop, NodeKind.KPI, "quality", "商談数", me)
    added = snapshot(state, workshop).workshop.node(code)
    assert added is not None
    assert (added.code, added.parent, added.name.ja) == ("商談数", "quality", "商談数")
    assert add_node(state, workshop, NodeKind.KPI, "quality", "商談数", me) == "商談数_2"


def test_a_node_that_cannot_hang_there_is_refused(state: State, workshop: str, me: Who) -> None:
    with pytest.raises(RefusedError, match="change_refused"):
        add_node(state, workshop, NodeKind.KGI, None, "second", me)
    with pytest.raises(RefusedError, match="change_refused"):
        add_node(state, workshop, NodeKind.KPI, "bookings", "too high", me)
    with pytest.raises(MissingError, match="item_missing"):
        add_node(state, workshop, NodeKind.KPI, "nowhere", "lost", me)


def test_a_node_is_moved_before_its_new_sibling(state: State, workshop: str, me: Who) -> None:
    second = add_node(state, workshop, NodeKind.KSF, "bookings", Bilingual(en="Second"), me)
    below = add_node(state, workshop, NodeKind.KPI, second, Bilingual(en="Below"), me)
    found = snapshot(state, workshop)
    move_node(state, workshop, "size", second, found.revisions["nodes", "size"], me, before=below)
    nodes = snapshot(state, workshop).workshop.nodes
    assert [node.code for node in nodes if node.parent == second] == ["size", "below"]
    with pytest.raises(RefusedError, match="change_refused"):
        move_node(state, workshop, second, below, snapshot(state, workshop).revisions["nodes", second], me)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("won * size", "受注 * size"),
        ("won*won_deals + swon", "受注*won_deals + swon"),
        ("1e5 * won", "1e5 * 受注"),
        ("lag( won , 1) / ytd(won)", "lag( 受注 , 1) / ytd(受注)"),
        ("  WON + won ÷ 2", "  WON + 受注 ÷ 2"),
        ("won×2", "受注×2"),
        ("size", "size"),
    ],
)
def test_a_name_in_a_formula_is_replaced_and_the_rest_stays_as_typed(formula: str, expected: str) -> None:
    assert renamed_in_formula(formula, "won", "受注") == expected


@given(
    st.lists(st.sampled_from(["won", "won_2", "awon", "ガ数", "min(won, 2)", "1e3", "won1"]), min_size=1, max_size=6),
    st.sampled_from([" + ", "*", "  - ", "/"]),
)
def test_renaming_changes_this_name_and_no_other(parts: list[str], operator: str) -> None:
    formula = operator.join(parts)
    names = names_in(parse_formula(formula))
    renamed = renamed_in_formula(formula, "won", "x1")
    assert names_in(parse_formula(renamed)) == tuple("x1" if name == "won" else name for name in names)
    assert renamed_in_formula(renamed, "x1", "won") == formula


def test_renaming_rewrites_every_reference(state: State, workshop: str, me: Who) -> None:
    revision = snapshot(state, workshop).revisions["nodes", "won"]
    rename_code(state, workshop, "won", "受注件数", revision, me)
    found = snapshot(state, workshop).workshop
    assert found.node("won") is None
    assert found.kgi is not None
    assert found.kgi.formula == "受注件数 * size"
    assert found.links[0].source == "受注件数"
    assert found.views[0].nodes == ("bookings", "受注件数")
    quality = snapshot(state, workshop).revisions["nodes", "quality"]
    rename_code(state, workshop, "quality", "ksf1", quality, me)
    assert [node.parent for node in snapshot(state, workshop).workshop.nodes[2:]] == ["ksf1", "ksf1"]


@pytest.mark.parametrize(
    ("code", "error"), [("size", "code_taken"), ("1x", "file_code_invalid"), ("ytd", "file_code_invalid")]
)
def test_a_code_that_is_taken_or_none_is_refused(state: State, workshop: str, me: Who, code: str, error: str) -> None:
    revision = snapshot(state, workshop).revisions["nodes", "won"]
    with pytest.raises(RefusedError, match=error):
        rename_code(state, workshop, "won", code, revision, me)


def test_a_node_goes_with_all_below_it(state: State, workshop: str, me: Who) -> None:
    revision = snapshot(state, workshop).revisions["nodes", "quality"]
    assert delete_node(state, workshop, "quality", revision, me) == ("quality", "won", "size")
    found = snapshot(state, workshop).workshop
    assert [node.code for node in found.nodes] == ["bookings"]
    assert (found.links, found.views[0].nodes) == ((), ("bookings",))
    assert found.kgi is not None
    assert found.kgi.formula == "won * size"  # what was typed is not thrown away


def test_a_success_factor_that_was_put_forward_becomes_a_ksf(state: State, workshop: str, me: Who) -> None:
    assert adopt_candidate(state, workshop, "speed", me) == "speed"
    node = snapshot(state, workshop).workshop.node("speed")
    assert node is not None
    assert (node.kind, node.parent, node.name.ja) == (NodeKind.KSF, "bookings", "対応の速さ")
    with pytest.raises(RefusedError, match="code_taken"):
        adopt_candidate(state, workshop, "speed", me)
