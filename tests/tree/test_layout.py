from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.model.node import Node
from kpi_core.model.workshop import Settings, Workshop
from kpi_core.tree.layout import counts_below, folded_to_fit, layout, levels, opened_to, shown_nodes
from kpi_core.vocabulary import NodeKind


def tree(*nodes: tuple[str, NodeKind, str | None]) -> Workshop:
    made = tuple(Node(code=code, kind=kind, parent=parent) for code, kind, parent in nodes)
    return Workshop(workshop=Settings(name="t"), nodes=made)


SMALL = tree(
    ("g", NodeKind.KGI, None),
    ("f", NodeKind.KSF, "g"),
    ("a", NodeKind.KPI, "f"),
    ("b", NodeKind.KPI, "f"),
    ("c", NodeKind.KPI, "b"),
)
HEIGHTS = dict.fromkeys("gfabc", 40.0)


def test_a_parent_stands_halfway_between_its_children() -> None:
    places = layout(SMALL, HEIGHTS, column=100, gap=10, family_gap=5)
    # a: band 0..40, middle 20; b with c below: band starts at 40 + 10 + 5 = 55, middle 75; f and g: (20 + 75) / 2
    assert {code: (place.x, place.y) for code, place in places.items()} == {
        "g": (0, 47.5),
        "f": (100, 47.5),
        "a": (200, 20),
        "b": (200, 75),
        "c": (300, 75),
    }


def test_a_parent_taller_than_its_children_keeps_them_in_its_middle() -> None:
    places = layout(SMALL, HEIGHTS | {"f": 200.0}, column=100, gap=10, family_gap=5)
    # children take 95 of 200: they start at 52.5
    assert (places["f"].y, places["a"].y, places["b"].y) == (100, 72.5, 127.5)


def test_folding_hides_everything_below() -> None:
    assert [node.code for node in shown_nodes(SMALL, {"f"})] == ["g", "f"]
    assert set(layout(SMALL, HEIGHTS, folded={"f"})) == {"g", "f"}
    assert counts_below(SMALL) == {"g": 4, "f": 3, "a": 0, "b": 1, "c": 0}


def test_orphans_stand_in_the_column_of_their_kind_below_the_tree() -> None:
    workshop = tree(("g", NodeKind.KGI, None), ("lost", NodeKind.KPI, None), ("ksf", NodeKind.KSF, None))
    assert levels(workshop) == {"g": 0, "lost": 2, "ksf": 1}
    places = layout(workshop, {"g": 40, "lost": 40, "ksf": 40}, gap=10)
    assert [places[code].y for code in ("g", "lost", "ksf")] == [20, 70, 120]


def test_a_small_tree_is_not_folded() -> None:
    assert folded_to_fit(SMALL, 5) == frozenset()


def test_a_large_tree_is_folded_from_its_deepest_level() -> None:
    assert folded_to_fit(SMALL, 4) == {"b"}
    assert folded_to_fit(SMALL, 3) == {"b", "f"}


def test_the_way_to_a_node_is_unfolded() -> None:
    assert opened_to(SMALL, {"b", "f", "a"}, "c") == {"a"}
    assert opened_to(SMALL, {"b"}, None) == {"b"}


@st.composite
def trees(draw: st.DrawFn) -> Workshop:
    count = draw(st.integers(1, 40))
    nodes = [("g", NodeKind.KGI, None), ("f", NodeKind.KSF, "g")]
    for at in range(count):
        parent = draw(st.integers(-1, at - 1))
        nodes.append((f"k{at}", NodeKind.KPI, "f" if parent < 0 else f"k{parent}"))
    return tree(*nodes)


@given(trees(), st.data())
def test_no_two_nodes_overlap_and_outline_order_is_kept(workshop: Workshop, data: st.DataObject) -> None:
    heights = {node.code: data.draw(st.floats(20, 200)) for node in workshop.nodes}
    places = layout(workshop, heights, column=100, gap=10)
    for level in set(levels(workshop).values()):
        column = [node.code for node in shown_nodes(workshop) if places[node.code].level == level]
        for above, beneath in pairwise(column):
            free = places[beneath].y - places[above].y - (heights[above] + heights[beneath]) / 2
            assert free >= 10 - 1e-6
