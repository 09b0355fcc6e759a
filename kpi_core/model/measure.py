"""How a number is taken from rows: one aggregate over a dataset, or the ratio of two."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag, model_validator
from pydantic_core import PydanticCustomError

from kpi_core.model.base import Amount, Code, Line, Model
from kpi_core.vocabulary import Aggregate, EmptyPeriod, Op

Scalar = bool | Amount | Line
_MANY = (Op.IN, Op.NOT_IN, Op.BETWEEN)
_NO_VALUE = (Op.IS_NULL, Op.NOT_NULL)


class Filter(Model):
    """``column op value``; ``in``/``not in`` take a list, ``between`` a list of two (both ends included)."""

    column: Line
    op: Op
    value: Scalar | tuple[Scalar, ...] | None = None

    @model_validator(mode="after")
    def _value_fits_op(self) -> Filter:
        is_list = isinstance(self.value, tuple)
        if (self.value is None) != (self.op in _NO_VALUE) or is_list != (self.op in _MANY):
            raise PydanticCustomError("filter_value", "value does not fit the comparison", {"op": self.op.value})
        if self.op is Op.BETWEEN and is_list and len(self.value) != 2:  # type: ignore[arg-type]  # a tuple, see is_list
            raise PydanticCustomError("filter_value", "value does not fit the comparison", {"op": self.op.value})
        return self


class SimpleMeasure(Model):
    """One aggregate of one dataset's rows per period of ``date``.

    Without ``date`` the rows are a snapshot: the value belongs to the period the upload speaks of.
    """

    dataset: Code
    aggregate: Aggregate
    column: Line | None = None
    date: Line | None = None
    where: tuple[Filter, ...] = ()
    dimensions: tuple[Line, ...] = ()
    empty: EmptyPeriod = EmptyPeriod.NONE

    @model_validator(mode="after")
    def _column_fits_aggregate(self) -> SimpleMeasure:
        if self.column is None and self.aggregate is not Aggregate.COUNT:
            raise PydanticCustomError("measure_column_missing", "needs a column", {"aggregate": self.aggregate.value})
        if self.aggregate is Aggregate.LAST and self.date is None:
            raise PydanticCustomError("measure_date_missing", "needs a date", {"aggregate": self.aggregate.value})
        return self

    @property
    def parts(self) -> tuple[SimpleMeasure, ...]:
        return (self,)


class Ratio(Model):
    numerator: SimpleMeasure
    denominator: SimpleMeasure


class RatioMeasure(Model):
    """Σ numerator / Σ denominator of the same period (and segment)."""

    ratio: Ratio
    dimensions: tuple[Line, ...] = ()

    @property
    def parts(self) -> tuple[SimpleMeasure, ...]:
        return (self.ratio.numerator, self.ratio.denominator)


def _which(value: Any) -> str:
    keys = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
    return "ratio" if "ratio" in keys else "simple"


Measure = Annotated[
    Annotated[SimpleMeasure, Tag("simple")] | Annotated[RatioMeasure, Tag("ratio")], Discriminator(_which)
]


def dimensions_of(measure: SimpleMeasure | RatioMeasure) -> tuple[str, ...]:
    """The columns a measure can be split by: its own and, for a ratio, those of both parts; each once, in order."""
    named = [*measure.dimensions, *(column for part in measure.parts for column in part.dimensions)]
    return tuple(dict.fromkeys(named))


def columns_of(measure: SimpleMeasure | RatioMeasure) -> tuple[tuple[str, str], ...]:
    """Every (dataset, column) a measure touches, each once."""
    touched: dict[tuple[str, str], None] = {}
    for part in measure.parts:
        for column in (part.column, part.date, *(entry.column for entry in part.where), *dimensions_of(measure)):
            if column is not None:
                touched[(part.dataset, column)] = None
    return tuple(touched)
