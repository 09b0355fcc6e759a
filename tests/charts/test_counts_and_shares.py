"""Counts as bars, and counted shares over time: frames, specs, the empty frame."""

from __future__ import annotations

import pytest

from kpi_core.charts import counts, shares
from kpi_core.model.period import parse_period
from kpi_core.vocabulary import Grain, Language


def test_counts_keep_their_order_and_say_which_are_marked() -> None:
    rows = counts.frame([("over 7 days", 1115, True), ("up to 1 day", 0, False)]).to_pylist()
    assert rows == [
        {"name": "over 7 days", "count": 1115.0, "text": "1,115", "marked": True},
        {"name": "up to 1 day", "count": 0.0, "text": "0", "marked": False},
    ]
    bar = counts.spec(Language.JA)["layer"][0]
    assert bar["encoding"]["x"]["scale"]["zero"] is True
    assert counts.frame([]).num_rows == 0


def test_a_share_stands_over_its_interval_from_0_to_100_per_cent() -> None:
    april = shares.Counted(parse_period("2026-04", 4), 46, 133, 0.271, 0.429)
    (row,) = shares.frame([april], Language.JA).to_pylist()
    assert (row["period"], row["share_text"], row["range_text"]) == ("2026-04", "35%", "27%〜43%")
    assert row["share"] == pytest.approx(46 / 133)
    assert row["count_text"] == "46/133"
    band, line, *_ = shares.spec(Language.JA, Grain.MONTH)["layer"]
    assert band["encoding"]["y"]["scale"]["domain"] == [0, 1]
    assert (band["encoding"]["y2"]["field"], line["encoding"]["y"]["field"]) == ("high", "share")
    assert shares.frame([], Language.EN).num_rows == 0
