"""Formulas of a sheet that were saved without their result: the reader takes such a cell for an empty one.

Spreadsheets keep the result beside the formula; files written by programs, or by a spreadsheet told not to compute, may
have none. XLS always holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from kpi_core.data.reading.package_check import refuse_entity
from kpi_core.errors import RefusedError

UnvaluedCell = tuple[int, int, str]
"""Row and column from 0, the formula with its ``=``."""

_SHOWN = 120
_UNKNOWN = "=…"
"""A formula that is shared with the cell it was copied from, and not written again."""
_SPREAD_AT_MOST = 100
"""So many repetitions of one ODS cell or row are told one by one."""
_ODS_PREFIX = re.compile(r"^(?:of|oooc|msoxl):=?|^=")


def in_xlsx(xml: Iterable[bytes]) -> list[UnvaluedCell]:
    """Those of the XML of an XLSX sheet. A text that is empty (``t="str"``) is a result, too."""
    return _Xlsx().read(xml)


def in_ods(xml: Iterable[bytes], sheet: str) -> list[UnvaluedCell]:
    """Those of ``sheet`` in the content of an ODS file: cells without the type of a value."""
    return _Ods(sheet).read(xml)


class _Cells:
    """What the XML of a sheet says, cell by cell; raises ``RefusedError`` (``malformed_xml``)."""

    part = "worksheets"

    def __init__(self) -> None:
        self.found: list[UnvaluedCell] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.EntityDeclHandler = refuse_entity
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._parser.CharacterDataHandler = self._says

    def read(self, xml: Iterable[bytes]) -> list[UnvaluedCell]:
        try:
            for part in xml:
                self._parser.Parse(part, False)
        except expat.ExpatError as error:
            raise RefusedError("malformed_xml", part=self.part) from error
        return self.found

    def _begins(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def _ends(self, tag: str) -> None:
        raise NotImplementedError

    def _says(self, text: str) -> None:
        pass


class _Xlsx(_Cells):
    def __init__(self) -> None:
        super().__init__()
        self._row = self._column = -1
        self._formula: str | None = None
        self._valued = self._text = False
        self._within = ""

    def _begins(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif name == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            self._column = _column(letters) if letters else self._column + 1
            self._formula, self._valued, self._text = None, False, attributes.get("t") == "str"
        elif name == "f":
            self._formula = ""
        elif name == "v":
            self._valued = self._text
        self._within = name

    def _ends(self, tag: str) -> None:
        self._within = ""
        if tag.rpartition(":")[2] == "c" and self._formula is not None and not self._valued:
            self.found.append((self._row, self._column, _written(self._formula)))

    def _says(self, text: str) -> None:
        if self._within == "f" and self._formula is not None:
            self._formula += text
        elif self._within == "v" and text.strip():
            self._valued = True


class _Ods(_Cells):
    part = "content.xml"

    def __init__(self, sheet: str) -> None:
        super().__init__()
        self._sheet = sheet
        self._inside = False
        self._row = self._column = 0
        self._rows = 1
        self._begun: list[UnvaluedCell] = []

    def _begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._inside = attributes.get("table:name") == self._sheet
            self._row = 0
        elif not self._inside:
            return
        elif tag == "table:table-row":
            self._rows = int(attributes.get("table:number-rows-repeated", 1))
            self._column, self._begun = 0, []
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            times = int(attributes.get("table:number-columns-repeated", 1))
            formula = attributes.get("table:formula")
            if formula is not None and not any(name.endswith(":value-type") for name in attributes):
                text = _written(_ODS_PREFIX.sub("", formula))
                self._begun += [(self._row, self._column + at, text) for at in range(min(times, _SPREAD_AT_MOST))]
            self._column += times

    def _ends(self, tag: str) -> None:
        if tag == "table:table":
            self._inside = False
        elif self._inside and tag == "table:table-row":
            for below in range(min(self._rows, _SPREAD_AT_MOST) if self._begun else 0):
                self.found += [(row + below, column, text) for row, column, text in self._begun]
            self._row += self._rows


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _written(formula: str) -> str:
    text = formula.strip()
    return f"={text}"[:_SHOWN] if text else _UNKNOWN
