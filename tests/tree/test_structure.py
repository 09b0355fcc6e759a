"""The tree's outline, its formula graph and its edges."""

from __future__ import annotations

from typing import Any

from kpi_core.model.workshop import Workshop
from kpi_core.tree.cycles import cycles, levels, path_between
from kpi_core.tree.structure import (
    ancestors,
    children,
    dependants,
    depth,
    descendants,
    edges,
    formula_cycles,
    formula_leaves,
    measured_leaves,
    order,
    unknown_names,
)
from kpi_core.vocabulary import Relation, Sign

COUNT = {"dataset": "d", "aggregate": "count", "date": "day"}


def workshop(*nodes: dict[str, Any], links: list[dict[str, Any]] | None = None) -> Workshop:
    document = {"format": "kpi-workshop/1", "workshop": {"name": "w"}, "nodes": nodes, "links": links or []}
    return Workshop.model_validate(document)


def node(code: str, parent: str | None = None, **card: Any) -> dict[str, Any]:
    return {"code": code, "kind": "kpi", "parent": parent, **card}


SALES = workshop(
    node("price", "better", measure=COUNT),
    {"code": "revenue", "kind": "kgi", "formula": "won * price"},
    {"code": "better", "kind": "ksf", "parent": "revenue"},
    {"code": "more", "kind": "ksf", "parent": "revenue"},
    node("won", "more", formula="leads * rate"),
    node("leads", "won", manual=[{"period": "2026-04", "value": 1}]),
    node("rate", "won"),
    node("calls", "leads", relation="driver", sign="+", lag=1),
    node("visits", "leads"),
    node("lost", "nowhere"),
    links=[{"from": "calls", "to": "revenue", "sign": "+", "lag": 2}],
)


def test_the_outline_puts_parents_before_children_and_orphans_last() -> None:
    found = [item.code for item in order(SALES)]
    assert found == ["revenue", "better", "price", "more", "won", "leads", "calls", "visits", "rate", "lost"]


def test_nodes_that_hang_below_themselves_are_still_in_the_outline() -> None:
    assert [item.code for item in order(workshop(node("a", "b"), node("b", "a"), node("c", "c")))] == ["a", "b", "c"]


def test_neighbours_of_a_node() -> None:
    assert [item.code for item in children(SALES, "won")] == ["leads", "rate"]
    assert [item.code for item in descendants(SALES, "won")] == ["leads", "calls", "visits", "rate"]
    assert [item.code for item in ancestors(SALES, "leads")] == ["won", "more", "revenue"]
    assert (depth(SALES, "revenue"), depth(SALES, "calls"), depth(SALES, "lost")) == (0, 4, 0)
    assert [item.code for item in ancestors(workshop(node("a", "b"), node("b", "a")), "a")] == ["b"]


def test_an_edge_is_arithmetic_where_a_formula_above_uses_the_child() -> None:
    found = {(edge.source, edge.target): (edge.relation, edge.stated) for edge in edges(SALES)}
    component, driver = Relation.COMPONENT, Relation.DRIVER
    assert found == {
        ("better", "revenue"): (component, False),  # price, below it, is used by revenue
        ("price", "better"): (component, False),
        ("more", "revenue"): (component, False),
        ("won", "more"): (component, False),
        ("leads", "won"): (component, False),
        ("calls", "leads"): (driver, True),
        ("visits", "leads"): (None, False),
        ("rate", "won"): (component, False),
        ("calls", "revenue"): (driver, True),
    }


def test_a_driver_keeps_its_sign_and_lag() -> None:
    driver = next(edge for edge in edges(SALES) if (edge.source, edge.target) == ("calls", "leads"))
    assert (driver.sign, driver.lag) == (Sign.PLUS, 1)


def test_a_formula_beside_the_tree_makes_no_edge_arithmetic() -> None:
    apart = workshop(
        {"code": "top", "kind": "kgi"},
        {"code": "ksf", "kind": "ksf", "parent": "top"},
        node("a", "ksf"),
        node("b", "ksf", formula="a * 2"),
    )
    assert [edge.relation for edge in edges(apart)] == [None, None, None]


def test_what_rests_on_a_node_is_listed_nearest_first() -> None:
    assert dependants(SALES, "leads") == ("won", "revenue")
    assert dependants(SALES, "revenue") == ()


def test_a_formula_rests_on_its_leaves() -> None:
    assert formula_leaves(SALES, "revenue") == ("leads", "rate", "price")
    assert measured_leaves(SALES, "revenue") == ("leads", "price")
    assert formula_leaves(SALES, "visits") == ("visits",)


def test_a_measure_ends_the_descent_into_formulas() -> None:
    both = workshop(node("a", formula="b", measure=COUNT), node("b"), node("c", formula="a + b"))
    assert formula_leaves(both, "c") == ("a", "b")


def test_names_without_a_node_are_listed() -> None:
    assert unknown_names(workshop(node("a", formula="b + c"), node("b", formula="d * d"))) == (("a", "c"), ("b", "d"))


def test_circles_are_named_with_their_path() -> None:
    circle = workshop(node("x", formula="a"), node("a", formula="b"), node("b", formula="c"), node("c", formula="a"))
    assert formula_cycles(circle) == (("a", "b", "c", "a"),)
    assert formula_cycles(workshop(node("a", formula="a + 1"))) == (("a", "a"),)
    assert formula_cycles(SALES) == ()


def test_long_chains_do_not_exhaust_the_stack() -> None:
    chain = {str(at): [str(at + 1)] for at in range(20_000)}
    assert cycles(chain) == ()
    assert levels(chain)["0"] == 20_000
    assert len(cycles({**chain, "20000": ["0"]})[0]) == 20_002


def test_levels_leave_circles_out_and_count_from_the_inputs() -> None:
    assert levels({"a": ["b", "x"], "b": ["x"], "c": ["d"], "d": ["c"], "e": ["c", "a"]}) == {"b": 1, "a": 2, "e": 3}


def test_the_shortest_path_is_named() -> None:
    graph = {"a": ["b", "c"], "b": ["c"], "c": ["d"]}
    assert path_between(graph, "a", "d") == ("a", "c", "d")
    assert path_between(graph, "d", "a") == ()
