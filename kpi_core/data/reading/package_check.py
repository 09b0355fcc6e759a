"""What must be true of a workbook's package before a reader is let loose on it.

The reader takes malformed XML for the end of the sheet and unpacks whatever it is given: so sizes, passwords and the
form of the XML are looked at first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from kpi_core.data.reading.limits import Limits
from kpi_core.errors import Problem, RefusedError
from kpi_core.vocabulary import Severity

_CHUNK = 1 << 20
_OLE_PASSWORD_STREAM = "EncryptedPackage".encode("utf-16-le")
_EDGE_CELL = re.compile(rb' r="([A-Z]{3})([0-9]{1,7})"')
_LAST_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="([0-9]{1,7})"')
# a sheet with more XML than this holds real cells; should it still reach too far, the limit on memory ends it
_EDGES_WITHIN = 8 << 20
_PARSED_UP_TO = 16 << 20
CELLS_AT_MOST = 60_000_000
# bytes that come along from the part before, so that what lies across the border is also seen
_BORDER = 64
_BOOLEAN = (b'"b"', b"'b'")
# a formula's end, or that of any empty element, and then the cell's: a formula without its result looks so
_UNVALUED = re.compile(rb"(?:/f|:f|/)>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
_FORMULA = (b"<f", b":f")
_TINY = re.compile(rb"<(?:\w+:)?v>-?[0-9.]+[eE]-[0-9]{2,}<")


def refuse_password(path: Path) -> None:
    """Office files with a password are an OLE container with an encrypted package inside."""
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            if _OLE_PASSWORD_STREAM in tail + chunk:
                raise RefusedError("password")
            tail = chunk[-64:]


def check_package(path: Path, kind: str, limits: Limits) -> None:
    """Refuses a bomb, a broken archive and a password before anything is unpacked for good."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise RefusedError("password")
            expanded = sum(member.file_size for member in members)
            if expanded > limits.expanded_bytes:
                raise RefusedError("bomb", mebibytes=expanded >> 20)
            packed = sum(member.compress_size for member in members) or 1
            if expanded > 64 << 20 and expanded / packed > limits.expansion_ratio:
                raise RefusedError("bomb", mebibytes=expanded >> 20)
            if kind == "ods":
                _refuse_encrypted_manifest(archive)
                _well_formed(archive, "content.xml", limits)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise RefusedError("truncated") from error
    except zlib.error as error:
        raise RefusedError("truncated") from error


def left_out(path: Path) -> tuple[Problem, ...]:
    """What a workbook holds that is never run or followed: macros, and links to other files."""
    with zipfile.ZipFile(path) as archive:
        names = [name.replace("\\", "/").lower() for name in archive.namelist()]
    found = []
    if any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in names):
        found.append(Problem("macros_left_out", {}, Severity.INFO))
    if any("/externallinks/" in name for name in names):
        found.append(Problem("links_left_out", {}, Severity.INFO))
    return tuple(found)


def _refuse_encrypted_manifest(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise RefusedError("password")


class SheetNotes:
    """What a pass over a sheet's XML noticed: ``tiny`` numbers need their full digits read, ``errors`` be asked for.

    ``booleans`` are the cells that hold TRUE or FALSE, or more than there are; ``unvalued``: there may be formulas
    without a result.
    """

    def __init__(self) -> None:
        self.tiny = self.unvalued = False
        self.booleans = 0
        self._error = self._cell = self._formula = False
        self._last = b""
        self._columns = 0
        self._rows = 0
        self._seen = 0

    @property
    def errors(self) -> bool:
        """Whether there may be cells that hold an error; also of XML that is not written as usual."""
        return self._error or not self._cell

    def see(self, part: bytes) -> None:
        whole = self._last + part
        self._cell = self._cell or b"<c " in whole
        self.booleans += _count(whole, _BOOLEAN) - _count(self._last, _BOOLEAN)
        self._error = self._error or b'"e"' in whole or b"'e'" in whole
        if not self.tiny and (b"E-" in whole or b"e-" in whole):
            self.tiny = _TINY.search(whole) is not None
        self._formula = self._formula or any(mark in whole for mark in _FORMULA)
        if self._formula and not self.unvalued:
            self.unvalued = _UNVALUED.search(whole) is not None
        self._last = whole[-_BORDER:]
        self._seen += len(part)
        if self._seen > _EDGES_WITHIN:
            return
        for match in _EDGE_CELL.finditer(part):
            self._columns = max(self._columns, _column_number(match[1]))
            self._rows = max(self._rows, int(match[2]))
        if self._columns:
            rows = _LAST_ROW.findall(part)
            self._rows = max([self._rows, *map(int, rows[-1:])])
            if self._columns * self._rows > CELLS_AT_MOST:
                raise RefusedError("far_cells", columns=self._columns, rows=self._rows)


def _count(xml: bytes, marks: tuple[bytes, ...]) -> int:
    return sum(map(xml.count, marks))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def check_sheet(path: Path, sheet: str, limits: Limits) -> SheetNotes:
    """Refuses an xlsx whose ``sheet`` (or its strings) is malformed XML, declares entities or lies out of reach."""
    notes = SheetNotes()
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for name in names:
                if name.lower().endswith("sharedstrings.xml") or name.lower().endswith("workbook.xml"):
                    _well_formed(archive, name, limits)
            part = _sheet_part(archive, sheet)
            for name in [part] if part else [name for name in names if "/worksheets/sheet" in name.lower()]:
                _well_formed(archive, name, limits, notes.see)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, KeyError) as error:
        raise RefusedError("truncated") from error
    except zlib.error as error:
        raise RefusedError("truncated") from error
    return notes


