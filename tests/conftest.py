"""Fixtures everyone shares."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# a shared machine may stall for a second in any example
hypothesis.settings.register_profile("kpi", deadline=None)
hypothesis.settings.load_profile("kpi")

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and hostile files beside the project; absent on a user's machine."""
    if not SHARED.is_dir():
        message = f"{SHARED} is not there: the tests on real data and hostile files need it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return SHARED
