"""Every file made to break readers is read or refused with a sentence, in bounded time and memory."""

from __future__ import annotations

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kpi_core.data.reading import Limits, inspect_json, read_upload
from kpi_core.data.reading.report import refusal_message
from kpi_core.errors import RefusedError
from kpi_core.vocabulary import Language

_SECONDS = 20  # a hostile file is answered within 10 s on a quiet machine; two are read at a time on a shared one
_WORKERS = 2


def _complaint(path: Path) -> str | None:
    """What went wrong with one file, if anything."""
    began = time.monotonic()
    try:
        reading = read_upload(path, limits=Limits(memory_bytes=1 << 30))
        for language in Language:
            inspect_json(reading, language)
    except RefusedError as refusal:
        if refusal.code in ("crashed", "timed_out") or not all(refusal_message(refusal, each) for each in Language):
            return f"{path.name}: {refusal}"
    except Exception as error:
        return f"{path.name}: {error!r}"
    took = time.monotonic() - began
    return f"{path.name}: {took:.0f} s" if took > _SECONDS else None


@pytest.mark.slow
def test_every_corpus_file_is_read_or_refused(shared: Path) -> None:
    files = sorted(path for path in (shared / "corpus").rglob("*") if path.is_file())
    assert len(files) > 600
    with ThreadPoolExecutor(_WORKERS) as workers:
        complaints = [complaint for complaint in workers.map(_complaint, files) if complaint]
    assert complaints == []
    # ru_maxrss is in KiB on Linux: the largest of all children so far
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20
