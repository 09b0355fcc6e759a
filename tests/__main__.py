"""Everything that must pass, in order: ``python -m tests``.

Finds a Chromium, a PostgreSQL server and a Java for the tests that need them, or installs the system's own packages
(Debian, Ubuntu); Spark is fetched beside the first checks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    # two at a time, whole files together so that what a file's tests share is made once
    ("pytest", "-n", "2", "--dist", "loadfile", "-m", "not browser"),
    ("pytest", "-n", "2", "--dist", "loadfile", "-m", "browser"),
)


def main() -> int:
    """The exit code of the first check that fails, else 0."""
    ensure_packages()
    scripts = Path(sys.executable).parent
    spark = fetch_spark()
    for check in CHECKS:
        if check[0] == "pytest":
            spark.wait()  # what failed to install is said by the tests that need it
        print("$", *check, flush=True)
        result = subprocess.run([scripts / check[0], *check[1:]], cwd=PROJECT, check=False)
        if result.returncode:
            return result.returncode
    return 0


def ensure_packages() -> None:
    """Installs by apt what is not found, where apt is there."""
    missing: list[str] = []
    if not any(shutil.which(name) for name in BROWSERS):
        missing += ["chromium", "fonts-noto-cjk"]
    if not shutil.which("postgres") and not any(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        missing.append("postgresql")
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        missing.append("default-jre-headless")
    if not missing or not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*sudo, "apt-get", "update", "-q"], check=True)
    install = [*sudo, "apt-get", "install", "-y", "-q", *missing]
    subprocess.run(install, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def fetch_spark() -> subprocess.Popen[bytes]:
    """The optional requirements, installed while ruff and mypy run: it is the largest package of all."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.Popen([*pip, "-r", PROJECT / "requirements-spark.txt"])


if __name__ == "__main__":
    sys.exit(main())
