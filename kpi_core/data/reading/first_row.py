"""Whether the first row of a sheet holds words only, seen in its XML before the sheet is read."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.package_check import refuse_entity, sheet_xml

_WORDS = frozenset({"s", "str", "inlineStr"})


def words_in_first_row(path: Path, sheet: str, limits: Limits) -> int | None:
    """The number of cells with words in row 1 of a sheet; ``None`` where that row holds anything else."""
    counter = _FirstRow()
    try:
        for part in sheet_xml(path, sheet, limits):
            if counter.reads(part):
                return counter.words
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, KeyError, expat.ExpatError):
        return None  # the check of the package says it in words
    return None


class _FirstRow:
    """Counts the words of a sheet's first row, and is done with it or with anything but words."""

    def __init__(self) -> None:
        self.words: int | None = 0
        self._kind = ""
        self._filled = False
        self._done = False
        self._parser = expat.ParserCreate()
        self._parser.EntityDeclHandler = refuse_entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def reads(self, part: bytes) -> bool:
        """Takes a part of the XML in; whether the first row is known."""
        try:
            self._parser.Parse(part, False)
        except StopIteration:
            self._done = True
        return self._done

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row" and attributes.get("r") != "1":
            self.words = None
            raise StopIteration
        if name == "c":
            self._kind, self._filled = attributes.get("t", "n"), False
        self._filled = self._filled or name in ("v", "is")

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "c" and self._filled and self.words is not None:
            self.words = self.words + 1 if self._kind in _WORDS else None
        if name == "row" or self.words is None:
            raise StopIteration
