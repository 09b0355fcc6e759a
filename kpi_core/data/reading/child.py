"""The process in which one file is read: ``python -m kpi_core.data.reading.child`` with a request on standard input.

It limits itself before it opens the file, answers with one JSON document in the file the request names, and ends. The
reader's panics are no ``Exception``; an abort leaves no answer at all, which the caller takes for one.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from kpi_core.data.reading.contract import Reading, ReadOptions
from kpi_core.data.reading.limits import Limits
from kpi_core.errors import RefusedError


def read(request: dict[str, Any]) -> Reading:
    """The reading of the request's file, in this process; ``parquet`` is the temporary one the caller moves."""
    from kpi_core.data.reading.content import kind_of
    from kpi_core.data.reading.delimited import read_delimited
    from kpi_core.data.reading.table import type_grid
    from kpi_core.data.reading.workbook import read_workbook

    path, folder = Path(request["path"]), Path(request["folder"])
    options, limits = ReadOptions.from_json(request["options"]), Limits(**request["limits"])
    target = Path(request["parquet"]) if request["parquet"] else None
    kind = kind_of(path, request["file_name"])
    recipe = options.recipe if options.recipe and options.recipe.steps else None
    usual = options if recipe is None else replace(options, header_row=0)
    is_text = kind == "csv"
    grid = read_delimited(path, folder, usual, limits) if is_text else read_workbook(path, kind, usual, limits)
    suggestion = None
    if recipe is not None or options.suggest:
        from kpi_core.data.shaping.grids import apply_recipe, suggested

        if recipe is not None:
            grid = apply_recipe(grid, recipe, request["file_name"])
        else:
            suggestion = suggested(grid, request["file_name"])
    typed = type_grid(grid, options, limits, target)
    return Reading(
        file_name=request["file_name"],
        sha256=request["sha256"],
        size=path.stat().st_size,
        kind=kind,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.sheet,
        sheets=grid.sheets,
        header_row=grid.header.row,
        rows=typed.rows,
        columns=typed.columns,
        problems=(*grid.problems, *typed.problems),
        raw=grid.raw,
        head=typed.head,
        parquet=target if target is not None and target.exists() else None,
        source=grid.header.names if grid.source is None else grid.source,
        suggestion=suggestion,
        otherwise=grid.otherwise,
    )


def _limit(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # not on Windows: the caller's watch on time and memory remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, limits.address_space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """``{"reading": …}`` or ``{"refused": code, "params": …}``."""
    try:
        return {"reading": read(request).to_json()}
    except RefusedError as error:
        return {"refused": error.code, "params": error.params}
    except MemoryError:
        return {"refused": "too_much_memory", "params": {}}
    except BaseException as error:  # a panic of the reader is a BaseException of its own
        said = f"{type(error).__name__}: {error}"
        code = "too_much_memory" if "memory" in said.lower() else "unreadable"
        return {"refused": code, "params": {"detail": said.splitlines()[0][:300]}}


def main() -> None:
    request = json.loads(sys.stdin.buffer.read())
    _limit(Limits(**request["limits"]))
    Path(request["answer"]).write_text(json.dumps(answer(request)), "utf-8")


if __name__ == "__main__":
    main()
