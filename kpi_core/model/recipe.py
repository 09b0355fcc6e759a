"""A recipe: the steps, in order, by which a file as people really hand it out becomes a plain table.

Steps work on the file's cells as text, before types are found. Each says all it does in its own fields, so that it can
be shown, changed, kept with the dataset and applied to the next file. Row numbers count from 1 as a spreadsheet does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from kpi_core.model.base import Line, Model
from kpi_core.vocabulary import Adding, ColumnType

JOINT = "／"
"""Stands between the rows of a header of several rows: 人口／男."""

Count = Annotated[int, Field(ge=1, le=10_000)]
Month = Annotated[int, Field(ge=1, le=12)]
Lines = tuple[Line, ...]


class _Step(Model):
    step: str

    @model_serializer(mode="wrap")
    def _named(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {"step": self.step, **handler(self)}  # also where defaults are left out


class Skip(_Step):
    """Leaves out the ``rows`` above the table: titles, units, notes."""

    step: Literal["skip"] = "skip"
    rows: Count


class Header(_Step):
    """Takes the first ``rows`` as the names of the columns, joined from top to bottom.

    ``carried``: an empty cell of an upper row stands for the one to its left, as merged cells are written.
    """

    step: Literal["header"] = "header"
    rows: Count = 1
    carried: bool = True


class Names(_Step):
    """Gives the columns their ``names`` where the file has none; the rest become ``column_<n>``."""

    step: Literal["names"] = "names"
    names: Lines


class Rename(_Step):
    """Renames columns: (old, new)."""

    step: Literal["rename"] = "rename"
    names: tuple[tuple[Line, Line], ...]


class DropColumns(_Step):
    """Leaves out ``columns``."""

    step: Literal["drop_columns"] = "drop_columns"
    columns: Lines


class DropEmpty(_Step):
    """Leaves out the columns without a name and a value, as gaps between blocks are."""

    step: Literal["drop_empty"] = "drop_empty"


class Blocks(_Step):
    """Puts blocks of ``width`` columns that stand side by side under one another, with the first block's names."""

    step: Literal["blocks"] = "blocks"
    width: Count


class DropNotes(_Step):
    """Leaves out rows whose first filled cell begins with one of ``marks`` (※, 注, #).

    ``alone``: only where it is the row's single filled cell.
    """

    step: Literal["drop_notes"] = "drop_notes"
    marks: Lines
    alone: bool = True


class DropTotals(_Step):
    """Leaves out rows whose cell in ``column`` is one of ``words`` (合計, 全国), spaces aside."""

    step: Literal["drop_totals"] = "drop_totals"
    column: Line
    words: Lines


class KeepRows(_Step):
    """Keeps the rows whose cell in ``column`` is, is not, or begins with one of ``values``, or is filled at all."""

    step: Literal["keep_rows"] = "keep_rows"
    column: Line
    op: Literal["is", "is_not", "starts", "filled"] = "is"
    values: Lines = ()


class FillDown(_Step):
    """An empty cell of ``columns`` stands for the one above it: a year written once."""

    step: Literal["fill_down"] = "fill_down"
    columns: Lines


class Unit(_Step):
    """The numbers of ``columns`` are in ``unit`` (千円, 百万円, 億円, ％, 千人): they are written out in full."""

    step: Literal["unit"] = "unit"
    columns: Lines
    unit: Line


class Unpivot(_Step):
    """Turns columns that are periods (4月, 令和8年度／件数, FY26 Q1, 上期) into rows.

    The period becomes the date of its first day in ``period``; what else the name says becomes the column of the value,
    ``value`` where it says nothing. ``year`` is the fiscal year of names without one, which begins in month ``start``.
    ``columns`` names the columns where they cannot be told by themselves.
    """

    step: Literal["unpivot"] = "unpivot"
    period: Line = "期間"
    value: Line = "値"
    year: Annotated[int, Field(ge=1868, le=2200)] | None = None
    start: Month = 4
    columns: Lines = ()


class JoinDate(_Step):
    """Joins the columns of ``year``, ``month`` and ``day`` to a date in ``name``; ``era`` holds 平成, 令和 ….

    ``year`` alone may hold whole periods (2019/04, 令和6年度, FY26 Q1): the date is their first day. A fiscal year
    begins in month ``start``.
    """

    step: Literal["join_date"] = "join_date"
    name: Line = "日付"
    year: Line
    month: Line | None = None
    day: Line | None = None
    era: Line | None = None
    start: Month = 4


class AddColumn(_Step):
    """A column with the same value in every row, found anew in each file: what its title, name or sheet says.

    ``what``: the date, the first day of the month or the year in it, or the text itself.
    """

    step: Literal["add_column"] = "add_column"
    name: Line
    source: Literal["title", "file_name", "sheet"] = "title"
    what: Literal["date", "month", "year", "text"] = "date"


Step = Annotated[
    Skip
    | Header
    | Names
    | Rename
    | DropColumns
    | DropEmpty
    | Blocks
    | DropNotes
    | DropTotals
    | KeepRows
    | FillDown
    | Unit
    | Unpivot
    | JoinDate
    | AddColumn,
    Field(discriminator="step"),
]


class Expected(Model):
    """A column of the table the steps last made."""

    name: Line
    type: ColumnType


class Restated(Model):
    """What a file states otherwise than the step ``at`` (from 0) of its recipe: the same step by its year or unit."""

    at: Annotated[int, Field(ge=0)]
    step: Step


class Recipe(Model):
    """``steps`` in order, and how a file is added to what is there.

    ``source`` are the columns the file had, ``columns`` those it became, when the recipe was last confirmed: what the
    next file is compared with. ``types``, ``day_first`` and ``blank`` are what the person decided about the columns:
    their type, whether the day comes before the month, and whose cells that do not convert become empty. ``adding`` is
    the way they chose (none: proposed for each file), ``keys`` tell rows apart when rows are updated, and ``period`` is
    the column of dates that says which period a row is of. ``restated`` is what that file stated otherwise than the
    steps, as was meant: the year of a comparison in its title, a unit that one column has not.
    """

    steps: Annotated[tuple[Step, ...], Field(max_length=60)] = ()
    source: tuple[str, ...] = ()
    columns: tuple[Expected, ...] = ()
    restated: tuple[Restated, ...] = ()
    types: dict[str, ColumnType] = Field(default_factory=dict)
    day_first: dict[str, bool] = Field(default_factory=dict)
    blank: Lines = ()
    adding: Adding | None = None
    keys: Lines = ()
    period: Line | None = None
