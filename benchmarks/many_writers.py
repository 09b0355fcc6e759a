"""State: fifty people save a row each, again and again, against raw sqlite3 with one writer and group commit.

Both keep ``synchronous=FULL``. Ours is the whole of a save: a connection of its own, the role, the revision, the change
feed. What was reported as saved must be there afterwards.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.beginning import create_blank
from kpi_core.services.editing import save
from kpi_core.services.people import Who
from kpi_core.services.workshops import snapshot
from kpi_core.store.keeping import kept_open
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, NodeKind

WRITERS, SAVES, ROUNDS = 50, 12, 9
REACH, SLOWEST_MS = 0.1, 200
WHO = Who("benchmark")


def ours(database: Path) -> tuple[float, list[float], int]:
    """Saves a second, seconds of each, and how many of those reported as saved are missing."""
    with State.open(database) as state:
        workshop = create_blank(state, "writers", Language.EN, 4, (), WHO)
        for number in range(WRITERS):
            kpi = Node(code=f"kpi_{number}", kind=NodeKind.KPI, name=Bilingual(en="0"))
            save(state, workshop, "nodes", kpi, None, WHO)
    walls: list[float] = []
    ready = threading.Barrier(WRITERS + 1)

    def person(number: int) -> None:
        code = f"kpi_{number}"
        with State.open(database) as state:
            revision = snapshot(state, workshop).revisions["nodes", code]
        ready.wait()
        for at in range(1, SAVES + 1):
            begun = time.perf_counter()
            with State.open(database) as state:
                kpi = Node(code=code, kind=NodeKind.KPI, name=Bilingual(en=f"{at}"))
                revision = save(state, workshop, "nodes", kpi, revision, WHO)
            walls.append(time.perf_counter() - begun)

    crowd = [threading.Thread(target=person, args=(number,)) for number in range(WRITERS)]
    seconds = _seconds_of(crowd, ready)
    with State.open(database) as state:
        kept = snapshot(state, workshop).workshop.nodes
    lost = sum(node.name.en != f"{SAVES}" for node in kept) + WRITERS * SAVES - len(walls)
    return WRITERS * SAVES / seconds, walls, lost


def reference(database: Path) -> float:
    """Rows a second of raw sqlite3 behind a queue: the same people hand one row each to the one writer and wait for it.

    The writer commits together what it finds in the queue (group commit), and tells who waits after that.
    """
    with closing(sqlite3.connect(database, check_same_thread=False)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("CREATE TABLE item (code TEXT PRIMARY KEY, body TEXT, revision INTEGER) STRICT")
        raw.execute("CREATE TABLE change (id INTEGER PRIMARY KEY, code TEXT, body TEXT) STRICT")
        raw.commit()
        return _rate_of_one_writer(raw)


def _rate_of_one_writer(raw: sqlite3.Connection) -> float:
    queue: SimpleQueue[tuple[str, threading.Event] | None] = SimpleQueue()
    ready = threading.Barrier(WRITERS + 1)

    def person(number: int) -> None:
        ready.wait()
        for _ in range(SAVES):
            written = threading.Event()
            queue.put((f"kpi_{number}", written))
            written.wait()

    crowd = [threading.Thread(target=person, args=(number,)) for number in range(WRITERS)]
    writer = threading.Thread(target=_write_all, args=(raw, queue))
    writer.start()
    seconds = _seconds_of(crowd, ready)
    queue.put(None)
    writer.join()
    return WRITERS * SAVES / seconds


def _seconds_of(crowd: list[threading.Thread], ready: threading.Barrier) -> float:
    """From when all are ready until the last is done."""
    for one in crowd:
        one.start()
    ready.wait()
    begun = time.perf_counter()
    for one in crowd:
        one.join()
    return time.perf_counter() - begun


def _write_all(raw: sqlite3.Connection, queue: SimpleQueue[tuple[str, threading.Event] | None]) -> None:
    while (found := queue.get()) is not None:
        group = [found]
        while not queue.empty() and (found := queue.get()) is not None:
            group.append(found)
        for code, _ in group:
            raw.execute("INSERT OR REPLACE INTO item VALUES (?, ?, 1)", (code, "{}" * 50))
            raw.execute("INSERT INTO change (code, body) VALUES (?, ?)", (code, "{}" * 50))
        raw.commit()
        for _, written in group:
            written.set()


def main() -> list[dict[str, object]]:
    """The row: our saves a second over the reference's rows a second (at least ``REACH``), p95 and what was lost."""
    rates: list[float] = []
    raw: list[float] = []
    walls: list[float] = []
    lost = 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(ROUNDS):
            database = Path(name) / f"ours_{number}.db"
            with kept_open(database):  # as the server does
                rate, waited, gone = ours(database)
            rates.append(rate)
            walls += waited
            lost += gone
            raw.append(reference(Path(name) / f"raw_{number}.db"))
    ratio = statistics.median(rates) / statistics.median(raw)
    p95 = statistics.quantiles(walls, n=20)[-1] * 1000
    return [
        {
            "row": "state: 50 writers, one row each, FULL",
            "ratio": round(ratio, 3),
            "at_least": REACH,
            "met": ratio >= REACH and p95 <= SLOWEST_MS and not lost,
            "saves_per_second": round(statistics.median(rates)),
            "reference_rows_per_second": round(statistics.median(raw)),
            "p95_ms": round(p95),
            "lost": lost,
        }
    ]


if __name__ == "__main__":
    for figures in main():
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
