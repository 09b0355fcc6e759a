"""Page: a slider's effect on a tree of 200 nodes, against the same fragment with the arithmetic left out.

Both are our own page over the same workshop: each rerun of its fragment puts another driver level, so the tree is drawn
anew in both. The reference answers with the first simulation's numbers, shifted, instead of simulating.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.executive_dashboard import FACTORS, MONTHS, WHO
from benchmarks.websocket_client import PROJECT, RunFailedError
from kpi_core.model.file import read_workshop
from kpi_core.model.period import parse_period
from kpi_core.services.simulating import Simulation
from kpi_core.services.workshops import create_workshop
from kpi_core.store.state import State

REACH = 1.5
DRIVERS = 181
ROUNDS, MOVES = 5, 6


def main() -> list[dict[str, object]]:
    """The row: fragment with arithmetic over fragment without, by CPU of the process that runs it."""
    import pages.components.what_if_board as page
    from pages.gate.identity import MARK, OWNER

    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "w.db"
        workshop = _workshop(database)
        os.environ["KPI_WORKSHOP_DB"] = str(database)
        app = AppTest.from_file(str(PROJECT / "pages" / "main.py"), default_timeout=120)
        app.user = {MARK: OWNER}
        app.query_params["lang"], app.query_params["workshop"] = "en", workshop
        app.run()
        app.switch_page("simulation.py").run()
        simulate = page.simulate
        spent: dict[str, list[float]] = {"ours": [], "same": []}
        level = 20.0
        for _ in range(ROUNDS):
            for which, arithmetic in (("ours", simulate), ("same", _recorded(simulate))):
                page.simulate = arithmetic  # type: ignore[assignment]  # the benchmark's reference
                before = time.process_time()
                for _ in range(MOVES):
                    level += 0.1
                    app.slider[0].set_value(round(level, 1)).run()
                spent[which].append((time.process_time() - before) / MOVES)
        page.simulate = simulate
        if app.exception:
            raise RunFailedError(app.exception[0].value)
    ours, same = (statistics.median(spent[which]) for which in ("ours", "same"))
    row: dict[str, object] = {
        "row": "page: a slider's effect on a tree of 200 nodes",
        "ratio": round(ours / same, 3),
        "reach": REACH,
        "met": ours / same <= REACH,
        "cpu_ms": round(ours * 1000, 2),
        "reference_cpu_ms": round(same * 1000, 2),
    }
    return [row]


def _recorded(simulate: Callable[..., Simulation]) -> Callable[..., Simulation]:
    """Answers like the first simulation, its KGI a little further each time."""
    kept: list[Simulation] = []
    count = 0

    def answer(*args: object, **options: object) -> Simulation:
        nonlocal count
        if not kept:
            kept.append(simulate(*args, **options))
        count += 1
        goal = kept[0].node
        return dataclasses.replace(kept[0], after={**kept[0].after, goal: (kept[0].before[goal] or 0.0) + count})

    return answer


def _workshop(database: Path) -> str:
    """200 nodes: a KGI, 9 factors each with a sum, 181 drivers below these, three years by month."""
    first = parse_period("2023-11")
    months = [first.shift(step) for step in range(MONTHS)]
    targets = [{"period": first.shift(step).key, "value": 30} for step in range(MONTHS + 6)]
    groups: list[list[str]] = [[f"kpi_{number}" for number in range(at, DRIVERS, FACTORS)] for at in range(FACTORS)]
    goal = {"code": "goal", "kind": "kgi", "unit": "count", "formula": " + ".join(f"sum_{at}" for at in range(FACTORS))}
    nodes: list[dict[str, object]] = [goal]
    for at, group in enumerate(groups):
        nodes.append({"code": f"ksf_{at}", "kind": "ksf", "parent": "goal"})
        formula = " + ".join(group)
        nodes.append({"code": f"sum_{at}", "kind": "kpi", "parent": f"ksf_{at}", "unit": "count", "formula": formula})
        for number, code in enumerate(group):
            typed = [{"period": month.key, "value": 10 + number % 7 + step} for step, month in enumerate(months)]
            leaf: dict[str, object] = {"code": code, "kind": "kpi", "parent": f"sum_{at}", "unit": "count"}
            nodes.append({**leaf, "manual": typed, "targets": targets})
    document = {"format": "kpi-workshop/1", "workshop": {"name": "200"}, "nodes": nodes}
    with State.open(database) as state:
        return create_workshop(state, read_workshop(json.dumps(document)), WHO)


if __name__ == "__main__":
    for figures in main():
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
