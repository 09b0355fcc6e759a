"""What several commands share: who runs them, in which language they answer, files and plain lines."""

from __future__ import annotations

import getpass
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kpi_core.cli.answering import DONE, print_json, print_lines
from kpi_core.errors import RefusedError
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language


def caller() -> Who:
    """The person at the terminal, as the system names them."""
    try:
        return Who(getpass.getuser())
    except (OSError, KeyError, ImportError):
        return Who("cli")


def language_of(state: State, asked: Namespace) -> Language:
    """The language of the answer: the one asked for, else the workshop's."""
    spoken: Language | None = asked.spoken
    return spoken or snapshot(state, asked.id).workshop.settings.language


def tell(asked: Namespace, document: Mapping[str, Any], lines: Iterable[str]) -> int:
    """Print the answer as asked for: the document, or plain lines."""
    if asked.json:
        print_json(document)
    else:
        print_lines(lines)
    return DONE


def issue_lines(issues: Sequence[Mapping[str, Any]]) -> list[str]:
    """A plain line for each issue, a library's own words about it on one below."""
    return [
        line
        for issue in issues
        for line in (
            f"{issue['severity']}: {issue['message']}",
            *([f"  {issue['detail']}"] if "detail" in issue else []),
        )
    ]


def existing(path: Path) -> Path:
    """The path of a file that is there. Raises ``RefusedError('file_unreadable')``."""
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise RefusedError("file_unreadable", path=str(path), detail=error.strerror or "") from error


def content_of(path: Path) -> bytes:
    """A file's bytes. Raises ``RefusedError('file_unreadable')``."""
    return existing(path).read_bytes()


def write_file(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all. Raises ``RefusedError('file_unwritable')``."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RefusedError("file_unwritable", path=str(path), detail=error.strerror or "") from error
