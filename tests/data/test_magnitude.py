"""Numbers of another size than those there are, told before they are stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from kpi_core.data.shaping.magnitude import Shift, magnitude_shifts

Table = Callable[..., Path]
THOUSANDS = [400, 500, 600, 700, 800]  # the median is 600


@pytest.fixture
def table(tmp_path: Path) -> Table:
    def made(**columns: Sequence[object]) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.parquet"
        pl.DataFrame(columns).write_parquet(path)
        return path

    return made


@pytest.mark.parametrize(
    ("coming", "median"),
    [
        ([400_000, 500_000, 600_000, 700_000, 800_000], 600_000),  # yen: 1,000 times
        ([-60_000, 60_000, 0, 0, 0, 60_000, -60_000, 60_000], 60_000),  # 100 times; signs and zeros aside
        ([6, 6, 6, 6, 6, None], 6),  # a hundredth
        ([0.6, 0.6, 0.6, 0.6, 0.6], 0.6),  # million yen, and of another type of number
        ([59_000] * 5, None),  # 98 times
        ([7] * 5, None),  # an 86th
        ([600_000] * 4, None),  # four are too few
        ([600_000] * 4 + [0], None),  # and a zero is none
    ],
)
def test_a_column_whose_median_size_is_far_off_is_told(
    table: Table, coming: list[float | None], median: float | None
) -> None:
    found = magnitude_shifts(table(金額=THOUSANDS), [table(金額=coming)])
    assert found == (() if median is None else (Shift("金額", 600, median),))


def test_all_files_count_together_and_codes_and_text_do_not(table: Table) -> None:
    there = table(案件番号=[1, 2, 3, 4, 5], 金額=THOUSANDS, 備考=["1"] * 5, 件数=[1, 2, 3, 2, 1])
    one = {"案件番号": [9_001, 9_002, 9_003], "備考": ["9000"] * 3, "件数": [1, 2, 3], "金額": [600_000] * 3}
    assert [shift.column for shift in magnitude_shifts(there, [table(**one), table(**one)])] == ["金額"]
    assert magnitude_shifts(there, [table(**one)]) == ()  # three by themselves are too few


def test_a_size_that_is_the_same_but_for_one_outlier_is_none(table: Table) -> None:
    assert magnitude_shifts(table(金額=THOUSANDS), [table(金額=[500, 600, 700, 650, 10_000_000])]) == ()
