"""Every command and the module that runs it, which is loaded only then: starting takes a fraction of a second."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module

#: command → (module, function).
COMMANDS: Mapping[str, tuple[str, str]] = {
    "import": ("state_commands", "import_"),
    "export": ("state_commands", "export"),
    "list": ("state_commands", "list_"),
    "ingest": ("data_commands", "ingest"),
    "inspect": ("data_commands", "inspect"),
    "refresh": ("data_commands", "refresh"),
    "connections": ("connection_commands", "connections"),
    "connect": ("connection_commands", "connect"),
    "evaluate": ("value_commands", "evaluate"),
    "explain": ("reason_commands", "explain"),
    "lineage": ("lineage_commands", "lineage"),
    "solve": ("reason_commands", "solve"),
    "simulate": ("reason_commands", "simulate"),
    "forecast": ("insight_commands", "forecast"),
    "test-link": ("insight_commands", "test_link"),
    "check": ("value_commands", "check"),
    "rules": ("rule_commands", "rules"),
    "handovers": ("handover_commands", "handovers"),
    "backup": ("state_commands", "backup"),
    "restore": ("state_commands", "restore"),
    "doctor": ("state_commands", "doctor"),
    "share": ("state_commands", "share"),
}


def run(asked: Namespace) -> int:
    """Run the command that was asked for; gives its exit code."""
    module, function = COMMANDS[asked.command]
    code: int = getattr(import_module(f"kpi_core.cli.{module}"), function)(asked)
    return code
