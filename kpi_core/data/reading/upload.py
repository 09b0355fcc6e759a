"""Reading an upload in a process of its own, so that no file can take the application down."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import kpi_core
from kpi_core.data.reading.contract import Reading, ReadOptions
from kpi_core.data.reading.limits import Limits
from kpi_core.errors import RefusedError

VERSION = 3
"""Raise it when the same file and options come to give another table."""

_POLL = 0.02
_UNPACKED = 8
"""How many times larger the XML of an honest workbook is than its package, for the time it may take."""

_PATIENCE = 5
"""How many times its limit a file may take by the clock when the machine lets it work only now and then."""

# what a Python process needs to start and to find its temporary folder, and nothing else of the caller's environment
_PASSED_ON = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "LANG", "VIRTUAL_ENV")
_PAGE = 4096 if not hasattr(os, "sysconf") else os.sysconf("SC_PAGE_SIZE")


def read_upload(
    path: Path,
    *,
    file_name: str | None = None,
    options: ReadOptions = ReadOptions(),  # noqa: B008
    into: Path | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> Reading:
    """What is in the file at ``path``, typed from all its rows, with every problem in it.

    The file is recognised by its content; ``file_name`` is what people know it by. With ``into`` and nothing that
    blocks, the typed table is written there as zstd Parquet, named by the hash of content and options, whole or not at
    all. Raises ``RefusedError`` (codes under ``reading.errors``) for a file that cannot be read as a table.
    """
    name = file_name or path.name
    size = path.stat().st_size
    if not size:
        raise RefusedError("empty_file")
    if size > limits.file_bytes:
        raise RefusedError("too_large", mebibytes=size >> 20, limit=limits.file_bytes >> 20)
    digest = _sha256(path)
    partial = None if into is None else into / f".{secrets.token_hex(8)}.partial"
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="kpi-reading-", ignore_cleanup_errors=True) as folder:
            request = {
                "path": str(path.resolve()),
                "file_name": name,
                "sha256": digest,
                "folder": folder,
                "answer": str(Path(folder) / "answer.json"),
                "options": options.to_json(),
                "limits": asdict(limits),
                "parquet": None if partial is None else str(partial.resolve()),
            }
            reading = _ask_child(request, limits, limits.seconds_for(size * (_UNPACKED if _is_packed(path) else 1)))
        if into is None or partial is None or reading.parquet is None:
            return reading
        target = into / f"{_table_name(digest, options)}.parquet"
        partial.replace(target)
        return replace(reading, parquet=target)
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _table_name(digest: str, options: ReadOptions) -> str:
    """Content and decisions determine the table, so they name it."""
    key = json.dumps([VERSION, digest, options.to_json()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(key.encode()).hexdigest()


def _ask_child(request: dict[str, Any], limits: Limits, seconds: float) -> Reading:
    answer = Path(request["answer"])
    log = answer.with_name("stderr.txt")
    with log.open("wb") as stderr:
        # exec of a fresh interpreter: nothing of this process (database handles, __main__, secrets) goes along
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "kpi_core.data.reading.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=_environment(),
            cwd=request["folder"],
            start_new_session=True,
        )
        try:
            assert child.stdin is not None  # noqa: S101
            with child.stdin as pipe:
                pipe.write(json.dumps(request).encode())
            _watch(child, limits, seconds)
        except BrokenPipeError:
            child.wait()
        finally:
            _end(child)
    if not answer.exists():
        said = log.read_text("utf-8", "replace")
        if "memory allocation" in said or "MemoryError" in said or "out of memory" in said.lower():
            raise RefusedError("too_much_memory")
        raise RefusedError("crashed", detail=(said.strip().splitlines() or [f"exit {child.returncode}"])[-1][:300])
    found = json.loads(answer.read_text("utf-8"))
    if "refused" in found:
        raise RefusedError(found["refused"], **found["params"])
    return Reading.from_json(found["reading"])


def _environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    threads = str(min(os.cpu_count() or 1, 4))
    package = str(Path(kpi_core.__file__).parent.parent)
    return {
        **kept,
        "PYTHONPATH": package,
        "PYTHONUTF8": "1",
        "POLARS_MAX_THREADS": threads,
        "RAYON_NUM_THREADS": threads,
    }


def _watch(child: subprocess.Popen[bytes], limits: Limits, seconds: float) -> None:
    """Waits for the child; ends it when it takes too long or too much memory.

    What counts is the time it works, where the system says so: on a busy machine an honest file waits for its turn.
    """
    begun = time.monotonic()
    while True:
        try:
            child.wait(_POLL)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
        if _resident(child.pid) > limits.memory_bytes:
            raise RefusedError("too_much_memory")
        passed = time.monotonic() - begun
        if passed > seconds and (passed > _PATIENCE * seconds or _worked(child.pid, passed) > seconds):
            raise RefusedError("timed_out", seconds=round(seconds))


def _resident(pid: int) -> int:
    """Bytes of memory the process holds; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _worked(pid: int, otherwise: float) -> float:
    """Seconds of processor time the process has used; ``otherwise`` where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return otherwise


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError):
        child.kill()
    child.wait()
