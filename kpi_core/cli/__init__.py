"""The command line: ``python -m kpi_core COMMAND``, for schedulers, scripts and checks (see the README)."""

from kpi_core.cli.running import main

__all__ = ["main"]
