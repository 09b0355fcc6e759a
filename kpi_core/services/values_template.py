"""The Excel template for values that no system holds: periods down, KPIs across, checked while one types.

Row 1 is hidden and says what each column is (``MARK``, then the KPIs' codes), row 2 is what people read, the values
follow. Column A is hidden and counts the rows, so that a problem names the row that its reader sees. Only the cells to
fill in are unlocked. Text people typed is stored as text, which no spreadsheet evaluates.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpi_core.model.node import Node
from kpi_core.model.period import Period, period_of
from kpi_core.model.workshop import Workshop
from kpi_core.services.datasets import today_of
from kpi_core.services.exporting import stored_text
from kpi_core.text import say
from kpi_core.text.numbers import axis_unit
from kpi_core.text.periods import format_period
from kpi_core.tree.units import COUNT, RATIO, is_currency, unit_kind
from kpi_core.vocabulary import Language, NodeKind, NodeStatus

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

#: The first cell of a template; the number goes up when its shape changes.
MARK = "kpi-workshop-values/1"
#: Periods that stand in the template, and that its list offers; the running one included.
FILLED, OFFERED = 15, 60
_FREE_ROWS = 15
_HEAD = 2
_ACCENT, _FAINT = "3B5BDB", "F1F3F9"
_MOST, _MOST_RATIO = 10**15, 10


def by_hand(workshop: Workshop) -> tuple[Node, ...]:
    """The nodes whose values are typed in: in force, no measure, and no formula unless values were typed before."""
    return tuple(
        node
        for node in workshop.nodes
        if node.kind is not NodeKind.KSF
        and node.status is not NodeStatus.RETIRED
        and node.measure is None
        and (node.manual or not node.formula)
    )


def offered_periods(workshop: Workshop) -> tuple[Period, ...]:
    """The periods a value may be typed for, the earliest first; the running one is the last."""
    settings = workshop.settings
    last = period_of(today_of(workshop), settings.grain, settings.fiscal_year_start)
    return tuple(last.shift(-back) for back in reversed(range(OFFERED)))


def values_template(workshop: Workshop, language: Language) -> bytes:
    """The workbook (XLSX) with what is stored so far; ``values_upload`` reads it back."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    nodes, periods = by_hand(workshop), offered_periods(workshop)
    names = [format_period(one, language, one.fiscal_year_start, style="name") for one in periods]
    sheet.title = say("values_template.sheet", language)
    _head(sheet, workshop, nodes, language)
    _rows(sheet, nodes, periods, names)
    offered = book.create_sheet(say("values_template.list_sheet", language))
    for at, name in enumerate(names, start=1):
        stored_text(offered.cell(at, 1), name)
    offered.sheet_state = "hidden"
    _checks(sheet, nodes, f"'{offered.title}'!$A$1:$A${len(names)}", language)
    _guide(book.create_sheet(say("values_template.guide_sheet", language)), workshop, nodes, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet, workshop: Workshop, nodes: Sequence[Node], language: Language) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    for at, code in enumerate([MARK, "", *(node.code for node in nodes)], start=1):
        stored_text(sheet.cell(1, at), code)
    heads = ["", say("values_template.period", language), *(_headline(workshop, node, language) for node in nodes)]
    for at, text in enumerate(heads, start=1):
        cell = stored_text(sheet.cell(_HEAD, at), text)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_ACCENT)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        sheet.column_dimensions[cell.column_letter].width = 20
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[_HEAD].height = 48
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = "C3"


def _headline(workshop: Workshop, node: Node, language: Language) -> str:
    name = node.name.in_language(language) or node.code
    unit = axis_unit(node.unit, language, currency=workshop.settings.currency) if node.unit else ""
    return say("values_template.head", language, name=name, unit=unit) if unit else name