def sheet_xml(path: Path, sheet: str, limits: Limits) -> Iterator[bytes]:
    """The XML of a ``sheet`` that :func:`check_sheet` let pass; nothing where the workbook does not say which it is."""
    with zipfile.ZipFile(path) as archive:
        if part := _sheet_part(archive, sheet):
            yield from _parts(archive, part, limits)


def ods_xml(path: Path, limits: Limits) -> Iterator[bytes]:
    """The content of an ODS file that :func:`check_package` let pass."""
    with zipfile.ZipFile(path) as archive:
        yield from _parts(archive, "content.xml", limits)


def strings_xml(path: Path, limits: Limits) -> Iterator[bytes]:
    """The XML of the texts that the cells of a workbook share."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith("sharedstrings.xml"):
                yield from _parts(archive, name, limits)


def _parts(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[bytes]:
    size = 0
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            if size > limits.expanded_bytes:
                raise RefusedError("bomb", mebibytes=size >> 20)
            yield chunk


def _well_formed(
    archive: zipfile.ZipFile, name: str, limits: Limits, see: Callable[[bytes], None] | None = None
) -> None:
    if archive.getinfo(name).file_size > _PARSED_UP_TO:
        _ends_well(archive, name, limits, see)
        return
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse_entity
    try:
        for chunk in _parts(archive, name, limits):
            parser.Parse(chunk, False)
            if see is not None:
                see(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise RefusedError("malformed_xml", part=name) from error


def _ends_well(archive: zipfile.ZipFile, name: str, limits: Limits, see: Callable[[bytes], None] | None) -> None:
    """A large part is not parsed twice: the reader refuses bad syntax itself, but not a missing end or an entity."""
    tail, first = b"", True
    for chunk in _parts(archive, name, limits):
        if first and b"<!" in chunk[:4096].replace(b"<!--", b""):
            raise RefusedError("entity")
        first = False
        if see is not None:
            see(chunk)
        tail = (tail + chunk)[-64:]
    if not re.search(rb"</(?:\w+:)?(?:worksheet|sst|workbook|document-content)>\s*$", tail):
        raise RefusedError("malformed_xml", part=name)


def refuse_entity(*_: object) -> None:
    raise RefusedError("entity")


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The member that holds ``sheet``, through the workbook's relations; ``None`` when they do not say."""
    names = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
    book = next((name for name in names if name.endswith("xl/workbook.xml")), None)
    links = next((name for name in names if name.endswith("xl/_rels/workbook.xml.rels")), None)
    if book is None or links is None:
        return None
    relation = next(
        (
            next((value for key, value in attributes.items() if key.endswith(":id") or key == "id"), None)
            for tag, attributes in _elements(archive.read(names[book]))
            if tag.endswith("sheet") and attributes.get("name") == sheet
        ),
        None,
    )
    for tag, attributes in _elements(archive.read(names[links])):
        if tag.endswith("Relationship") and attributes.get("Id") == relation:
            target = attributes.get("Target", "").lstrip("/").lower()
            return names.get(target) or names.get(f"xl/{target}")
    return None


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse_entity
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, attributes))
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        return []
    return found
