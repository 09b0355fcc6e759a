"""Several values typed into one cell: ``Won, Lost`` or ``受注、失注``; a value that holds a comma stands in quotes."""

from __future__ import annotations

import csv
from collections.abc import Iterable

_SEPARATORS = "\u3001\uff0c\uff1b;\n"  # 、 and the full-width comma and semicolon


def read_list(text: str) -> tuple[str, ...]:
    """The values, in order, without outer spaces and without empty ones."""
    if '"' not in text:
        for separator in _SEPARATORS:
            text = text.replace(separator, ",")
    return tuple(part.strip() for part in next(csv.reader([text], skipinitialspace=True), []) if part.strip())


def write_list(values: Iterable[object]) -> str:
    """The values as ``read_list`` reads them."""
    return ", ".join(_quoted(written(value)) for value in values)


def written(value: object) -> str:
    """One value as a person types it: truths in small letters, the rest as it stands."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if any(mark in text for mark in f'{_SEPARATORS},"') else text
