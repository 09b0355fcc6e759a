"""Every file made to break readers is read or refused with a sentence, in bounded time and memory."""

from __future__ import annotations

import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from kpi_core.data.reading import Limits, Reading, ReadOptions, inspect_json, read_upload
from kpi_core.data.reading.child import answer
from kpi_core.data.reading.content import kind_of
from kpi_core.data.reading.report import refusal_message
from kpi_core.errors import RefusedError
from kpi_core.vocabulary import Language

_SECONDS = 20  # a hostile file is answered within 10 s on a quiet machine; two are read at a time on a shared one
_LIMITS = Limits(memory_bytes=1 << 30)


def _is_workbook(path: Path) -> bool:
    try:
        return kind_of(path, path.name) != "csv"
    except RefusedError:
        return False


def _in_this_process(path: Path, folder: Path, options: ReadOptions | None = None) -> Reading:
    """As the child would read it. Starting 500 children for text files would only cost time."""
    request = {
        "path": str(path),
        "file_name": path.name,
        "sha256": "",
        "folder": str(folder),
        "options": (options or ReadOptions(suggest=True)).to_json(),
        "limits": asdict(_LIMITS),
        "parquet": str(folder / "table.parquet"),
    }
    (folder / "table.parquet").unlink(missing_ok=True)
    found = answer(request)
    if "refused" in found:
        raise RefusedError(found["refused"], **found["params"])
    return Reading.from_json(found["reading"])


def _complaint(path: Path, folder: Path | None) -> str | None:
    """What went wrong with one file, if anything; without ``folder`` it is read as an upload, in a child."""
    began = time.monotonic()
    try:
        if folder is None:
            reading = read_upload(path, limits=_LIMITS, options=ReadOptions(suggest=True))
        else:
            reading = _in_this_process(path, folder)
            if reading.suggestion is not None:  # what is proposed can be done
                shaped = _in_this_process(path, folder, ReadOptions(recipe=reading.suggestion))
                steps = [problem for problem in shaped.problems if problem.code.startswith("step_")]
                if [problem for problem in steps if problem.code != "step_year_missing"]:
                    return f"{path.name}: {steps}"
        for language in Language:
            inspect_json(reading, language)
    except RefusedError as refusal:
        unexpected = ("crashed", "timed_out") if folder is None else ("unreadable", "too_much_memory")
        if refusal.code in unexpected or not all(refusal_message(refusal, each) for each in Language):
            return f"{path.name}: {refusal}"
    took = time.monotonic() - began
    return f"{path.name}: {took:.0f} s" if took > _SECONDS else None


def _files(shared: Path) -> list[Path]:
    """The corpus, or the folder that ``KPI_CORPUS`` names."""
    folder = Path(os.environ.get("KPI_CORPUS", shared / "corpus"))
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def _read_all(files: list[Path]) -> tuple[list[str], int]:
    """What is wrong with the reading of each, and the most memory (KiB, as Linux counts) that a reading child had."""
    with ThreadPoolExecutor(2) as workers:
        complaints = [complaint for complaint in workers.map(partial(_complaint, folder=None), files) if complaint]
    return complaints, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


@pytest.mark.slow
def test_every_workbook_of_the_corpus_is_read_or_refused(shared: Path) -> None:
    files = [path for path in _files(shared) if _is_workbook(path)]
    assert len(files) > 150 or "KPI_CORPUS" in os.environ
    # in a process of its own: the largest child is then one of these files', not one of another test's
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        complaints, largest = own.submit(_read_all, files).result()
    assert complaints == []
    assert largest < 1 << 20


@pytest.mark.slow
def test_every_text_of_the_corpus_is_read_or_refused(shared: Path, tmp_path: Path) -> None:
    files = [path for path in _files(shared) if not _is_workbook(path)]
    assert len(files) > 400 or "KPI_CORPUS" in os.environ
    assert [complaint for path in files if (complaint := _complaint(path, tmp_path))] == []
