"""Where the state lies: what the server, the gate before it and the pages open."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent


def database() -> Path:
    """``KPI_WORKSHOP_DB``, else ``data/kpi_workshop.db`` beside the app."""
    return Path(os.environ.get("KPI_WORKSHOP_DB") or PROJECT / "data" / "kpi_workshop.db")
