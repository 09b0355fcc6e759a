"""The command line as a scheduler runs it: a process of its own over a state of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kpi_core.cli import main

PROJECT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ran:
    """What a run left: exit code, standard output and error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def state_path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def process(state_path: Path):
    """Runs ``python -m kpi_core …`` as a process."""

    def run(*arguments: object, cwd: Path = PROJECT, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "kpi_core", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "KPI_WORKSHOP_DB": str(state_path), **environment},
            capture_output=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    return run


@pytest.fixture
def cli(state_path: Path, capfd: pytest.CaptureFixture[str]):
    """Runs a command in this process, which is faster, with ``--db`` stated."""

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        code = main([*map(str, arguments), "--db", str(state_path)])
        return Ran(code, *capfd.readouterr())

    return run
