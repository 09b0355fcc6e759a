"""Signal or noise, small counts and unripe cohorts in words, by hand."""

from __future__ import annotations

import numpy as np

from kpi_core.charts.writing import Writing
from kpi_core.insight.closure import Closure, Suspect
from kpi_core.insight.maturity import CohortMaturity, Maturity
from kpi_core.insight.signals import signals
from kpi_core.model.period import parse_period
from kpi_core.model.workshop import Workshop
from kpi_core.services.closure_words import closure_words
from kpi_core.services.variation import CountedRate, NodeSignals
from kpi_core.services.variation_words import (
    immature_shares,
    interval_words,
    limits,
    maturity_words,
    signal_keys,
    variation_detail,
    variation_in,
    variation_words,
)
from kpi_core.vocabulary import ClosureVerdict, Grain, Language, Variation

JA, EN = Language.JA, Language.EN
WRITING = Writing(JA, "count")
PERIODS = tuple(parse_period("2026-01").shift(at) for at in range(12))
# ten months of 10 and 16 in turn, then 13, then 40
VALUES = [10.0, 16.0] * 5 + [13.0, 40.0]


def found(values: list[float]) -> NodeSignals:
    return NodeSignals(PERIODS[: len(values)], PERIODS[len(values) - 1], signals(np.array(values)))


def test_a_value_beyond_the_limits_is_told_from_usual_variation() -> None:
    # mean 183/12 = 15.25; moving ranges 9 x 6, 3, 27: mean 84/11 = 7.64, so 2.66 x 7.64 = 20.3: -5.1 to 35.6
    both = found(VALUES)
    assert variation_in(both, PERIODS[-1]) is Variation.SIGNAL
    assert variation_words(both, PERIODS[-1], JA) == "いつもと違う動き(通常の範囲の外)"
    assert variation_words(both, PERIODS[0], JA) == "いつもの変動の範囲内"
    assert variation_words(both, PERIODS[0], EN) == "within usual variation"
    assert signal_keys(both) == {"2026-12"}
    assert variation_detail(both, PERIODS[0], WRITING, Grain.MONTH) == "これまでの通常の範囲は0件〜35.6件です。"


def test_a_run_on_one_side_is_told_as_one() -> None:
    run = found([10.0, 11.0, 10.0, 11.0] + [20.0, 21.0] * 4)
    assert variation_words(run, PERIODS[-1], JA) == "いつもと違う動き(8期以上、平均の片側)"


def test_too_little_is_silent_beside_the_number_and_told_in_the_detail() -> None:
    few = found(VALUES[:6])
    assert variation_words(few, PERIODS[5], JA) == ""
    assert limits(few) is None
    assert signal_keys(None) == frozenset()
    assert variation_detail(few, PERIODS[5], WRITING, Grain.MONTH) == (
        "いつもの変動の範囲は、値が10期以上になると分かります(いまは6期)。"
    )


def test_a_period_that_is_not_over_or_of_another_length_is_neither() -> None:
    both = found(VALUES)
    assert variation_words(both, parse_period("2027-01"), JA) == ""
    assert "月で見たとき" in variation_detail(both, parse_period("2026-Q1"), WRITING, Grain.MONTH)


def test_few_cases_come_with_their_interval() -> None:
    rates = (CountedRate(PERIODS[0], 6, 17, 0.1731, 0.587), CountedRate(PERIODS[1], 60, 170, 0.285, 0.427))
    assert (
        interval_words(rates, PERIODS[0], JA)
        == "件数が少なく(17件中6件)、真の率は17.3%〜58.7%の間と考えられます(95%)。"
    )
    assert interval_words(rates, PERIODS[1], JA) == ""
    assert interval_words(rates, PERIODS[2], JA) == ""


def test_young_cohorts_are_named_and_what_is_no_cohort_is_not() -> None:
    cohorts = (
        CohortMaturity(PERIODS[0], 50, 20, 0.3, 0.5, 0.0),
        CohortMaturity(PERIODS[1], 40, 5, 0.05, 0.26, 0.6),
    )
    ripening = Maturity(45.0, 200, cohorts)
    assert immature_shares(ripening) == {"2026-02": 0.6}
    assert maturity_words(ripening, PERIODS[1], JA) == [
        "2026年2月:この期の60%は、転換までの通常の日数(45日)がまだ経っていません。値はこれから変わります。"
    ]
    assert maturity_words(ripening, PERIODS[0], JA) == []
    assert maturity_words(Maturity(None, 0, (), "not_a_cohort"), PERIODS[0], JA) == []
    assert maturity_words(Maturity(None, 3, (), "not_enough_history"), PERIODS[0], JA) == [
        "転換までの日数が分かる件数が足りません。"
    ]


def test_closure_says_whose_definition_may_not_fit() -> None:
    document = {"workshop": {"name": "w"}, "nodes": [{"code": "won", "kind": "kpi", "name": {"ja": "受注件数"}}]}
    workshop = Workshop.model_validate(document)
    gaps = np.array([1.0])

    def verdict(kind: ClosureVerdict, *children: str) -> Closure:
        return Closure(gaps, gaps, gaps, (False,), kind, tuple(Suspect(one, 1.25, 0.9, False) for one in children))

    assert closure_words(verdict(ClosureVerdict.CHILD, "won"), workshop, JA) == (
        "「受注件数」の定義が合っていない可能性があります。1.25倍すると差の90%が消えます。"
    )
    assert closure_words(verdict(ClosureVerdict.AMBIGUOUS, "won", "size"), workshop, JA).startswith(
        "「受注件数」・「size」"
    )
    assert closure_words(verdict(ClosureVerdict.CLOSES), workshop, EN) == "Formula and measure agree."
