"""Changed drivers reach what rests on them and nothing else; a tornado is honest; the chance is what was drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.tree.chance import chance
from kpi_core.tree.evaluation import evaluate
from kpi_core.tree.outlook import Outlook, outlook
from kpi_core.tree.what_if import put, tornado, with_levels

APRIL = parse_period("2026-04")


def history(*numbers: float) -> dict[str, float]:
    """Values up to March 2026."""
    last = parse_period("2026-03")
    return {last.shift(at - len(numbers) + 1).key: number for at, number in enumerate(numbers)}


@pytest.fixture
def ahead(tree):
    def make(formulas, values, code="f", also=()) -> Outlook:
        cards = {**{name: {"formula": text} for name, text in formulas.items()}, **{leaf: {} for leaf in values}}
        return outlook(tree(cards), values, code, APRIL, also=also, whole=False)

    return make


def test_a_changed_driver_reaches_every_node_on_the_way_and_no_other(ahead) -> None:
    formulas = {"f": "g * h", "g": "a + b", "h": "c / 2", "aside": "a * 100"}
    values = {"a": history(1), "b": history(2), "c": history(8)}
    found = with_levels(ahead(formulas, values, also=["g", "h", "aside"]), {"a": 3})
    assert found == {"a": 3, "g": 5, "f": 20, "aside": 300}  # h and b stay as they are


def test_a_division_by_zero_is_no_value(ahead) -> None:
    found = with_levels(ahead({"f": "a / b"}, {"a": history(1), "b": history(2)}), {"b": 0})
    assert np.isnan(found["f"])


def test_a_tornado_of_ten_percent(ahead) -> None:
    # 40 x 250 + 500: won or size ± 10 % is ± 1,000, the rest ± 50
    swings = tornado(
        ahead({"f": "won * size + rest"}, {"won": history(40), "size": history(250), "rest": history(500)})
    )
    assert [swing.node for swing in swings] == ["won", "size", "rest"]
    assert (swings[0].low, swings[0].high) == (pytest.approx(9_500), pytest.approx(11_500))
    assert (swings[2].low, swings[2].high) == (pytest.approx(10_450), pytest.approx(10_550))
    # one percent of won is one percent of 10,000 of 10,500
    assert swings[0].elasticity == pytest.approx(10_000 / 10_500)


def test_a_tornado_across_a_division_by_zero_says_so(ahead) -> None:
    # 1 / (a - 10): a is 10.5, so 9.45 to 11.55 passes 10
    (swing,) = tornado(ahead({"f": "1 / (a - 10)"}, {"a": history(10.5)}))
    assert (swing.singular, swing.elasticity) == (True, None)
    (end,) = tornado(ahead({"f": "1 / (a - 9)"}, {"a": history(10)}))
    assert (end.singular, end.low, end.high) == (True, None, pytest.approx(0.5))


def test_a_driver_that_rests_on_nothing_that_counts_moves_nothing(ahead) -> None:
    swings = tornado(ahead({"f": "a + 0 * b"}, {"a": history(3), "b": history(4)}))
    assert {swing.node: (swing.low, swing.high) for swing in swings}["b"] == (3, 3)


MONTHS = 24
RANDOM = np.random.default_rng(7)
STEADY = history(*(100 * np.exp(np.cumsum(RANDOM.normal(0, 0.1, MONTHS)))).tolist())


def test_the_same_seed_gives_the_same_chance(ahead) -> None:
    look = ahead({"f": "a * 2"}, {"a": STEADY})
    assert chance(look, 200.0, seed=3) == chance(look, 200.0, seed=3)
    assert chance(look, 200.0, seed=3) != chance(look, 200.0, seed=4)


def test_the_middle_of_the_draws_is_where_things_stand(ahead) -> None:
    look = ahead({"f": "a * 2"}, {"a": STEADY})
    found = chance(look, look.value)
    assert found.probability == pytest.approx(0.5, abs=0.03)
    assert found.percentiles[50] == pytest.approx(look.value, rel=0.02)
    numbers = list(found.percentiles.values())
    assert numbers == sorted(numbers)
    assert chance(look, look.value, up=False).probability == pytest.approx(1 - found.probability, abs=1e-3)
    # with the driver where the target is met twice over, the target is nearly sure
    assert chance(put(look, {"a": look.level("a") * 2}), look.value).probability > 0.99


def test_a_spread_is_what_the_changes_were(ahead) -> None:
    # changes are +10 % and -10 % in turn: the draws lie between the two (around their median)
    numbers = [100.0]
    for at in range(30):
        numbers.append(numbers[-1] * (1.1 if at % 2 else 0.9))
    look = ahead({"f": "a * 1"}, {"a": history(*numbers)})
    found = chance(look, None)
    assert found.probability is None
    assert found.percentiles[95] / found.percentiles[5] == pytest.approx(1.1 / 0.9, rel=0.05)


def test_every_open_period_is_drawn_by_itself(tree) -> None:
    # changes of +10 % and -10 % in turn: one month varies by 10 %, twelve together by 10 % / √12, so nine in ten
    # years lie within 2 x 1.645 x 2.89 % = 9.5 %; drawn alike they would lie within 20 %
    numbers = [100.0]
    for at in range(30):
        numbers.append(numbers[-1] * (1.1 if at % 2 else 0.9))
    cards = {"f": {"formula": "a * 1", "unit": "count"}, "a": {"unit": "count"}}
    found = chance(outlook(tree(cards), {"a": history(*numbers)}, "f", parse_period("2026"), whole=False), None)
    assert (found.percentiles[95] - found.percentiles[5]) / found.percentiles[50] == pytest.approx(0.095, rel=0.15)


def test_a_season_is_no_spread_where_changes_are_taken_over_the_year(ahead) -> None:
    # every December is three times the other months, every year 10 % or 20 % above the one before
    base, years = [100.0] * 8 + [300.0] + [100.0] * 3, [1.0, 1.1, 1.32]  # April to March
    look = ahead({"f": "a * 1"}, {"a": history(*[growth * month for growth in years for month in base])})
    found = chance(look, None, year=12)
    assert found.over_year
    assert found.percentiles[95] / found.percentiles[5] == pytest.approx(1.2 / 1.1, rel=0.02)
    assert chance(look, None).percentiles[95] / chance(look, None).percentiles[5] > 2.5  # a December after a November


def test_a_single_year_is_drawn_by_its_periods(ahead) -> None:
    look = ahead({"f": "a * 1"}, {"a": history(*range(1, 24))})  # 11 changes over a year
    assert not chance(look, None, year=12).over_year
    assert chance(look, None, year=12) == chance(look, None)


def test_what_never_was_negative_is_not_drawn_so(ahead) -> None:
    # deals a month, none in some: changes are absolute then, up to -8 from the 2 that stand now
    look = ahead({"f": "a * 1"}, {"a": history(0, 8, 1, 9, 0, 7, 2, 8, 0, 9, 1, 8, 0, 8, 2)})
    assert chance(look, 0.0).probability == 1.0
    assert chance(look, 0.0).percentiles[5] >= 0.0
    # what was negative before may be so again
    look = ahead({"f": "a * 1"}, {"a": history(-1, 8, 1, 9, 0, 7, 2, 8, 0, 9, 1, 8, 0, 8, 2)})
    assert chance(look, 0.0).percentiles[5] < 0.0


def test_rank_correlation_is_kept(ahead) -> None:
    # b moves exactly against a, so a + b hardly moves; drawn independently the spread would be 1.4 times a's
    steps = RANDOM.normal(0, 0.1, 40)
    a = 100 * np.exp(np.cumsum(steps))
    look = ahead({"f": "a + b"}, {"a": history(*a.tolist()), "b": history(*(1e4 / a).tolist())})
    alone = ahead({"f": "a + 0 * b"}, {"a": history(*a.tolist()), "b": history(*(1e4 / a).tolist())})
    scaled = ahead({"f": "a / s + b / t"}, {"a": history(*a.tolist()), "b": history(*(1e4 / a).tolist()),
                                           "s": history(*[a[-1]] * 40), "t": history(*[1e4 / a[-1]] * 40)})  # fmt: skip
    found, own = chance(scaled, None).percentiles, chance(alone, None).percentiles
    assert (found[95] - found[5]) / 2 < 0.3 * (own[95] - own[5]) / own[50]
    assert chance(look, None).draws == 10_000


def test_under_twelve_periods_there_is_not_enough_history(ahead) -> None:
    short = ahead({"f": "a * b"}, {"a": STEADY, "b": history(*range(1, 12))})
    found = chance(short, 1.0)
    assert (found.probability, found.percentiles, found.short) == (None, {}, {"b": 11})


def test_draws_without_a_value_are_told_apart(ahead) -> None:
    look = ahead({"f": "a ** 0.5"}, {"a": history(*([-1.0, 4.0] * 10))})
    found = chance(look, 0.0)
    assert 0 < found.without_value < 1
    assert found.probability == 1


positive = st.floats(0.1, 1e3)


@given(
    st.sampled_from(["a * b + c", "a / b - c", "max(a, b) ** 2", "abs(a - b) * c"]),
    positive,
    positive,
    positive,
    positive,
)
@settings(max_examples=30)
def test_what_if_equals_an_evaluation_with_the_driver_put_in(text, a, b, c, new) -> None:
    nodes = [{"code": code, "kind": "kpi", "unit": "count"} for code in "abc"]
    nodes.append({"code": "f", "kind": "kpi", "formula": text})
    workshop = Workshop.model_validate({"workshop": {"name": "w"}, "nodes": nodes})
    values = {"a": {"2026-03": a}, "b": {"2026-03": b}, "c": {"2026-03": c}}
    found = with_levels(outlook(workshop, values, "f", APRIL, whole=False), {"a": new})
    put_in = {"a": {"2026-04": new}, "b": {"2026-04": b}, "c": {"2026-04": c}}
    assert found["f"] == pytest.approx(float(evaluate(workshop, put_in, [APRIL]).actual["f"][0]), rel=1e-12)
