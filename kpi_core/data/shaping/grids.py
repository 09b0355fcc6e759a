"""Between a file's grid and the sheet a recipe works on."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpi_core.data.reading.grid import Grid
from kpi_core.data.reading.header import Header
from kpi_core.data.shaping.applying import shaped
from kpi_core.data.shaping.sheet import ROW, Sheet, sheet_of
from kpi_core.data.shaping.stated import stated_otherwise
from kpi_core.data.shaping.suggesting import suggest
from kpi_core.model.recipe import Recipe

_LOOKED_AT, _LAST = 5_000, 100
# what is said of a header and of uneven rows does not hold for a file that a recipe reads
_OF_PLAIN = frozenset({"no_header", "header_empty", "header_repeated", "row_shorter", "rows_ragged"})


def apply_recipe(grid: Grid, recipe: Recipe, file_name: str) -> Grid:
    """The grid after the recipe's steps; ``grid`` is that of the file from its first row on, without a header."""
    whole = sheet_of(grid.texts, grid.top, file_name, grid.sheet)
    sheet, problems = shaped(whole, recipe.steps)
    names = sheet.names
    frame = sheet.cells.select(names).rename({name: f"c{at}" for at, name in enumerate(names)})
    return replace(
        grid,
        frame=frame.lazy(),
        header=Header(sheet.header, names, ()),
        problems=(*(one for one in grid.problems if one.code not in _OF_PLAIN), *problems),
        rows=tuple(sheet.cells[ROW].to_list()),
        source=sheet.source,
        error_cells=_errors(grid, frame, sheet),
        otherwise=stated_otherwise(_first_rows(whole), recipe.steps),
    )


def _first_rows(sheet: Sheet) -> Sheet:
    return sheet.having(sheet.cells.head(_LOOKED_AT))


def _errors(grid: Grid, frame: pl.DataFrame, sheet: Sheet) -> tuple[tuple[int, int, str], ...]:
    """Errors of formulas where they are now."""
    texts = sorted({text for _, _, text in grid.error_cells})
    found = []
    for at, name in enumerate(frame.columns if texts else ()):
        cells = sheet.cells.select(ROW, frame[name]).filter(pl.col(name).is_in(texts))
        found += [(row, at, text) for row, text in cells.iter_rows()]
    return tuple(sorted(found))


def suggested(grid: Grid, file_name: str) -> Recipe | None:
    """The recipe the layout of a grid read in the usual way asks for, if any."""
    above = grid.top[: grid.header.row]
    width = len(grid.header.names)
    padded = [[*row, *[""] * (width - len(row))][:width] for row in above]
    columns = [f"c{at}" for at in range(width)]
    head = pl.DataFrame(padded, schema=dict.fromkeys(columns, pl.String), orient="row")
    first = grid.texts.head(_LOOKED_AT).collect()
    last = grid.texts.slice(_LOOKED_AT).tail(_LAST).collect() if first.height == _LOOKED_AT else first.clear()
    steps = suggest(sheet_of(pl.concat([head, first, last]).lazy(), grid.top, file_name, grid.sheet))
    return Recipe(steps=steps) if steps else None
