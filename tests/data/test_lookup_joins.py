"""Look-ups never lose or double a row; what is not found is counted and listed with what it may have meant."""

from __future__ import annotations

import pytest

from kpi_core.data.lookups import unmatched
from kpi_core.data.rows import columns
from kpi_core.errors import RefusedError

DEALS = {"product": ["GTX Pro", "GTXPro", "MG", None, "MG", "?"], "amount": [1, 2, 4, 8, 16, 32]}
PRODUCTS = {"product": ["GTX Pro", "MG", "Unsold"], "series": ["GTX", "MG", "U"], "price": [10, 20, 30]}


def lookup(dataset="products", on=(("product", "product"),), columns=("series",), **more):
    return {"dataset": dataset, "on": [list(pair) for pair in on], "columns": list(columns), **more}


def by_series(made):
    return {segment: value for (period, segment), value in made.values(dimension="series").items() if period == "2026"}


SUM = {"aggregate": "sum", "column": "amount", "dimensions": ["series"]}


def test_a_left_join_keeps_every_row_once(ground):
    made = ground(DEALS, SUM, said={"lookups": [lookup()]}, also={"products": PRODUCTS})
    assert by_series(made) == {"GTX": 1, "MG": 20, "": 42}
    assert made.values()["2026"] == 63


def test_an_alias_finds_the_row_and_leaves_the_cell_as_it_is(ground):
    said = {"lookups": [lookup(aliases={"GTXPro": "GTX Pro"})]}
    made = ground(DEALS, {**SUM, "dimensions": ["series", "product"]}, said=said, also={"products": PRODUCTS})
    assert by_series(made)["GTX"] == 3
    assert ("2026", "GTXPro") in made.values(dimension="product")


def test_what_is_not_found_is_listed_with_near_matches(ground):
    made = ground(DEALS, SUM, said={"lookups": [lookup()]}, also={"products": PRODUCTS})
    missed = unmatched(made.workshop, made.tables, "d", 0)
    assert [(one.value, one.rows, one.near) for one in missed] == [("?", 1, ()), ("GTXPro", 1, ("GTX Pro",))]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("ＧＴＸ　Ｐｒｏ", "GTX Pro"),
        ("gtx pro", "GTX Pro"),
        ("ｱｻﾋ商事", "アサヒ商事"),
        ("株式会社 山田", "株式会社山田"),
        ("Acme Crop", "Acme Corp"),
    ],
)
def test_near_means_alike_but_for_width_case_spaces_or_a_slip(ground, here, there):
    made = ground(
        {"product": [here]},
        said={"lookups": [lookup()]},
        also={"products": {"product": [there, "Something else"], "series": ["s", "t"]}},
    )
    assert unmatched(made.workshop, made.tables, "d", 0)[0].near == (there,)


def test_doubled_keys_that_agree_are_one_row(ground):
    products = {"product": ["MG", "MG", "MG"], "series": ["MG", "MG", None]}
    made = ground(DEALS, SUM, said={"lookups": [lookup()]}, also={"products": products})
    assert made.observed().problems == ()
    assert by_series(made) == {"MG": 20, "": 43}


def test_doubled_keys_that_differ_give_nothing_and_are_told(ground):
    products = {"product": ["MG", "MG", "GTX Pro"], "series": ["MG", "other", "GTX"], "price": [20, 20, 10]}
    said = {"lookups": [lookup(columns=["series", "price"])]}
    nodes = {
        "n": {"dataset": "d", **SUM},
        "price": {"dataset": "d", "aggregate": "sum", "column": "price"},
    }
    made = ground(DEALS, nodes=nodes, said=said, also={"products": products})
    assert by_series(made) == {"GTX": 1, "": 62}
    assert made.values("price")["2026"] == 50  # both rows of MG say 20, so their price is known
    (problem,) = made.observed().problems
    assert (problem.code, problem.path) == ("lookup_key_twice", "datasets.d.lookups[0]")
    assert dict(problem.params) == {"dataset": "products", "count": 1, "values": "MG"}


def test_a_lookup_on_two_columns(ground):
    rows = {"shop": ["a", "a", "b", "b"], "day": [1, 2, 1, None], "amount": [1, 2, 4, 8]}
    budget = {"shop": ["a", "b"], "nr": [1, 1], "series": ["A1", "B1"]}
    on = (("shop", "shop"), ("day", "nr"))
    made = ground(rows, SUM, said={"lookups": [lookup("budget", on)]}, also={"budget": budget})
    assert by_series(made) == {"A1": 1, "B1": 4, "": 10}
    assert [(one.value, one.rows, one.near) for one in unmatched(made.workshop, made.tables, "d", 0)] == [
        ("a", 1, ()),
        ("b", 1, ()),
    ]


