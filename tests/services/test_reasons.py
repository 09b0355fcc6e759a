"""One step of "why?" from rows to words: inputs with their own values, segments, and what stands in the way.

Deals: won April 2, May 1; size 100, 110; bookings = won x size: 200 → 110 (won -105, size +15).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_core.model.period import Period, parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import store_upload
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.reasons import Compared, comparisons, dimensions, effect_on, why
from kpi_core.services.snapshots import snapshot
from kpi_core.services.why_words import arithmetic, ends, obstacles, sentence, steps, writing_of
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State
from kpi_core.vocabulary import ContributionKind, Language

MAY = parse_period("2026-05")


@pytest.fixture
def fed(state: State, workshop: str, deals: Path, me: Who) -> str:
    store_upload(state, workshop, "deals", deals, "deals.csv", None, me)
    refresh(state, workshop, me)
    return workshop


def told(state: State, workshop: str, node: str, compared: Compared, language: Language = Language.JA) -> str:
    found = snapshot(state, workshop).workshop
    asked = found.node(node)
    assert asked is not None
    return sentence(why(state, workshop, node, MAY, compared), found, writing_of(asked, found, language))


def test_inputs_come_with_their_own_values(state: State, fed: str) -> None:
    won, size = why(state, fed, "bookings", MAY, Compared.PREVIOUS).reasons
    assert (won.node, won.value, won.before, won.after) == ("won", pytest.approx(-105), 2, 1)
    assert (size.node, size.value, size.before, size.after) == ("size", pytest.approx(15), 100, 110)
    assert (won.opens, size.opens) == (True, False)  # typed by hand: nothing below


def test_the_sentence_in_both_languages(state: State, fed: str) -> None:
    assert told(state, fed, "bookings", Compared.PREVIOUS) == (
        "bookingsは前月より90円減。主因はwon(△105円)、sizeが+15円で一部相殺"
    )
    assert told(state, fed, "bookings", Compared.PREVIOUS, Language.EN) == (
        "bookings: down ¥90 from the previous month. Mainly won (−¥105), partly offset by size (+¥15)"
    )


def test_the_arithmetic_names_method_formula_and_values(state: State, fed: str) -> None:
    workshop = snapshot(state, fed).workshop
    node = workshop.node("bookings")
    assert node is not None
    lines = arithmetic(
        why(state, fed, "bookings", MAY, Compared.PREVIOUS), workshop, writing_of(node, workshop, Language.JA)
    )
    assert "シャープレイ値(厳密)" in lines[0]
    assert lines[1:3] == ["計算式:won × size", "値:won 2件 → 1件, size 100円 → 110円"]
    assert lines[3] == "寄与の合計 △90円 は、変化 △90円 と一致します(残差 0)。"


def test_a_measured_node_is_told_by_segment(state: State, fed: str) -> None:
    workshop = snapshot(state, fed).workshop
    won = workshop.node("won")
    assert won is not None
    assert dimensions(workshop, won, Compared.PREVIOUS) == ("region",)
    assert dimensions(workshop, won, Compared.TARGET) == ()
    found = why(state, fed, "won", MAY, Compared.PREVIOUS, by="region")
    assert {one.segment: one.value for one in found.reasons} == {"East": 0, "West": -1}
    assert sentence(found, workshop, writing_of(won, workshop, Language.JA)) == "wonは前月より1件減。主因はWest(△1件)"


def test_without_a_value_it_names_what_is_missing(state: State, fed: str) -> None:
    found = why(state, fed, "bookings", MAY, Compared.TARGET)
    workshop = snapshot(state, fed).workshop
    assert found.reasons == ()
    assert obstacles(found, workshop, Language.JA) == [
        "「won」の2026年5月の目標がありません。",
        "「size」の2026年5月の目標がありません。",
    ]
    assert ends(found, Language.JA) == ("目標(2026年5月)", "実績(2026年5月)")


def test_an_inputs_effect_is_told_in_the_tops_unit(state: State, fed: str) -> None:
    top = why(state, fed, "bookings", MAY, Compared.PREVIOUS).explanation
    assert getattr(effect_on(state, fed, top, "bookings", "won"), "value", None) == pytest.approx(-105)
    assert effect_on(state, fed, top, "bookings", "nope") is None


def test_totals_of_a_year_are_offered_only_where_adding_up_means_something(state: State, fed: str) -> None:
    workshop = snapshot(state, fed).workshop
    year: Period = parse_period("2026")
    assert Compared.YTD_YEAR in comparisons(workshop, "won", MAY)
    assert Compared.YTD_YEAR not in comparisons(workshop, "size", MAY)
    assert Compared.YTD_YEAR not in comparisons(workshop, "won", year)


def test_the_mix_of_all_segments_is_one_reason(state: State, tmp_path: Path, me: Who) -> None:
    # rate: April web 10/100, shop 10/50; May web 30/150, shop 5/50. rate of web: mean weight (2/3 + 3/4)/2 x 0.1
    part = {"dataset": "d", "aggregate": "sum", "date": "day", "dimensions": ["channel"]}
    ratio = {"numerator": {**part, "column": "orders"}, "denominator": {**part, "column": "visits"}}
    document = {
        "workshop": {"name": "w"},
        "sources": [{"code": "web"}],
        "datasets": [{"code": "d", "source": "web"}],
        "nodes": [{"code": "rate", "kind": "kpi", "unit": "ratio", "measure": {"ratio": ratio}}],
    }
    made = create_workshop(state, Workshop.model_validate(document), me)
    path = tmp_path / "d.csv"
    path.write_text(
        "day,channel,visits,orders\n2026-04-03,web,100,10\n2026-04-03,shop,50,10\n"
        "2026-05-03,web,150,30\n2026-05-03,shop,50,5\n",
        encoding="utf-8",
    )
    store_upload(state, made, "d", path, "d.csv", None, me)
    refresh(state, made, me)
    web, shop, mix = why(state, made, "rate", MAY, Compared.PREVIOUS, by="channel").reasons
    assert (web.segment, web.kind, web.value) == (
        "web",
        ContributionKind.RATE,
        pytest.approx((2 / 3 + 3 / 4) / 2 * 0.1),
    )
    assert (shop.segment, shop.value) == ("shop", pytest.approx((1 / 3 + 1 / 4) / 2 * -0.1))
    assert mix.kind is ContributionKind.MIX
    # web: 1/12 x (0.15 - R), shop: -1/12 x (0.15 - R): they cancel
    assert mix.value == pytest.approx(0, abs=1e-12)
    assert web.value + shop.value + mix.value == pytest.approx(35 / 200 - 20 / 150)


def test_a_driver_that_inputs_share_stands_by_itself_and_they_are_named_without_it(state: State, me: Who) -> None:
    # sales 10 x 100 = 1,000 → 12 x 90 = 1,080; cost 10 x 60 = 600 → 12 x 71 = 852; profit 400 → 228.
    # won: 2 x ((100-60) + (90-71))/2 = 59; price: -10 x (10+12)/2 = -110; unit cost: -11 x (10+12)/2 = -121
    leaves = {"won": (10, 12), "price": (100, 90), "each": (60, 71)}
    names = {"profit": "利益", "sales": "売上", "cost": "原価", "won": "受注件数", "price": "単価", "each": "平均原価"}
    formulas = {"profit": "sales - cost", "sales": "won * price", "cost": "won * each"}
    above = {"sales": "more", "cost": "more", "won": "sales", "price": "sales", "each": "cost"}
    nodes = [
        {
            "code": code,
            "kind": "kgi" if code == "profit" else "kpi",
            "name": {"ja": name, "en": code.title()},
            "unit": "count" if code == "won" else "JPY",
            "roll_up": "sum",
            "parent": above.get(code),
            "formula": formulas.get(code),
            "manual": [
                {"period": period, "value": value}
                for period, value in zip(("2026-04", "2026-05"), leaves.get(code, ()), strict=False)
            ],
        }
        for code, name in names.items()
    ]
    nodes.insert(1, {"code": "more", "kind": "ksf", "parent": "profit"})
    made = create_workshop(state, Workshop.model_validate({"workshop": {"name": "w"}, "nodes": nodes}), me)
    workshop = snapshot(state, made).workshop
    found = why(state, made, "profit", MAY, Compared.PREVIOUS)
    assert [(one.node, one.value, one.without, one.of) for one in found.reasons] == [
        ("cost", pytest.approx(-121), ("won",), ()),
        ("sales", pytest.approx(-110), ("won",), ()),
        ("won", pytest.approx(59), (), ("sales", "cost")),
    ]
    profit = workshop.node("profit")
    assert profit is not None
    japanese, english = (writing_of(profit, workshop, language) for language in (Language.JA, Language.EN))
    assert sentence(found, workshop, japanese) == (
        "利益は前月より172円減。主因は原価(受注件数以外)(△121円)と売上(受注件数以外)(△110円)、受注件数が+59円で一部相殺"
    )
    assert "Mainly Cost (without Won) (−¥121) and Sales (without Won) (−¥110)" in sentence(found, workshop, english)
    assert [one.name for one in steps(found, workshop, Language.JA)] == [
        "原価(受注件数以外)",
        "売上(受注件数以外)",
        "受注件数",
    ]
    lines = arithmetic(found, workshop, japanese)
    assert "値:原価 600円 → 852円, 売上 1,000円 → 1,080円, 受注件数 10件 → 12件" in lines  # of the whole inputs
    assert any(line.startswith("「受注件数」は複数の要因(売上、原価)に効くため") for line in lines)
    share = effect_on(state, made, found.explanation, "profit", "sales")
    assert share is not None
    assert (share.value, share.without) == (pytest.approx(-110), ("won",))
