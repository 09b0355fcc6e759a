"""Names without what tells nothing apart or is no longer true: 残高／MD01'MABS1AN11／億円, 売上(千円) in full yen."""

from __future__ import annotations

import re
import unicodedata

from kpi_core.data.reading.header import is_value
from kpi_core.data.shaping.seen_columns import holds_numbers
from kpi_core.data.shaping.sheet import Sheet
from kpi_core.data.shaping.units import scale_of, unit_in, without_unit
from kpi_core.model.recipe import JOINT, Rename, Step

_SEEN = 50
# a data code (letters and digits, none of them small), or the letters by which a formula names columns: (A)-(B)+(C)
_CODE = re.compile(r"^(?=.*\d)(?=.*[A-Z])[A-Z0-9'@_.#-]{6,}$|^(?:\([A-Z]\)[-+=]*)+$")


def short_names(sheet: Sheet) -> tuple[Step, ...]:
    """Left out where the names stay different: codes, words that all columns of several header rows share, and units.

    A unit goes only where the numbers are in full by now: 億円 beside 18,777,500,000,000 would be read wrongly.
    """
    paths = {name: name.split(JOINT) for name in sheet.names if JOINT in name}
    if len(paths) < 2:
        return ()
    shared = set.intersection(*(set(path) for path in paths.values()))
    short = {
        name: JOINT.join(
            part for part in path if not (part in shared or _is_code(part) or _is_applied(sheet, name, part))
        )
        for name, path in paths.items()
    }
    after = [short.get(name, name) for name in sheet.names]
    if not all(after) or len(set(after)) < len(after):
        return ()
    names = tuple((name, new) for name, new in short.items() if new != name)
    return (Rename(step="rename", names=names),) if names else ()


def names_in_full(sheet: Sheet) -> tuple[Step, ...]:
    """Without a unit like 千円 where the numbers are in full by now: 売上(千円) over 12,000円 would be misread."""
    full = [name for name in sheet.names if holds_numbers(sheet, name)]
    short = {name: JOINT.join(_in_full(sheet, name, part) for part in name.split(JOINT)) for name in full}
    after = [short.get(name, name) for name in sheet.names]
    if len(set(after)) < len(after):
        return ()
    names = tuple((name, new) for name, new in short.items() if new != name)
    return (Rename(step="rename", names=names),) if names else ()


def _in_full(sheet: Sheet, name: str, part: str) -> str:
    """The part without a unit that every number of the column has taken; one with a mark of its own (¥1) took none."""
    unit = unit_in(part)
    scale = scale_of(unit) if unit else None
    if scale is None or scale.factor == 1 or scale.mark not in ("", "円"):
        return part
    cells = [str(cell).strip() for cell in sheet.cells[name].drop_nulls() if is_value(str(cell))]
    taken = all(cell.endswith(scale.mark) if scale.mark else cell[-1:].isdigit() for cell in cells)
    return (without_unit(part) or part) if taken else part


def _is_code(part: str) -> bool:
    return _CODE.match("".join(unicodedata.normalize("NFKC", part).replace("−", "-").split())) is not None


def _is_applied(sheet: Sheet, name: str, part: str) -> bool:
    """Whether the part is a unit that the cells state themselves by now."""
    scale = scale_of(part)
    if scale is None or not scale.mark:
        return False
    return any(scale.mark in str(cell) for cell in sheet.cells[name].drop_nulls().head(_SEEN))
