"""A node split over time: the largest first, the rest added up, what has no value named. Rows worked by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpi_core.model.period import parse_period, periods_between
from kpi_core.services.datasets import store_upload
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.splitting import Segment, Split, added, split_of
from kpi_core.store.state import State

#: won by region: East 1 then 2; West 1 then none; empty none then 1.
DEALS = """stage,closed,region
Won,2026-04-03,East
Won,2026-04-20,West
Won,2026-05-02,East
Won,2026-05-03,East
Won,2026-05-04,
"""
PERIODS = periods_between(parse_period("2026-04"), parse_period("2026-05"))


@pytest.fixture
def parted(state: State, workshop: str, tmp_path: Path, me: Who) -> Split:
    file = tmp_path / "d.csv"
    file.write_text(DEALS, "utf-8")
    store_upload(state, workshop, "deals", file, "deals.csv", None, me, as_of=date(2026, 5, 31))
    assert refresh(state, workshop, me).problems == ()
    return split_of(state, workshop, PERIODS, "won", "region", today=date(2026, 6, 15))


def test_segments_come_largest_first_with_their_courses(parted: Split) -> None:
    assert parted.segments == (Segment("East", (1, 2)), Segment(None, (None, 1)))
    assert parted.latest == (("East", 2), (None, 1))


def test_a_segment_without_a_value_is_named_and_never_zero(parted: Split) -> None:
    assert parted.without == ("West",)


def test_the_rest_is_added_up_and_a_rest_of_one_stays_itself() -> None:
    many = tuple(Segment(str(n), (None, float(10 - n))) for n in range(8))
    shown, rest = Split(PERIODS, many, ()).panels(5)
    assert [one.name for one in shown] == ["0", "1", "2", "3", "4"]
    assert added(rest) == (None, 5 + 4 + 3)
    six, none = Split(PERIODS, many[:6], ()).panels(5)
    assert (len(six), none) == (6, ())
