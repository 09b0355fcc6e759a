from __future__ import annotations

from kpi_core.services.pasted_rows import pasted_rows

COLUMNS = ("code", "kind", "name")
NAMES = {"コード": "code", "種類": "kind", "名称": "name"}
THERE = [{"node": "calls", "code": "calls", "kind": "KPI", "name": "架電"}]


def pasted(text: str) -> list[dict[str, object]]:
    return pasted_rows(text, THERE, COLUMNS, NAMES, "code")


def test_cells_follow_the_tables_columns() -> None:
    assert pasted("visits\tKPI\t訪問\r\n\tKPI\t商談\n\n") == [
        *THERE,
        {"code": "visits", "kind": "KPI", "name": "訪問"},
        {"code": "", "kind": "KPI", "name": "商談"},
    ]


def test_a_first_line_of_names_says_which_cell_is_what() -> None:
    assert pasted("名称\t備考\t種類\n訪問\t来月から\tKPI")[1:] == [{"code": "", "kind": "KPI", "name": "訪問"}]


def test_a_row_of_a_known_code_changes_the_row_there_and_empty_cells_nothing() -> None:
    assert pasted("calls\t\t架電件数") == [{"node": "calls", "code": "calls", "kind": "KPI", "name": "架電件数"}]


def test_a_cell_may_hold_several_lines_as_a_spreadsheet_quotes_them() -> None:
    assert pasted('visits\tKPI\t"訪問\n(対面)"')[1]["name"] == "訪問\n(対面)"


def test_nothing_pasted_changes_nothing() -> None:
    assert pasted(" \n\t\n") == THERE
