"""A fresh state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.store.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State.open(tmp_path / "state.db") as opened:
        yield opened
