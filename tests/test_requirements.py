"""Whatever the app imports is asked for by name, in a range, and pinned."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.conftest import PROJECT

_LINE = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?\s*([^#;\s]*)")
#: Imported only where a dataset lies on Spark, which has a requirements file of its own.
_OPTIONAL = {"pyspark"}


def asked_for(file: str) -> dict[str, str]:
    """Distribution → version range, of a requirements file."""
    lines = (PROJECT / file).read_text("utf-8").splitlines()
    found = (_LINE.match(line) for line in lines if not line.startswith(("#", "-")))
    return {normal(match[1]): match[2] for match in found if match}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: Path) -> set[str]:
    """The top packages that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
            if node.module == "google":
                found |= {f"google.{name.name}" for name in node.names}
    return found


def test_every_imported_package_is_asked_for_in_a_range() -> None:
    files = [PROJECT / "app.py", *(PROJECT / "pages").rglob("*.py"), *(PROJECT / "kpi_core").rglob("*.py")]
    packages = set().union(*map(imported, files)) - set(sys.stdlib_module_names) - {"kpi_core", "pages"} - _OPTIONAL
    known = packages_distributions()
    ranges = asked_for("requirements.txt")
    missing = {package for package in packages if not {normal(name) for name in known[package]} & set(ranges)}
    assert missing == set()
    assert {name: span for name, span in ranges.items() if not re.search(r">=.*,<", span)} == {}


def test_everything_asked_for_is_pinned_to_a_version() -> None:
    pinned = asked_for("constraints.txt")
    named = {**asked_for("requirements.txt"), **asked_for("requirements-dev.txt")}
    assert {name for name in named if not pinned.get(name, "").startswith("==")} == set()


def test_ci_says_that_it_is_ci() -> None:
    assert "export CI=" in (PROJECT / ".ci/run").read_text("utf-8")
