"""Everything that must pass, in order: ``python -m tests``.

Finds a Chromium for the browser tests, or installs the system's own package (Debian, Ubuntu) with Japanese fonts.
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
    ("pytest", "-m", "browser"),
)


def main() -> int:
    """The exit code of the first check that fails, else 0."""
    ensure_browser()
    scripts = Path(sys.executable).parent
    for check in CHECKS:
        print("$", *check, flush=True)
        result = subprocess.run([scripts / check[0], *check[1:]], cwd=PROJECT, check=False)
        if result.returncode:
            return result.returncode
    return 0


def ensure_browser() -> None:
    """Installs Chromium and Japanese fonts by apt where no browser is found and apt is there."""
    if any(shutil.which(name) for name in BROWSERS) or not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run([*sudo, "apt-get", "update", "-q"], check=True)
    install = [*sudo, "apt-get", "install", "-y", "-q", "chromium", "fonts-noto-cjk"]
    subprocess.run(install, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


if __name__ == "__main__":
    sys.exit(main())
