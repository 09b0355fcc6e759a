"""Names of several header rows without what tells nothing apart: 残高／MD01'MABS1AN11／億円 is 残高／億円."""

from __future__ import annotations

import re
import unicodedata

from kpi_core.data.shaping.sheet import Sheet
from kpi_core.model.recipe import JOINT, Rename, Step

# a data code (letters and digits, none of them small), or the letters by which a formula names columns: (A)-(B)+(C)
_CODE = re.compile(r"^(?=.*\d)(?=.*[A-Z])[A-Z0-9'@_.#-]{6,}$|^(?:\([A-Z]\)[-+=]*)+$")


def short_names(sheet: Sheet) -> tuple[Step, ...]:
    """Codes, and words that all columns of several header rows share, left out where the names stay different."""
    paths = {name: name.split(JOINT) for name in sheet.names if JOINT in name}
    if len(paths) < 2:
        return ()
    shared = set.intersection(*(set(path) for path in paths.values()))
    short = {name: _short(path, shared) for name, path in paths.items()}
    after = [short.get(name, name) for name in sheet.names]
    if not all(after) or len(set(after)) < len(after):
        return ()
    names = tuple((name, new) for name, new in short.items() if new != name)
    return (Rename(step="rename", names=names),) if names else ()


def _short(path: list[str], shared: set[str]) -> str:
    return JOINT.join(part for part in path if part not in shared and not _is_code(part))


def _is_code(part: str) -> bool:
    return _CODE.match("".join(unicodedata.normalize("NFKC", part).replace("−", "-").split())) is not None
