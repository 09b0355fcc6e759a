"""What pages need next is imported while the first one is read, so that neither waits for it."""

from __future__ import annotations

import gc
import importlib
import threading

#: They bring the engine, the file readers and the chart library along: seconds of importing.
_NEEDED_NEXT = ("kpi_core.data.quality", "kpi_core.data.observing", "kpi_core.charts.pace")
_begun = threading.Event()


def warm_up() -> None:
    """Begins once a process, in a thread of its own; the page is painted by then."""
    if _begun.is_set():
        return
    _begun.set()
    threading.Thread(target=_import, name="warm-up", daemon=True).start()


def _import() -> None:
    for name in _NEEDED_NEXT:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # they live as long as the process: the collector need not walk them on every rerun
