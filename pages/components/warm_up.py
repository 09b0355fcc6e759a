"""What pages need is imported while a browser is busy: with loading itself, then with the first page's reader."""

from __future__ import annotations

import gc
import importlib
import threading

#: The home page and the frame around every page; most of it is the model.
_NEEDED_FIRST = ("pages.components.frame", "pages.components.share_panel", "pages.components.beginnings")
#: They bring the engine, the file readers and the chart library along: seconds of importing.
_NEEDED_NEXT = ("kpi_core.data.quality", "kpi_core.data.observing", "kpi_core.charts.pace")
#: Seconds after the first run by which a browser has painted it.
_PAINTED = 1.0
_begun = threading.Event()


def warm_up_for_the_first() -> None:
    """When the server begins to serve: a browser takes a second or two before it asks for a page."""
    threading.Thread(target=_import, args=_NEEDED_FIRST, name="warm-up", daemon=True).start()


def warm_up() -> None:
    """When a page was drawn; begins once a process."""
    if _begun.is_set():
        return
    _begun.set()
    later = threading.Timer(_PAINTED, _import_the_next)
    later.daemon = True
    later.start()


def _import(*names: str) -> None:
    for name in names:
        importlib.import_module(name)


def _import_the_next() -> None:
    _import(*_NEEDED_NEXT)
    gc.collect()
    gc.freeze()  # they live as long as the process: the collector need not walk them on every rerun