def _rows(sheet: Worksheet, nodes: Sequence[Node], periods: Sequence[Period], names: Sequence[str]) -> None:
    from openpyxl.styles import Border, PatternFill, Protection, Side

    thin = Side(style="thin", color="D5D9E2")
    line, faint, open_ = Border(bottom=thin, right=thin), PatternFill("solid", fgColor=_FAINT), Protection(locked=False)
    stored = [{entry.period: entry.value for entry in node.manual} for node in nodes]
    shown = list(zip(periods, names, strict=True))[-FILLED:]
    for at in range(len(shown) + _FREE_ROWS):
        row = _HEAD + 1 + at
        sheet.cell(row, 1, row)
        period = sheet.cell(row, 2)
        if at < len(shown):
            stored_text(period, shown[at][1])
        period.number_format, period.fill = "@", faint
        for column, (node, kept) in enumerate(zip(nodes, stored, strict=True), start=3):
            value = sheet.cell(row, column, kept.get(shown[at][0].key) if at < len(shown) else None)
            value.number_format = _number_format(node)
        for cell in sheet[row][1:]:
            cell.border, cell.protection = line, open_
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False


def _number_format(node: Node) -> str:
    """How a spreadsheet shows the column's numbers; a ratio is typed and shown in per cent."""
    whole = is_currency(node.unit) or unit_kind(node.unit) == COUNT
    if node.decimals is None and not whole and node.unit != RATIO:
        return "General"
    decimals = node.decimals if node.decimals is not None else 0 if whole else 1
    places = f".{'0' * decimals}" if decimals else ""
    return f"0{places}%" if node.unit == RATIO else f"#,##0{places}"


def _checks(sheet: Worksheet, nodes: Sequence[Node], offered: str, language: Language) -> None:
    """What a spreadsheet refuses while one types: a period that is not in the list, and what is no number."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    last = sheet.max_row
    period = DataValidation(type="list", formula1=f"={offered}", allow_blank=True, showErrorMessage=True)
    period.errorTitle = say("values_template.wrong", language)
    period.error = say("values_template.period_wrong", language)
    period.add(f"B{_HEAD + 1}:B{last}")
    sheet.add_data_validation(period)
    for at, node in enumerate(nodes, start=3):
        most = _MOST_RATIO if node.unit == RATIO else _MOST
        number = DataValidation(type="decimal", operator="between", formula1=str(-most), formula2=str(most))
        number.showErrorMessage = number.showInputMessage = True
        number.errorTitle = say("values_template.wrong", language)
        number.error = say("values_template.number_wrong", language)
        if node.unit == RATIO:
            number.promptTitle = say("values_template.ratio", language)
            number.prompt = say("values_template.ratio_help", language)
        letter = get_column_letter(at)
        number.add(f"{letter}{_HEAD + 1}:{letter}{last}")
        sheet.add_data_validation(number)


def _guide(sheet: Worksheet, workshop: Workshop, nodes: Sequence[Node], language: Language) -> None:
    """What to do, then each KPI with what it counts and who types it in by when."""
    from openpyxl.styles import Alignment, Font, PatternFill

    wrap = Alignment(wrap_text=True, vertical="top")
    title = stored_text(sheet.cell(1, 1), say("values_template.guide", language, name=workshop.settings.name))
    title.font = Font(bold=True, size=14)
    row = 2
    for at in range(1, 7):
        stored_text(sheet.cell(row, 1), say(f"values_template.step_{at}", language))
        row += 1
    row += 1
    for column, name in enumerate(("kpi", "definition", "unit", "updater", "input_rule"), start=1):
        cell = stored_text(sheet.cell(row, column), say(f"values_template.{name}", language))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_FAINT)
    for node in nodes:
        row += 1
        unit = axis_unit(node.unit, language, currency=workshop.settings.currency) if node.unit else ""
        told: list[Any] = [node.name.in_language(language) or node.code, node.definition, unit]
        for column, text in enumerate([*told, node.updater or node.owner, node.input_rule], start=1):
            stored_text(sheet.cell(row, column), text).alignment = wrap
    for letter, width in zip("ABCDE", (28, 60, 12, 20, 44), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.protection.sheet = True
