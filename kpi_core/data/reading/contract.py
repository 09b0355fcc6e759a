"""What a caller asks of a reading, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.errors import Problem
from kpi_core.vocabulary import ColumnType, Severity

if TYPE_CHECKING:
    from kpi_core.model.recipe import Recipe, Step

PREVIEW_ROWS = 30
HEAD_ROWS = 20


@dataclass(frozen=True)
class ReadOptions:
    """The person's decisions about one upload; ``None`` means: find out.

    ``header_row`` counts rows from 1 as a spreadsheet does, 0 says that there is no header row. ``types`` overrides
    the type found for a column by its name, ``day_first`` answers ``date_order_ambiguous``, and ``blank_failed``
    turns cells that do not convert into empty ones (``True``: in all columns). ``recipe`` takes the place of
    ``header_row``; ``suggest`` asks for the recipe that the layout calls for, which is told and never applied.
    """

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    day_first: Mapping[str, bool] = field(default_factory=dict)
    blank_failed: bool | frozenset[str] = False
    recipe: Recipe | None = None
    suggest: bool = False

    def blanks(self, column: str) -> bool:
        """Whether the person decided that cells of ``column`` which do not convert become empty."""
        return self.blank_failed if isinstance(self.blank_failed, bool) else column in self.blank_failed

    def by(self, recipe: Recipe) -> ReadOptions:
        """The same by the steps of a recipe, and with what was decided about its columns where nothing else is."""
        blank = self.blank_failed is True or frozenset(recipe.blank) | (self.blank_failed or frozenset())
        return replace(
            self,
            recipe=recipe if recipe.steps else None,
            types={**recipe.types, **self.types},
            day_first={**recipe.day_first, **self.day_first},
            blank_failed=blank,
        )

    def to_json(self) -> dict[str, Any]:
        blank = self.blank_failed if isinstance(self.blank_failed, bool) else sorted(self.blank_failed)
        return {
            "sheet": self.sheet,
            "header_row": self.header_row,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "types": {name: ColumnType(kind).value for name, kind in sorted(self.types.items())},
            "day_first": dict(sorted(self.day_first.items())),
            "blank_failed": blank,
            **({} if self.recipe is None else {"recipe": self.recipe.model_dump(mode="json")}),
            **({"suggest": True} if self.suggest else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReadOptions:
        blank = data["blank_failed"]
        return cls(
            sheet=data["sheet"],
            header_row=data["header_row"],
            encoding=data["encoding"],
            delimiter=data["delimiter"],
            types={name: ColumnType(kind) for name, kind in data["types"].items()},
            day_first=data["day_first"],
            blank_failed=blank if isinstance(blank, bool) else frozenset(blank),
            recipe=_recipe(data.get("recipe")),
            suggest=bool(data.get("suggest")),
        )


@dataclass(frozen=True)
class ColumnReport:
    """One column as it was understood.

    ``nulls`` counts the empty cells of the typed table (with the ones blanked by decision), ``failed`` the cells that
    did not convert. ``unit`` is "JPY", "USD", "EUR" or "percent" when the cells said so; percent is kept as a ratio.
    """

    name: str
    type: ColumnType
    nulls: int
    failed: int
    samples: tuple[str, ...]
    unit: str | None


@dataclass(frozen=True)
class Reading:
    """An upload, read and typed.

    ``header_row`` counts from 1, 0 when there is none. ``rows`` are the data rows. ``raw`` is the top of the sheet as
    text for the preview, ``head`` the first typed rows as text. ``parquet`` is the typed table, written when asked for
    and nothing blocks: integers int64, decimals float64 (sums hold to 1e-9 relative; 15 digits of an amount are exact),
    dates date32, datetimes naive microseconds, booleans bool, text string, in the column order of the file.
    ``source`` are the columns of the file before a recipe's steps, ``suggestion`` the recipe its layout calls for, and
    ``otherwise`` those of the recipe's steps, by their place from 0, whose year or unit the file states otherwise.
    """

    file_name: str
    sha256: str
    size: int
    kind: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    header_row: int
    rows: int
    columns: tuple[ColumnReport, ...]
    problems: tuple[Problem, ...]
    raw: tuple[tuple[str, ...], ...]
    head: tuple[tuple[str | None, ...], ...]
    parquet: Path | None
    source: tuple[str, ...] = ()
    suggestion: Recipe | None = None
    otherwise: tuple[tuple[int, Step], ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether a problem must be mended or decided upon before the table can be kept."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        data = asdict(replace(self, suggestion=None, otherwise=()))
        data["suggestion"] = None if self.suggestion is None else self.suggestion.model_dump(mode="json")
        data["otherwise"] = [[at, step.model_dump(mode="json")] for at, step in self.otherwise]
        data["parquet"] = None if self.parquet is None else str(self.parquet)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reading:
        columns = tuple(
            ColumnReport(**{**column, "type": ColumnType(column["type"]), "samples": tuple(column["samples"])})
            for column in data["columns"]
        )
        problems = tuple(Problem(**{**item, "severity": Severity(item["severity"])}) for item in data["problems"])
        return cls(
            **{
                **data,
                "sheets": tuple(data["sheets"]),
                "columns": columns,
                "problems": problems,
                "raw": tuple(tuple(row) for row in data["raw"]),
                "head": tuple(tuple(row) for row in data["head"]),
                "parquet": None if data["parquet"] is None else Path(data["parquet"]),
                "source": tuple(data.get("source", ())),
                "suggestion": _recipe(data.get("suggestion")),
                "otherwise": _steps(data.get("otherwise", ())),
            }
        )


def _recipe(data: Mapping[str, Any] | None) -> Recipe | None:
    if not data:
        return None
    from kpi_core.model.recipe import Recipe  # a third of the time a child takes to start, and most files have none

    return Recipe.model_validate(data)


def _steps(data: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[tuple[int, Step], ...]:
    found = _recipe({"steps": [step for _, step in data]}) if data else None
    return () if found is None else tuple((data[at][0], step) for at, step in enumerate(found.steps))
