"""What two versions' rows have in common, worked out once and kept beside them: a version's rows never change."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from kpi_core.data.overlapping import Overlap, overlap
from kpi_core.store.versions import overlap_file

#: How two tables are compared; raised when that changes, so that what was kept before is worked out anew.
_RULES = 1


@dataclass(frozen=True)
class Compared:
    """That two tables were compared; ``overlap`` is ``None`` where they hold nothing in common."""

    overlap: Overlap | None
    rules: int = _RULES


_KEPT = TypeAdapter(Compared)
_comparing = threading.Lock()


def compared(one: Path, other: Path) -> Compared:
    """What both hold; compared now unless it was before, one pair at a time."""
    with _comparing:
        return _compared(one, other)


@lru_cache(maxsize=256)
def _compared(one: Path, other: Path) -> Compared:
    kept = kept_overlap(one, other)
    if kept is not None:
        return kept
    found = Compared(overlap(one, other))
    with suppress(OSError):  # nothing but time is lost where it cannot be kept
        _keep(overlap_file(one, other), found)
    return found


def kept_overlap(one: Path, other: Path) -> Compared | None:
    """What is kept of two tables; ``None`` where they are still to be compared."""
    try:
        kept = _KEPT.validate_json(overlap_file(one, other).read_bytes())
    except (OSError, ValidationError):
        return None
    return kept if kept.rules == _RULES else None


def _keep(path: Path, found: Compared) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(_KEPT.dump_json(found))
    Path(temporary).replace(path)
