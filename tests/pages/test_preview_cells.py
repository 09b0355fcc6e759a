"""Numbers in an upload's previews: amounts in groups of three, codes and years as they are written."""

from __future__ import annotations

import pytest

from kpi_core.vocabulary import ColumnType
from pages.components.preview_cells import are_amounts, grouped, is_amount, width_of


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("1234567", "1,234,567"),
        ("-1234567.25", "-1,234,567.25"),
        ("999", "999"),
        ("0012345", "0012345"),
        ("1,234円", "1,234円"),
        ("2026-04-01", "2026-04-01"),
        ("1e+16", "1e+16"),
        ("-0.5", "-0.5"),
        ("12345678901234567", "12,345,678,901,234,567"),
        ("", ""),
    ],
)
def test_only_plain_numbers_are_grouped(cell: str, shown: str) -> None:
    assert grouped(cell) == shown


def test_codes_and_years_are_no_amounts() -> None:
    assert is_amount("売上", ColumnType.INTEGER, ["1234567", None])
    assert not is_amount("売上", ColumnType.TEXT, ["1234567"])
    assert not is_amount("団体コード", ColumnType.INTEGER, ["131041"])
    assert is_amount("2024年", ColumnType.INTEGER, ["331686"])
    assert is_amount("令和8年度", ColumnType.INTEGER, ["331686"])
    assert not is_amount("作成年", ColumnType.INTEGER, ["10001"])
    assert not is_amount("調査時期", ColumnType.INTEGER, ["2024", "2025"])


def test_columns_of_a_sheet_below_a_header_of_several_rows() -> None:
    assert are_amounts(["(参考)2024年", "社会増加数", ""], ["", "331686", "-4537"])
    assert not are_amounts(["", "年度"], ["2023", "2024"])
    assert not are_amounts(["番地"], ["01310", "13104"])
    assert not are_amounts(["支店"], ["東京", "大阪"])


def test_a_long_title_above_short_cells_gets_its_width() -> None:
    assert width_of(["北海道", "青森県", "岩手県"]) is None  # the grid's own width does
    wide = width_of(["都道府県別社会増減数", "北海道", "青森県", "岩手県"])
    assert wide is not None
    assert wide >= 10 * 14
    assert (width_of(["注" * 500, "東京", "大阪"]) or 0) < 400
