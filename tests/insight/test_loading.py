"""scipy and statsmodels take seconds to load: only what computes with them may load them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
LOAD_ALL = """
import pkgutil, importlib, sys
import kpi_core
for found in pkgutil.walk_packages(kpi_core.__path__, "kpi_core."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"scipy", "statsmodels", "patsy", "formulaic"}))
"""


def test_no_module_loads_the_statistics_when_it_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD_ALL], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