def test_keys_of_different_types_match_as_they_are_written(ground):
    made = ground(
        {"product": ["1", "02", "3"], "amount": [1, 2, 4]},
        SUM,
        said={"lookups": [lookup()]},
        also={"products": {"product": [1.0, 2.0, 3.5], "series": ["one", "two", "x"]}},
    )
    assert by_series(made) == {"one": 1, "": 6}


def test_a_lookup_may_bring_what_its_dataset_looked_up(ground):
    teams = {"agent": ["ann"], "office": ["T1"]}
    offices = {"office": ["T1"], "series": ["East"]}
    said = {"lookups": [lookup("teams", (("who", "agent"),))]}
    said_also = {"teams": {"lookups": [lookup("offices", (("office", "office"),))]}}
    rows = {"who": ["ann", "bob"], "amount": [1, 2]}
    made = ground(rows, SUM, said=said, also={"teams": teams, "offices": offices}, said_also=said_also)
    assert by_series(made) == {"East": 1, "": 2}
    assert "series" in dict(columns(made.tables["d"][0], made.tables, made.workshop))


def test_a_derived_column_may_use_a_looked_up_one_and_a_lookup_a_derived_key(ground):
    said = {
        "lookups": [lookup(on=(("key", "product"),), columns=["price"])],
        "derived": [
            {"name": "key", "expression": 'concat(first, " ", second)'},
            {"name": "total", "expression": "price * amount"},
        ],
    }
    rows = {"first": ["GTX", "M"], "second": ["Pro", "G"], "amount": [3, 4]}
    made = ground(rows, {"aggregate": "sum", "column": "total"}, said=said, also={"products": PRODUCTS})
    assert made.values()["2026"] == 30


def test_lookups_in_a_circle_are_refused_and_other_columns_go_on(ground):
    said = {"lookups": [lookup(columns=["series", "back"])]}
    said_also = {"products": {"lookups": [lookup("d", (("product", "product"),), ["back"])]}}
    nodes = {
        "good": {"dataset": "d", "aggregate": "sum", "column": "amount"},
        "fine": {"dataset": "d", "aggregate": "count_distinct", "column": "series"},
        "bad": {"dataset": "d", "aggregate": "count_distinct", "column": "back"},
    }
    made = ground(DEALS, nodes=nodes, said=said, also={"products": PRODUCTS}, said_also=said_also)
    seen = made.observed()
    assert {row.node for row in seen.observations} == {"good", "fine"}
    assert ("lookup_cycle", "nodes.bad.measure.column") in {(one.code, one.path) for one in seen.problems}
    assert {one.params["names"] for one in seen.problems} == {"d → products → d"}


def test_a_brought_name_that_exists_here_is_told_and_the_stored_one_used(ground):
    said = {"lookups": [lookup(columns=["amount"])]}
    products = {**PRODUCTS, "amount": [0, 0, 0]}
    made = ground(DEALS, {"aggregate": "sum", "column": "amount"}, said=said, also={"products": products})
    seen = made.observed()
    assert [(one.code, one.path) for one in seen.problems] == [
        ("lookup_column_taken", "datasets.d.lookups[0].columns[0]")
    ]
    assert {row.value for row in seen.observations} == {63}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (lookup("nowhere"), "no_rows"),
        (lookup(on=()), "lookup_incomplete"),
        (lookup(on=(("produkt", "product"),)), "column_unknown_near"),
        (lookup(on=(("product", "name"),)), "column_unknown"),
    ],
)
def test_a_lookup_that_cannot_be_made_says_why(ground, said, code):
    made = ground(
        DEALS, {"aggregate": "sum", "column": "amount"}, said={"lookups": [said]}, also={"products": PRODUCTS}
    )
    seen = made.observed()
    assert [(one.code, one.path) for one in seen.problems] == [(code, "datasets.d.lookups[0]")]
    assert {row.value for row in seen.observations} == {63}
    with pytest.raises(RefusedError) as refused:
        unmatched(made.workshop, made.tables, "d", 0)
    assert [one.code for one in refused.value.problems] == [code]
