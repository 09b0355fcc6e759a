"""A simulated fiscal year of the sample: its rates are the year's, never one month's beside the sums of a year."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.services.evaluating import evaluate
from kpi_core.services.simulating import simulate
from kpi_core.vocabulary import Grain, Status

TODAY = date(2026, 11, 23)


def test_rates_of_an_open_year_are_weighted_and_what_has_none_is_not_judged(loaded) -> None:
    state, workshop = loaded
    found = simulate(state, workshop, "bookings", "2026", draws=None, today=TODAY)
    before = found.before
    deals = before["new_won_deals"] + before["expansion_deals"]
    assert before["average_deal"] == pytest.approx(before["bookings"] / deals)

    def told(code: str, grain: Grain, key: str) -> float:
        found = evaluate(state, workshop, grain=grain, first=key, last=key, nodes=[code], today=TODAY)
        return float(found.series[code, None].actual[0])

    # leads in time so far, and as many in every open month as in the last
    last = found.now.key
    known, month = (told("mql_count", grain, key) for grain, key in ((Grain.YEAR, "2026"), (Grain.MONTH, last)))
    whole = before["mql_count"]
    in_time = told("sla_rate", Grain.YEAR, "2026") * known + told("sla_rate", Grain.MONTH, last) * (whole - known)
    assert whole > known > month
    assert before["sla_rate"] == pytest.approx(in_time / whole)
    assert before["sla_rate"] != pytest.approx(told("sla_rate", Grain.MONTH, last))
    assert (before["response_hours"], found.statuses["response_hours"]) == (None, Status.NONE)
