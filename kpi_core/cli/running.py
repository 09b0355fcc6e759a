"""One run of the command line, from arguments to exit code."""

from __future__ import annotations

import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from kpi_core.cli.answering import BUG, print_bug, print_failure
from kpi_core.cli.arguments import DEFAULT_DB, asked_language, parser
from kpi_core.cli.commands import run
from kpi_core.errors import KpiError, MissingError
from kpi_core.vocabulary import Language


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code: 0 done, 2 the input is wrong, 3 a conflict, 1 a bug."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    as_json = "--json" in given
    language = asked_language(given) or Language.JA
    asked = Namespace()
    try:
        asked = parser(language).parse_args(given)
        asked.db = database(asked)
        asked.json = as_json
        asked.spoken = asked_language(given)
        return run(asked)
    except KpiError as error:
        return print_failure(error, _language_of(asked, error) or language, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has enough; nothing is wrong
        return BUG
    except Exception:
        traceback.print_exc()
        return print_bug(language, as_json=as_json)


def database(asked: Namespace) -> Path:
    """Where the state lies: ``--db``, else ``KPI_WORKSHOP_DB``, else ``data/kpi_workshop.db``."""
    named = getattr(asked, "db", None) or os.environ.get("KPI_WORKSHOP_DB")
    return Path(named) if named else DEFAULT_DB


def _language_of(asked: Namespace, error: KpiError) -> Language | None:
    """The language asked for, else the workshop's, where there is one to ask."""
    from kpi_core.cli.common import language_of
    from kpi_core.store.state import State

    workshop = getattr(asked, "id", None)
    if getattr(asked, "spoken", None) or workshop is None or error.code.startswith("state_"):
        return getattr(asked, "spoken", None)
    try:
        with State.open(asked.db) as state:
            return language_of(state, asked)
    except MissingError:
        return None
